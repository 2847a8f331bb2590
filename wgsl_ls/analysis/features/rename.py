"""Rename: of macros and WGSL names, in every file and branch that reads them, or a refusal with its reason.

The edits are tried out before they are offered: every variant of every root is expanded with them. For a macro its
expansion must not change at all; for a WGSL name it must change in the renamed words alone. What variants share is
compared once. Each word must still mean what it meant, in a variant of every class that can differ in that.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass

from wgsl_ls.analysis.across import across_steps
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.meaning import meaning_steps, unused_code_steps, uses_at_steps
from wgsl_ls.analysis.features.navigation import host_word, is_macro, macro_references, sharing_roots, spelled_at
from wgsl_ls.analysis.features.rich_text import place
from wgsl_ls.analysis.index import NameIndex
from wgsl_ls.analysis.name_classes import representatives
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.host.model import HostDefine
from wgsl_ls.preprocess.expansion import Expander, Expansion
from wgsl_ls.preprocess.outcomes import Outcome, Outcomes
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import Steps
from wgsl_ls.wgsl.builtins import (
    ATTRIBUTES,
    BUILTIN_VALUES,
    ENABLE_EXTENSIONS,
    ENUMERANTS,
    KEYWORDS,
    LANGUAGE_FEATURES,
    PREDECLARED,
    RESERVED,
)
from wgsl_ls.wgsl.operators import swizzle_indices
from wgsl_ls.wgsl.symbols import Occurrence

Defines = tuple[tuple[str, str], ...]

_AT_ONCE = 64
_NAME = re.compile(r"[A-Za-z_]\w*")
_WORDS = re.compile(r"(\w+)")


class Refusal(Exception):
    """Why a rename is not done, in words for the user."""


@dataclass(frozen=True, slots=True)
class RenameEdit:
    """`given`: in the host's code, which gives the macro: what gives it, for the user to confirm."""

    location: Location
    text: str
    given: str = ""


def prepare_rename(cursor: Cursor, index: NameIndex) -> Steps[Span]:
    """The word that would be renamed. Raises Refusal."""
    span, name = cursor.word, cursor.word_text
    if span is None or not name or name[0].isdigit():
        raise Refusal("there is no name here")
    at = cursor.directive
    if at is not None and at[1].kind == "include":
        raise Refusal("an included file is renamed in the file explorer, not here")
    if at is not None and at[1].keyword_span.shifted(at[0]).touches(cursor.offset):
        raise Refusal(f"#{at[1].keyword} is a directive")
    if is_macro(cursor, name):
        yield from _refuse_foreign_macro(cursor, cursor.view, name)
        return span
    uses = yield from uses_at_steps(cursor, index)
    if at is not None and not any(use.location is not None and use.location.span == span for use in uses):
        raise Refusal(f"{name} is no macro of this shader")
    if any(use.foreign for use in uses):
        raise Refusal(f"{name} is declared by a macro whose value is given from outside")
    if not uses or all(use.target is None for use in uses):
        before = cursor.source.text[: span.start].rstrip()
        if before.endswith(".") and swizzle_indices(4, name) is not None:
            raise Refusal(f"{name} chooses components of a vector")
        if any(name in names for names in _OF_WGSL):
            raise Refusal(f"{name} belongs to WGSL itself")
        if (yield from unused_code_steps(cursor)):
            raise Refusal(f"no variant uses this code, so none shows that {name} keeps its meaning")
        raise Refusal(f"no variant says what {name} means here")
    return span


def _refuse_foreign_macro(cursor: Cursor, view: RootView, name: str) -> Steps[None]:
    judged: set[Location] = set()
    for number, variant in enumerate(view.variants):
        if not number % _AT_ONCE:
            yield
        if not any(given == name for given, _ in variant.defines):
            continue
        if variant.origin == "imported":
            raise Refusal(
                f"{name} is given by the host program (imported variant {variant.name}): rename it there and import "
                "again"
            )
        given = variant.given(name)
        if given is None or given.location in judged:
            continue
        judged.add(given.location)
        if not (yield from _is_spelled(cursor, view, given)):
            raise Refusal(
                f"{name} is {_given_by(cursor, variant, given)}, which does not spell it: rename it there too, by "
                "hand; a rename here alone would part the shader from its host"
            )


def _is_spelled(cursor: Cursor, view: RootView, given: HostDefine) -> Steps[bool]:
    """Whether the host's code has the macro's name as one word where it gives it, and gives no other macro there."""
    there: set[str] = set()
    start = given.location.span.start
    for number, variant in enumerate(view.variants):
        if not number % _AT_ONCE:
            yield
        defines = variant.asked_by.defines if variant.asked_by is not None else ()
        there.update(one.name for one in defines if one.location.span.start == start and one.location == given.location)
    return there == {given.name} and spelled_at(cursor.snapshot, given.location) == given.name


def _given_by(cursor: Cursor, variant: Variant, given: HostDefine) -> str:
    return f"{variant.given_words(given)} ({place(cursor.snapshot.read, given.location).label})"


