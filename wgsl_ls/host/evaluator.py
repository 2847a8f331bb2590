"""Evaluator: what the classes that expressions and statements are divided among need of each other.

Each is below Evaluator and defines some of what is only named here; Interpreter is all of them. No class among them is
used by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from wgsl_ls.host.caches import Caches
from wgsl_ls.host.cpp_types import CppType
from wgsl_ls.host.machine import Frame, Machine, NotUnderstood
from wgsl_ls.host.program import Function, Program
from wgsl_ls.host.scopes import Run
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.values import GlobalTable, ListValue, MapValue, OptionalValue, Position, Ref, StructValue

Value = Callable[[Frame], Any]


class Evaluator:
    """`program`: what is read; `pure`: functions of the library that have no effect."""

    caches: Caches | None = None
    aborts: frozenset[str] = frozenset()
    """Calls that end the host."""
    _kept: frozenset[int] | None = None
    """Of the function that is being compiled: where its statements are that have a say; None: all."""

    def __init__(self, program: Program, pure: frozenset[str]) -> None:
        self.program = program
        self.pure = pure
        self.own_names: frozenset[str] = frozenset()
        """Of the function that is being compiled: its variables, which may hold lambdas."""

    def not_understood(self, node: Node, what: str) -> Callable[[Frame], Any]:
        def run(frame: Frame) -> Any:
            raise NotUnderstood(node, what)

        return run

    def rests_on(self, functions: frozenset[Any], machine: Any) -> None:
        raise NotImplementedError

    def of_range(self, arguments: list[Any], node: Node, frame: Frame) -> tuple[ListValue, int, int, list[Any]]:
        raise NotImplementedError

    def is_same(self, a: Any, b: Any, node: Node, frame: Frame) -> bool:
        raise NotImplementedError

    def is_less(self, a: Any, b: Any, node: Node, frame: Frame) -> bool:
        raise NotImplementedError

    def moved(self, node: Node) -> Value | None:
        raise NotImplementedError

    def emptied(self, place: Any) -> None:
        raise NotImplementedError

    def _from_list(self, type_: CppType, node: Node) -> Value:
        raise NotImplementedError

    def as_list(self, type_: CppType, value: ListValue, node: Node, frame: Frame) -> ListValue:
        raise NotImplementedError

    def shaped(self, type_: CppType | None, value: Any, frame: Frame) -> Any:
        raise NotImplementedError

    def _clause(self, clause: Node | None) -> tuple[Run | None, Callable[[Frame], Any]]:
        raise NotImplementedError

    def is_plain(self, node: Node) -> bool:
        raise NotImplementedError

    def method_call(self, node: Node, function: Node, listed: list[Node], places: list[Value]) -> Value:
        raise NotImplementedError

    def call_value(self, value: Any, arguments: list[Any], node: Node, frame: Frame) -> Any:
        raise NotImplementedError

    def constructed(self, type_: CppType, children: tuple[Node, ...], node: Node) -> Value:
        raise NotImplementedError

    def built(self, type_: CppType, arguments: list[Any], frame: Frame, node: Node) -> StructValue | None:
        raise NotImplementedError

    def text_of(self, values: list[Any], node: Node, frame: Frame) -> Any:
        raise NotImplementedError

    def truth(self, value: Any, machine: Machine) -> Any:
        raise NotImplementedError

    def _cast(self, descriptor: Node, of: Value) -> Value:
        raise NotImplementedError

    def as_type(self, type_: CppType, value: Any, machine: Machine) -> Any:
        raise NotImplementedError

    def converted(self, type_: CppType, value: Any, node: Node, frame: Frame) -> Any:
        raise NotImplementedError

    def expression(self, node: Node) -> Value:
        raise NotImplementedError

    def returned(self, node: Node) -> Value:
        raise NotImplementedError

    def initial(self, type_: CppType, frame: Frame) -> Any:
        raise NotImplementedError

    def zero(self, type_: CppType, frame: Frame, depth: int = 0) -> Any:
        raise NotImplementedError

    def plain_zero(self, type_: CppType, frame: Frame, depth: int = 0) -> Any:
        raise NotImplementedError

    def element_type(self, type_: CppType) -> CppType | None:
        raise NotImplementedError

    def value_type(self, type_: CppType | None) -> CppType:
        raise NotImplementedError

    def size_of(self, type_: CppType, frame: Frame) -> int | None:
        raise NotImplementedError

    def default(self, type_: CppType, node: Node, frame: Frame) -> Any:
        raise NotImplementedError

    def initialised(self, type_: CppType, node: Node) -> Value:
        raise NotImplementedError

    def passed(self, type_: CppType, value: Any, machine: Any) -> Any:
        raise NotImplementedError

    def closure(self, node: Node) -> Callable[[Frame], Any]:
        raise NotImplementedError

    def _asked_of_types(self, node: Node) -> Value:
        raise NotImplementedError

    def list_method(
        self, name: str, value: ListValue, arguments: list[Any], listed: list[Node], node: Node, frame: Frame
    ) -> Any:
        raise NotImplementedError

    def order(self, value: MapValue, node: Node, frame: Frame) -> None:
        raise NotImplementedError

    def met_key(self, value: MapValue, key: Any, frame: Frame) -> object:
        raise NotImplementedError

    def is_filled_elsewhere(self, value: MapValue) -> bool:
        raise NotImplementedError

    def _e_identifier(self, node: Node) -> Value:
        raise NotImplementedError

    def named(self, name: str, frame: Frame, node: Node) -> Any:
        raise NotImplementedError

    def constant(self, name: str, frame: Frame, node: Node | None = None) -> Any:
        raise NotImplementedError

    def rows(self, table: GlobalTable, frame: Frame) -> Any:
        raise NotImplementedError

    def combined(self, operator: str, a: Any, b: Any, node: Node, frame: Frame) -> Any:
        raise NotImplementedError

    def overloaded(self, operator: str, value: StructValue, arguments: list[Any], node: Node, frame: Frame) -> Any:
        raise NotImplementedError

    def _moved(self, operator: str, a: Position, b: Any, node: Node, frame: Frame) -> Any:
        raise NotImplementedError

    def is_torn(self, macro: Function, node: Node, listed: Sequence[Node]) -> bool:
        raise NotImplementedError

    def visible(
        self, overloads: list[Function], scope: tuple[str, ...], owners: tuple[str, ...], frame: Frame
    ) -> list[Function]:
        raise NotImplementedError

    def template_value(self, node: Node) -> Value:
        raise NotImplementedError

    def filled(self, type_: CppType, arguments: list[Any], node: Node, frame: Frame) -> ListValue:
        raise NotImplementedError

    def chosen_overload(self, overloads: list[Function], arguments: list[Any], owner: str | None) -> Function | None:
        raise NotImplementedError

    def pointed(self, value: Any, node: Node, frame: Frame) -> Any:
        raise NotImplementedError

    def lvalue(self, node: Node) -> Value:
        raise NotImplementedError

    def place(self, node: Node) -> Value:
        raise NotImplementedError

    def elements(self, found: Any, node: Node, frame: Frame) -> list[Any]:
        raise NotImplementedError

    def expand(self, node: Node, arguments: list[Any], frame: Frame, of: Any = None) -> Any:
        raise NotImplementedError

    def sent(self, arguments: list[Any], returns: CppType | None, frame: Frame) -> Any:
        raise NotImplementedError

    def stored(self, target: Ref, value: Any, frame: Frame, node: Node) -> None:
        raise NotImplementedError

    def from_library(self, name: str, arguments: list[Any], node: Node, frame: Frame) -> Any:
        raise NotImplementedError

    def optional_method(self, name: str, value: OptionalValue, arguments: list[Any], node: Node, frame: Frame) -> Any:
        raise NotImplementedError

    def _mathematics(self, name: str, arguments: list[Any], node: Node, frame: Frame) -> Any:
        raise NotImplementedError

    def call(
        self,
        function: Function,
        arguments: list[Any],
        frame: Frame,
        this: StructValue | None,
        node: Node,
        template: Sequence[Any] = (),
    ) -> Any:
        raise NotImplementedError

    def statement(self, node: Node) -> Run:
        raise NotImplementedError

    def _block(self, nodes: Iterable[Node]) -> Run:
        raise NotImplementedError

    def _s_declaration(self, node: Node) -> Run:
        raise NotImplementedError

    def bind(self, names: list[str], whole: Any, is_reference: bool, node: Node, frame: Frame) -> None:
        raise NotImplementedError
