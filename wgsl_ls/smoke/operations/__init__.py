"""The cases of all operations: every module of this folder has a function `cases` that gives its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module
from math import prod
from pkgutil import iter_modules
from typing import Final

from wgsl_ls.smoke.operation import Operand, OperationCase

_FEW_WORKGROUPS: Final = 3
_MOST_ROWS: Final = 65535
_EVERYWHERE: Final = (("invocations", 256), ("workgroup_storage", 16384))
"""Of https://www.w3.org/TR/webgpu/#limits, what workgroups are made by."""
_MATRICES: Final = ((16, 16, 16), (8, 8, 8), (16, 8, 16))
"""M, N and K of subgroup matrices; the first one is among the covering choice."""
_LANES: Final = (0, 16, 64, 128)
"""Of subgroups, beside those of the adapter; 0: a device without any. The first and the last are quick ones."""
_OF_SUBGROUPS: Final = (
    "MUL_MAT F32 F32 33x3x512",
    "MUL_MAT F16 F32 16x1x256",
    "MUL_MAT Q4_0 F32 33x3x512",
    "MUL_MAT Q6_K F32 16x1x256",
    "MUL_MAT_ID F16 F32 2 of 4, 1 rows, 1 tokens",
    "FLASH_ATTN_EXT 1 queries",
    "FLASH_ATTN_EXT 35 queries, mask",
    "FLASH_ATTN_EXT d 128, 128, 2 queries, mask",
    "FLASH_ATTN_EXT d 40, 40, 2 queries, mask",
    "FLASH_ATTN_EXT 512 keys, 2 queries, mask",
    "FLASH_ATTN_EXT Q8_0, 2 queries",
    "FLASH_ATTN_EXT sinks, 2 queries",
    "SSM_SCAN F32 state 128, 4 heads of 64, 5 tokens, 1 kept",
)
_OF_VENDORS: Final = (
    "MUL_MAT Q4_0 F32 33x3x512",
    "MUL_MAT Q4_1 F32 33x3x512",
    "MUL_MAT Q8_0 F32 33x3x512",
    "MUL_MAT Q2_K F32 33x3x512",
    "MUL_MAT Q4_K F32 33x3x512",
    "MUL_MAT Q8_0 F32 16x1x256",
)
"""Kernels that a host may choose by the GPU's maker, such as those of packed products, run everywhere."""
_OF_MATRICES: Final = (
    "MUL_MAT F32 F32 67x35x256",
    "MUL_MAT F16 F32 64x16x256",
    "MUL_MAT F16 F16 129x17x68",
    "MUL_MAT Q4_0 F32 67x35x256",
    "MUL_MAT Q6_K F32 64x16x256",
    "MUL_MAT F16 F32 batches shared",
    "MUL_MAT_ID F16 F32 2 of 4, 2 rows, 17 tokens",
    "FLASH_ATTN_EXT 35 queries, mask",
    "FLASH_ATTN_EXT d 40, 40",
    "FLASH_ATTN_EXT d 128, 128",
    "FLASH_ATTN_EXT d 192, 128",
    "FLASH_ATTN_EXT 31 keys",
    "FLASH_ATTN_EXT 512 keys",
    "FLASH_ATTN_EXT Q8_0",
    "FLASH_ATTN_EXT sinks, 21 queries",
    "FLASH_ATTN_EXT bias, 21 queries",
    "FLASH_ATTN_EXT 3 sequences, 21 queries",
    "FLASH_ATTN_EXT from a cache, 21 queries",
)


@cache
def all_cases() -> tuple[OperationCase, ...]:
    found: list[OperationCase] = []
    for module in iter_modules(__path__):
        made: Iterator[OperationCase] = import_module(f"{__name__}.{module.name}").cases()
        found.extend(made)
    found.extend(_at_offsets(found))
    found.extend(
        [*_narrow(found), *_with_matrices(found), *_with_lanes(found), *_of_a_vendor(found), *_guaranteed(found)]
    )
    return tuple(found)


