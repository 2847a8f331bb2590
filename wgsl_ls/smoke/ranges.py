"""Ranges: the largest magnitude that every f16 gets: in conversions to f16, in what is computed in f16 and stored, in
sums that grow, and in what comes out of a subgroup matrix. 65504 is the largest f16; what is beyond becomes infinite,
and NaN a few operations later.

The shader records them itself, in one word for each place: the bits of a magnitude in f32, which order as the numbers
do. What is computed in f16 has overflowed already when it is looked at, so there the word says "infinite". An f32 that
is infinite before it is converted overflows nowhere here: masks are written as minus infinity. Nobody can look into a
subgroup matrix: what it accumulated is seen where somebody reads the memory that it was stored to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wgsl_ls.wgsl.facts import Facts
from wgsl_ls.wgsl.memory_accesses import accesses
from wgsl_ls.wgsl.rewriting import Edit
from wgsl_ls.wgsl.symbols import Analysis
from wgsl_ls.wgsl.syntax import (
    Assignment,
    Binary,
    Call,
    ConstAssert,
    Expression,
    FunctionDeclaration,
    Identifier,
    Node,
    Parenthesized,
    VariableDeclaration,
    children,
)
from wgsl_ls.wgsl.types import F16, F32, Type, concrete

# From here on a number is rounded to infinity, not to the largest f16.
_OVERFLOWS = 65520.0


@dataclass(frozen=True, slots=True)
class RangeSite:
    """`start`, `end`: of the value in the text that was instrumented; `what`: "conversion to f16", "f16 value", "sum in
    f16" or "f16 out of a matrix", which was stored at one of the places `stored`."""

    what: str
    start: int
    end: int
    stored: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """`largest`: magnitude; infinite where the value had overflowed, NaN where one came along."""

    site: RangeSite
    largest: float

    @property
    def overflows(self) -> bool:
        return not self.largest < _OVERFLOWS


@dataclass(frozen=True, slots=True)
class RangeWatch:
    """`n_words`: u32 of the buffer that the text records in, zero at the start."""

    edits: tuple[Edit, ...]
    sites: tuple[RangeSite, ...]
    n_words: int

    def ranges(self, record: bytes) -> tuple[Range, ...]:
        """What a run left in the buffer, the largest first; places that were never reached have 0."""
        largest = np.frombuffer(record, "<u4")[: len(self.sites)].view("<f4")
        found = [Range(site, float(size)) for site, size in zip(self.sites, largest, strict=True)]
        return tuple(sorted(found, key=lambda one: one.largest if one.largest == one.largest else np.inf, reverse=True))


def watch_ranges(analysis: Analysis, binding: tuple[int, int]) -> RangeWatch | str:
    """The edits that make a text watch its f16; `binding`: (group, binding) of the buffer. Or why that cannot be."""
    edits: list[Edit] = []
    sites: list[RangeSite] = []
    functions: dict[str, str] = {}
    text = analysis.module.text
    for start, declaration, facts in analysis.entries:
        if not isinstance(declaration, FunctionDeclaration):
            continue
        for what, node, target in _values(declaration, facts):
            kind = facts.types.get(node)
            kind = concrete(kind) if kind is not None else None
            if target is not None:
                kind = facts.types.get(target)
            if kind is None:
                continue
            begin, end = start + node.start, start + node.end
            name = functions.setdefault(str(kind), f"range_at_{len(functions)}")
            number = len(sites)
            if target is None:
                edits.append(Edit(begin, begin, f"{name}({number}u, "))
                edits.append(Edit(end, end, ")"))
                sites.append(RangeSite(what, begin, end))
            else:
                # `a += b` as `a = at(a + (b))`: the sum is what grows.
                left, right = start + target.start, start + target.end
                operator = text[right:begin]
                sign = operator.strip()[:-1]
                edits.append(Edit(right, begin, f" = {name}({number}u, {text[left:right]} {sign} ("))
                edits.append(Edit(end, end, "))"))
                sites.append(RangeSite(what, left, end))
    for begin, end, stored in _out_of_matrices(analysis):
        name = functions.setdefault(F16.name, f"range_at_{len(functions)}")
        edits.append(Edit(begin, begin, f"{name}({len(sites)}u, "))
        edits.append(Edit(end, end, ")"))
        sites.append(RangeSite("f16 out of a matrix", begin, end, stored))
    if not sites:
        return "nothing becomes an f16 in it"
    support = _SUPPORT.format(group=binding[0], binding=binding[1])
    for kind_name, name in functions.items():
        support += _FUNCTION.format(name=name, kind=kind_name, magnitude=_magnitude(kind_name))
    edits.append(Edit(len(text), len(text), support))
    return RangeWatch(tuple(edits), tuple(sites), len(sites))


