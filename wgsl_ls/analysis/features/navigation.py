"""Navigation: definitions, references and highlights of macros and WGSL names, through includes and inactive code.

A WGSL name is identified by the written places of its declarations: one use may mean the declaration of one branch here
and that of another branch there, so the two belong together (meaning.py). A macro is identified by its name within the
roots that read the file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from wgsl_ls.analysis.across import across_steps
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.elsewhere import elsewhere
from wgsl_ls.analysis.features.meaning import (
    Meaning,
    meaning_steps,
    unused_code_steps,
    uses_at_steps,
    uses_in_other_roots,
)
from wgsl_ls.analysis.index import NameIndex, macro_words
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.preprocess.dialect import IDENTIFIER
from wgsl_ls.preprocess.directives import Conditional, Directive, DirectiveTree
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import Steps, finished

_STRING = re.compile(r'"([^"\\\n]*)"')
_WORD = re.compile(r"\w+")

# Definitions


def definitions(cursor: Cursor, index: NameIndex) -> list[Location]:
    """See definition_steps."""
    return finished(definition_steps(cursor, index))


def definition_steps(cursor: Cursor, index: NameIndex) -> Steps[list[Location]]:
    """Every place that defines what is under the cursor: of the active variant first, then of the others, and of
    the other roots that read the file where those declare the name."""
    include = _include_target(cursor)
    if include is not None:
        return [include]
    found: list[Location] = []
    name = cursor.word_text
    if name and is_macro(cursor, name):
        if cursor.directive is None and not cursor.is_active:
            yield from across_steps(cursor.view)
            other = elsewhere(cursor)
            found.extend(macro_definitions(other.cursor, name) if other is not None else ())
        found.extend(macro_definitions(cursor, name))
    uses = yield from uses_at_steps(cursor, index)
    if cursor.path != cursor.view.path and any(use.target and use.target.path != cursor.path for use in uses):
        uses.extend((yield from uses_in_other_roots(cursor, index)))  # who includes the file declares the name
    if not uses:
        uses = (yield from unused_code_steps(cursor))[:1]
    found.extend(use.target for use in uses if use.target is not None)
    return list(dict.fromkeys(found))


def type_definitions(cursor: Cursor) -> list[Location]:
    """Where the struct (or alias) that is the type of the expression under the cursor is declared."""
    if cursor.expanded is None:
        return []
    symbol = cursor.analysis.symbol_at(cursor.expanded)
    typed = symbol.type if symbol is not None else None
    if typed is None:
        at = cursor.analysis.type_at(cursor.expanded)
        typed = at[1] if at is not None else None
    found = []
    for name in _WORD.findall(str(typed)) if typed is not None else ():
        declared = cursor.analysis.global_symbol(name)
        if declared is not None and declared.kind == "struct":
            location = cursor.written(Span(declared.start, declared.end))
            if location is not None:
                found.append(location)
    return found


def _include_target(cursor: Cursor) -> Location | None:
    at = cursor.directive
    if at is None or at[1].kind != "include":
        return None
    target = cursor.snapshot.include(at[1].name, cursor.context.root)
    return Location(target.path, Span(0, 0)) if isinstance(target, SourceFile) else None


def sharing_roots(snapshot: Snapshot, path: str, name: str) -> list[str]:
    """The roots that must agree on `name`: those that read the file, and those that read some file with the word
    together with one of them. An include that two roots give its macros to ties the two."""
    roots = dict.fromkeys(snapshot.roots_of(path))
    waiting = list(roots)
    seen: set[str] = set()
    while waiting:
        files = snapshot.included_files(waiting.pop()) - seen
        seen |= files
        for file in files:
            if not _names(snapshot.tree(file), name):
                continue
            fresh = [root for root in snapshot.roots_of(file) if root not in roots]
            roots.update(dict.fromkeys(fresh))
            waiting.extend(fresh)
    return list(roots)


def _names(tree: DirectiveTree, name: str) -> bool:
    """Whether code or a directive of a file has the word."""
    if name in tree.words or name in tree.defined_names:
        return True
    if any(word == name for body in tree.bodies for word in IDENTIFIER.findall(body)):
        return True
    return any(
        name == directive.name or (directive.condition is not None and name in directive.condition.names)
        for _, directive in tree.directives()
        if directive.kind != "include"
    )


# Macros


def is_macro(cursor: Cursor, name: str) -> bool:
    """Is `name` a macro at the cursor, in some variant of the root, or wherever a directive names it?"""
    at = cursor.directive
    if at is not None:
        directive = at[1]
        named = directive.name == name and directive.kind != "include"
        if named or (directive.condition is not None and name in directive.condition.names):
            return True
        if directive.kind != "define":
            return name in cursor.macros
        # What a value names is expanded where the macro is used, with the macros that are there.
    if name in cursor.macros:
        return True
    if any(name == given for variant in cursor.view.variants for given, _ in variant.defines):
        return True
    files = cursor.snapshot.included_files(cursor.view.path)
    return any(name in cursor.snapshot.tree(path).defined_names for path in files)


def macro_definitions(cursor: Cursor, name: str) -> list[Location]:
    """The definition in force first: a #define, or the variant's own in the configuration or the host's code. Then
    every #define of the name in the root's files, unless each variant gives the name and so hides them all."""
    found: list[Location] = []
    here = cursor.macros.get(name)
    if here is not None and here.location is not None:
        found.append(here.location)
    elif here is not None:
        variant = cursor.view.variants[cursor.context.variant_index]
        given = variant.given(name)
        if given is not None:
            found.append(given.location)
        elif variant.declared_at is not None:
            found.append(variant.declared_at)
    if found and all(any(name == macro for macro, _ in variant.defines) for variant in cursor.view.variants):
        return found
    for path in sorted(cursor.snapshot.included_files(cursor.view.path)):
        tree = cursor.snapshot.tree(path)
        for offset, directive in tree.directives():
            if directive.kind == "define" and directive.name == name:
                found.append(Location(path, directive.name_span.shifted(offset)))
    return list(dict.fromkeys(found))


