"""Inlay hints: what the text does not say and one would look up: inferred types, parameter names, offsets of struct
members, values of macros that come from elsewhere, in how many variants an #if is taken, which #if an #endif ends.

Only for code that stands in the file as it is: nothing is shown inside what a macro was replaced by.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from wgsl_ls.analysis.across import across
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.hover_directive import written
from wgsl_ls.preprocess.directives import Conditional
from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.layout import layout
from wgsl_ls.wgsl.lexer import comment_spans
from wgsl_ls.wgsl.symbols import CallSite
from wgsl_ls.wgsl.syntax import Call, StructDeclaration, VariableDeclaration

HintKind = Literal["types", "parameters", "struct_offsets", "macro_values", "conditions", "endif_labels"]
ALL_KINDS: frozenset[HintKind] = frozenset(
    ("types", "parameters", "struct_offsets", "macro_values", "conditions", "endif_labels")
)

_LONGEST_TYPE = 40
_SHORT_VALUE = re.compile(r"-?[\w.]{1,12}\Z")
_REPEATED_LINES = 16
"""A macro's value is shown again this many lines further down."""
_LABELLED_LINES = 6
"""An #endif this many lines below its #if is labelled."""


@dataclass(frozen=True, slots=True)
class Hint:
    """`label` at `offset` of the written file. `before`: it belongs to what follows (a parameter name); else to what
    stands before it. `tooltip`: plain words, "" for none."""

    offset: int
    label: str
    kind: HintKind
    before: bool = False
    tooltip: str = ""


def inlay_hints(cursor: Cursor, span: Span, kinds: frozenset[HintKind] = ALL_KINDS) -> list[Hint]:
    """The hints in `span` of the cursor's file, in order. Code that the active variant does not use has none."""
    makers = {
        "types": _types,
        "parameters": _parameters,
        "struct_offsets": _offsets,
        "macro_values": _macro_values,
        "conditions": _conditions,
        "endif_labels": _endif_labels,
    }
    found = [
        hint for kind, make in makers.items() if kind in kinds for hint in make(cursor) if span.touches(hint.offset)
    ]
    return sorted(found, key=lambda hint: (hint.offset, hint.label))


def _place(cursor: Cursor, expanded: int) -> int | None:
    """Where in the cursor's file an expanded character was written; None for other files and macros' text."""
    segment = cursor.replay.source_map.segment_at(expanded)
    if segment is None or segment.macro or segment.instance != cursor.context.instance:
        return None
    return segment.source_start + expanded - segment.start


def _behind(cursor: Cursor, end: int) -> int | None:
    """Like _place, for the place behind the last character of something that ends at `end`."""
    found = _place(cursor, end - 1)
    return found + 1 if found is not None else None


# Code


def _types(cursor: Cursor) -> Iterator[Hint]:
    """Abstract types, which only constants have, cannot be written and say nothing."""
    analysis = cursor.analysis
    for start, node, facts in analysis.entries:
        if isinstance(node, VariableDeclaration):
            symbol = analysis.global_symbol(node.name)
            kind = symbol.type if symbol is not None and symbol.start == start + node.name_start else None
            if node.type is None and kind is not None and not kind.is_abstract:
                yield from _type_hint(cursor, start, node, str(kind))
        else:
            for local in facts.locals:
                if (
                    isinstance(local.node, VariableDeclaration)
                    and not local.has_written_type
                    and local.type is not None
                ):
                    yield from _type_hint(cursor, start, local.node, str(local.type))


def _type_hint(cursor: Cursor, start: int, node: VariableDeclaration, kind: str) -> Iterator[Hint]:
    value = node.initializer
    if value is not None:
        written_value = cursor.expansion.text[start + value.start : start + value.end]
        # `let a = vec3<f32>(...)` says it already.
        if isinstance(value, Call) and written_value.replace(" ", "").startswith(kind.replace(" ", "") + "("):
            return
    offset = _behind(cursor, start + node.name_end)
    if offset is not None and node.name:
        shown = kind if len(kind) <= _LONGEST_TYPE else kind[: _LONGEST_TYPE - 3] + "..."
        yield Hint(offset, f": {shown}", "types", tooltip=kind if shown != kind else "")


def _parameters(cursor: Cursor) -> Iterator[Hint]:
    for call in cursor.analysis.calls:
        names = _parameter_names(call)
        for name, argument in zip(names, call.arguments, strict=False):
            if len(name) < 2 or _says_already(cursor.expansion.text[argument.start : argument.end], name):
                continue
            offset = _place(cursor, argument.start)
            if offset is not None:
                yield Hint(offset, f"{name}:", "parameters", True)


