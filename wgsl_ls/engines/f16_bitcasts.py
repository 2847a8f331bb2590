"""Bitcasts between 32-bit types and vectors of f16, which naga 29 types wrongly (it casts every component).

Chosen by the types of target and operand, and nothing else is touched: `bitcast<vec2<f16>>(e)` of a 32-bit scalar
becomes `vec2<f16>(unpack2x16float(bitcast<u32>(e)))`, `bitcast<u32>(e)` of two f16 `bitcast<u32>(naga_gap_bits2(e))`,
and so with four. A cast of anything else is for naga to judge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.rewriting import Edit
from wgsl_ls.wgsl.symbols import Analysis
from wgsl_ls.wgsl.syntax import Call
from wgsl_ls.wgsl.types import F16, F32, I32, U32, concrete, vector

_PROBE_FROM_BITS = "enable f16;\nfn f(x: u32) -> f16 { return bitcast<vec2<f16>>(x).x; }"
_PROBE_TO_BITS = "enable f16;\nfn f(x: vec2<f16>) -> u32 { return bitcast<u32>(x) >> 1u; }"

_TWO, _FOUR = vector(2, F16), vector(4, F16)
_BITS = {**dict.fromkeys((U32, I32, F32), _TWO), **{vector(2, kind): _FOUR for kind in (U32, I32, F32)}}
"""Type of the bits -> vector of as many f16."""
_VEC4_FROM_BITS = (
    "\nfn naga_gap_vec4h(bits: vec2<u32>) -> vec4<f16> "
    "{ return vec4<f16>(vec4<f32>(unpack2x16float(bits.x), unpack2x16float(bits.y))); }\n"
)
_BITS_OF_VEC2 = "\nfn naga_gap_bits2(v: vec2<f16>) -> u32 { return pack2x16float(vec2<f32>(v)); }\n"
_BITS_OF_VEC4 = (
    "\nfn naga_gap_bits4(v: vec4<f16>) -> vec2<u32> "
    "{ return vec2<u32>(pack2x16float(vec2<f32>(v.xy)), pack2x16float(vec2<f32>(v.zw))); }\n"
)

Takes = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class BitcastEdits:
    """`places`: of the casts (name and template), with the cast as the user knows it ("u32 to vec2<f16>"). `wrong`:
    those of casts that WGSL does not have."""

    edits: tuple[Edit, ...]
    places: tuple[tuple[Span, str], ...]
    wrong: tuple[tuple[Span, str], ...]


def bitcast_edits(analysis: Analysis, takes: Takes) -> BitcastEdits:
    """The edits that leave no bitcast in the text that naga lacks; `takes`: whether it takes a text."""
    edits: list[Edit] = []
    places: list[tuple[Span, str]] = []
    wrong: list[tuple[Span, str]] = []
    helpers: dict[str, None] = {}
    from_bits, to_bits = not takes(_PROBE_FROM_BITS), not takes(_PROBE_TO_BITS)
    for start, _, facts in analysis.entries:
        for call, name in facts.called.items():
            if name != "bitcast" or not call.closed or len(call.arguments) != 1:
                continue
            argument = call.arguments[0]
            target, source = facts.types.get(call), facts.types.get(argument)
            if source is None:
                continue
            if target is None:
                named = facts.named.get(call.callee.arguments[0]) if call.callee.arguments else None
                if named is not None:
                    wrong.append((Span(start + call.start, start + call.end), f"{source} to {named}"))
                continue
            source = concrete(source)
            if from_bits and _BITS.get(source) is target:
                opening = "vec2<f16>(unpack2x16float(bitcast<u32>"
                if target is _FOUR:
                    opening = "naga_gap_vec4h(bitcast<vec2<u32>>"
                    helpers[_VEC4_FROM_BITS] = None
                edits += _around(start, call, opening, "))" if target is _TWO else ")")
            elif to_bits and _BITS.get(target) is source:
                helpers[_BITS_OF_VEC2 if source is _TWO else _BITS_OF_VEC4] = None
                inside = start + call.separators[0]
                edits.append(Edit(inside, inside, f"(naga_gap_bits{source.width}"))
                edits.append(Edit(start + call.end, start + call.end, ")"))
            else:
                continue
            places.append((Span(start + call.start, start + call.separators[0]), f"{source} to {target}"))
    end = len(analysis.module.text)
    edits += [Edit(end, end, helper) for helper in helpers]
    return BitcastEdits(tuple(edits), tuple(places), tuple(wrong))


def _around(start: int, call: Call, opening: str, closing: str) -> list[Edit]:
    head, end = start + call.separators[0], start + call.end
    return [Edit(start + call.start, head, opening), Edit(end, end, closing)]
