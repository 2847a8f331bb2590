"""Signature help: what a call takes, which overload it means so far, and which argument is being written."""

from __future__ import annotations

from dataclasses import dataclass

from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.declarations import documentation
from wgsl_ls.analysis.features.elsewhere import Sight, sight
from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.builtins import CONSTRUCTORS, FUNCTIONS, TYPES
from wgsl_ls.wgsl.overloads import overloads_of
from wgsl_ls.wgsl.signatures import Overload
from wgsl_ls.wgsl.symbols import CallSite, Symbol
from wgsl_ls.wgsl.types import Type


@dataclass(frozen=True, slots=True)
class Signature:
    """`parameters`: their places in `label`."""

    label: str
    parameters: tuple[Span, ...]
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """`parameter`: index of the argument at the cursor; may lie behind the last parameter."""

    signatures: tuple[Signature, ...]
    active: int
    parameter: int


def signature_help(cursor: Cursor) -> Signatures | None:
    """The innermost call round the cursor; None outside calls."""
    if cursor.directive is not None:
        return None
    seen = sight(cursor)
    found = seen.analysis.call_at(seen.at)
    if found is None:
        return None
    call, argument = found
    symbol = call.symbol
    if symbol is None:
        return None
    if symbol.kind in ("builtin function", "builtin type"):
        return _builtin(call, symbol.name, argument)
    if symbol.kind == "function":
        parameters = [(name, kind) for name, kind in symbol.parameters]
        return _single(seen, symbol, symbol.name, parameters, symbol.type, argument)
    if symbol.kind in ("struct", "alias") and symbol.type is not None:
        if symbol.type.is_struct:
            members = [(member.name, member.type) for member in symbol.type.members or ()]
            return _single(seen, symbol, symbol.name, list(members), None, argument)
        return _builtin(call, symbol.type.name, argument)
    return None


def _single(
    seen: Sight,
    symbol: Symbol,
    name: str,
    parameters: list[tuple[str, Type | None]] | list[tuple[str, Type]],
    result: Type | None,
    argument: int,
) -> Signatures:
    label, spans = _label(name, [f"{parameter}: {kind or '?'}" for parameter, kind in parameters])
    if result is not None:
        label += f" -> {result}"
    words = documentation(seen.cursor, symbol) if seen.cursor is not None else ""
    return Signatures((Signature(label, spans, words),), 0, argument)


def _label(name: str, parameters: list[str]) -> tuple[str, tuple[Span, ...]]:
    label = f"{name}("
    spans = []
    for number, parameter in enumerate(parameters):
        label += ", " if number else ""
        spans.append(Span(len(label), len(label) + len(parameter)))
        label += parameter
    return label + ")", tuple(spans)


def _builtin(call: CallSite, name: str, argument: int) -> Signatures | None:
    alias = TYPES[name].alias_of if name in TYPES else None
    name = alias.split("<")[0] if alias else name
    overloads = overloads_of(name)
    if not overloads:
        return None
    function = FUNCTIONS.get(name) or CONSTRUCTORS[name]
    active = call.overload if call.overload is not None else _likely(overloads, len(call.arguments), argument)
    signatures = tuple(_of_overload(overload, function.doc) for overload in overloads)
    last = overloads[active].parameters
    if last and last[-1].is_variadic:
        argument = min(argument, len(last) - 1)
    return Signatures(signatures, active, argument)


def _of_overload(overload: Overload, words: str) -> Signature:
    template = f"<{', '.join(overload.template)}>" if overload.template else ""
    label, spans = _label(f"{overload.name}{template}", list(overload.parameter_labels))
    if overload.result is not None:
        label += f" -> {overload.result}"
    domains = "; ".join(f"`{name}`: {', '.join(map(str, kinds))}" for name, kinds in overload.domains)
    return Signature(label, spans, f"{words}\n\n{domains}" if domains else words)


def _likely(overloads: tuple[Overload, ...], n_arguments: int, argument: int) -> int:
    """The first overload that has room for what is written, the fewest parameters too many first."""
    wanted = max(n_arguments, argument + 1)
    best, best_rest = 0, 1 << 30
    for index, overload in enumerate(overloads):
        parameters = overload.parameters
        rest = len(parameters) - wanted
        if rest < 0 and parameters and parameters[-1].is_variadic:
            rest = 0
        if 0 <= rest < best_rest:
            best, best_rest = index, rest
    return best
