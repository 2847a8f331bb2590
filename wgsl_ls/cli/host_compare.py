"""Variants captured at run time against those that were read: seen but not read, read but never seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wgsl_ls.host.model import HostReading, HostVariant
from wgsl_ls.project.axes import define_text
from wgsl_ls.project.variants import ImportedVariant

_NUMBER = re.compile(r"\d+")

Defines = frozenset[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of one shader, by its stem. `other_numbers`: seen, and read with other values of numbers that were chosen;
    `not_read`: seen and nowhere read; `n_never_seen`: read sets that nothing in the list has."""

    shader: str
    n_both: int
    other_numbers: tuple[Defines, ...]
    not_read: tuple[Defines, ...]
    never_seen: tuple[Defines, ...]


def compare(readings: Iterable[HostReading], seen: Sequence[ImportedVariant]) -> list[Comparison]:
    read: dict[str, dict[Defines, HostVariant]] = {}
    for reading in readings:
        for variant in reading.variants:
            read.setdefault(variant.shader, {}).setdefault(variant.define_set, variant)
    listed: dict[str, dict[Defines, None]] = {}
    for one in seen:
        listed.setdefault(Path(one.shader).stem, {})[frozenset(map(define_text, one.defines))] = None
    return [_of_shader(stem, read.get(stem, {}), listed.get(stem, {})) for stem in sorted({*read, *listed})]


def _of_shader(stem: str, read: dict[Defines, HostVariant], seen: dict[Defines, None]) -> Comparison:
    chosen = {_without_numbers(one) for one, variant in read.items() if any(put.chosen for put in variant.inputs)}
    missing = [one for one in seen if one not in read]
    return Comparison(
        stem,
        sum(one in read for one in seen),
        tuple(one for one in missing if _without_numbers(one) in chosen),
        tuple(one for one in missing if _without_numbers(one) not in chosen),
        tuple(one for one in read if one not in seen),
    )


def _without_numbers(defines: Defines) -> Defines:
    return frozenset(name + equals + _NUMBER.sub("#", value) for name, equals, value in map(_parts, defines))


def _parts(define: str) -> tuple[str, str, str]:
    return define.partition("=")
