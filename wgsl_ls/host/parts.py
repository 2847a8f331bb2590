"""Parts: the macros, inputs and lists of them that many variants have, each one object."""

from __future__ import annotations

from wgsl_ls.host.model import HostDefine, HostInput
from wgsl_ls.text.span import Location


class Parts:
    """Lists are known by the objects in them, which are parts themselves."""

    def __init__(self) -> None:
        self._defines: dict[tuple[str, Location, str], HostDefine] = {}
        self._inputs: dict[tuple[str, str, bool], HostInput] = {}
        self._lists: dict[tuple[int, ...], tuple[HostDefine, ...]] = {}
        self._input_lists: dict[tuple[int, ...], tuple[HostInput, ...]] = {}

    def __len__(self) -> int:
        return len(self._defines) + len(self._inputs) + len(self._lists) + len(self._input_lists)

    def define(self, text: str, location: Location, when: str) -> HostDefine:
        """The macro that a text `NAME` or `NAME=VALUE` gives."""
        key = (text, location, when)
        known = self._defines.get(key)
        if known is None:
            name, equals, value = text.partition("=")
            known = self._defines[key] = HostDefine(name.strip(), value if equals else None, location, when)
        return known

    def input(self, name: str, value: str, chosen: bool) -> HostInput:
        key = (name, value, chosen)
        known = self._inputs.get(key)
        if known is None:
            known = self._inputs[key] = HostInput(name, value, chosen)
        return known

    def defines(self, listed: tuple[HostDefine, ...]) -> tuple[HostDefine, ...]:
        return self._lists.setdefault(tuple(map(id, listed)), listed)

    def inputs(self, listed: tuple[HostInput, ...]) -> tuple[HostInput, ...]:
        return self._input_lists.setdefault(tuple(map(id, listed)), listed)
