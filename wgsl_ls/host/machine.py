"""Machine: the state of one path through the host, and what a read of something outside gives.

It knows the program, the library table and one device; the statements and expressions that move it are in
interpreter.py. Everything it cannot make sense of raises NotUnderstood with the place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from wgsl_ls.host.cases import OPERATION, Case
from wgsl_ls.host.cpp_types import MAPS, CppType, base_name
from wgsl_ls.host.effort import Effort
from wgsl_ls.host.fractions import Single, whole
from wgsl_ls.host.knowledge import Knowledge
from wgsl_ls.host.library import HostLibrary
from wgsl_ls.host.program import Function, Parameter, Program, Record
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import Input, Term, Terms, inputs_of, is_symbolic, may_be_float, spelled
from wgsl_ls.host.values import (
    UNSET,
    Closure,
    Expanded,
    FunctionName,
    GivenAt,
    GlobalRow,
    GlobalTable,
    ListValue,
    Lookup,
    MapValue,
    OptionalValue,
    Outside,
    Pointer,
    Position,
    Ref,
    Shader,
    StructValue,
    TextPosition,
    copied_value,
    held,
    reached,
    short_name,
)
from wgsl_ls.text.span import Location

MOST_CALLS_DEEP: Final = 40
_INTEGER_WORDS: Final = (
    "int unsigned long short char size_t ssize_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t "
    "uint64_t uintptr_t intptr_t ptrdiff_t "
)
INTEGERS: Final = frozenset(_INTEGER_WORDS.split()) | {
    "unsigned int",
    "long long",
    "unsigned long",
    "long int",
    "unsigned long long",
    "unsigned char",
}
BITS: Final = {
    "uint8_t": 8, "uint16_t": 16, "uint32_t": 32, "unsigned": 32, "unsigned int": 32, "uint64_t": 64, "size_t": 64,
    "unsigned long": 64, "unsigned long long": 64, "uintptr_t": 64, "unsigned char": 8, "unsigned short": 16,
    "int8_t": -8, "int16_t": -16, "short": -16, "int32_t": -32, "int": -32,
    "int64_t": -64, "long": -64, "long long": -64, "ptrdiff_t": -64,
}  # fmt: skip  # how many a type has, below zero where one of them is the sign; a table
_SHORT: Final = {8: "u8", 16: "u16", -8: "i8", -16: "i16"}
SINGLE: Final = 1_024
DOUBLE: Final = 2_048
FLOATS: Final = {"float": SINGLE, "double": DOUBLE}
"""The types of fractions, as what stands for them where a type's bits are told."""
LISTS: Final = frozenset(("vector", "list", "deque", "array", "initializer_list", "set", "unordered_set", "span"))
STREAMS: Final = frozenset(("ostringstream", "stringstream"))
STRINGS: Final = frozenset(("string", "string_view", "basic_string"))


_CHANGES_NOTHING: Final = re.compile(
    r"(?i:(?:\w*_)?(?:log|v?f?print(?:f|ln)?|trace|debug|warn(?:ing)?|error)(?:_\w*)?)|floor|ceil|round|trunc|log2"
    r"|log10|exp|exp2|pow\w?|sqrt\w?|fabs\w?|fmod\w?|hypot|strlen|strcmp|strncmp|hash|get|size"
)
"""Names of calls that only look at what they are given."""


class NotUnderstood(Exception):
    """A construct at `node` that the interpreter has no rule for; `what` names it."""

    def __init__(self, node: Node, what: str) -> None:
        super().__init__(what)
        self.node = node
        self.what = what


@dataclass(frozen=True, slots=True)
class Ending:
    """That the host ends at `location`, asked for `operation`, though its gate lets it through: where `name` has one of
    these `values`."""

    location: Location
    operation: str
    name: str
    values: tuple[str, ...]


