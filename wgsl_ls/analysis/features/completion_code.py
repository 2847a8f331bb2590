"""Completion in WGSL code: by what stands before the word, then by what is in scope there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from wgsl_ls.analysis.features.completion_items import (
    Suggestion,
    attributes,
    builtin_functions,
    builtin_types,
    builtin_values,
    call_item,
    enumerants,
    extensions,
    keywords,
    snippets,
)
from wgsl_ls.analysis.features.completion_macros import macro_items
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.declarations import value_text
from wgsl_ls.analysis.features.elsewhere import Sight, sight
from wgsl_ls.wgsl.builtins import BUILTIN_VALUES
from wgsl_ls.wgsl.symbols import Analysis, Symbol
from wgsl_ls.wgsl.syntax import FunctionDeclaration, Member
from wgsl_ls.wgsl.types import Type, vector
from wgsl_ls.wgsl.words import STAGES

_LOOK_BACK = 400
_AFTER_AT = re.compile(r"@[ \t]*\Z")
_AFTER_DOT = re.compile(r"(?<![\d.])\.\s*\Z|[\w)\]]\s*\.\s*\Z")
_NUMBER_DOT = re.compile(r"(?<![\w.)\]])\d+\.\Z")
_ATTRIBUTE_ARGUMENT = re.compile(r"@\s*(\w+)\s*\(([^()]*)\Z")
_DIAGNOSTIC = re.compile(r"\bdiagnostic\s*\(([^()]*)\Z")
_LISTED = re.compile(r"(?:^|[;\n])\s*(enable|requires)\s+([\w\s,]*)\Z")
_TYPE_PLACE = re.compile(r"(?:\w\s*:|->)\s*\Z")
_DECLARED_NAME = re.compile(r"\b(?:fn|struct|alias|let|const|override)\s+\Z|\bvar(?:\s*<[^<>;]*>)?\s+\Z")
_TEMPLATE = re.compile(r"\b(\w+)\s*<([^<>;{}()]*)\Z")
_ENTRY_POINT = re.compile(r"@(compute|vertex|fragment)\b(?:(?!\bfn\b)[^{};])*\bfn\b[^{};]*\Z")
_SWIZZLES = ("xyzw", "rgba")


def code_items(cursor: Cursor, before: str, begin: int) -> Iterator[Suggestion]:
    """Items for a word that begins at `begin`; `before`: the written text up to there."""
    near = before[-_LOOK_BACK:]
    if _AFTER_AT.search(near):
        return iter(attributes())
    argument = _ATTRIBUTE_ARGUMENT.search(near)
    if argument is not None:
        return _attribute_argument(cursor, before, argument[1], argument[2])
    diagnostic = _DIAGNOSTIC.search(near)
    if diagnostic is not None:
        return iter(enumerants("diagnostic_rule") if "," in diagnostic[1] else enumerants("severity"))
    listed = _LISTED.search(near)
    if listed is not None:
        named = set(re.findall(r"\w+", listed[2]))
        return (item for item in extensions(listed[1]) if item.label not in named)
    if _NUMBER_DOT.search(near):
        return iter(())
    if _AFTER_DOT.search(near):
        return member_items(cursor, begin - len(near) + near.rindex("."))
    template = _TEMPLATE.search(near)
    if template is not None:
        inside = _template_items(cursor, template[1], template[2].count(","))
        if inside is not None:
            return inside
    if _DECLARED_NAME.search(near):
        return iter(())
    if _TYPE_PLACE.search(near) and not near.rstrip().endswith("default:"):
        return type_items(cursor)
    return name_items(cursor)


# Names


def name_items(cursor: Cursor) -> Iterator[Suggestion]:
    """Everything that may begin or stand in an expression, statement or declaration."""
    seen = sight(cursor)
    in_function = _in_function(seen)
    named = [symbol for symbol in _scope(cursor, seen) if not symbol.start <= seen.at <= symbol.end]
    yield from map(symbol_item, named, range(len(named)))
    yield from _macros(cursor, seen)
    yield from builtin_functions()
    yield from builtin_types()
    yield from keywords(in_function)
    yield from snippets(in_function)


def type_items(cursor: Cursor) -> Iterator[Suggestion]:
    seen = sight(cursor)
    named = [symbol for symbol in _scope(cursor, seen) if symbol.kind in ("struct", "alias")]
    yield from map(symbol_item, named, range(len(named)))
    macros = (seen.cursor or cursor).macros
    yield from (item for item in _macros(cursor, seen) if macros[item.label].value[:1].isalpha())
    yield from builtin_types()


def _macros(cursor: Cursor, seen: Sight) -> Iterator[Suggestion]:
    """Those that are defined where the place is seen from."""
    there = seen.cursor or cursor
    for item in macro_items(there):
        if item.label in there.macros:
            yield replace(item, order=3)


def _scope(cursor: Cursor, seen: Sight) -> list[Symbol]:
    if seen.cursor is not None:
        return seen.scope
    # Names of the bare file first, then what the active variant knows of other files.
    own = {symbol.name: symbol for symbol in (*cursor.analysis.global_symbols, *seen.scope)}
    return list(own.values())


def _in_function(seen: Sight) -> bool:
    entry = seen.analysis.entry_at(seen.at)
    if entry is None or not isinstance(entry[1], FunctionDeclaration):
        return False
    body = entry[1].body
    end = entry[0] + body.end
    is_closed = seen.analysis.module.text[end - 1 : end] == "}"
    return entry[0] + body.start < seen.at and (seen.at < end or not is_closed)


_KINDS = {
    "function": "function",
    "struct": "struct",
    "alias": "type",
    "const": "constant",
    "override": "constant",
    "let": "variable",
    "var": "variable",
    "parameter": "parameter",
}


def symbol_item(symbol: Symbol, rank: int) -> Suggestion:
    """`rank`: its place in the scope, inner names first, then as they are declared."""
    if symbol.kind == "function":
        parameters = ", ".join(f"{name}: {kind or '?'}" for name, kind in symbol.parameters)
        result = f" -> {symbol.type}" if symbol.type is not None else ""
        made = call_item(symbol.name, f"fn({parameters}){result}", "symbol", bool(symbol.parameters), 2)
        return replace(made, rank=rank)
    detail = symbol.kind if symbol.kind in ("struct", "alias") else f"{symbol.type or '?'}{value_text(symbol)}"
    order = 0 if symbol.is_local else 1
    return Suggestion(symbol.name, _KINDS.get(symbol.kind, "variable"), detail, "symbol", order=order, rank=rank)


# Members


def member_items(cursor: Cursor, dot: int) -> Iterator[Suggestion]:
    """Members or swizzles of what stands before the `.` at `dot`."""
    kind = _base_type(cursor, dot)
    if kind is None:
        return
    parts = kind.pointer_parts
    kind = parts[1] if parts else kind
    if kind.is_vector:
        yield from _swizzles(kind)
        return
    for number, member in enumerate(kind.members or ()):
        yield Suggestion(member.name, "field", str(member.type), order=0, rank=number)


def _swizzles(kind: Type) -> Iterator[Suggestion]:
    component = kind.component
    for order, letters in enumerate(_SWIZZLES):
        names = letters[: kind.width]
        for width in (1, 2, 3, 4):
            for chosen in product(names, repeat=width):
                name = "".join(chosen)
                # All single components, otherwise only runs such as xy, yz, xyz: the rest one types faster.
                if width == 1 or name in names:
                    shown = component if width == 1 else vector(width, component)
                    rank = names.index(chosen[0])
                    yield Suggestion(name, "field", str(shown), order=min(8, 4 * order + width - 1), rank=rank)


def _base_type(cursor: Cursor, dot: int) -> Type | None:
    """The type of the expression before a `.` of the written text."""
    seen = sight(replace(cursor, offset=dot))
    at = seen.expanded(cursor.path, dot)
    if at is None:
        return None
    return _type_before_dot(seen.analysis, at)


def _type_before_dot(analysis: Analysis, dot: int) -> Type | None:
    entry = analysis.entry_at(dot)
    if entry is None:
        return None
    start, path = analysis.nodes_at(dot)
    for node in reversed(path):
        if isinstance(node, Member) and start + node.base.end <= dot <= start + node.name_start:
            return entry[2].types.get(node.base)
    return None


# Places with their own names


def _attribute_argument(cursor: Cursor, before: str, name: str, inside: str) -> Iterator[Suggestion]:
    if name == "builtin":
        return iter(enumerants("depth_mode") if "," in inside else _builtins_by_stage(cursor, before))
    if name == "interpolate":
        return iter(enumerants("interpolation_sampling") if "," in inside else enumerants("interpolation_type"))
    if name == "diagnostic":
        return iter(enumerants("diagnostic_rule") if "," in inside else enumerants("severity"))
    seen = sight(cursor)
    constants = [one for one in _scope(cursor, seen) if one.kind in ("const", "override")]
    return iter((*map(symbol_item, constants, range(len(constants))), *_macros(cursor, seen)))


def _builtins_by_stage(cursor: Cursor, before: str) -> Iterator[Suggestion]:
    """Those that the entry point's stage has at this place first; in a struct, those of the stages of the shader."""
    function = _ENTRY_POINT.search(before)
    stages = {function[1]} if function is not None else _stages(cursor.analysis)
    ways = {"output" if "->" in function[0] else "input"} if function is not None else {"input", "output"}
    for item in builtin_values():
        fits = any(stage in stages and way in ways for stage, way in BUILTIN_VALUES[item.label].uses)
        yield item if fits or not stages else replace(item, order=item.order + 1)


def _stages(analysis: Analysis) -> set[str]:
    """Of the entry points."""
    functions = (node for _, node, _ in analysis.entries if isinstance(node, FunctionDeclaration))
    return {attribute.name for node in functions for attribute in node.attributes} & set(STAGES)


def _template_items(cursor: Cursor, name: str, n_commas: int) -> Iterator[Suggestion] | None:
    """Items inside `name<...>`; None when the `<` may as well be an operator."""
    if name == "var":
        return iter(enumerants("access_mode") if n_commas else enumerants("address_space"))
    if name == "ptr":
        if n_commas == 1:
            return type_items(cursor)
        return iter(enumerants("access_mode") if n_commas else enumerants("address_space"))
    if name.startswith("texture_storage"):
        return iter(enumerants("access_mode") if n_commas else enumerants("texel_format"))
    if name in ("array", "binding_array") and n_commas:
        return name_items(cursor)
    if name.startswith(("vec", "mat", "array", "atomic", "texture_", "bitcast", "subgroup_matrix")):
        return type_items(cursor)
    return None
