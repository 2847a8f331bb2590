"""What is wrong between a host and its shaders, as far as the reading shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from wgsl_ls.host.model import HostFinding, HostVariant
from wgsl_ls.text.span import Location


class Names(Protocol):
    """`names`: the words of a shader and of all it includes; `tested`: macros that its conditions ask for, and
    where, which neither it nor what it includes defines."""

    @property
    def names(self) -> frozenset[str]: ...
    @property
    def tested(self) -> Mapping[str, Location]: ...


def find(variants: Sequence[HostVariant], shaders: Mapping[str, Names]) -> tuple[HostFinding, ...]:
    return (*_not_read(variants, shaders), *_not_given(variants, shaders))


def _not_read(variants: Sequence[HostVariant], shaders: Mapping[str, Names]) -> list[HostFinding]:
    """Places that give only macros that none of the shaders they are given to reads."""
    read: dict[Location, bool] = {}
    given: dict[Location, tuple[str, dict[str, None]]] = {}
    for variant in variants:
        shader = shaders.get(variant.shader)
        for define in variant.defines:
            known = read.get(define.location)
            if known:
                continue
            # A name that is empty is one that somebody is writing.
            is_read = shader is None or not shader.names or define.name in shader.names or not define.name
            read[define.location] = is_read
            given.setdefault(define.location, (define.name, {}))[1].setdefault(variant.shader)
    return [
        HostFinding(
            "define-not-read",
            location,
            f"{given[location][0]} is given to {', '.join(given[location][1])}, where nothing reads it",
            next(iter(given[location][1])),
        )
        for location, is_read in read.items()
        if not is_read
    ]


def _not_given(variants: Sequence[HostVariant], shaders: Mapping[str, Names]) -> list[HostFinding]:
    """Macros that a shader's conditions ask for and no variant of it has."""
    names: dict[str, set[str]] = {}
    for variant in variants:
        names.setdefault(variant.shader, set()).update(define.name for define in variant.defines)
    return [
        HostFinding("macro-not-given", location, f"nothing the host does gives {name} to {stem}", stem)
        for stem, given in names.items()
        if stem in shaders
        for name, location in shaders[stem].tested.items()
        if name not in given
    ]