def _host_words(cursor: Cursor, roots: Iterable[str], name: str) -> dict[Location, str]:
    """Where the host's code spells the macro -> what gives it there."""
    found: dict[Location, str] = {}
    for view in cursor.snapshot.views(roots):
        for variant in view.variants:
            given = variant.given(name)
            if given is not None and given.location not in found:
                found[given.location] = f"{name} is {_given_by(cursor, variant, given)}"
    return {host_word(cursor.snapshot, location, name): words for location, words in found.items()}


def _with_the_hosts_others(cursor: Cursor, roots: list[str], name: str) -> Steps[list[str]]:
    """`roots`, and every other root to which the host gives the macro where it gives it to one of them."""
    given: dict[str, set[Location]] = {}
    for view in cursor.snapshot.views(cursor.snapshot.roots()):
        defines = [variant.given(name) for variant in view.variants]
        given[view.path] = {one.location for one in defines if one is not None}
        yield
    found = list(roots)
    grew = True
    while grew:
        places = {place for root in found for place in given.get(root, ())}
        more = [root for root in given if root not in found and not places.isdisjoint(given[root])]
        more.extend(
            other
            for root in more
            for other in sharing_roots(cursor.snapshot, root, name)
            if other not in found and other not in more
        )
        found.extend(dict.fromkeys(more))
        grew = bool(more)
    return found


def rename_steps(cursor: Cursor, index: NameIndex, roots: Iterable[str], new: str) -> Steps[list[RenameEdit]]:
    """The edits that rename what is under the cursor to `new`. Raises Refusal."""
    span = yield from prepare_rename(cursor, index)
    old = cursor.source.text[span.start : span.end]
    roots = list(roots)
    if not _NAME.fullmatch(new) or new == "_" or new.startswith("__"):
        raise Refusal(f"'{new}' is no identifier")
    if new == old:
        return []
    # A name of WGSL here may be a macro elsewhere, which stands for another name there: both are one word.
    if is_macro(cursor, old) or any(_has_macro(cursor, root, old) for root in roots):
        return (yield from _rename_macro(cursor, index, roots, old, new))
    return (yield from _rename_symbol(cursor, index, roots, old, new))


def _has_macro(cursor: Cursor, root: str, name: str) -> bool:
    """Some variant of a root gives the macro, or a file of it defines it."""
    given = (given for view in cursor.snapshot.views([root]) for one in view.variants for given, _ in one.defines)
    files = cursor.snapshot.included_files(root)
    return name in given or any(name in cursor.snapshot.tree(path).defined_names for path in files)


_OF_WGSL: tuple[Container[str], ...] = (
    KEYWORDS, PREDECLARED, ATTRIBUTES, BUILTIN_VALUES, ENUMERANTS, ENABLE_EXTENSIONS, LANGUAGE_FEATURES,
)  # fmt: skip


def _rename_macro(cursor: Cursor, index: NameIndex, roots: list[str], old: str, new: str) -> Steps[list[RenameEdit]]:
    """Every word, so that what has the macro's name where that is not defined is renamed with it."""
    snapshot = cursor.snapshot
    if any(variant.given(old) is not None for variant in cursor.view.variants):
        roots = yield from _with_the_hosts_others(cursor, roots, old)
    for root in roots:
        for path in snapshot.included_files(root):
            source = snapshot.text(path)
            used = re.search(rf"(?<!\w){re.escape(new)}(?!\w)", source.text)
            if used is not None:
                line = source.lines.line_of(used.start()) + 1
                raise Refusal(
                    f"{new} is already used in {path.rsplit('/', 1)[-1]}, line {line}: it would change meaning"
                )
        for view in snapshot.views([root]):
            yield from _refuse_foreign_macro(cursor, view, old)
            if any(new == given for variant in view.variants for given, _ in variant.defines):
                raise Refusal(f"{new} is already given by a variant of {root.rsplit('/', 1)[-1]}")
    host_words = _host_words(cursor, roots, old)
    edits = [
        RenameEdit(location, new, host_words.get(location, "")) for location in macro_references(snapshot, roots, old)
    ]

    def defines(given: Defines) -> Defines:
        word = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(old)}(?![A-Za-z0-9_])")
        return tuple((new if name == old else name, word.sub(new, value)) for name, value in given)

    for view in snapshot.views(roots):
        yield from _check_meaning(cursor, index, view, edits, old, new, defines)
    return edits