def _out_of_matrices(analysis: Analysis) -> Iterator[tuple[int, int, tuple[tuple[int, int], ...]]]:
    """(start, end) of what reads f16 that a matrix was stored to, and where it may have been. Where others write the
    memory, too, only what reads an element to write it anew: later it may hold what they wrote, such as masks."""
    text = analysis.module.text
    for space in ("workgroup", "storage"):
        found = accesses(analysis, space)
        written = [one for one in found.found if one.kind != "read"]
        also = {one.variable for one in written}
        stores: dict[str, list[tuple[int, int]]] = {}
        for matrix in found.matrices:
            if matrix.kind == "write":
                stores.setdefault(matrix.variable, []).append((matrix.start, matrix.end))
        for one in found.found:
            if one.kind != "read" or one.type != F16.name or one.variable not in stores:
                continue
            anew = any(
                write.value is not None
                and write.value[0] <= one.start < write.value[1]
                and text[write.start : write.end] == text[one.start : one.end]
                for write in written
            )
            if anew or one.variable not in also:
                yield one.start, one.end, tuple(stores[one.variable])


def _values(declaration: FunctionDeclaration, facts: Facts) -> Iterator[tuple[str, Expression, Identifier | None]]:
    """(what, value, the variable that a compound assignment adds it to)."""
    for node in _at_run_time(declaration.body):
        if isinstance(node, Call):
            yield from _converted(node, facts)
        elif isinstance(node, Assignment) and node.target is not None:
            if not _is(F16, facts.types.get(node.target)):
                continue
            if node.operator == "=" and _is_computed(node.value):
                yield "f16 value", node.value, None
            elif node.operator in ("+=", "-=", "*=", "/=") and isinstance(node.target, Identifier):
                yield "sum in f16", node.value, node.target
        elif isinstance(node, VariableDeclaration) and node.keyword in ("let", "var"):
            value = node.initializer
            if value is not None and _is(F16, facts.types.get(value)) and _is_computed(value):
                yield "f16 value", value, None


def _at_run_time(node: Node) -> Iterator[Node]:
    """`node` and what is below it, less what is evaluated when the shader is compiled."""
    if isinstance(node, ConstAssert) or (isinstance(node, VariableDeclaration) and node.keyword == "const"):
        return
    yield node
    for child in children(node):
        yield from _at_run_time(child)


def _converted(node: Call, facts: Facts) -> Iterator[tuple[str, Expression, None]]:
    name = facts.called.get(node)
    if name == "pack2x16float" or (_is(F16, facts.types.get(node)) and name != "bitcast"):
        for argument in node.arguments:
            kind = facts.types.get(argument)
            if _is(F32, kind) and kind is not None and not kind.is_matrix:
                yield "conversion to f16", argument, None


def _is(component: Type, kind: Type | None) -> bool:
    return kind is not None and (kind.is_scalar or kind.is_vector) and kind.component is component


def _is_computed(node: Node) -> bool:
    while isinstance(node, Parenthesized):
        node = node.inner
    return isinstance(node, Binary)


def _magnitude(kind: str) -> str:
    width = next((int(digit) for digit in "234" if kind.startswith(f"vec{digit}")), 1)
    one = "range_finite({})" if F32.name in kind else "abs(f32({}))"
    if width == 1:
        return one.format("v")
    parts = [one.format(f"v.{component}") for component in "xyzw"[:width]]
    found = parts[0]
    for part in parts[1:]:
        found = f"range_max({found}, {part})"
    return found


_SUPPORT = """
@group({group}) @binding({binding}) var<storage, read_write> range_record: array<atomic<u32>>;
fn range_finite(v: f32) -> f32 {{
  let bits = bitcast<u32>(v) & 0x7fffffffu;
  return bitcast<f32>(select(bits, 0u, bits == 0x7f800000u));
}}
fn range_max(a: f32, b: f32) -> f32 {{ return bitcast<f32>(max(bitcast<u32>(a), bitcast<u32>(b))); }}
"""
_FUNCTION = """
fn {name}(site: u32, v: {kind}) -> {kind} {{
  atomicMax(&range_record[site], bitcast<u32>({magnitude}));
  return v;
}}
"""