def _parameter_names(call: CallSite) -> list[str]:
    """Of functions and structs of the module; builtins' names say little."""
    symbol = call.symbol
    if symbol is None:
        return []
    if symbol.kind == "function":
        return [name for name, _ in symbol.parameters] if len(symbol.parameters) > 1 else []
    if symbol.kind in ("struct", "alias") and symbol.type is not None and symbol.type.is_struct:
        return [member.name for member in symbol.type.members or ()]
    return []


def _says_already(argument: str, name: str) -> bool:
    """Whether the argument's own words contain the parameter's name (or the other way round)."""
    words = re.findall(r"[a-z]+|\d+", re.sub(r"([A-Z])", r"_\1", argument).lower())
    wanted = re.findall(r"[a-z]+|\d+", re.sub(r"([A-Z])", r"_\1", name).lower())
    last = re.findall(r"\w+", argument)
    if not wanted or not last:
        return False
    return set(wanted) <= set(words) or (last[-1].lower() in name.lower() and len(last[-1]) > 2)


def _offsets(cursor: Cursor) -> Iterator[Hint]:
    analysis = cursor.analysis
    for start, node, facts in analysis.entries:
        kind = facts.info.type if facts.info is not None and isinstance(node, StructDeclaration) else None
        found = layout(kind) if kind is not None else None
        if found is None or not isinstance(node, StructDeclaration):
            continue
        places = {member.name: member for member in found.members}
        for member in node.members:
            place = places.get(member.name)
            offset = _behind(cursor, start + member.end)
            if place is not None and offset is not None:
                tooltip = f"offset {place.offset}, size {place.size}, align {place.align} bytes"
                yield Hint(offset, f"offset {place.offset}", "struct_offsets", tooltip=tooltip)


def _macro_values(cursor: Cursor) -> Iterator[Hint]:
    """Uses of macros that this file does not define itself; each again only some lines further on."""
    lines = cursor.source.lines
    comments = comment_spans(cursor.source.text)
    last: dict[str, int] = {}
    shown: dict[tuple[int, str], str | None] = {}
    for use in cursor.replay.uses:
        if use.instance != cursor.context.instance or _in_comment(comments, use.location.span.start):
            continue
        line = lines.line_of(use.location.span.start)
        if line - last.get(use.name, -_REPEATED_LINES) < _REPEATED_LINES:
            continue
        last[use.name] = line
        memo = (use.order, use.name)
        if memo not in shown:
            shown[memo] = _short_value(cursor, use.order, use.name)
        value = shown[memo]
        if value is not None:
            yield Hint(use.location.span.end, f"= {value}", "macro_values")


def _in_comment(comments: list[Span], offset: int) -> bool:
    index = bisect_right(comments, Span(offset, 1 << 60)) - 1
    return index >= 0 and comments[index].contains(offset)


def _short_value(cursor: Cursor, order: int, name: str) -> str | None:
    table = cursor.replay.table_at_order(order)
    definition = table.get(name)
    if definition is None or (definition.location is not None and definition.location.path == cursor.path):
        return None
    value = table.expanded(name)
    return value if value is not None and _SHORT_VALUE.match(value) else None


# Directives


def _conditions(cursor: Cursor) -> Iterator[Hint]:
    total = len(cursor.view.variants)
    found = across(cursor.view)
    for offset, directive in cursor.tree.directives():
        if directive.kind not in ("if", "ifdef", "ifndef", "elif", "else"):
            continue
        fact = found.branch_at(cursor.path, offset + directive.head_start)
        if fact is None:
            continue
        n_taken = fact.taken.bit_count()
        if total == 1:
            label = "taken" if n_taken else "not taken"
        else:
            label = f"{'taken' if directive.kind == 'else' else 'true'} in {n_taken:,}/{total:,}"
        n_inactive = total - fact.reached.bit_count()
        tooltip = f"the code round it is inactive in {n_inactive:,} of {total:,} variants" if n_inactive else ""
        yield Hint(_end_of(cursor, offset, directive.head_span.end), label, "conditions", tooltip=tooltip)


def _endif_labels(cursor: Cursor) -> Iterator[Hint]:
    lines = cursor.source.lines
    for base, node, _ in cursor.tree.walk():
        if not isinstance(node, Conditional) or node.endif is None:
            continue
        opener = node.branches[0].directive
        at = base + node.endif_offset
        if lines.line_of(at) - lines.line_of(base) < _LABELLED_LINES or "//" in node.endif.text:
            continue
        yield Hint(_end_of(cursor, at, node.endif.head_span.end), f"// {written(opener)}", "endif_labels")


def _end_of(cursor: Cursor, offset: int, end: int) -> int:
    """Behind a directive, white space at its end left out."""
    text = cursor.source.text
    return offset + len(text[offset : offset + end].rstrip())
