"""What is wrong between a host and its shaders, as far as the reading shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from wgsl_ls.host.machine import Ending
from wgsl_ls.host.memory import Kept
from wgsl_ls.host.model import HostDefine, HostFinding, HostGate, HostVariant
from wgsl_ls.text.listing import first_of
from wgsl_ls.text.span import Location

_NAMES_SHOWN: Final = 6


class Names(Protocol):
    """`names`: the words of a shader and of all it includes; `tested`: macros that its conditions ask for, and
    where, which neither it nor what it includes defines."""

    @property
    def names(self) -> frozenset[str]: ...
    @property
    def tested(self) -> Mapping[str, Location]: ...


def find(variants: Sequence[HostVariant], shaders: Mapping[str, Names]) -> tuple[HostFinding, ...]:
    lists = {(variant.shader, id(variant.defines)): variant.defines for variant in variants}
    given = {(shader, id(define)): define for (shader, _), defines in lists.items() for define in defines}
    pairs = [(shader, define) for (shader, _), define in given.items()]
    stems = dict.fromkeys(shader for shader, _ in lists)
    return (*_not_read(pairs, shaders), *_not_given(stems, pairs, shaders))


def _not_read(pairs: Sequence[tuple[str, HostDefine]], shaders: Mapping[str, Names]) -> list[HostFinding]:
    """Places that give only macros that none of the shaders they are given to reads."""
    read: dict[Location, bool] = {}
    given: dict[Location, tuple[str, dict[str, None]]] = {}
    for stem, define in pairs:
        shader = shaders.get(stem)
        if read.get(define.location):
            continue
        # A name that is empty is one that somebody is writing.
        is_read = shader is None or not shader.names or define.name in shader.names or not define.name
        read[define.location] = is_read
        given.setdefault(define.location, (define.name, {}))[1].setdefault(stem)
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


def _not_given(
    stems: Iterable[str], pairs: Sequence[tuple[str, HostDefine]], shaders: Mapping[str, Names]
) -> list[HostFinding]:
    """Macros that a shader's conditions ask for and no variant of it has."""
    names: dict[str, set[str]] = {stem: set() for stem in stems}
    for stem, define in pairs:
        names[stem].add(define.name)
    return [
        HostFinding("macro-not-given", location, f"nothing the host does gives {name} to {stem}", stem)
        for stem, given in names.items()
        if stem in shaders
        for name, location in shaders[stem].tested.items()
        if name not in given
    ]


def equal_keys(clashes: Iterable[tuple[Kept, Kept]]) -> list[HostFinding]:
    """Where the host looks for what it made under a key that two different ones share."""
    found: list[HostFinding] = []
    for one, other in clashes:
        texts, others = ({define.text: None for define in kept.defines} for kept in (one, other))
        differing = [text for text in texts if text not in others], [text for text in others if text not in texts]
        sides = " and ".join(first_of(side, _NAMES_SHOWN) if side else "without" for side in differing)
        differ = (
            f"the macros are not ({sides})" if any(differing) else f"the shaders are {one.shader} and {other.shader}"
        )
        found.append(
            HostFinding(
                "equal-keys",
                other.location,
                f"this finds what was made of other macros: two keys of {other.member} are equal where {differ}",
                other.shader,
            )
        )
    return found


def not_served(
    ends: Iterable[Ending], gates: Mapping[str, HostGate], shader_at: Mapping[Location, str]
) -> list[HostFinding]:
    """Where the host ends for what its gate lets through. `shader_at`: which shader it would have asked for."""
    values: dict[tuple[Location, str, str], dict[str, None]] = {}
    for one in ends:
        values.setdefault((one.location, one.operation, one.name), {}).update(dict.fromkeys(one.values))
    return [
        HostFinding(
            "not-served",
            location,
            f"the host ends here for {operation or 'an operation'} with {name} {first_of(tuple(told), _NAMES_SHOWN)},"
            f" which {gates[operation].function if operation in gates else 'its gate'} lets through",
            shader_at.get(location, ""),
        )
        for (location, operation, name), told in values.items()
    ]
