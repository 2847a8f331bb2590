"""Expander and Expansion: the public face of this room. A root and its defines in, text and map out.

An Expander holds the memo of one (dialect, include rule, loader) and serves any number of roots and variants. The
text of an Expansion is made at once; positions (map, diagnostics, macro tables) only when somebody asks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Final, Literal
from weakref import ref

from wgsl_ls.preprocess.dialect import GGML, WHITE_SPACE, Dialect
from wgsl_ls.preprocess.directives import CodeChunk, Conditional, Directive, DirectiveTree
from wgsl_ls.preprocess.instances import Instance, Layout
from wgsl_ls.preprocess.macros import ExpansionStep, MacroTable
from wgsl_ls.preprocess.node_store import NodeStore
from wgsl_ls.preprocess.outcomes import Child, Outcome
from wgsl_ls.preprocess.pasting import Pasted, paste
from wgsl_ls.preprocess.replay import Replay
from wgsl_ls.preprocess.resolution import Loader, RawResolution, Resolver
from wgsl_ls.preprocess.source_map import Origin, SourceMap
from wgsl_ls.text.diagnostic import Diagnostic, Related, Severity
from wgsl_ls.text.source_file import SourceFile, text_digest
from wgsl_ls.text.span import Location

_TEXTS_KEPT: Final = 8_000_000
"""Characters of expanded texts that are held at once."""
_PLACES_KEPT: Final = 100_000
"""Stretches, directives and branches of the replays that are held at once: some 300 bytes each, and as much again where
macro tables were asked for."""
_PASTED_KEPT: Final = 64
"""Roots whose pasted text is kept until a file changes."""

IncludeMode = Literal["native", "textual"]
Where = tuple[tuple[str, int], ...]
"""The #includes that led to a file, outermost first: the name in each, and where that stands."""
Piece = tuple[int, Where, int, Outcome]
"""A run of code: where it begins in the expanded text, in which file and where it stands there, what became of it."""


