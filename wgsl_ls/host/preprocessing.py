"""Preprocessing: calls of the preprocessor, and what becomes of what they gave."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Any, Final

from wgsl_ls.host.cpp_types import CppType
from wgsl_ls.host.evaluator import Evaluator
from wgsl_ls.host.machine import Frame, Machine, NotUnderstood, described
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import Input, Term, is_symbolic, is_text
from wgsl_ls.host.values import (
    UNSET,
    EntryRef,
    Expanded,
    ListValue,
    MapValue,
    Outside,
    Pointer,
    Ref,
    Shader,
    StructValue,
    held,
)

_FILE: Final = re.compile(r"[\w-]+(?=((?:\.[\w-]+)+))")
_ENDING: Final = re.compile(r"\.[\w-]+")


class Preprocessing(Evaluator):
    def expand(self, node: Node, arguments: list[Any], frame: Frame, of: Any = None) -> Any:
        """A call of the preprocessor: which shader, with which macros. `of`: the object it is a method of."""
        machine = frame.machine
        shader: Shader | None = None
        defines: ListValue | MapValue | None = None
        is_unknown = False
        for argument in arguments:
            value = held(argument)
            value = value.target if isinstance(value, Pointer) else value
            if isinstance(value, Shader):
                shader = shader or value
            elif isinstance(value, str):
                shader = shader or machine.expect(value)
            elif isinstance(value, (ListValue, MapValue)):
                defines = defines or value
            elif isinstance(value, int) and isinstance(defines, ListValue) and _is_unused(defines.items[value:]):
                defines = defines.part(0, value)  # an array, and how much of it is used
            elif isinstance(value, StructValue):
                inside = next((one for one in value.fields.values() if isinstance(one, (ListValue, MapValue))), None)
                defines = defines or inside
                is_unknown = is_unknown or inside is None
            else:
                loaded = _loaded(value, machine) if shader is None else None
                shader = shader or loaded
                is_unknown = is_unknown or loaded is None
        if defines is None and described(of) in machine.told:
            raise NotUnderstood(node, f"what {described(of)} was told before it expands the shader")
        if defines is None and shader is not None and is_unknown:
            raise NotUnderstood(node, "with which macros the shader is expanded here")
        if shader is None:
            raise NotUnderstood(node, "which shader is expanded here")
        if frame.function is None:
            raise NotUnderstood(node, "a call of the preprocessor outside of a function")
        given = self.defines(defines, node, frame)
        expanded = Expanded(shader, given, node.location, frame.function, tuple(machine.lookups))
        machine.expands(expanded)
        return expanded

    def defines(self, given: ListValue | MapValue | None, node: Node, frame: Frame) -> tuple[Any, ...]:
        machine = frame.machine
        here = (node.location, machine.origin_text())
        found: list[Any] = []
        if isinstance(given, ListValue):
            for index, (item, origin) in enumerate(zip(given.items, given.origins, strict=True)):
                value = item
                if isinstance(item, StructValue):
                    value = self.pair(list(item.fields.values()), machine)
                elif isinstance(item, ListValue):
                    value = self.pair(item.items, machine)
                elif not (isinstance(item, str) or is_symbolic(item)):
                    value = None
                if value is None:
                    raise NotUnderstood(node, f"a macro that is {described(item)}")
                found.append((value, origin or here, given.guards.get(index, True)))
        elif given is not None:
            for key, value in given.entries.items():
                text = self.pair([given.keys[key], value], machine)
                if text is None:
                    raise NotUnderstood(node, f"a macro called {described(given.keys[key])}")
                found.append((text, given.origins.get(key) or here, True))
        return tuple(found)

    def pair(self, parts: list[Any], machine: Machine) -> Any:
        """`NAME=VALUE` of a name and a value; None for what is no such two."""
        parts = [machine.scalar(part) for part in parts]
        if not parts:
            return ""
        if len(parts) > 2 or not (isinstance(parts[0], str) or (is_symbolic(parts[0]) and is_text(parts[0]))):
            return None
        if len(parts) == 2 and isinstance(parts[1], StructValue):
            return None
        if len(parts) < 2 or parts[1] in ("", None) or parts[1] is True or parts[1] is UNSET:
            return parts[0]
        terms = machine.world.terms
        value = parts[1] if isinstance(parts[1], str) else terms.apply("str", parts[1])
        if is_symbolic(parts[1]) and is_text(parts[1]):
            value = parts[1]
        return terms.apply("+", terms.apply("+", parts[0], "="), value)

    def sent(self, arguments: list[Any], returns: CppType | None, frame: Frame) -> Any:
        """A call that gets an expanded shader makes something of it; a text among its arguments is the label."""
        if not frame.machine.waiting:
            return None  # nothing was expanded yet
        values = [held(one) for one in arguments]
        expanded = next((one for one in values if isinstance(one, Expanded)), None)
        if expanded is None:
            return None
        label = next((one for one in values if isinstance(one, str) or (is_symbolic(one) and is_text(one))), None)
        if not expanded.sent and label is not None:
            frame.machine.send(expanded, label)
        if label is None and returns is None:
            return expanded
        return StructValue(returns.name if returns is not None else "pipeline", {})

    def stored(self, target: Ref, value: Any, frame: Frame, node: Node) -> None:
        """Something is put into a map under a key: a macro, perhaps."""
        if not isinstance(target, EntryRef):
            return
        target.of.origins[target.key] = (node.location, frame.machine.origin_text())


def _loaded(value: Any, machine: Machine) -> Shader | None:
    """The shader whose text this is: a value that nothing is known of but that the name of one shader's file went into
    it, whoever reads that file."""
    while isinstance(value, Term) and (value.op == "str" or (value.op == "+" and value.args[0] == "")):
        value = value.args[-1]
    path = value.path if isinstance(value, Outside) else value.name if isinstance(value, Input) else ""
    names = (match[0] + end for match in _FILE.finditer(path) for end in accumulate(_ENDING.findall(match[1])))
    found = {one.stem for one in map(machine.expect, names) if one is not None}
    return Shader(found.pop()) if len(found) == 1 else None


def _is_unused(items: list[Any]) -> bool:
    parts = [part for one in items for part in (one.items if isinstance(one, ListValue) else (one,))]
    return bool(parts) and all(one is UNSET or one is None or one == 0 for one in parts)
