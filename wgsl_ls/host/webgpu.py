"""Recorder: what a host's calls of the WebGPU API come to, taken down instead of done.

The calls are those of webgpu_cpp.h (https://www.w3.org/TR/webgpu/ under C++ names): modules and pipelines from a
preprocessor's result, bind groups, writes to buffers, dispatches.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from wgsl_ls.host.machine import NotUnderstood, described
from wgsl_ls.host.program import Function
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import is_symbolic
from wgsl_ls.host.values import (
    UNSET,
    Expanded,
    FunctionName,
    ListValue,
    MapValue,
    Outside,
    Pointer,
    Shader,
    StructValue,
    reached,
)
from wgsl_ls.text.span import Location

_WAITING = frozenset(("MapAsync", "Unmap", "WaitAny", "OnSubmittedWorkDone", "ProcessEvents", "Submit", "End"))
"""Methods that wait for the device or tell it to begin, some with a callback that runs when it has ended."""


@dataclass(frozen=True, slots=True)
class HostBinding:
    """`buffer`: a tensor's allocation, or how the host's text leads to another buffer; `size` in bytes, None for
    the whole buffer."""

    group: int
    binding: int
    buffer: str
    offset: int
    size: int | None


@dataclass(frozen=True, slots=True)
class HostDispatch:
    """One dispatch: the shader `stem` with the macros `defines` (each "NAME" or "NAME=VALUE"), called `label` by
    the host. `function`: the one that the work was handed to, and where it is."""

    stem: str
    label: str
    defines: tuple[str, ...]
    entry_point: str
    constants: tuple[tuple[str, float], ...]
    bindings: tuple[HostBinding, ...]
    workgroups: tuple[int, int, int]
    function: str
    location: Location


@dataclass(slots=True)
class Recorder:
    """`written`: bytes by buffer and offset, in the order of the writes; `sizes`: of the buffers that were made;
    `mapped`: the words of those that the host writes to through memory of its own."""

    dispatches: list[HostDispatch] = field(default_factory=list)
    written: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    mapped: dict[str, ListValue] = field(default_factory=dict)
    pipeline: StructValue | None = None
    groups: dict[int, StructValue] = field(default_factory=dict)
    handed_to: Function | None = None

    def method(self, name: str, of: Any) -> Callable[[list[Any], Node], Any] | None:
        """The API's method `name` of the object `of`, on the values of its arguments; None for those without an effect
        here."""
        if name == "GetMappedRange":
            return lambda arguments, node: self._range_of(of, node)
        if name == "GetMapState":
            return lambda arguments, node: FunctionName("Unmapped")
        if name in _WAITING:
            return lambda arguments, node: None
        found: Callable[[list[Any], Node], Any] | None = getattr(self, f"_m_{name}", None)
        return found

    def _range_of(self, buffer: Any, node: Node) -> Pointer:
        name = buffer_name(buffer, node)
        n_words = self.sizes.get(name, 0) // 4
        return Pointer(self.mapped.setdefault(name, ListValue([UNSET] * n_words, [None] * n_words)))

    def _m_CopyBufferToBuffer(self, arguments: list[Any], node: Node) -> Any:
        """Of what the host wrote through memory: on the device it is only in the copy."""
        source, target = buffer_name(arguments[0], node), buffer_name(arguments[2], node)
        words = self.mapped[source].items if source in self.mapped else []
        start, offset = _number(arguments[1], node) // 4, _number(arguments[3], node)
        for index, word in enumerate(words[start : start + _number(arguments[4], node) // 4]):
            if word is not UNSET:
                packed = struct.pack("<I", _word(word, node))
                self.written.setdefault(target, []).append((offset + 4 * index, packed))

    def _m_CreateShaderModule(self, arguments: list[Any], node: Node) -> Any:
        inside = list(_inside(arguments))
        code: Any = next((one for one in inside if isinstance(one, (Expanded, Shader))), None)
        if code is None:  # a text that no file here holds
            named = [one.fields["code"] for one in inside if isinstance(one, StructValue) and "code" in one.fields]
            code = next((one for one in map(reached, named) if isinstance(one, (Outside, FunctionName))), None)
        return StructValue("ShaderModule", {"code": code})

    def _m_CreateComputePipeline(self, arguments: list[Any], node: Node) -> Any:
        descriptor = _struct(arguments[0], node)
        stage = _struct(descriptor.fields.get("compute"), node)
        module = _struct(stage.fields.get("module"), node)
        constants = []
        listed = reached(stage.fields.get("constants"))
        for item in listed.items if isinstance(listed, ListValue) else ():
            entry = _struct(item, node)
            constants.append((str(reached(entry.fields["key"])), float(_number(entry.fields["value"], node))))
        fields = {
            "code": module.fields.get("code"),
            "label": reached(descriptor.fields.get("label", "")),
            "entry": reached(stage.fields.get("entryPoint", "")),
            "constants": tuple(constants),
        }
        return StructValue("ComputePipeline", fields)

    def _m_CreateBindGroup(self, arguments: list[Any], node: Node) -> Any:
        entries = reached(_struct(arguments[0], node).fields.get("entries"))
        if not isinstance(entries, ListValue):
            raise NotUnderstood(node, "the entries of a bind group")
        return StructValue("BindGroup", {"entries": [_struct(one, node).copy() for one in entries.items]})

    def _m_WriteBuffer(self, arguments: list[Any], node: Node) -> Any:
        buffer, offset, data, size = (reached(one) for one in arguments[:4])
        if not isinstance(data, ListValue):
            raise NotUnderstood(node, "the data of a write to a buffer")
        n_words = _number(size, node) // 4
        words = [_word(one, node) for one in data.items[:n_words]]
        self.written.setdefault(buffer_name(buffer, node), []).append(
            (_number(offset, node), struct.pack(f"<{len(words)}I", *words))
        )
        return None

    def _m_CreateBuffer(self, arguments: list[Any], node: Node) -> Any:
        descriptor = _struct(arguments[0], node)
        label = str(reached(descriptor.fields.get("label", "")) or "a buffer")
        name = label if label not in self.sizes else f"{label} {len(self.sizes)}"
        self.sizes[name] = _number(descriptor.fields["size"], node)
        return Outside(name, None)

    def _m_BeginComputePass(self, arguments: list[Any], node: Node) -> Any:
        return StructValue("ComputePassEncoder", {})

    def _m_SetPipeline(self, arguments: list[Any], node: Node) -> Any:
        self.pipeline = _struct(arguments[0], node)

    def _m_SetBindGroup(self, arguments: list[Any], node: Node) -> Any:
        self.groups[_number(arguments[0], node)] = _struct(arguments[1], node)

    def _m_DispatchWorkgroups(self, arguments: list[Any], node: Node) -> Any:
        pipeline = self.pipeline
        code = pipeline.fields.get("code") if pipeline is not None else None
        if isinstance(code, (Outside, FunctionName)):
            name = code.name if isinstance(code, FunctionName) else code.path
            raise NotUnderstood(node, f"{name} is dispatched here, a text that no shader's file here holds")
        if pipeline is None or not isinstance(code, (Expanded, Shader)):
            raise NotUnderstood(node, "which shader is dispatched here")
        x, y, z = [_number(one, node) for one in arguments[:3]] + [1] * (3 - len(arguments))
        defines = code.defines if isinstance(code, Expanded) else ()
        self.dispatches.append(
            HostDispatch(
                code.shader.stem if isinstance(code, Expanded) else code.stem,
                str(pipeline.fields["label"]),
                tuple(_define(text, node) for text, _, guard in defines if guard is True),
                str(pipeline.fields["entry"]),
                pipeline.fields["constants"],
                tuple(_bindings(self.groups, node)),
                (x, y, z),
                self.handed_to.name if self.handed_to is not None else "",
                self.handed_to.node.location if self.handed_to is not None else node.location,
            )
        )


def _bindings(groups: dict[int, StructValue], node: Node) -> Iterator[HostBinding]:
    for group, made in groups.items():
        for entry in made.fields["entries"]:
            size = reached(entry.fields.get("size"))
            whole = isinstance(size, Outside)
            yield HostBinding(
                group,
                _number(entry.fields.get("binding", 0), node),
                buffer_name(entry.fields.get("buffer"), node),
                _number(entry.fields.get("offset", 0), node),
                None if whole or size is None else _number(size, node),
            )


def buffer_name(value: Any, node: Node) -> str:
    value = reached(value)
    if isinstance(value, Outside):
        return value.path
    raise NotUnderstood(node, f"which buffer {described(value)} is")


def _inside(values: list[Any]) -> Iterator[Any]:
    """The values, and what they lead to."""
    waiting, seen = list(values), set()
    while waiting:
        value = reached(waiting.pop())
        if id(value) in seen:
            continue
        seen.add(id(value))
        yield value
        if isinstance(value, StructValue):
            waiting.extend(value.fields.values())
        elif isinstance(value, MapValue):
            waiting.extend(value.entries.values())


def _struct(value: Any, node: Node) -> StructValue:
    value = reached(value)
    if not isinstance(value, StructValue):
        raise NotUnderstood(node, f"what {described(value)} is")
    return value


def _number(value: Any, node: Node) -> int:
    value = reached(value)
    if is_symbolic(value) or isinstance(value, Outside) or not isinstance(value, (int, float)):
        raise NotUnderstood(node, f"a number that rests on {described(value)}")
    return int(value)


def _word(value: Any, node: Node) -> int:
    return _number(value, node) & 0xFFFFFFFF


def _define(text: Any, node: Node) -> str:
    if not isinstance(text, str):
        raise NotUnderstood(node, f"a macro that rests on {described(text)}")
    return text