def macro_references(snapshot: Snapshot, roots: Collection[str], name: str, with_config: bool = True) -> list[Location]:
    """Every word `name` in the files of the roots: directives, conditions, macro values, code (comments too, for
    this preprocessor expands them); in the configuration that declares variants, and in the host's code that gives
    it."""
    paths: dict[str, None] = {}
    configs: dict[str | None, None] = {}
    for root in roots:
        paths.update(dict.fromkeys(sorted(snapshot.included_files(root))))
    if with_config:
        configs.update((view.settings.config_path, None) for view in snapshot.views(roots))
    found = macro_places(snapshot, paths, name)
    for path in filter(None, configs):
        found.extend(Location(path, span) for span in config_words(snapshot.text(path).text, name))
    found.extend(host_places(snapshot, roots, name))
    return found


def macro_places(snapshot: Snapshot, paths: Iterable[str], name: str) -> list[Location]:
    """Every word `name` in some shader files, where a preprocessor could mean the macro."""
    found: list[Location] = []
    for path in paths:
        words = macro_words(snapshot.text(path).text, name)
        found.extend(Location(path, span) for span in words if not _in_include(snapshot, path, span))
    return found


def host_places(snapshot: Snapshot, roots: Iterable[str], name: str) -> list[Location]:
    """Where the host's code gives `name` to the roots: the word itself where it is spelled there, else the whole
    expression that makes it."""
    found: dict[Location, None] = {}
    for view in snapshot.views(roots):
        for variant in view.variants:
            given = variant.given(name)
            if given is not None:
                found[given.location] = None
    return [host_word(snapshot, place, name) for place in found]


def spelled_at(snapshot: Snapshot, place: Location) -> str:
    """The name that the first string spells where the host's code gives a macro ("WG=64" spells WG); it may be only a
    piece of a name."""
    string = _STRING.search(snapshot.text(place.path).text, place.span.start, place.span.end)
    return string[1].partition("=")[0] if string is not None else ""


