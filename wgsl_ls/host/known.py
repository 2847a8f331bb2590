"""The interpreter with every input known: the tensor library's functions, mathematics, memory and the WebGPU API on
plain values. Nothing forks: what rests on something unknown raises Undecided.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from wgsl_ls.host.cases import Case, Reasoning
from wgsl_ls.host.cpp_types import CppType, type_of
from wgsl_ls.host.effort import Effort
from wgsl_ls.host.fractions import Single
from wgsl_ls.host.interpreter import Interpreter
from wgsl_ls.host.knowledge import Choices, Knowledge, Pruned, Situation
from wgsl_ls.host.machine import FLOATS, INTEGERS, Frame, Machine, NotUnderstood, World
from wgsl_ls.host.model import HostGap
from wgsl_ls.host.program import Function, Program, declared_type
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.tensors import TensorFunctions, bits_float, float_bits
from wgsl_ls.host.terms import NO_POSITION, is_symbolic, spelled
from wgsl_ls.host.values import (
    UNSET,
    EntryRef,
    FunctionName,
    ListValue,
    MapValue,
    Outside,
    Pointer,
    Ref,
    StructValue,
    held,
)
from wgsl_ls.host.webgpu import Recorder

# Functions of <cmath> on floats; C's names with an f are the same ones.
_MATHEMATICS: Final[dict[str, Callable[..., float]]] = {
    f"{name}{ending}": getattr(math, name)
    for name in ("floor", "ceil", "log", "log2", "log10", "exp", "sqrt", "sin", "cos", "tan", "tanh", "pow", "fabs")
    for ending in ("", "f")
}


_OF_TEXTS: Final = frozenset(("find", "c_str", "data"))
_SYNCHRONISING: Final = frozenset(("mutex", "recursive_mutex", "shared_mutex", "condition_variable", "unique_lock"))
"""Classes of threads that wait for each other; here is one."""


def _class_of(value: Any) -> str:
    if isinstance(value, StructValue):
        return value.type
    return value.type.name if isinstance(value, Outside) and value.type is not None else ""


class Undecided(Exception):
    """A decision that rests on something unknown."""

    def __init__(self, value: object) -> None:
        super().__init__(spelled(value))


class _Known(Knowledge):
    """Everything is known: nothing is assumed, and nothing forks."""

    def decide(self, value: object) -> bool:
        if is_symbolic(value):
            raise Undecided(value)
        return bool(value)

    def known(self, value: object) -> bool | None:
        return self.decide(value)

    def assume(self, value: object) -> None:
        if not self.decide(value):
            raise Pruned

    def concrete(self, value: object) -> object:
        self.decide(value)
        return value


class KnownMachine(Machine):
    """`here`: the statement that runs; `unmade`: a function of the host that makes an object, and where it was not
    understood."""

    def __init__(self, world: World, effort: Effort, recorder: Recorder, interpreter: KnownInterpreter) -> None:
        knowledge = _Known(world.terms, Choices(), Situation((Case(),)), Reasoning({}, world.terms, effort))
        super().__init__(world, knowledge, effort, lambda expanded, label: None)
        self._interpreter = interpreter
        self.recorder = recorder
        self.here: Node = None  # type: ignore[assignment]  # set before anything runs
        self.unmade: tuple[str, HostGap] | None = None

    def member(self, value: Any, name: str, node: Node, arrow: bool) -> Any:
        """Of an object from outside: what the host's own text initialises the member with, where it does."""
        outside = held(value)
        if isinstance(outside, Outside) and outside.type is not None and name not in self.world.library.device:
            record = self.record(outside.type.name)
            field = record.fields.get(name) if record is not None else None
            path = self.canonical(f"{outside.path}{'->' if arrow else '.'}{name}")
            if field is not None and field.default is not None and path not in self.written:
                return self._interpreter.default(field.type, field.default, Frame(self, None, None))
        return super().member(value, name, node, arrow)


