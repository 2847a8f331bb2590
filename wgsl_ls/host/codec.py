"""HostReading <-> plain data (JSON), with every shared part written once, so that it stays shared."""

from __future__ import annotations

from typing import Any, Final, Generic, TypeVar

from wgsl_ls.host.model import (
    HostDefine,
    HostFinding,
    HostFunction,
    HostGap,
    HostGate,
    HostInput,
    HostReading,
    HostShader,
)
from wgsl_ls.host.model import HostVariant as Variant
from wgsl_ls.text.span import Location, Span

FORMAT: Final = 4
_Part = TypeVar("_Part")


class _Shared(Generic[_Part]):
    """Parts in the order in which they were first met. Equal ones are one object: comparing the lists of thousands of
    variants would cost more than reading them."""

    def __init__(self) -> None:
        self.all: list[_Part] = []
        self._numbers: dict[int, int] = {}

    def number(self, part: _Part) -> int:
        found = self._numbers.setdefault(id(part), len(self.all))
        if found == len(self.all):
            self.all.append(part)
        return found


def to_plain(reading: HostReading) -> dict[str, Any]:
    files: dict[str, int] = {}
    defines: _Shared[HostDefine] = _Shared()
    lists: _Shared[tuple[HostDefine, ...]] = _Shared()
    inputs: _Shared[HostInput] = _Shared()
    input_lists: _Shared[tuple[HostInput, ...]] = _Shared()

    def place(location: Location) -> list[int]:
        return [files.setdefault(location.path, len(files)), location.span.start, location.span.end]

    def gap(one: HostGap) -> list[Any]:
        return [*place(one.location), one.what]

    variants = [
        [
            one.shader,
            one.label,
            lists.number(one.defines),
            input_lists.number(one.inputs),
            one.profile,
            one.function,
            one.op,
        ]
        for one in reading.variants
    ]
    plain_lists = [list(map(defines.number, listed)) for listed in lists.all]
    plain_inputs = [list(map(inputs.number, listed)) for listed in input_lists.all]
    return {
        "format": FORMAT,
        "read": list(reading.files),
        "variants": variants,
        "lists": plain_lists,
        "input_lists": plain_inputs,
        "gates": {
            one.op: [one.gate.function, *place(one.gate.location)] for one in reading.variants if one.gate is not None
        },
        "defines": [[one.name, one.value, *place(one.location), one.when] for one in defines.all],
        "inputs": [[one.name, one.value, one.chosen] for one in inputs.all],
        "shaders": [[one.stem, one.status, one.why, one.n_variants] for one in reading.shaders],
        "functions": [
            [
                one.name,
                *place(one.location),
                list(one.shaders),
                list(one.inputs),
                one.n_variants,
                [gap(each) for each in one.gaps],
            ]
            for one in reading.functions
        ],
        "gaps": [gap(one) for one in reading.gaps],
        "findings": [[one.kind, *place(one.location), one.message, one.shader] for one in reading.findings],
        "refused": [list(one) for one in reading.refused],
        "broken": [place(one) for one in reading.broken],
        "files": list(files),
    }


def from_plain(plain: Any) -> HostReading | None:
    """The reading that `to_plain` wrote; None for anything else."""
    try:
        return _from_plain(plain) if plain["format"] == FORMAT else None
    except (TypeError, KeyError, ValueError, IndexError):
        return None


def _from_plain(plain: dict[str, Any]) -> HostReading:
    files: list[str] = plain["files"]

    def place(file: int, start: int, end: int) -> Location:
        return Location(files[file], Span(start, end))

    def gap(file: int, start: int, end: int, what: str) -> HostGap:
        return HostGap(place(file, start, end), what)

    defines = [
        HostDefine(name, value, place(file, start, end), when)
        for name, value, file, start, end, when in plain["defines"]
    ]
    lists = [tuple(defines[index] for index in listed) for listed in plain["lists"]]
    inputs = [HostInput(*one) for one in plain["inputs"]]
    input_lists = [tuple(inputs[index] for index in listed) for listed in plain["input_lists"]]
    gates = {op: HostGate(function, place(*where)) for op, (function, *where) in plain["gates"].items()}
    return HostReading(
        files=tuple(plain["read"]),
        shaders=tuple(HostShader(*one) for one in plain["shaders"]),
        variants=tuple(
            Variant(shader, label, lists[given], input_lists[asked], profile, function, op, gates.get(op))
            for shader, label, given, asked, profile, function, op in plain["variants"]
        ),
        functions=tuple(
            HostFunction(
                name,
                place(file, start, end),
                tuple(shaders),
                tuple(names),
                n_variants,
                tuple(gap(*one) for one in gaps),
            )
            for name, file, start, end, shaders, names, n_variants, gaps in plain["functions"]
        ),
        gaps=tuple(gap(*one) for one in plain["gaps"]),
        refused=tuple((profile, lacking) for profile, lacking in plain["refused"]),
        broken=tuple(place(*one) for one in plain["broken"]),
        findings=tuple(
            HostFinding(kind, place(file, start, end), message, shader)
            for kind, file, start, end, message, shader in plain["findings"]
        ),
    )
