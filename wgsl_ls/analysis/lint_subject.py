"""LintSubject: one root as the checks of lints see it: its directives, macros and code, over all its files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from wgsl_ls.analysis.across import Across, across
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.preprocess.dialect import IDENTIFIER
from wgsl_ls.preprocess.directives import CodeChunk, Directive, DirectiveTree
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.memo import AboutLists, Memo
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import Steps, finished

_WORD = re.compile(r"\w+")
_FUNCTION = re.compile(r"\bfn\s+(\w+)")
_NAMED = re.compile(
    r"(?:\b(?:fn|let|const|override|var|struct|alias)\s|(?<!-)>)\s*+(\w+)|\b(case\s+)?+([^\W\d]\w*+)\s*+:"
)
"""A name behind the keyword of a declaration or its template, or before a colon that is none of a case."""


@dataclass(frozen=True, slots=True)
class PlacedDirective:
    """A directive with its offset in the file `path`. Spans given to `at` are relative to its start."""

    path: str
    offset: int
    directive: Directive

    def at(self, span: Span) -> Location:
        return Location(self.path, span.shifted(self.offset))

    @property
    def name(self) -> Location:
        return self.at(self.directive.name_span)

    @property
    def head(self) -> Location:
        return self.at(self.directive.head_span)

    def logical(self, start: int, end: int) -> Location:
        """Characters [start, end) of the joined line, end > start."""
        return self.at(Span(self.directive.at(start), self.directive.at(end - 1) + 1))


class LintSubject:
    """One root as lints see it. `trees`: directives of each file it may read, by path; `declared`: somebody said which
    variants exist; `given`: macros that some variant gives; `written`: those that some #define sets; `defined`:
    both."""

    def __init__(self, snapshot: Snapshot, view: RootView) -> None:
        self.snapshot = snapshot
        self.view = view
        files = sorted(snapshot.included_files(view.path))
        self.trees = {path: snapshot.tree(path) for path in files}
        self.declared = view.settings.declared
        self._given = finished(given_steps(view.variants))
        self.given = self._given.values.keys()
        self.written: set[str] = set().union(*(tree.defined_names for tree in self.trees.values()))
        self.defined = self.written.union(self.given)

    # Places

    def location(self, path: str, start: int, end: int) -> Location:
        return Location(path, Span(start, end))

    def shown(self, location: Location) -> str:
        """`bindings.tmpl:3`"""
        source = self.snapshot.read(location.path)
        line = source.lines.line_of(location.span.start) + 1 if isinstance(source, SourceFile) else 1
        return f"{location.path.rsplit('/', 1)[-1]}:{line}"

    # Macros

    def directives(self, *kinds: str) -> Iterator[PlacedDirective]:
        """Those of these kinds in every file, in order of reading within each."""
        for path, tree in self.trees.items():
            for offset, directive in tree.directives():
                if directive.kind in kinds:
                    yield PlacedDirective(path, offset, directive)

    def is_own(self, path: str) -> bool:
        """No other root reads the file, so what no variant of this one does, nobody does."""
        return all(root == self.view.path for root in self.snapshot.roots_of(path))

    def defined_by_others(self, path: str) -> frozenset[str]:
        """Macros that variants of other roots that read a file give, or that their files define."""
        found: set[str] = set()
        for view in self.snapshot.views(root for root in self.snapshot.roots_of(path) if root != self.view.path):
            found.update(name for variant in view.variants for name, _ in variant.defines)
            for file in self.snapshot.included_files(view.path):
                found.update(self.snapshot.tree(file).defined_names)
        return frozenset(found)

    def given_in(self, name: str) -> int:
        """The variants that give a macro, where no #define of it counts."""
        return self._given.variants.get(name, 0)

    def values(self, name: str) -> set[str]:
        """Every value that a variant or a #define gives to a macro."""
        found = set(self._given.values.get(name, ()))
        found.update(one.directive.value for one in self.directives("define") if one.directive.name == name)
        return found

    @cached_property
    def define_counts(self) -> Counter[str]:
        """How many #define directives a macro has."""
        return Counter(placed.directive.name for placed in self.directives("define"))

    @cached_property
    def mentioned(self) -> set[str]:
        """Words of all code, macro values and conditions: what is not among them is used nowhere."""
        found: set[str] = set()
        for tree in self.trees.values():
            found |= tree.words
            for body in tree.bodies:
                found.update(_WORD.findall(body))
        for placed in self.directives("if", "elif", "ifdef", "ifndef"):
            condition = placed.directive.condition
            found.update(condition.names if condition is not None else (placed.directive.name,))
        return found | self._given.words

    @cached_property
    def code_words(self) -> frozenset[str]:
        """Words of all code, comments included."""
        return frozenset().union(*(tree.words for tree in self.trees.values()))

    # Code

    def code(self, path: str) -> Code:
        """What of a file is WGSL."""
        return _code_of(self.trees[path])

    def words(self, path: str, start: int, end: int, wanted: Collection[str]) -> Iterator[tuple[str, int, int]]:
        """(word, start, end) of the words in a part of a file's code that are among `wanted`."""
        if wanted:
            for match in IDENTIFIER.finditer(self.code(path).text, start, end):
                if match[0] in wanted:
                    yield match[0], match.start(), match.end()

    def reading(self) -> Iterator[None]:
        """The work behind `declared_names`, file by file."""
        for path in self.trees:
            _declared_in(self.code(path).text)
            yield

    @cached_property
    def declared_names(self) -> frozenset[str]:
        """Names that WGSL in these files declares, in whatever scope and branch."""
        return frozenset().union(*(_declared_in(self.code(path).text) for path in self.trees))

    def functions(self, path: str, start: int, end: int) -> Iterator[tuple[str, int]]:
        """(name, offset) behind each `fn` in a part of a file's code."""
        for name, at in _functions_in(self.code(path).text):
            if start <= at < end:
                yield name, at

    # Variants

    @cached_property
    def across(self) -> Across:
        """What all variants do."""
        return across(self.view)

    @cached_property
    def sound(self) -> int:
        """The variants from which something may be concluded: the preprocessor got through, and they are not
        inferred ones, which may join what no host program joins."""
        usable = [one.origin != "inferred" for one in self.view.variants]
        return sum(1 << at for at, one in self.view.expansions() if usable[at] and not one.failed)

    def steps(self) -> Iterator[Step]:
        """Code and directives in order of reading, with the sound variants in which they are active."""
        for path, start, end, node, variants in self.across.walk() if self.sound else ():
            if not variants & self.sound:
                continue
            if isinstance(node, Directive):
                yield Step(path, start, end, variants & self.sound, node)
            elif isinstance(node, CodeChunk):
                yield Step(path, start, end, variants & self.sound, None)


