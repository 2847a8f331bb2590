"""Variations of an OperationCase: the same operation on tensors that lie elsewhere in memory, or of other extents where
an operation takes any. What a host takes of them is its gate's word, so nothing here asks whether they make sense."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from wgsl_ls.smoke.operation import Extents, Operand, OperationCase

T = TypeVar("T")
Choose = Callable[[Sequence[T]], T]
"""One of several: at random, or as a property-based test wants it."""

_ARITHMETIC = ("ADD", "SUB", "MUL", "DIV", "UNARY", "SQR", "SQRT", "LOG", "SIN", "COS", "CLAMP", "SCALE")
_ANY_EXTENTS = frozenset((*_ARITHMETIC, "CPY", "CONT", "RMS_NORM", "NORM", "L2_NORM"))
_ORDERS: tuple[Extents, ...] = ((0, 1, 2, 3), (0, 2, 1, 3), (1, 0, 2, 3), (3, 1, 2, 0), (0, 3, 2, 1))
_GAPS = (0, 0, 1, 4, 7, 32)
_OFFSETS = (0, 0, 1, 2, 4, 13, 64)
_LENGTHS = (1, 2, 3, 31, 32, 33, 64, 127, 255, 257, 1031)
_COUNTS = (1, 1, 2, 3, 5)


def variation(case: OperationCase, choose: Choose[object], number: int = 0) -> OperationCase:
    """`case` with its operands laid out otherwise. Operands that share an allocation, and an output that is one of
    them, stay where they are."""
    pick: Choose = choose  # type: ignore[type-arg]  # of numbers and of orders
    shared = {index for index, one in enumerate(case.sources) if one is not None and one.shares >= 0}
    shared |= {case.sources[index].shares for index in shared}  # type: ignore[union-attr]  # those that share
    ne = _extents(case, pick)
    sources: list[Operand | None] = []
    for index, one in enumerate(case.sources):
        moved = one if one is None or index in shared or index == case.inplace else _moved(one, pick)
        sources.append(moved if moved is None or ne is None else replace(moved, ne=ne))
    output = case.output if case.inplace >= 0 else replace(case.output, offset=pick(_OFFSETS))
    if output.kind.block > 1:
        output = case.output
    if ne is not None:
        output = replace(output, ne=ne)
    return replace(case, name=f"{case.name}, drawn {number}", sources=tuple(sources), output=output)


def _extents(case: OperationCase, pick: Choose) -> Extents | None:  # type: ignore[type-arg]  # as above
    """Others for all operands, where all have the same and each value rests on its place alone."""
    operands = [one for one in (*case.sources, case.output) if one is not None]
    if case.op not in _ANY_EXTENTS or len({one.ne for one in operands}) > 1 or any(one.shares >= 0 for one in operands):
        return None
    return pick(_LENGTHS), pick(_COUNTS), pick(_COUNTS), pick(_COUNTS)


def _moved(operand: Operand, pick: Choose) -> Operand:  # type: ignore[type-arg]  # as above
    block = operand.kind.block
    order = pick(_ORDERS) if block == 1 else operand.order
    return replace(operand, order=order, gap=pick(_GAPS) * block, offset=pick(_OFFSETS) * block)