def host_word(snapshot: Snapshot, place: Location, name: str) -> Location:
    """The word of the host's code where it gives a macro; the whole expression where it does not spell it."""
    words = macro_words(snapshot.text(place.path).text[place.span.start : place.span.end], name)
    first = next(iter(words), None)
    return place if first is None else Location(place.path, first.shifted(place.span.start))


def _in_include(snapshot: Snapshot, path: str, span: Span) -> bool:
    directive = snapshot.tree(path).directive_at(span.start)
    return directive is not None and directive.kind == "include"


def config_words(text: str, name: str) -> Iterator[Span]:
    """Words of a TOML outside its comments."""
    for span in macro_words(text, name):
        line_start = text.rfind("\n", 0, span.start) + 1
        before = text[line_start : span.start]
        if "#" not in before or before.count('"') % 2 == 1:
            yield span


# References


def references(
    cursor: Cursor, index: NameIndex, roots: Collection[str], include_declaration: bool = True
) -> list[Location]:
    """See reference_steps."""
    return finished(reference_steps(cursor, index, roots, include_declaration))


def reference_steps(
    cursor: Cursor, index: NameIndex, roots: Collection[str], include_declaration: bool = True
) -> Steps[list[Location]]:
    """Every use of what is under the cursor, in all `roots` that read the file."""
    name = cursor.word_text
    if name and is_macro(cursor, name):
        found = macro_references(cursor.snapshot, roots, name)
        if not include_declaration:
            defined = {*macro_definitions(cursor, name), *host_places(cursor.snapshot, roots, name)}
            found = [location for location in found if location not in defined]
        return found
    return references_of((yield from _meaning_steps(cursor, index, roots)), include_declaration)


def _meaning_steps(cursor: Cursor, index: NameIndex, roots: Collection[str]) -> Steps[Meaning]:
    """Of code that no variant uses, what the file alone says of the name."""
    meaning = yield from meaning_steps(cursor, index, roots)
    return meaning if meaning.uses else Meaning(set(), (yield from unused_code_steps(cursor)))


def references_of(meaning: Meaning, include_declaration: bool = True) -> list[Location]:
    """Where the name is spelled, and the macros in code that it comes out of."""
    located = {
        place
        for use in meaning.uses
        if include_declaration or not use.is_declaration
        for place in (use.location, use.site)
        if place is not None
    }
    return sorted(located)


# Highlights


@dataclass(frozen=True, slots=True)
class Highlight:
    """`kind`: "text", "read" or "write" (a declaration)."""

    span: Span
    kind: str


def highlight_steps(cursor: Cursor, index: NameIndex, roots: Collection[str]) -> Steps[list[Highlight]]:
    """In the cursor's file: the directives of one conditional, a macro's words, or the uses of a WGSL name in all
    `roots`."""
    at = cursor.directive
    if at is not None and at[1].keyword_span.shifted(at[0]).touches(cursor.offset):
        return [Highlight(span, "text") for span in matching_directives(cursor, at[0])]
    name = cursor.word_text
    if name and is_macro(cursor, name):
        defined = {location.span for location in macro_definitions(cursor, name) if location.path == cursor.path}
        words = macro_words(cursor.source.text, name)
        return [Highlight(span, "write" if span in defined else "read") for span in words]
    found: dict[Span, Highlight] = {}
    meaning = yield from _meaning_steps(cursor, index, roots)
    for use in meaning.uses:
        for place in (use.site, use.location):
            if place is not None and place.path == cursor.path:
                found.setdefault(place.span, Highlight(place.span, "write" if use.is_declaration else "read"))
    return sorted(found.values(), key=lambda item: item.span)


def matching_directives(cursor: Cursor, offset: int) -> list[Span]:
    """The keywords of the conditional to which the directive at `offset` belongs."""
    for start, node, _ in cursor.tree.walk():
        if not isinstance(node, Conditional):
            continue
        parts: list[tuple[int, Directive]] = [(start + branch.offset, branch.directive) for branch in node.branches]
        if node.endif is not None:
            parts.append((start + node.endif_offset, node.endif))
        if any(at == offset for at, _ in parts):
            return [directive.keyword_span.shifted(at) for at, directive in parts]
    return []
