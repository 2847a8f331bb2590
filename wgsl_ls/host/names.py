"""Names: what a variable, member, constant or global table of that name holds."""

from __future__ import annotations

import re
from typing import Any, Final

from wgsl_ls.host.cpp_types import CppType
from wgsl_ls.host.evaluator import Evaluator, Value
from wgsl_ls.host.integers import integer
from wgsl_ls.host.machine import Frame, Machine, NotUnderstood
from wgsl_ls.host.overloads import is_torn
from wgsl_ls.host.program import Function, Program
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import NO_POSITION
from wgsl_ls.host.values import (
    UNSET,
    FunctionName,
    GlobalTable,
    ListValue,
    MapValue,
    Outside,
    Pointer,
    Ref,
    StructValue,
)

_TEMPLATE: Final = re.compile(r"<.*>")
_WORD: Final = re.compile(r"[A-Za-z_]\w*")


class Names(Evaluator):
    def __init__(self, program: Program, pure: frozenset[str]) -> None:
        super().__init__(program, pure)
        self._constants: dict[str, Value] = {}
        self._called_for: dict[str, frozenset[Function]] = {}

    def _e_this(self, node: Node) -> Value:
        return lambda frame: Pointer(frame.this) if frame.this is not None else Outside("this", None)

    def _e_identifier(self, node: Node) -> Value:
        name = node.text

        def read(frame: Frame) -> Any:
            value = frame.variables.get(name, read)
            if value is read:
                value = self.named(name, frame, node)
            if isinstance(value, Ref):
                value = value.get()
            if value is UNSET:
                raise NotUnderstood(node, f"{name} is read before it has a value")
            return value

        return read

    _e_type_identifier = _e_identifier  # where the grammar takes an argument for a type

    def _e_qualified_identifier(self, node: Node) -> Value:
        text = node.text
        last = node.field("name")
        inner = self.expression(last) if last is not None and last.kind == "qualified_identifier" else None
        if last is not None and last.kind == "template_function":
            return self._asked_of_types(last)
        written = "::".join(text.replace(" ", "").split("::")[-2:])
        end = written if written in self.program.constants else _TEMPLATE.sub("", written)

        def read(frame: Frame) -> Any:
            if text in self.program.enumerators:
                return self.program.enumerators[text]
            tail = "::".join(text.split("::")[-2:])
            if tail in self.program.enumerators:
                return self.program.enumerators[tail]
            if end in self.program.constants:
                special = _WORD.sub(lambda found: _type_of(found[0], frame), written) if end != written else end
                return self.constant(special if special in self.program.constants else end, frame)
            if inner is not None:
                return inner(frame)
            shader = frame.machine.expect(tail)
            if shader is not None:
                return shader
            name = last.text if last is not None else text
            if "::numeric_limits" in text or name in ("npos",):
                return NO_POSITION
            return self.named(name, frame, node)

        return read

    def named(self, name: str, frame: Frame, node: Node) -> Any:
        """The value of a name that is no local variable."""
        holder = frame.holder(name)
        if holder is not None:
            return holder[name]
        this: StructValue | None = frame.this
        parent = frame.parent
        while this is None and parent is not None:
            this, parent = parent.this, parent.parent
        if this is not None and (name in this.fields or frame.machine.field(this.type, name) is not None):
            return frame.machine.member(this, name, node, arrow=True)
        if name in self.program.enumerators:
            return self.program.enumerators[name]
        constant = self.constant(name, frame, node)
        if constant is not UNSET:
            return constant
        if name in self.program.maps:
            found = frame.machine.globals.get(name)
            if found is None:
                found = frame.machine.globals[name] = frame.machine.outside(name, self.program.maps[name])
            return found
        shader = frame.machine.expect(name)
        if shader is not None:
            return shader
        overloads = self.program.functions.get(name)
        if overloads is not None:
            return FunctionName(name, tuple(overloads))
        limits = {"UINT32_MAX": 2**32 - 1, "INT32_MAX": 2**31 - 1, "SIZE_MAX": 2**64 - 1, "NULL": None, "nullopt": None}
        if name in limits:
            return limits[name]
        if name in self.program.unread_macros:
            raise NotUnderstood(node, f"the macro {name}")
        return FunctionName(name)

    def constant(self, name: str, frame: Frame, node: Node | None = None) -> Any:
        """The value of a global constant or macro; UNSET when there is none."""
        owners = self.program.lineage(frame.this.type) if frame.this is not None else ()
        owners = (*owners, *reversed(frame.function.scope)) if frame.function is not None else owners
        own = next((one for owner in owners if (one := f"{owner}::{name}") in self.program.constants), None)
        found = self.program.constants.get(own or name)
        if found is None:
            return UNSET
        if node is not None and own is None and name in self.program.macros and is_torn(found[1], node):
            raise NotUnderstood(node, f"the macro {name}, of which other operators here take a part")
        if own is None and name in self.program.ambiguous:
            raise NotUnderstood(found[1], f"{name} has several values")
        name = own or name
        if name in self.program.ambiguous:
            raise NotUnderstood(found[1], f"{name} has several values")
        type_, initialiser = found
        if not type_.is_const and name not in self.program.macros and self.program.may_change(name):
            frame.machine.note("global", name)
            frame.machine.world.globals.add(name)
            return frame.machine.outside(name, type_)
        if type_.is_array or (initialiser.kind == "initializer_list" and type_.name in ("array", "auto")):
            return self.table(name, type_, initialiser, frame)
        run = self._constants.get(name)
        if run is None:
            run = self._constants[name] = self.initialised(type_, initialiser)
        machine = frame.machine
        if name not in machine.globals:
            before, machine.called = machine.called, set()
            recall, machine.recall = machine.recall, None  # it is worked out once: its calls are none of the path
            left = machine.effort.left
            try:
                value = run(Frame(machine, None, None, frame.depth + 1))
            finally:
                self._called_for[name] = frozenset(machine.called)
                machine.called, machine.recall = before, recall
                self.rests_on(self._called_for[name], machine)
            machine.effort.restore(left)  # whoever comes first would pay for all
            if isinstance(value, (ListValue, MapValue, StructValue)):
                machine.globals[name] = value
            return value
        self.rests_on(self._called_for[name], machine)
        return machine.globals[name]

    def table(self, name: str, type_: CppType, initialiser: Node, frame: Frame) -> GlobalTable:
        """A global constant array, with its columns."""
        world = frame.machine.world
        known = world.tables.get(name)
        machine = frame.machine
        if known is not None:
            self.rests_on(known.rests_on, machine)
            return known
        before, machine.called = machine.called, set()
        recall, machine.recall = machine.recall, None
        left = machine.effort.left
        rows: dict[object, Any] = {}
        following = 0
        columns: dict[str, dict[object, object]] = {}
        element = self.element_type(type_)
        names = list(self.program.fields_of(element.name)) if element is not None else []
        names = ["first", "second"] if element is not None and element.name == "pair" else names
        made = world.tables[name] = GlobalTable(name, rows, {})
        for child in initialiser.children:
            value: Node | None = child
            if child.kind == "initializer_pair":
                designator, value = child.field("designator"), child.field("value")
                index = designator.children[0] if designator is not None and designator.children else None
                known_index = self.program.enumerators.get(index.text) if index is not None else None
                number = integer(index.text) if index is not None else None
                following = known_index if known_index is not None else number if number is not None else following
            if value is not None:
                rows[following] = self._row(value, frame, names)
            following += 1
        for index_, row in rows.items():
            for column, cell in row.items() if isinstance(row, dict) else (("", row),):
                columns.setdefault(column, {})[index_] = cell
        made.columns.update(
            {
                column: machine.world.terms.table(cells, f"{name}[{{}}]" + (f".{column}" if column else ""))
                for column, cells in columns.items()
            }
        )
        made.rests_on = frozenset(machine.called)
        machine.called, machine.recall = before, recall
        machine.effort.restore(left)
        self.rests_on(made.rests_on, machine)
        return made

    def rests_on(self, functions: frozenset[Function], machine: Machine) -> None:
        """Functions were called for a constant that is read."""
        machine.called.update(functions)
        for function in functions if machine.calling is not None else ():
            machine.recall.rests_on(function, machine)

    def _row(self, node: Node, frame: Frame, names: list[str]) -> Any:
        if node.kind != "initializer_list":
            try:
                return frame.machine.scalar(self.expression(node)(frame))
            except NotUnderstood:
                return UNSET
        row: dict[str, Any] = {}
        for index, child in enumerate(node.children):
            designator = child.field("designator") if child.kind == "initializer_pair" else None
            value = child.field("value") if child.kind == "initializer_pair" else child
            name = names[index] if index < len(names) else f"_{index}"
            name = designator.children[0].text if designator is not None and designator.children else name
            if value is None:
                continue
            cell = self._row(value, frame, []) if value.kind != "initializer_list" else UNSET
            if isinstance(cell, (str, int, float, bool)):
                row[name] = cell
        return row

    def rows(self, table: GlobalTable, frame: Frame) -> Any:
        """A global array as a list."""
        key = f"{table.name}[]"  # one list on a path: iterators into it are compared
        known = frame.machine.globals.get(key)
        if known is None:
            type_, initialiser = self.program.constants[table.name]
            known = self.default(type_, initialiser, Frame(frame.machine, None, None, frame.depth + 1))
            frame.machine.globals[key] = known
        return known


def _type_of(name: str, frame: Frame) -> str:
    """The type that a parameter of a template stands for; any other name as it is."""
    holder = frame.holder(name)
    found = holder[name] if holder is not None else None
    return found.spelled.replace(" ", "") if isinstance(found, CppType) else name