class Frame:
    """The variables of one call; of a lambda also, through `parent`, those of where it was made."""

    __slots__ = ("bits", "depth", "function", "machine", "parent", "returns", "this", "variables")

    def __init__(
        self,
        machine: Machine,
        function: Function | None,
        this: StructValue | None,
        depth: int = 0,
        parent: Frame | None = None,
    ) -> None:
        self.machine = machine
        self.function = function
        self.this = this
        self.depth = depth
        self.parent = parent
        self.variables: dict[str, Any] = {}
        self.bits: dict[str, int] = {}  # of variables, see BITS
        self.returns = function.returns if function is not None else CppType("auto")

    def copied(self) -> Frame:
        """With variables of its own that are copies of these."""
        found = Frame(self.machine, self.function, self.this, self.depth, self.parent)
        found.variables = {name: copied_value(value) for name, value in self.variables.items()}
        found.bits = dict(self.bits)
        return found

    def sized(self, name: str, bits: int | None) -> None:
        """A variable is declared with a type of so many bits."""
        if bits is not None:
            self.bits[name] = bits
        else:
            self.bits.pop(name, None)

    def wrapped(self, name: str, value: Any) -> Any:
        """What an assignment of `value` leaves in a variable."""
        frame: Frame | None = self
        while frame is not None and name not in frame.variables:
            frame = frame.parent
        bits = frame.bits.get(name) if frame is not None else None
        return value if bits is None else self.machine.narrowed(value, bits)

    def holder(self, name: str) -> dict[str, Any] | None:
        frame: Frame | None = self
        while frame is not None:
            if name in frame.variables:
                return frame.variables
            frame = frame.parent
        return None


def is_text_type(type_: CppType | None) -> bool:
    return type_ is not None and not type_.is_pointer and type_.name in STRINGS


def bits_of(name: str, other: int) -> int:
    """What stands for the bits of a type, `other` where it is no number."""
    return BITS.get(name) or FLOATS.get(name) or other


