"""Bitcasts between 32-bit types and vectors of f16, which naga 29 types wrongly (it casts every component).

Towards f16 the target names the gap: `bitcast<vec2<f16>>(e)` becomes
`vec2<f16>(unpack2x16float(bitcast<u32>(e)))`, whose inner cast takes the same 32-bit scalars. From f16 only
the type of `e` would tell, so those casts are tried one by one, but only in a text that naga has refused
with the gap's own words, and a trial is kept only when that complaint is gone and none came up inside the
cast. The helper functions take exactly `vec2<f16>` and `vec4<f16>`, so a cast of anything else cannot slip
through.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from wgsl_ls.engines.entry_points import without_comments
from wgsl_ls.engines.rewriting import Edit, Lowered, apply_edits, matching_parenthesis
from wgsl_ls.wire.jobs import Accepted, EngineMessage, Rejected

_PROBE_FROM_BITS = "enable f16;\nfn f(x: u32) -> f16 { return bitcast<vec2<f16>>(x).x; }"
_PROBE_TO_BITS = "enable f16;\nfn f(x: vec2<f16>) -> u32 { return bitcast<u32>(x) >> 1u; }"

_FROM_BITS = re.compile(r"\bbitcast\s*<\s*(vec2\s*<\s*f16\s*>|vec2h|vec4\s*<\s*f16\s*>|vec4h)\s*,?\s*>\s*(?=\()")
_TO_BITS = re.compile(r"\bbitcast\s*<\s*(u32|i32|f32|vec2\s*<\s*(?:u32|i32|f32)\s*>|vec2[uif])\s*,?\s*>\s*(?=\()")
_GAP_WORDS = re.compile(r"Unable to cast|non-WGSL Naga scalar|cannot cast")
_INDEX = re.compile(r"\[\d+\]")

_VEC4_FROM_BITS = (
    "\nfn naga_gap_vec4h(bits: vec2<u32>) -> vec4<f16> "
    "{ return vec4<f16>(vec4<f32>(unpack2x16float(bits.x), unpack2x16float(bits.y))); }\n"
)
_BITS_OF_VEC2 = "\nfn naga_gap_bits2(v: vec2<f16>) -> u32 { return pack2x16float(vec2<f32>(v)); }\n"
_BITS_OF_VEC4 = (
    "\nfn naga_gap_bits4(v: vec4<f16>) -> vec2<u32> "
    "{ return vec2<u32>(pack2x16float(vec2<f32>(v.xy)), pack2x16float(vec2<f32>(v.zw))); }\n"
)
_FROM_SAID = "bitcasts to vectors of f16 spelled with unpack2x16float"
_TO_SAID = "bitcasts of vectors of f16 spelled with pack2x16float"
_MOST_TRIALS = 200

Takes = Callable[[str], bool]
CompileLowered = Callable[[Lowered], Accepted | Rejected]


def bridge_from_bits(lowered: Lowered, takes: Takes) -> Lowered:
    """Rewrite every bitcast to a vector of f16, if naga (`takes` a text) needs it."""
    if "bitcast" not in lowered.text or takes(_PROBE_FROM_BITS):
        return lowered
    bare = without_comments(lowered.text)
    edits: list[Edit] = []
    needs_helper = False
    for match in _FROM_BITS.finditer(bare):
        closing = matching_parenthesis(bare, match.end())
        if closing is None:
            continue
        is_vec2 = match[1].startswith("vec2")
        needs_helper |= not is_vec2
        opening = "vec2<f16>(unpack2x16float(bitcast<u32>" if is_vec2 else "naga_gap_vec4h(bitcast<vec2<u32>>"
        edits.append(Edit(match.start(), match.end(), opening))
        edits.append(Edit(closing, closing, "))" if is_vec2 else ")"))
    if not edits:
        return lowered
    edits.sort(key=lambda edit: edit.start)
    if needs_helper:
        edits.append(Edit(len(bare), len(bare), _VEC4_FROM_BITS))
    return apply_edits(lowered, edits, _FROM_SAID)


def bridge_to_bits(
    lowered: Lowered, result: Accepted | Rejected, takes: Takes, compile_lowered: CompileLowered
) -> Accepted | Rejected:
    """The verdict on `lowered` without the gap from f16 to 32 bits. `compile_lowered` gives messages with
    spans of the original text, as `result` has them."""
    n_trials = 0
    while (complaint := _complaint(result)) is not None and "bitcast" in lowered.text:
        if takes(_PROBE_TO_BITS):
            return result
        bare = without_comments(lowered.text)
        for match in _TO_BITS.finditer(bare):
            closing = matching_parenthesis(bare, match.end())
            if closing is None or bare.startswith("(naga_gap_bits", match.end()):
                continue
            n_trials += 1
            candidate = _with_cast_of_vector(lowered, match, closing)
            tried = compile_lowered(candidate)
            if _moved_on(complaint, tried, lowered, match.start(), closing):
                lowered, result = candidate, tried
                break
        else:
            return result
        if n_trials > _MOST_TRIALS:
            return result
    return result


def _with_cast_of_vector(lowered: Lowered, match: re.Match[str], closing: int) -> Lowered:
    size = "4" if match[1].startswith("vec2") else "2"
    helper = _BITS_OF_VEC4 if size == "4" else _BITS_OF_VEC2
    edits = [Edit(match.end(), match.end(), f"(naga_gap_bits{size}"), Edit(closing, closing, ")")]
    if helper not in lowered.text:
        edits.append(Edit(len(lowered.text), len(lowered.text), helper))
    return apply_edits(lowered, edits, _TO_SAID)


def _complaint(result: Accepted | Rejected) -> EngineMessage | None:
    if isinstance(result, Accepted):
        return None
    return next((message for message in result.messages if _GAP_WORDS.search(message.text)), None)


def _moved_on(complaint: EngineMessage, tried: Accepted | Rejected, lowered: Lowered, start: int, end: int) -> bool:
    """Naga has no complaint now, or another one that lies elsewhere."""
    if isinstance(tried, Accepted):
        return True
    message = tried.messages[0]
    if _same_complaint(message, complaint):
        return False
    original_start, original_end = lowered.to_original(start), lowered.to_original(end)
    if original_start is None or original_end is None or not message.spans:
        return False
    first = message.spans[0]
    return not (first.start <= original_end and original_start <= first.end)


def _same_complaint(one: EngineMessage, other: EngineMessage) -> bool:
    return _INDEX.sub("", one.text) == _INDEX.sub("", other.text) and [
        (span.start, span.end) for span in one.spans[:1]
    ] == [(span.start, span.end) for span in other.spans[:1]]