@dataclass(frozen=True, slots=True)
class Step:
    """Characters [offset, end) of a file: code, or one directive. `variants`: a set, see Across."""

    path: str
    offset: int
    end: int
    variants: int
    directive: Directive | None


@dataclass(frozen=True, slots=True)
class Code:
    """The code of one file: directives and comments are blank in `text`, so offsets are the file's."""

    text: str
    block_comments: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Given:
    """What variants give, by macro: `values`; `variants`: a set, see Across. `words` in all values."""

    values: dict[str, set[str]]
    variants: dict[str, int]
    words: frozenset[str]


# Kept by content, so that a keystroke reads one file anew.
_CODE: Memo[str, Code] = Memo(4_000_000, lambda code: len(code.text) + 1000)
_DECLARED: Memo[str, frozenset[str]] = Memo(256)
_FUNCTIONS: Memo[str, tuple[tuple[str, int], ...]] = Memo(256)
_AT_ONCE = 256
_GIVEN: AboutLists[Variant, _Given] = AboutLists()


def given_steps(variants: tuple[Variant, ...]) -> Steps[_Given]:
    known = _GIVEN.get(variants)
    return known if known is not None else _GIVEN.put(variants, (yield from _read_given(variants)))


def _read_given(variants: tuple[Variant, ...]) -> Steps[_Given]:
    values: dict[str, set[str]] = {}
    masks: dict[str, bytearray] = {}
    for index, variant in enumerate(variants):
        if not index % _AT_ONCE:
            yield
        byte, bit = index >> 3, 1 << (index & 7)
        for name, value in variant.defines:
            if name not in masks:
                masks[name], values[name] = bytearray(len(variants) + 7 >> 3), set()
            masks[name][byte] |= bit
            values[name].add(value)
    words = frozenset(word for some in values.values() for value in some for word in _WORD.findall(value))
    given = {name: int.from_bytes(mask, "little") for name, mask in masks.items()}
    return _Given(values, given, words)


def _code_of(tree: DirectiveTree) -> Code:
    return _CODE.get_or(tree.text, lambda: _read_code(tree))


def _read_code(tree: DirectiveTree) -> Code:
    from wgsl_ls.wgsl.lexer import comment_spans

    text = _blanked(tree.text, [Span(at, at + directive.length) for at, directive in tree.directives()])
    comments = comment_spans(text)
    blocks = tuple(span for span in comments if text.startswith("/*", span.start))
    return Code(_blanked(text, comments), blocks)


def _declared_in(code: str) -> frozenset[str]:
    """Names that stand where a declaration has its name; rather too many than too few."""
    return _DECLARED.get_or(code, lambda: frozenset(one[1] or one[3] for one in _NAMED.finditer(code) if not one[2]))


def _functions_in(code: str) -> tuple[tuple[str, int], ...]:
    return _FUNCTIONS.get_or(code, lambda: tuple((match[1], match.start(1)) for match in _FUNCTION.finditer(code)))


def _blanked(text: str, spans: Iterable[Span]) -> str:
    """With spaces for these ascending parts, line ends kept."""
    parts: list[str] = []
    at = 0
    for span in spans:
        parts.append(text[at : span.start])
        lines = text[span.start : span.end].split("\n")
        parts.append("\n".join(" " * len(line) for line in lines))
        at = span.end
    parts.append(text[at:])
    return "".join(parts)