class Expansion:
    """One root under one set of defines. `text`: what an engine gets, even when `failed` (then the reference
    preprocessor would have stopped; ours goes on, so that the rest can still be shown)."""

    def __init__(self, root: SourceFile, raw: RawResolution, paths: dict[str, str], pasted: Pasted | None) -> None:
        self.root = root
        self.raw = raw
        self._paths = paths
        self._pasted = pasted
        self._text: str | None = None
        self._replay: Replay | None = None
        self.failed = raw.failed or bool(pasted and pasted.problems)

    @property
    def text(self) -> str:
        """Joined when somebody asks, and kept for those that were asked for last."""
        if self._text is None:
            self._text = self.raw.text
            _TEXTS.keep(self, len(self._text))
        return self._text

    def forget_text(self) -> None:
        self._text = None

    @cached_property
    def digest(self) -> str:
        return text_digest(self.text)

    @property
    def has_digest(self) -> bool:
        """Whether somebody asked for it before."""
        return "digest" in self.__dict__

    @property
    def replay(self) -> Replay:
        """Made when somebody asks, and kept like the text."""
        found = self._replay
        if found is None:
            pasted = self._pasted
            found = self._replay = Replay(
                self.raw, self.root.path, self._paths, (pasted.layout, pasted.instances) if pasted is not None else None
            )
            _REPLAYS.keep(self, found.n_places)
        return found

    def forget_replay(self) -> None:
        self._replay = None

    @property
    def paths(self) -> dict[str, str]:
        """File of each include name (native includes)."""
        return self._paths

    @property
    def layout(self) -> Layout | None:
        """Where the pasted text comes from; None for native includes."""
        return self._pasted.layout if self._pasted is not None else None

    @property
    def instances(self) -> tuple[Instance, ...]:
        """The files of the pasted text; empty for native includes."""
        return self._pasted.instances if self._pasted is not None else ()

    @property
    def pasted_text(self) -> str:
        """What the preprocessor is given: the root, with its includes pasted when they are textual."""
        return self._pasted.text if self._pasted is not None else self.root.text

    @property
    def has_problems(self) -> bool:
        """False only when `diagnostics` would be empty; told without positions."""
        return bool(self.raw.troubled or (self._pasted is not None and self._pasted.problems))

    def same_outcome(self, other: Expansion) -> bool:
        """True when both ran the very same outcomes, or others with the same text, so that their texts are equal
        (positions may differ)."""
        mine, others = self.raw, other.raw
        if len(mine.outcomes) != len(others.outcomes):
            return False
        for left, right in zip(mine.outcomes, others.outcomes, strict=True):
            if left is not right and (left is None or right is None or left.text != right.text):
                return False
        if mine.tree is others.tree:
            return True
        pairs = zip(mine.children, others.children, strict=True)
        return all(left[2] is not None or left[1] is right[1] for left, right in pairs)

    def adopt(self, old: Expansion) -> None:
        """Share the digest of an expansion with the same outcome."""
        if "digest" in old.__dict__:
            self.__dict__["digest"] = old.digest

    def may_define(self, name: str) -> bool:
        """False only when nothing here defines this macro, nor did whoever asked; told without positions."""
        raw = self.raw
        return (
            name in raw.tree.defined_names
            or any(given == name for given, _ in raw.predefined)
            or any(written == name for one in raw.outcomes if one is not None for written, _ in one.writes)
        )

    def pieces(self) -> Iterator[Piece]:
        """The runs of code that the text is joined of, in order."""
        start = 0
        todo: list[tuple[Where, int, Child]] = [((), 0, child) for child in reversed(self.raw.children)]
        while todo:
            where, base, (offset, node, outcome) = todo.pop()
            if outcome is None or not outcome.text:
                continue
            if not outcome.outcomes:
                yield start, where, base + offset, outcome
                start += len(outcome.text)
            elif isinstance(node, Directive):
                inside = (*where, (node.name, base + offset + node.name_span.start))
                todo.extend((inside, 0, child) for child in reversed(outcome.children))
            else:
                todo.extend((where, base + offset, child) for child in reversed(outcome.children))

    def taken_branches(self) -> frozenset[tuple[str, int]]:
        """(file, offset of the directive's line) of every branch that was taken; cheaper than a replay."""
        found: set[tuple[str, int]] = set()
        layout = self._pasted.layout if self._pasted is not None else None
        instances = self._pasted.instances if self._pasted is not None else ()
        todo: list[tuple[str, int, list[Child]]] = [(self.root.path, 0, self.raw.children)]
        while todo:
            path, base, children = todo.pop()
            for offset, node, outcome in children:
                if outcome is None or type(node) is CodeChunk:
                    continue
                if type(node) is Conditional:
                    if outcome.taken >= 0:
                        at = base + offset + node.branches[outcome.taken].offset
                        if layout is None:
                            found.add((path, at))
                        else:
                            instance, place = layout.place(at)
                            found.add((instances[instance].path, place))
                        todo.append((path, base + offset, outcome.children))
                else:
                    todo.append((self._paths.get(node.name, node.name), 0, outcome.children))
        return frozenset(found)

    @property
    def source_map(self) -> SourceMap:
        return self.replay.source_map

    def origin(self, offset: int) -> Origin | None:
        """Where the expanded character at `offset` (code points) was written; None outside the text."""
        return self.source_map.origin(offset)

    def macro_steps(self, offset: int, most: int = 200) -> tuple[ExpansionStep, ...]:
        """The (first `most`) macros that led to the expanded character at `offset`, outermost first; () for copied
        code."""
        origin = self.origin(offset)
        if origin is None or not origin.macro:
            return ()
        table = self.replay.table_at(origin.instance, origin.location.span.start)
        return table.steps(origin.macro, origin.location, origin.segment_offset, most)

    def spelled(self, start: int, end: int) -> Location | None:
        """Where expanded [start, end), a word, is literally written: in code, or in the value of a macro. None when
        the value was given from outside, or the word is put together from several places."""
        origin = self.source_map.written(start, end)
        if origin is None or not origin.macro:
            return origin.location if origin is not None and len(origin.location.span) == end - start else None
        steps = self.macro_steps(start)
        if not steps:
            return None
        last = steps[-1]
        if last.definition.value[last.inside : last.inside + end - start] != self.text[start:end]:
            return None
        return last.definition.place(last.inside, last.inside + end - start)

    def macro_table(self, offset: int, instance: int = 0) -> MacroTable:
        """The macros in force at `offset` of the file of `instance` (0 is the root)."""
        return self.replay.table_at(instance, offset)

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything the preprocessor has to say, in order of discovery."""
        pasting = self._pasted.problems if self._pasted is not None else ()
        found: list[Diagnostic] = []
        for instance, location, problem in (*pasting, *self.replay.problems):
            related = tuple(
                Related(site, f"{self._name(location)} is included here")
                for site in self.source_map.include_sites(instance)
            )
            severity = Severity.ERROR if problem.fatal else Severity.WARNING
            found.append(
                Diagnostic(location.path, location.span, severity, problem.code, problem.message, related=related)
            )
        return tuple(dict.fromkeys(found))

    def _name(self, location: Location) -> str:
        return location.path.rsplit("/", 1)[-1]


class _Holding:
    """Expansions that hold something dear (thousands of variants have one), the first of which `forget` it when all
    together weighs more than `limit`. None is kept alive."""

    def __init__(self, limit: int, forget: Callable[[Expansion], None]) -> None:
        self._limit = limit
        self._forget = forget
        self._weight = 0
        self._holding: deque[tuple[ref[Expansion], int]] = deque()

    def keep(self, expansion: Expansion, weight: int) -> None:
        self._holding.append((ref(expansion), weight))
        self._weight += weight
        while self._weight > self._limit and len(self._holding) > 1:
            held, weight = self._holding.popleft()
            self._weight -= weight
            oldest = held()
            if oldest is not None:
                self._forget(oldest)


_TEXTS: Final = _Holding(_TEXTS_KEPT, Expansion.forget_text)
_REPLAYS: Final = _Holding(_PLACES_KEPT, Expansion.forget_replay)


class Expander:
    """See the module's head. `load`: from the name in an #include to its SourceFile, or to a sentence why not."""

    def __init__(
        self, load: Loader, dialect: Dialect = GGML, includes: IncludeMode = "native", store: NodeStore | None = None
    ) -> None:
        self.dialect = dialect
        self.includes: IncludeMode = includes
        self.load = load
        self._loaded = _Loaded(load)
        self._resolver = Resolver(dialect, self._loaded if includes == "native" else _refuse, store)
        self._pasted: dict[tuple[str, str], Pasted] = {}

    def forget_files(self) -> None:
        """Call after any file may have changed; whatever is content-keyed stays."""
        self._loaded.paths = {}
        self._pasted.clear()
        self._resolver.forget_files()

    def parse(self, text: str) -> DirectiveTree:
        """The directives of one text; the same object for equal text."""
        return self._resolver.parse(text)

    def expand(
        self,
        root: SourceFile,
        defines: Iterable[tuple[str, str]] = (),
        root_name: str = "",
        before: Expansion | None = None,
    ) -> Expansion:
        """Expand `root`. `root_name`: how an #include would name it (for include cycles). `before`: with the same
        defines and files, but for the text of the root."""
        known = before.raw if before is not None else None
        for name, path in before.paths.items() if before is not None else ():
            self._loaded.paths.setdefault(name, path)  # nobody may ask for what did not run again
        if self.includes == "native":
            tree = self._resolver.parse(root.text)
            return Expansion(root, self._resolver.resolve(tree, defines, root_name, known), self._loaded.paths, None)
        key = (root.path, root.digest)
        pasted = self._pasted.get(key)
        if pasted is None:
            if len(self._pasted) >= _PASTED_KEPT:
                del self._pasted[next(iter(self._pasted))]
            pasted = self._pasted[key] = paste(root, self._loaded, root_name)
        tree = self._resolver.parse(pasted.text)
        return Expansion(root, self._resolver.resolve(tree, defines, root_name, known), self._loaded.paths, pasted)


class _Loaded:
    """Loads, and remembers which file each name was. Apart from Expander, which would be a circle with its resolver."""

    def __init__(self, load: Loader) -> None:
        self._load = load
        self.paths: dict[str, str] = {}

    def __call__(self, name: str) -> SourceFile | str:
        found = self._load(name)
        if isinstance(found, SourceFile):
            self.paths[name] = found.path
        return found


def _refuse(name: str) -> str:
    return (
        f'the build pastes only lines of the form #include "{name}" with nothing else on them; this one would reach '
        "the preprocessor, which has no files to include at run time"
    )


def parse_defines(defines: Iterable[str | tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """From "NAME" and "NAME=VALUE" to pairs, white space trimmed as the reference does (parseMacroDefinitions)."""
    pairs: dict[str, str] = {}
    for define in defines:
        name, _, value = define.partition("=") if isinstance(define, str) else (define[0], "", define[1])
        pairs[name.strip(WHITE_SPACE)] = value.strip(WHITE_SPACE)
    return tuple(pairs.items())