def narrowed(value: Any, bits: int) -> Any:
    """A number as a type of so many bits holds it; see BITS and FLOATS."""
    if bits >= SINGLE:
        if not isinstance(value, (int, float)):
            return value
        return Single(value) if bits == SINGLE else float(value)
    if isinstance(value, float):
        value = whole(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    if bits > 0:
        return value % (1 << bits)
    half = 1 << (-bits - 1)
    return value if -half <= value < half else (value + half) % (2 * half) - half


class SizedRef(Ref):
    """The place of a number of so many bits, see BITS and FLOATS."""

    __slots__ = ("bits",)

    def __init__(self, holder: Any, key: Any, bits: int) -> None:
        super().__init__(holder, key)
        self.bits = bits

    def set(self, value: Any) -> None:
        super().set(narrowed(value, self.bits))


def item_place(of: ListValue, index: int) -> Ref:
    """The place of an element of a list."""
    element = of.element
    bits = bits_of(element.name, 0) if element is not None and not element.is_pointer else 0
    return SizedRef(of.items, index, bits) if bits else Ref(of.items, index)


@dataclass(slots=True)
class World:
    """What is the same on all paths of one device. `device`: facts by the names library.device maps to (None:
    not known); `sample`: numbers that stand for all others;
    `shader_of`: stem of the shader that an identifier or string names, None for others; `unknown`: where calls that
    nothing is known of stand, by what is known of them; `globals`: inputs that are variables outside of functions."""

    program: Program
    library: HostLibrary
    terms: Terms
    device: Mapping[str, object]
    sample: tuple[int, ...]
    shader_of: Callable[[str], str | None]
    preprocess: frozenset[str]
    tables: dict[str, GlobalTable] = field(default_factory=dict)
    same: tuple[tuple[re.Pattern[str], str], ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, Location] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    device_inputs: frozenset[Input] = field(init=False)

    def __post_init__(self) -> None:
        self.device_inputs = frozenset(one for value in self.device.values() for one in inputs_of(value))


class SharedFields(dict[str, Any]):
    """The members of an object that the host works with: whoever sets one says so."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._machine = machine

    def __setitem__(self, name: str, value: Any) -> None:
        self._machine.changed()
        super().__setitem__(name, value)


class Machine:
    """One path. `effort`: what it may still cost; `asked`: device facts that were looked at;
    `guard`: the condition under which what runs now has an effect, where both branches of an `if` are run."""

    def __init__(
        self, world: World, knowledge: Knowledge, effort: Effort, on_expanded: Callable[[Expanded, Any], None]
    ) -> None:
        self.world = world
        self.knowledge = knowledge
        self.effort = effort
        self.on_expanded = on_expanded
        self.asked: dict[str, object] = {}
        self.conditions: list[str] = []
        self.objects: dict[str, StructValue] = {}
        self.written: dict[str, Any] = {}
        self.globals: dict[str, Any] = {}  # containers and objects outside of functions
        self.waiting: list[Expanded] = []
        self.lookups: list[Lookup] = []  # of the calls that are not over
        self.sites: list[tuple[tuple[Parameter, ...], Node]] = []  # the calls that are not over, with what they give
        self.begun: Node | None = None  # the function of a call that is run for one that is repeated, in `sites`
        self.told: set[str] = set()  # objects, as `described`, of which something was asked that nothing is known of
        self.aliases: dict[object, str] = {}
        self.called: set[Function] = set()
        self.current: Function | None = None
        self.guard: object | None = None
        self.recall: Any = None
        self.puts: list[tuple[str, object]] = []  # what was put into maps outside of functions: of which, and its key
        self.is_changed = False  # the host wrote to what is outside: no call is only its arguments and questions then
        self.gated: frozenset[Input] = frozenset()  # what the gate has asked about
        self.endings: dict[Ending, None] = {}

    def step(self) -> None:
        self.effort.spend()

    def narrowed(self, value: Any, bits: int) -> Any:
        """As the function of that name, of what is not known, too."""
        if not is_symbolic(value):
            return narrowed(value, bits)
        if bits >= SINGLE:
            return self.world.terms.apply("f32" if bits == SINGLE else "f64", value)
        if may_be_float(value):
            return self.world.terms.apply("i32", value)
        if bits in _SHORT:
            return self.world.terms.apply(_SHORT[bits], value)
        may_be_negative = isinstance(value, Term) and value.op in ("-", "neg")
        return self.world.terms.apply(f"u{bits}", value) if may_be_negative and bits in (32, 64) else value

    def goes_on_if(self, value: object, node: Node) -> None:
        """The host ends at `node` unless `value` holds."""
        if self.gated and self.guard is None and value is not True:
            self.note("ends", value, node.location)
            self.note_endings(value, node.location)
        self.knowledge.assume(value)

    def note_endings(self, value: object, location: Location) -> None:
        recorder, self.calling = self.calling, None
        for case in self.knowledge.cases:
            self._ended(case, value, location)
        self.calling = recorder

    def _ended(self, case: Case, value: object, location: Location) -> None:
        """Note for which values of an enum the host ends, which the gate knows of: of what it never asks about, the
        library may take care."""
        unknown = self.world.unknown
        if case.is_loose or case.loose or any(one.name in unknown for one in case.inputs()):
            return
        if value is False:
            told = [one for decided, _ in case.trace for one in inputs_of(decided) if self._is_told(one)]
            one, ending = (told[-1], case.domain(told[-1])) if told else (None, ())
        else:
            rests_on = inputs_of(value)
            one = rests_on[0] if len(rests_on) == 1 and self._is_told(rests_on[0]) else None
            _, no = self.knowledge.reasoning.options(case, value) if one is not None else ((), ())
            ending = no if isinstance(no, tuple) else ()
        ending = self.knowledge.reasoning.possible(case, one, ending) if one is not None else ()
        if one is not None and ending:
            name = self.aliases.get(one, one.name)
            self.endings[Ending(location, self.operation(), name, tuple(map(one.label, ending)))] = None

    def _is_told(self, one: Input) -> bool:
        is_known = one in self.gated and one not in self.world.device_inputs
        return is_known and bool(one.labels) and one.name != OPERATION

    # What calls ask and do, for whoever repeats them (recall.py)

    @property
    def calling(self) -> Any:
        return self.knowledge.recorder

    @calling.setter
    def calling(self, recorder: Any) -> None:
        self.knowledge.recorder = recorder

    def note(self, *effect: Any) -> None:
        """Something is done besides giving a value."""
        if self.calling is not None:
            self.calling.note(*effect)

    def opaque(self) -> None:
        """Something is done that cannot be repeated."""
        if self.calling is not None:
            self.calling.is_opaque = True

    def changed(self) -> None:
        """Something is written that later calls may read."""
        self.opaque()
        self.is_changed = True

    def answer(self, kind: str, of: Any) -> Any:
        if kind != "fact":
            return self.knowledge.answer(kind, of)
        recorder = self.calling
        if recorder is not None:
            recorder.asks(kind, of)
        value = self.asked[of] = self.world.device.get(of)
        if recorder is not None:
            recorder.answered(value)
        return value

    def put(self, path: str, key: object, written: Any, value: Any, origin: GivenAt | None) -> None:
        """Put something into a map outside of functions."""
        of = self.written.get(path)
        if of is None:
            of = self._map(path)
        of.keys[key], of.entries[key], of.origins[key] = written, value, origin
        self.puts.append((path, key))

    def take_back(self, n_puts: int) -> None:
        """Only the first `n_puts` were put into maps: within a call that is repeated, all are new entries."""
        for path, key in self.puts[n_puts:]:
            of = self.written.get(path)
            if of is not None and (path, key) not in self.puts[:n_puts]:
                for part in (of.keys, of.entries, of.origins):
                    part.pop(key, None)
        del self.puts[n_puts:]

    def _map(self, path: str) -> MapValue:
        """A map outside of functions: what is put into it is found again."""
        made = self.written[path] = MapValue(_member_of(path))
        made.path = path
        return made

    def reaches(self, of: MapValue, key: object) -> None:
        """An entry of a map is looked at, which is no question of a call where an earlier one has put it there; or it
        is about to be made."""
        recorder = self.calling
        if of.path and key not in of.entries:
            self.puts.append((of.path, key))
        elif of.path and recorder is not None and (of.path, key) not in self.puts[recorder.n_puts :]:
            recorder.is_opaque = True

    def expands(self, expanded: Expanded) -> None:
        if self.calling is not None:
            self.calling.expands(expanded)
        self.waiting.append(expanded)

    def send(self, expanded: Expanded, label: Any) -> None:
        """Something is made of an expanded shader, by that label."""
        recorder, self.calling = self.calling, None
        expanded.sent = True
        if recorder is not None:
            number = next(index for index, one in enumerate(self.waiting) if one is expanded) - recorder.n_waiting
            recorder.is_opaque = recorder.is_opaque or number < 0
            recorder.sends(number, label)
        self.hand_over(expanded, label)
        if recorder is not None:
            recorder.resume()
        self.calling = recorder

    def hand_over(self, expanded: Expanded, label: Any) -> None:
        left = self.effort.left
        self.on_expanded(expanded, label)
        self.effort.for_good += left - self.effort.left

    # What comes from outside

    def canonical(self, path: str) -> str:
        names = self.world.names
        known = names.get(path)
        if known is None:
            known = path
            for pattern, replacement in self.world.same:
                match = pattern.match(known)
                if match is not None and (match.end() == len(known) or known[match.end()] in "-.["):
                    known = match.expand(replacement) + known[match.end() :]
            names[path] = known
        return known

    def outside(self, path: str, type_: CppType | None) -> Any:
        """The value of something outside, as far as its type says what it is."""
        path = self.canonical(path)
        if path in self.written:
            return self.written[path]
        fact = self.world.library.device.get(_member_of(path))
        if fact is not None and fact in self.world.device:
            value = self.answer("fact", fact)
            if value is not None:
                return value
        if type_ is None:
            return Outside(path, None)
        if type_.is_pointer or type_.is_array:
            return Outside(path, self.world.program.resolved(type_))
        type_ = self.world.program.resolved(type_)
        name = type_.name
        if name == "bool" or name in INTEGERS or name in FLOATS or name in self.enums:
            return self._input(path, name)
        if name in MAPS:
            return self._map(path)
        return Outside(path, type_)

    def written_to(self, target: Any) -> Ref | None:
        """The place of something outside that the host writes to."""
        path = target.path if isinstance(target, Outside) else target.name if isinstance(target, Input) else None
        if path is None:
            return None
        self.changed()
        self.written.setdefault(path, UNSET if isinstance(target, Outside) else target)
        return Ref(self.written, path)

    def scalar(self, value: Any) -> Any:
        """`value` as a number, truth value or text: what is outside becomes an input."""
        if isinstance(value, (Term, Input, int, str)):
            return value
        if isinstance(value, Outside):
            return self._input(
                value.path, value.type.name if value.type is not None and not value.type.is_pointer else ""
            )
        if isinstance(value, Ref):
            return self.scalar(value.get())
        return value

    def concrete(self, value: Any, node: Node) -> Any:
        """One known value for `value`; forks over all that are possible. What nothing is known of has none."""
        for one in inputs_of(value):
            if one.name in self.world.unknown:
                raise NotUnderstood(node, f"what rests on {one.name}, which is not known")
        return self.knowledge.concrete(value)

    def present(self, value: Any) -> Any:
        """Is a pointer (or optional) set?"""
        if isinstance(value, Outside):
            path = self.canonical(value.path)
            if value.type is not None and not value.type.is_pointer and value.type.name in INTEGERS | {"bool"}:
                return self.world.terms.apply("bool", self._input(path, value.type.name))
            if path in ("dst", "src0"):
                return True
            return self.world.terms.input(f"{path} != nullptr", lambda name: Input(name, (True, False)))
        if isinstance(value, OptionalValue):
            return bool(value.box)
        return value is not None

    def truth(self, name: str) -> Input:
        return self.world.terms.input(name, lambda one: Input(one, (True, False)))

    def number(self, name: str) -> Any:
        return self._input(name, "")

    def from_enum(self, name: str, enum: str) -> Any:
        return self._input(name, enum)

    @property
    def enums(self) -> Mapping[str, Mapping[str, int]]:
        return self.world.program.enums

    def _input(self, path: str, type_: str) -> Any:
        world = self.world
        if type_ in self.enums:
            return world.terms.input(path, lambda name: _enum_input(name, self.enums[type_]))
        if type_ == "bool":
            return self.truth(path)
        if type_ in STRINGS or type_ == "char":
            self.opaque()  # which function that is told for is not told by the call
            if self.current is not None:
                world.unknown.setdefault(path, self.current.node.location)
            return world.terms.input(path, lambda name: self._sampled(name, ("",), str))
        listed = self._listed(path)
        if listed is not None:
            return listed
        sample: tuple[object, ...] = world.sample
        if type_ in FLOATS:
            sample = tuple(narrowed(one, FLOATS[type_]) for one in (0, 1))
            return world.terms.input(path, lambda name: self._sampled(name, sample, type(sample[0])))
        # Larger ones that calls give are sizes in bytes, which only meet the limits of a device.
        bits = BITS.get(type_, 24)
        limits = (0, 2**bits - 1) if bits > 0 else (-(2 ** (-bits - 1)), 2 ** (-bits - 1) - 1)
        return world.terms.input(path, lambda name: self._sampled(name, sample, limits))

    def _sampled(self, name: str, sample: tuple[object, ...], limits: tuple[int, int] | type) -> Input:
        more = self.world.terms.wider.get(name, ())
        return Input(name, tuple(dict.fromkeys((*sample, *more))), chosen=True, limits=limits)

    def _listed(self, path: str) -> Any:
        """The library's values of a number, for the operation of this path."""
        for values in self.world.library.values:
            if path not in values.inputs or (values.op and values.op != self.operation()):
                continue
            terms = self.world.terms
            made = Input("/".join(values.inputs), values.values, guessed=values.chosen)
            known = terms.input(f"{values.op} {' '.join(values.inputs)}", lambda _, made=made: made)  # type: ignore[misc]
            return known if len(values.inputs) == 1 else terms.apply("item", known, values.inputs.index(path))
        return None

    def operation(self) -> str:
        """The one operation of this path, "" while several are possible."""
        one = self.world.terms.inputs.get(OPERATION)
        if one is None:
            return ""
        domain = self.knowledge.domain(one)
        return one.label(domain[0]) if len(domain) == 1 else ""

    # Members

    def member(self, value: Any, name: str, node: Node, arrow: bool) -> Any:
        while True:
            if isinstance(value, Ref):
                value = value.get()
            elif isinstance(value, Pointer):
                value, arrow = value.target, False  # `(&f)->x` is `f.x`
            else:
                break
        if isinstance(value, OptionalValue) and value.box:
            return self.member(value.box[0], name, node, arrow=False)
        if isinstance(value, StructValue):
            if name in value.fields:
                found = value.fields[name]
                return held(found)
            field_ = self.field(value.type, name)
            found = self.outside(f"{value.type}.{name}", field_)
            return value.fields.setdefault(name, found)
        if isinstance(value, Outside):
            type_ = value.type
            return self.outside(
                f"{value.path}{'->' if arrow else '.'}{name}",
                self.field(type_.name, name) if type_ is not None else None,
            )
        if isinstance(value, GlobalRow):
            column = value.table.columns.get(name)
            if column is None:
                raise NotUnderstood(node, f"{value.table.name} has no column {name}")
            return self.world.terms.apply("lookup", column, value.index)
        in_map = isinstance(value, Position) and isinstance(value.of, MapValue) and value.key is not None
        if in_map and name in ("first", "second"):
            return value.of.keys[value.key] if name == "first" else value.of.entries[value.key]
        raise NotUnderstood(node, f"member {name} of {described(value)}")

    def field(self, record: str, name: str) -> CppType | None:
        program = self.world.program
        for one in program.lineage(program.resolved(CppType(record)).name):
            found = program.records.get(one)
            if found is not None and name in found.fields:
                return found.fields[name].type
        spelled = self.world.library.field_types.get(record, {}).get(name)
        if spelled is None:
            return None
        base = spelled.removesuffix("[]").removesuffix("*")
        return CppType(base, spelled, "*" in spelled, is_array=spelled.endswith("[]"))

    def record(self, name: str) -> Record | None:
        return self.world.program.records.get(self.world.program.resolved(CppType(name)).name)

    def written_at(self, node: Node) -> Location:
        """Where a text stands that is put into a list: what is only passed on was written at the call, and so was that
        of which the macro's name is."""
        for parameters, call in reversed(self.sites):
            name = _passed_on(node) or _passed_on(_name_part(node))
            index = next((number for number, one in enumerate(parameters) if one.name == name), None)
            if call is self.begun and index is not None:
                self.opaque()  # which call it is, is not told here
                break
            arguments, operand = call.field("arguments"), call.field("right")
            given = arguments.children if arguments is not None else (operand,) if operand is not None else ()
            if index is None or index >= len(given):
                break
            self.opaque()  # which call it stands in is none of what the call within reads
            node = given[index]
        return node.location

    def origin_text(self) -> str:
        """The conditions around the place that runs now."""
        return " and ".join(self.conditions)

    def call_unknown(self, name: str, arguments: list[Any], node: Node) -> Outside:
        """The result of a call that nothing is known about. It may have changed every variable it was given."""
        path = short_name(f"{name}({', '.join(map(described, arguments))})")
        self.note("unknown", path, node.location)
        self.world.unknown.setdefault(path, node.location)
        if _CHANGES_NOTHING.fullmatch(name) is None:
            for argument in arguments:
                self._unsettle(argument, path, node)
        return Outside(path, None)

    def _unsettle(self, argument: Any, path: str, node: Node) -> None:
        value = argument
        value = reached(value)
        if isinstance(value, Closure):
            raise NotUnderstood(node, "a call that nothing is known of, with a lambda that it may run")
        if isinstance(value, (Outside, Shader, FunctionName)) or value is None:
            return
        if isinstance(value, StructValue) and value.type.endswith("Descriptor"):
            return  # WebGPU only reads them
        if isinstance(value, Position):
            value = value.of
        if isinstance(value, TextPosition):
            self._unsettle(value.place, path, node)
            return
        if isinstance(argument, Pointer) and isinstance(argument.target, Ref):
            argument = argument.target
        is_object = isinstance(value, (ListValue, MapValue, StructValue, OptionalValue))
        if isinstance(argument, Ref) and not is_object:
            changed = short_name(f"{described(value)} after {path}")
            self.note("unknown", changed, node.location)
            self.world.unknown.setdefault(changed, node.location)
            argument.set(Outside(changed, None))
        elif is_object and argument is not value:
            raise NotUnderstood(node, f"a call that nothing is known of may change {described(value)}")
        elif isinstance(value, StructValue):
            for one in value.fields.values():
                if isinstance(one, (Ref, Pointer, Closure)):
                    self._unsettle(one, path, node)

    def object_of(self, record: str) -> StructValue:
        """The one object of a class that the host works with."""
        known = self.objects.get(record)
        if known is None:
            known = self.objects[record] = StructValue(record, SharedFields(self))
        return known

    def expect(self, text: str) -> Shader | None:
        stem = self.world.shader_of(text)
        return Shader(stem) if stem is not None else None


def _member_of(path: str) -> str:
    return path[max(path.rfind(">"), path.rfind(".")) + 1 :]


def _passed_on(node: Node) -> str:
    """The variable that is all there is in an expression, be it moved."""
    arguments, function = node.field("arguments"), node.field("function")
    is_move = function is not None and base_name(function) in ("move", "forward")
    while is_move and arguments is not None and len(arguments.children) == 1:
        node, is_move = arguments.children[0], False
    return node.text if node.kind == "identifier" else ""


def _name_part(node: Node) -> Node:
    """Of `name + "=" + value` the name."""
    operands = [node]
    while operands[0].kind == "binary_expression" and (right := operands[0].field("right")) is not None:
        operands[:1] = [operands[0].field("left") or right, right]
    named = operands[0]
    while named.kind == "call_expression" and (arguments := named.field("arguments")) is not None:
        function = named.field("function")
        if function is None or base_name(function) != "string" or len(arguments.children) != 1:
            break
        named = arguments.children[0]
    is_valued = len(operands) > 1 and operands[1].text.removeprefix("std::string(").startswith(('"=', "'='"))
    return named if is_valued else node


def _enum_input(name: str, values: Mapping[str, int]) -> Input:
    kept: dict[object, str] = {value: one for one, value in values.items() if not one.endswith("_COUNT")}
    return Input(name, tuple(kept), kept)


def described(value: Any) -> str:
    value = reached(value)
    if isinstance(value, Outside):
        return value.path
    if isinstance(value, StructValue):
        return f"a {value.type or 'struct'}"
    if isinstance(value, (ListValue, MapValue)):
        return "a list" if isinstance(value, ListValue) else "a map"
    if is_symbolic(value):
        return spelled(value)
    return str(value) if isinstance(value, (str, int, float)) else "nullptr" if value is None else type(value).__name__