@dataclass(frozen=True, slots=True)
class _Element:
    """A pointer to an element of a list."""

    of: ListValue
    index: int


class KnownInterpreter(Interpreter):
    """The interpreter with the tensor library's functions, mathematics, memory, and the WebGPU API."""

    def __init__(
        self,
        program: Program,
        tables: frozenset[str],
        functions: TensorFunctions,
        aborts: frozenset[str],
        texts: str = "",
    ) -> None:
        """`texts`: what names a text of a shader, as a pattern; those that no file here holds keep their names."""
        super().__init__(program, tables, lambda function: None, frozenset(), aborts)
        self._functions = functions
        self._texts = texts
        self._types: dict[tuple[Function, str], CppType | None] = {}

    def call(
        self,
        function: Function,
        arguments: list[Any],
        frame: Frame,
        this: StructValue | None,
        node: Node,
        template: Sequence[Any] = (),
    ) -> Any:
        if frame.depth == 1:
            frame.machine.recorder.handed_to = function  # type: ignore[attr-defined]  # a KnownMachine
        return super().call(function, arguments, frame, this, node, template)

    def statement(self, node: Node) -> Any:
        run = super().statement(node)
        if node.kind in ("compound_statement", "case_statement", "preproc_ifdef", "preproc_if"):
            return run

        def traced(frame: Frame) -> None:
            frame.machine.here = node  # type: ignore[attr-defined]  # a KnownMachine
            run(frame)

        return traced

    def from_library(self, name: str, arguments: list[Any], node: Node, frame: Frame) -> Any:
        found = self._functions.find(name)
        if found is not None:
            value = found(*arguments)
            return 0 if value is None else value
        mathematics = _MATHEMATICS.get(name)
        if mathematics is not None and name not in self.program.functions:
            machine = frame.machine
            given = [machine.scalar(argument) for argument in arguments]
            if any(is_symbolic(one) for one in given):
                raise Undecided(next(one for one in given if is_symbolic(one)))
            is_single = name.endswith("f") or all(isinstance(one, Single) for one in given)
            return Single(mathematics(*given)) if is_single else float(mathematics(*given))
        return super().from_library(name, arguments, node, frame)

    def _cast(self, descriptor: Node, of: Callable[[Frame], Any]) -> Any:
        cast = super()._cast(descriptor, of)
        type_ = type_of(descriptor.field("type") or descriptor, descriptor.field("declarator"))
        if not type_.is_pointer or type_.name not in self.program.records:
            return cast

        def typed(frame: Frame) -> Any:
            value = cast(frame)
            return Outside(value.path, type_) if isinstance(value, Outside) and value.type is None else value

        return typed

    def chosen_overload(self, overloads: list[Function], arguments: list[Any], owner: str | None) -> Function | None:
        values = [held(one) for one in arguments]
        pointed = [one.target if isinstance(one, Pointer) else one for one in values]
        return super().chosen_overload(overloads, pointed, owner)

    def sent(self, arguments: list[Any], returns: CppType | None, frame: Frame) -> Any:
        return None  # the host's own functions make a pipeline of it

    def truth(self, value: Any, machine: Machine) -> Any:
        return self._is_text(value) or super().truth(value, machine)

    def _is_text(self, value: Any) -> bool:
        return isinstance(value, FunctionName) and not value.overloads and fnmatchcase(value.name, self._texts)

    def object_method(self, name: str, value: Any, arguments: list[Any], node: Node, frame: Frame) -> Any:
        if self._is_text(value) and name in _OF_TEXTS:
            # Whatever a host puts into a text that nobody knows, nobody knows it then: it stays its name.
            return NO_POSITION if name == "find" else value
        recorder: Recorder = frame.machine.recorder  # type: ignore[attr-defined]  # a KnownMachine
        if name == "GetSize" and isinstance(value, Outside) and value.path in recorder.sizes:
            return recorder.sizes[value.path]
        if name == "Get" and isinstance(value, Outside) and not arguments:
            return value.path  # the handle: the same for the same object
        if _class_of(value) in _SYNCHRONISING:
            return UNSET
        method = recorder.method(name, value)
        if method is not None and not any(one.owner is not None for one in self.program.functions.get(name, ())):
            made = method(arguments, node)
            return UNSET if made is None else made
        return super().object_method(name, value, arguments, node, frame)

    def combined(self, operator: str, a: Any, b: Any, node: Node, frame: Frame) -> Any:
        one, other = (held(value) for value in (a, b))
        if operator == "+" and isinstance(one, ListValue) and isinstance(other, int):
            return _Element(one, other)
        if operator == "+" and isinstance(one, _Element) and isinstance(other, int):
            return _Element(one.of, one.index + other)
        if isinstance(one, FunctionName) and isinstance(other, FunctionName):
            if operator == "|":
                return one  # flags of an API that no file describes
            if operator in ("==", "!="):
                return (one == other) == (operator == "==")
        return super().combined(operator, a, b, node, frame)

    def element(self, of: Any, index: Any, node: Node, frame: Frame) -> Any:
        value = held(of)
        if isinstance(value, _Element) and isinstance(index, int):
            return Ref(value.of.items, value.index + index)
        if isinstance(of, EntryRef) and value in (UNSET, ""):
            of.set(MapValue(of.of.member))  # of a map of maps, made by being asked for
        return super().element(of, index, node, frame)

    def place(self, node: Node) -> Any:
        place = super().place(node)
        argument, name = node.field("argument"), node.field("field")
        if node.kind != "field_expression" or argument is None or name is None or argument.kind != "field_expression":
            return place
        of, field_name = self.place(argument), name.text

        def member(frame: Frame) -> Any:
            owner = of(frame)
            # A struct of a type that no file describes is made by being written to.
            if isinstance(owner, Ref) and owner.get() is UNSET:
                owner.set(StructValue("", {field_name: UNSET}))
                return Ref(owner.get().fields, field_name)
            return place(frame)

        return member

    def _std_memcpy(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """Of one number, or of as many elements of a list as the size says."""
        arguments = [
            one.target if isinstance(one, Pointer) and isinstance(one.target, Ref) else one for one in arguments
        ]
        if len(arguments) != 3 or not isinstance(arguments[0], (Ref, ListValue)):
            raise NotUnderstood(node, "this memcpy")
        target, source = arguments[0], arguments[1]
        given = node.field("arguments")
        type_ = self._declared(frame.function, given.children[0]) if given is not None else None
        kept = held(target)
        if isinstance(kept, ListValue):
            start, items = (0, source.items) if isinstance(source, ListValue) else (source.index, source.of.items)
            count = frame.machine.scalar(arguments[2]) // 4
            kept.items[:] = items[start : start + count]
            kept.origins[:] = [None] * count
            return UNSET
        value = source.of.items[source.index] if isinstance(source, _Element) else frame.machine.scalar(source)
        if isinstance(value, ListValue):
            value = value.items[0]
        if not isinstance(value, (int, float)) or type_ is None or not isinstance(target, Ref):
            raise NotUnderstood(node, "this memcpy")
        name = self.program.resolved(type_).name
        if name in FLOATS and isinstance(value, int):
            value = bits_float(value)  # of 32 bits: the host's own numbers are such
        elif name in INTEGERS and isinstance(value, float):
            value = float_bits(value)
        target.set(value)
        return UNSET

    def _declared(self, function: Function | None, node: Node) -> CppType | None:
        """The type of the variable that `&name` or `name` leads to."""
        name = node.text.lstrip("& ")
        if function is None:
            return None
        key = (function, name)
        if key not in self._types:
            self._types[key] = declared_type(function, name)
        return self._types[key]