def _rename_symbol(cursor: Cursor, index: NameIndex, roots: list[str], old: str, new: str) -> Steps[list[RenameEdit]]:
    snapshot = cursor.snapshot
    if new in KEYWORDS or new in RESERVED:
        raise Refusal(f"{new} is a reserved word of WGSL")
    for root in roots:
        if _has_macro(cursor, root, new):
            raise Refusal(f"{new} is a macro of {root.rsplit('/', 1)[-1]}: the name would be replaced")
    edits: dict[Location, str] = {}
    meaning = yield from meaning_steps(cursor, index, roots)
    for use in meaning.uses:
        if use.location is None:
            word = snapshot.text(use.site.path).text[use.site.span.start : use.site.span.end]
            raise Refusal(f"{old} comes out of macro {word} here, whose value is given from outside")
        edits[use.location] = new
    result = [RenameEdit(location, text) for location, text in sorted(edits.items())]
    for view in snapshot.views(roots):
        yield from _check_meaning(cursor, index, view, result, old, new)
    return result


def _check_meaning(
    cursor: Cursor,
    index: NameIndex,
    view: RootView,
    edits: list[RenameEdit],
    old: str,
    new: str,
    given: Callable[[Defines], Defines] = lambda defines: defines,
) -> Steps[None]:
    """Raise Refusal when some variant would change in more than the renamed words, or a word its meaning. `given`: what
    a variant gives when all is renamed."""
    expand = _with_edits(cursor, view, edits)
    same = _SameButRenamed(old, new)
    for number, variant in enumerate(view.variants):
        yield
        before, after = view.expansion(number), expand(given(variant.defines))
        if before.failed != after.failed or not same.all(before.raw.outcomes, after.raw.outcomes):
            raise Refusal(f"the expansion of variant {variant.name} would change beyond the name")
    yield from across_steps(view)
    for number in representatives(cursor.snapshot, view, [old, new]):
        yield
        variant = view.variants[number]
        before = view.expansion(number)
        text = expand(given(variant.defines)).text
        yield
        renamed = _renamed_words(before.text, text, old, new)
        if not renamed:
            continue
        then = yield from index.front_end.analysis_steps(before)
        now = yield from index.front_end.analyse_steps(text)
        yield
        if len(now.unresolved) > len(then.unresolved) or len(now.redeclared) > len(then.redeclared):
            raise Refusal(f"in variant {variant.name}, {new} would clash with another declaration or mean nothing")
        shift = len(new) - len(old)
        moved = [
            _target(occurrence) + shift * bisect_left(renamed, _target(occurrence)) for occurrence in then.occurrences
        ]
        if moved != [_target(occurrence) for occurrence in now.occurrences]:
            raise Refusal(f"in variant {variant.name}, some name would mean something else than now")


class _SameButRenamed:
    """Whether what ran with a rename made says the same as what ran without it, but for the renamed words."""

    def __init__(self, old: str, new: str) -> None:
        self._names = old, new
        self._known: dict[tuple[int, int], tuple[Outcome, Outcome, bool]] = {}
        """By identity; the values keep what they are about alive."""

    def all(self, before: Outcomes, after: Outcomes) -> bool:
        return len(before) == len(after) and all(map(self._is_same, before, after))

    def _is_same(self, before: Outcome | None, after: Outcome | None) -> bool:
        if before is None or after is None:
            return not any(one.text for one in (before, after) if one is not None)
        key = id(before), id(after)
        known = self._known.get(key)
        if known is None:
            same = (
                self.all(before.outcomes, after.outcomes)
                if before.outcomes and after.outcomes
                else _renamed_words(before.text, after.text, *self._names) is not None
            )
            known = self._known[key] = before, after, same
        return known[2]


def _target(occurrence: Occurrence) -> int:
    """Where what a name means is declared; -1 for what is predeclared or unknown."""
    return occurrence.symbol.start if occurrence.symbol is not None else -1


def _renamed_words(before: str, after: str, old: str, new: str) -> list[int] | None:
    """Offsets in `before` of the words that became `new`; None when the texts differ in anything else."""
    if before == after:
        return []
    parts, others = _WORDS.split(before), _WORDS.split(after)
    if len(parts) != len(others):
        return None
    offset = 0
    renamed: list[int] = []
    for part, other in zip(parts, others, strict=True):
        if part != other:
            if (part, other) != (old, new):
                return None
            renamed.append(offset)
        offset += len(part)
    return renamed


def _with_edits(cursor: Cursor, view: RootView, edits: list[RenameEdit]) -> Callable[[Defines], Expansion]:
    """A function from defines to the expansion of `view` with the edits made."""
    by_path: dict[str, list[RenameEdit]] = {}
    for edit in edits:
        by_path.setdefault(edit.location.path, []).append(edit)

    def edited(source: SourceFile) -> SourceFile:
        text = source.text
        for edit in sorted(by_path.get(source.path, ()), key=lambda edit: -edit.location.span.start):
            text = text[: edit.location.span.start] + edit.text + text[edit.location.span.end :]
        return SourceFile(source.path, text)

    def load(name: str) -> SourceFile | str:
        found = cursor.snapshot.include(name, view.path)
        return edited(found) if isinstance(found, SourceFile) else found

    expander = Expander(load, view.settings.dialect, view.settings.includes)
    root = edited(view.source)
    return lambda defines: expander.expand(root, defines, view.file_name)