def _at_offsets(cases: list[OperationCase]) -> Iterator[OperationCase]:
    """The first case of each operation (and of each function of UNARY and GLU) with every source at an offset that
    vectors of four allow: what reads from the beginning of a binding shows. Results that are no views lie where
    the allocator aligns them."""
    seen: set[tuple[str, object]] = set()
    for case in cases:
        key = (case.op, case.params[0] if case.params and isinstance(case.params[0], str) else "")
        plain = case.inplace < 0 and case.then is None and all(one is None or one.shares < 0 for one in case.sources)
        if key in seen or not (plain and case.is_run and case.quick):
            continue
        seen.add(key)
        sources = tuple(one if one is None else _moved(one) for one in case.sources)
        name, quick = f"{case.name}, sources at offsets", key[1] == "" or case.op != "UNARY"
        yield replace(case, name=name, sources=sources, quick=quick)


def _moved(operand: Operand) -> Operand:
    """Behind 16 bytes more. Quantised blocks have no such place and stay."""
    kind = operand.kind
    return operand if kind.block > 1 else replace(operand, offset=operand.offset + 16 // kind.size)


def _narrow(cases: list[OperationCase]) -> Iterator[OperationCase]:
    """Of each operation its largest run, with one row and with several, where a dimension takes few workgroups."""
    largest: dict[tuple[str, bool], OperationCase] = {}
    for case in cases:
        key = (case.op, case.output.ne[1] == 1)
        if case.is_run and case.quick and (key not in largest or _size(case) > _size(largest[key])):
            largest[key] = case
    for case in largest.values():
        name = f"{case.name}, {_FEW_WORKGROUPS} workgroups in a dimension"
        yield replace(case, name=name, device=(("workgroups_per_dimension", _FEW_WORKGROUPS),))


def _size(case: OperationCase) -> int:
    return prod(case.output.ne)


def _guaranteed(cases: list[OperationCase]) -> Iterator[OperationCase]:
    """The sizes that are only planned, where workgroups are as small as they may be everywhere."""
    for case in cases:
        rows = max(prod(one.ne[1:]) for one in case.sources if one is not None)
        if not case.is_run and rows <= _MOST_ROWS:  # with more the plain case shows it
            yield replace(case, name=f"{case.name}, limits of every device", device=_EVERYWHERE)


def _with_matrices(cases: list[OperationCase]) -> Iterator[OperationCase]:
    chosen = [case for case in cases if case.label in _OF_MATRICES]
    assert len(chosen) == len(_OF_MATRICES)
    matrices = (("has_matrix", True), ("matrix_m", 16), ("matrix_n", 16), ("matrix_k", 16))
    for case in cases:
        if case.label in ("FLASH_ATTN_EXT d 256, 256", "FLASH_ATTN_EXT d 576, 512"):
            name = f"{case.name}, matrices and little memory"
            yield replace(case, name=name, device=(*matrices, *_EVERYWHERE), quick=False)
    for shape in _MATRICES:
        facts = (("has_matrix", True), *zip(("matrix_m", "matrix_n", "matrix_k"), shape, strict=True))
        for case in chosen:
            name = f"{case.name}, matrices {'x'.join(map(str, shape))}"
            yield replace(case, name=name, device=facts, quick=shape == _MATRICES[0])


def _of_a_vendor(cases: list[OperationCase]) -> Iterator[OperationCase]:
    chosen = [case for case in cases if case.label in _OF_VENDORS]
    assert len(chosen) == len(_OF_VENDORS)
    for case in chosen:
        yield replace(case, name=f"{case.name}, on NVIDIA", device=(("vendor", "nvidia"),), quick=True)


def _with_lanes(cases: list[OperationCase]) -> Iterator[OperationCase]:
    """What a host does where subgroups have another size, on emulated ones: a kernel that takes one for granted."""
    chosen = [case for case in cases if case.label in _OF_SUBGROUPS]
    assert len(chosen) == len(_OF_SUBGROUPS)
    for n_lanes in _LANES:
        for case in chosen:
            name = f"{case.name}, subgroups of {n_lanes}" if n_lanes else f"{case.name}, no subgroups"
            device = (("subgroups", n_lanes > 0), ("subgroup_min", n_lanes), ("subgroup_max", n_lanes))
            yield replace(case, name=name, device=device, quick=n_lanes in (_LANES[0], _LANES[-1]))
