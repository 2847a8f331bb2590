"""Views: through which root and variant each open document is looked at, and telling the client when that changes.

An included file for which nobody chose a context opens as seen from where one came from: the answer that led to it,
a finding in it, or a root that is open; else, found between messages, as the root and variant see it that activate most
of it. What depends on a view (hints, tokens, lenses, the macros of a place) a client asks for again by itself when
it edits that document; for every other reason it has to be told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from wgsl_ls.analysis.across import across, across_steps
from wgsl_ls.analysis.root_view import Context
from wgsl_ls.project.file_kind import kind_of
from wgsl_ls.server import messages
from wgsl_ls.server.messages import ViewsChanged
from wgsl_ls.server.publishing import Publisher
from wgsl_ls.server.session import Overtaken, ServerSession
from wgsl_ls.server.uris import path_of
from wgsl_ls.text.memo import Memo
from wgsl_ls.text.span import Location

Opening = tuple[str, str | None]
_MOST_TRIES = 10


class Views:
    """`changed`: called when another view was found for an open document."""

    def __init__(self, session: ServerSession, publisher: Publisher, changed: Callable[[], None]) -> None:
        self.session = session
        self.changed = changed
        self.publisher = publisher
        self._led: Memo[str, Opening] = Memo(200)
        self._seen: dict[str, tuple[int, Context, object, str]] = {}
        self.lens_pause = 1.0
        """Seconds between two words about lenses."""
        self.longest_lens_pause = 15.0
        """Between two of which the client did not ask after the first: it puts off asking with each, the longer the
        slower answers are, and would never ask; or nothing with lenses is visible."""
        self._lenses_at = float("-inf")
        self._lenses_asked = True
        self._lenses_due: asyncio.TimerHandle | None = None

    # How an included file opens

    def leads_to(self, context: Context, places: Iterable[Location]) -> None:
        """An answer for what is looked at through `context` names these places; who goes there comes from here."""
        view = self.session.snapshot.root(context.root)
        for place in places if view is not None else ():
            assert view is not None
            self._led.put(place.path, (context.root, view.variants[context.variant_index].name))

    def opened(self, path: str) -> bool:
        """Choose how a document that was opened is looked at; False when that is still to be found (`settle`)."""
        snapshot = self.session.snapshot
        if not kind_of(path).is_wgsl or path in snapshot.roots():
            return True
        opening = next((one for one in self._came_from(path) if self._is_seen_through(path, one)), None)
        self.session.host.set_opening(path, opening)
        self.session.host.changed()
        return opening is not None or path in snapshot.choices.contexts

    def closed(self, path: str) -> None:
        self.session.host.set_opening(path, None)

    def _came_from(self, path: str) -> Iterator[Opening]:
        led = self._led.get(path)
        if led is not None:
            yield led
        open_paths = [one for uri in reversed(self.session.open_documents) if (one := path_of(uri)) is not None]
        found = [one for item in self.publisher.of_path(path) for one in (item, *item.elsewhere) if one.variants]
        for item in sorted(found, key=lambda one: (one.root not in open_paths, one.severity)):
            view = self.session.snapshot.root(item.root)
            if view is not None:
                active = view.variants[self.session.host.active_variant(view)].name
                yield item.root, active if active in item.variants else item.variants[0]
        roots = self.session.snapshot.roots()
        yield from ((one, None) for one in open_paths if one in roots)

    def _is_seen_through(self, path: str, opening: Opening) -> bool:
        root, name = opening
        snapshot = self.session.snapshot
        view = snapshot.root(root) if path in snapshot.included_files(root) else None
        if view is None:
            return False
        index = self.session.host.active_variant(view) if name is None else view.index_by_name.get(name, -1)
        return index >= 0 and snapshot.context_in(path, view, index) is not None

    async def settle(self, path: str) -> None:
        """Find the root and variant that activate most of an included file, unless it is closed or seen otherwise
        meanwhile."""
        for _ in range(_MOST_TRIES):
            found: list[tuple[int, str, str]] = []
            try:
                await self.session.finish(self._most_active(path, found))
            except Overtaken:
                continue
            choices = self.session.snapshot.choices
            is_open = any(path_of(uri) == path for uri in self.session.open_documents)
            if found and is_open and path not in choices.contexts and path not in choices.openings:
                _, root, name = max(found, key=lambda one: one[0])
                self.session.host.set_opening(path, (root, name))
                self.session.changed(listing=False)
                self.changed()
            return

    def _most_active(self, path: str, found: list[tuple[int, str, str]]) -> Iterator[None]:
        """(active characters, root, variant) of the best variant of each root that reads `path`."""
        snapshot = self.session.snapshot
        for root in snapshot.roots_of(path):
            view = snapshot.root(root) if root != path else None
            if view is None:
                continue
            yield from across_steps(view)
            n_active = across(view).n_active(path)
            first = snapshot.active_variant(view)
            best = max(range(len(n_active)), key=lambda index: (n_active[index], index == first, -index))
            if n_active[best]:
                found.append((n_active[best], root, view.variants[best].name))
            yield

    # Telling the client

    def look(self) -> None:
        """Tell the client which open documents are looked at otherwise than it knows, without an edit of theirs."""
        seen: dict[str, tuple[int, Context, object, str]] = {}
        changed: list[str] = []
        snapshot = self.session.snapshot
        for uri, version in self.session.open_documents.items():
            path = path_of(uri)
            context = snapshot.context(path) if path is not None and kind_of(path).is_wgsl else None
            view = snapshot.root(context.root) if context is not None else None
            if context is None or view is None:
                continue
            digest = view.expansion(context.variant_index).digest
            seen[uri] = (version, context, view.settings, digest)
            before = self._seen.get(uri)
            if before is not None and before[0] == version:
                is_same = before[1] == context and before[2] is view.settings and before[3] == digest
                changed.extend([] if is_same else [uri])
        self._seen = seen
        if changed:
            self.session.client.tell(messages.VIEWS_CHANGED, ViewsChanged(tuple(changed)))
            self.refresh()

    def tell_lists(self) -> None:
        """Shaders may have other variants, open ones and others."""
        self.session.client.tell(messages.VIEWS_CHANGED, ViewsChanged(()))

    def refresh(self) -> None:
        """Have the client ask again for hints, tokens and lenses."""
        client, workspace = self.session.client, self._capabilities
        if workspace is None:
            return
        if workspace.inlay_hint is not None and workspace.inlay_hint.refresh_support:
            client.workspace_inlay_hint_refresh(None)
        if workspace.semantic_tokens is not None and workspace.semantic_tokens.refresh_support:
            client.workspace_semantic_tokens_refresh(None)
        self.refresh_lenses()

    def refresh_lenses(self) -> None:
        """Verdicts stand in lenses."""
        pause = self.lens_pause if self._lenses_asked else self.longest_lens_pause
        rest = self._lenses_at + pause - asyncio.get_running_loop().time()
        if rest <= 0:
            self._refresh_lenses()
        elif self._lenses_due is None:
            self._lenses_due = asyncio.get_running_loop().call_later(rest, self._refresh_lenses)

    def lenses_asked(self) -> None:
        """The client has asked for lenses; it may be told of news again."""
        self._lenses_asked = True
        if self._lenses_due is not None:
            self._lenses_due.cancel()
            self._lenses_due = asyncio.get_running_loop().call_later(self.lens_pause, self._refresh_lenses)

    def _refresh_lenses(self) -> None:
        if self._lenses_due is not None:
            self._lenses_due.cancel()
        self._lenses_at, self._lenses_due, self._lenses_asked = asyncio.get_running_loop().time(), None, False
        workspace = self._capabilities
        if workspace is not None and workspace.code_lens is not None and workspace.code_lens.refresh_support:
            self.session.client.workspace_code_lens_refresh(None)

    @property
    def _capabilities(self) -> Any:
        return self.session.client.client_capabilities.workspace
