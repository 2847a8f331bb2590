"""NumberModel: what a compiler may look at when only numbers of a text change.

Made from one text and the integer literals in it that other texts of the same skeleton spell differently. For such a
text's numbers `facts` gives a value that decides: two texts with equal facts get the same verdict. Most literals are
free, for a compiler sees a value that fits its type and asks no more; what it does ask (whether a divisor is zero, an
index is in range, a count positive, a condition true, a matrix within its array) is worked out here, by our own
evaluation. A number whose influence is not known is `decisive`: texts that differ in it have to be told apart first,
each with a model of its own. None instead of facts: nothing is promised. The checks are those of the WGSL
specification and of Tint's validation (`src/tint/lang/core/constant`, `src/tint/lang/core/ir/validator`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from wgsl_ls.text.memo import Memo
from wgsl_ls.wgsl.builtins import FUNCTIONS
from wgsl_ls.wgsl.constants import evaluate, literal_value
from wgsl_ls.wgsl.facts import Facts
from wgsl_ls.wgsl.layout import layout, round_up
from wgsl_ls.wgsl.names import GlobalInfo, Local, Predeclared
from wgsl_ls.wgsl.number_outline import number_outline
from wgsl_ls.wgsl.sizes import Sizes
from wgsl_ls.wgsl.symbols import Analysis
from wgsl_ls.wgsl.syntax import (
    AliasDeclaration,
    Assignment,
    Attribute,
    Binary,
    Call,
    Declaration,
    Expression,
    FunctionDeclaration,
    Identifier,
    Index,
    Literal,
    Member,
    Node,
    Parameter,
    Parenthesized,
    StructDeclaration,
    StructMember,
    Switch,
    SwitchClause,
    Unary,
    VariableDeclaration,
    children,
    walk,
)
from wgsl_ls.wgsl.types import ABSTRACT_INT, I32, U32, Type
from wgsl_ls.wgsl.values import Value, convert

_LARGEST = 65_504
"""Up to here a number fits every type, f16 among them, and a product of two of them fits u32."""
_LARGEST_LOCAL = 4096
"""Bytes of a variable of a function or of private memory, and elements of one without a layout, that no compiler
objects to."""
_LARGEST_ARRAY = 1 << 20
_MOST_STORAGE = 16_384
_MOST_INVOCATIONS = (256, 256, 64)
"""The default limits of WebGPU, which an engine has that compiles for no device; beyond them its checks end."""
_TRUSTED = frozenset(("min", "max", "abs", "select"))
"""Builtin functions that refuse no values of their arguments."""
_MIXED = frozenset(("fma", "mix", "step", "dot", "pow"))
"""The same, when one of the arguments is not constant."""
_KEPT_ROWS = 4000
_REDUCTIONS = frozenset(("subgroupAdd", "subgroupMul", "subgroupMax", "subgroupMin", "subgroupAnd", "subgroupOr"))
_COMPONENT_SIZES = {"f32": 4, "i32": 4, "u32": 4, "f16": 2, "i8": 1, "u8": 1}

Fact = bool | int | float | str | tuple[object, ...]
Known = Callable[["_Numbers"], "Fact | None"]
"""One fact under some numbers; None: nothing is known."""


class NumberModel:
    """`sites`: offset of a literal in the text of `analysis` -> which of the numbers stands there. Sites that always
    have the same number share one."""

    def __init__(self, analysis: Analysis, sites: Mapping[int, int]) -> None:
        self._analysis = analysis
        self._learned = _Learned()
        """What more than one declaration has a say in."""
        self._decisive: dict[int, None] = {}
        self._columns: dict[int, tuple[int, ...]] = {}
        """Of each reader, by its identity, which of the numbers its own are."""
        self._constants: dict[str, tuple[_Reader, VariableDeclaration]] = {}
        self._readers: list[_Reader] = []
        self._counts: list[tuple[_Reader, Expression]] = []
        self._is_sure_of_types = True
        self._tainted: dict[Type, list[tuple[_Reader, Expression]]] = {}
        self.variables: dict[str, tuple[_Reader, Expression]] = {}
        self._read(self._by_declaration(sites))
        try:
            for reader in self._readers:
                reader.accesses(self, self._learned)
            self._compared_types()
            self._storage()
        except RecursionError:  # an expression of thousands of parts: nothing is promised
            self._learned.promise_nothing()
        for learned in (self._learned, *(one.learned for one in self._readers)):
            for reader, number in learned.decisive:
                self._decisive[self._columns[id(reader)][number]] = None

    @property
    def decisive(self) -> tuple[int, ...]:
        """Numbers that have to be equal in all texts before anything is asked of this model."""
        return tuple(self._decisive)

    def facts(self, numbers: Sequence[int]) -> tuple[Fact, ...] | None:
        """Equal for texts that get the same verdict, as far as they are `within` limits; None when that cannot be told
        of this one."""
        return self._told(0, numbers)

    def within(self, numbers: Sequence[int]) -> tuple[Fact, ...] | None:
        """Which limits of an engine without a device a text keeps, all True when it keeps all. An engine looks no
        further at one that does not."""
        return self._told(1, numbers)

    def _told(self, which: int, numbers: Sequence[int]) -> tuple[Fact, ...] | None:
        found: list[Fact] = []
        given = _Numbers(numbers, self._columns)
        for reader in self._readers:
            learned = reader.learned
            if not (learned.known or learned.limits):
                continue
            if reader.constants:
                told = learned.told(which, given)
            else:
                own = tuple([numbers[column] for column in self._columns[id(reader)]])
                told = reader.told(own)[which]
            if told is None:
                return None
            found += told
        told = self._learned.told(which, given)
        return (*found, *told) if told is not None else None

    def sizes(self, numbers: Sequence[int]) -> Sizes:
        """Of a text that has facts."""
        given = _Numbers(numbers, self._columns)
        groups = {
            name: tuple(_whole_number(reader.value(node, given)) for node in nodes)
            for reader in self._readers
            for name, nodes in reader.learned.workgroup_sizes.items()
        }
        variables = {
            name: size
            for name, (reader, node) in self.variables.items()
            if (size := reader.size(node, given)) is not None
        }
        return Sizes(groups, variables)

    def _by_declaration(self, sites: Mapping[int, int]) -> list[dict[int, int]]:
        """Of each declaration: offset of a literal in it -> which number stands there."""
        found: list[dict[int, int]] = []
        text = self._analysis.module.text
        outside = dict(sites)
        offsets = sorted(sites)
        for start, node, facts in self._analysis.entries:
            own: dict[int, int] = {}
            first, end = bisect_left(offsets, start), bisect_left(offsets, start + node.end)
            literals = number_outline(node, facts).literals if first < end else {}
            for offset in offsets[first:end]:
                if offset - start in literals:
                    own[offset - start] = outside.pop(offset)
            found.append(own)
        for offset, number in outside.items():
            line = text[text.rfind("\n", 0, offset) + 1 : offset]
            if "/*" in text or "//" not in line:
                self._decisive[number] = None  # outside of the tree, and in no comment
        return found

    def _read(self, sites: Sequence[Mapping[int, int]]) -> None:
        """Every declaration. What numbers change in one that uses no constant of others which they change follows from
        itself, so it is read once for all texts."""
        entries = self._analysis.entries
        constants: dict[str, int] = {}
        for index, (_, node, _) in enumerate(entries):
            if isinstance(node, VariableDeclaration) and node.keyword == "const":
                constants.setdefault(node.name, index)
        uses = [number_outline(node, facts).constants for _, node, facts in entries]
        names: dict[str, None] = {}
        todo = [name for name, index in constants.items() if sites[index]]
        while todo:
            name = todo.pop()
            names[name] = None
            todo.extend(other for other, index in constants.items() if name in uses[index] and other not in names)
        for (_, node, facts), of_numbers, of_constants in zip(entries, sites, uses, strict=True):
            columns = tuple(dict.fromkeys(of_numbers.values()))
            own = {offset: columns.index(number) for offset, number in of_numbers.items()}
            changed = [name for name in names if name in of_constants]
            reader = _Reader(node, facts, own, self._constants, changed) if changed else _reader_of(node, facts, own)
            if id(reader) in self._columns:  # the same declaration twice
                reader = _Reader(node, facts, own)
            self._columns[id(reader)] = columns
            self._readers.append(reader)
        for name in names:
            reader = self._readers[constants[name]]
            assert isinstance(reader.node, VariableDeclaration)
            self._constants[name] = (reader, reader.node)
        for reader in self._readers:
            reader.learn()
            self.variables.update((name, (reader, kind)) for name, kind in reader.learned.variables.items())
            for kind, count in reader.learned.arrays:
                self._note_array(kind, reader, count)

    def _compared_types(self) -> None:
        """Where arrays are used as a whole, which of their types are the same matters; with other numbers any may be
        the same that differ in counts alone."""
        whole = {shape for reader in self._readers for kind in reader.outline.whole for shape in _shapes(kind)}
        counts = self._counts
        if self._is_sure_of_types:
            counts = [
                one for kind, of_kind in self._tainted.items() if next(_shapes(kind), None) in whole for one in of_kind
            ]
        if not counts:
            return
        fixed = sorted({count for reader in self._readers for count in reader.outline.counts})

        def pattern(numbers: _Numbers) -> Fact | None:
            values = [_whole_number(reader.value(node, numbers)) for reader, node in counts]
            every = [*values, *fixed]
            return tuple(every.index(value) for value in every)

        self._learned.learn("types", pattern)

    def _storage(self) -> None:
        """How much workgroup memory there is, as limits of devices see it."""
        if not self.variables:
            return
        untouched = 0
        for _, _, facts in self._analysis.entries:
            info = facts.info
            if info is not None and info.space == "workgroup" and info.name not in self.variables and info.type:
                found = layout(info.type)
                untouched += round_up(16, found.size) if found is not None else 0

        def is_within(numbers: _Numbers) -> Fact | None:
            sizes = [reader.size(node, numbers) for reader, node in self.variables.values()]
            if None in sizes:
                return None
            return untouched + sum(round_up(16, size) for size in sizes if size is not None) <= _MOST_STORAGE

        self._learned.learn_limit("storage", is_within)

    def _note_array(self, kind: Type | None, reader: _Reader, count: Expression) -> None:
        self._counts.append((reader, count))
        if kind is not None:
            self._tainted.setdefault(kind, []).append((reader, count))
        else:
            self._is_sure_of_types = False

    def counts_of(self, kind: Type) -> list[tuple[_Reader, Expression]]:
        return self._tainted.get(kind, [])


class _Learned:
    """What matters of numbers. `decisive`: those that do by themselves, each with the reader whose it is; `arrays`:
    types whose counts they change, None for one that is not known, with the count."""

    def __init__(self) -> None:
        self.known: dict[object, Known] = {}
        self.limits: dict[object, Known] = {}
        self.decisive: dict[tuple[_Reader, int], None] = {}
        self.arrays: list[tuple[Type | None, Expression]] = []
        self.variables: dict[str, Expression] = {}
        self.workgroup_sizes: dict[str, tuple[Expression, ...]] = {}

    def learn(self, key: object, known: Known) -> None:
        self.known.setdefault(key, known)

    def learn_limit(self, key: object, known: Known) -> None:
        self.limits.setdefault(key, known)

    def promise_nothing(self) -> None:
        self.known[RecursionError] = self.limits[RecursionError] = lambda numbers: None

    def told(self, which: int, given: _Numbers) -> list[Fact] | None:
        """`which`: 0 for what is known, 1 for limits."""
        found: list[Fact] = []
        for known in (self.limits if which else self.known).values():
            try:
                fact = known(given)
            except RecursionError:
                return None
            if fact is None:
                return None
            found.append(fact)
        return found


class _Numbers:
    """One set of numbers, and what was evaluated with it. `columns`: see NumberModel."""

    __slots__ = ("_columns", "_given", "values")

    def __init__(self, given: Sequence[int], columns: Mapping[int, Sequence[int]]) -> None:
        self._given = given
        self._columns = columns
        self.values: dict[object, Value | None] = {}

    def of(self, reader: _Reader, number: int) -> int:
        return self._given[self._columns[id(reader)][number]]


@dataclass(frozen=True, slots=True)
class _Given:
    """The evaluator's Context for one declaration under some numbers."""

    reader: _Reader
    numbers: _Numbers

    def type_of(self, node: Node) -> Type | None:
        kind = self.reader.facts.type_of(node)
        return None if kind is not None and kind.is_array else kind

    def builtin_called(self, node: Call) -> str | None:
        return self.reader.facts.builtin_called(node)

    def literal(self, node: Literal) -> Value | None:
        number = self.reader.site(node)
        if number is None:
            return literal_value(node)
        kind = I32 if node.text[-1] == "i" else U32 if node.text[-1] == "u" else ABSTRACT_INT
        given = self.numbers.of(self.reader, number)
        if kind is not ABSTRACT_INT and given >= 1 << (32 if kind is U32 else 31):
            return None
        return Value(kind, given)

    def value_of(self, node: Identifier) -> Value | None:
        declared = self.reader.constant(node)
        if declared is None:
            return self.reader.facts.value_of(node)
        reader, variable = declared
        assert variable.initializer is not None
        value = reader.value(variable.initializer, self.numbers)
        target = self.reader.facts.targets.get(node)
        kind = target.type if isinstance(target, (Local, GlobalInfo)) else None
        return convert(value, kind) if value is not None and kind is not None else value


class _Reader:
    """One declaration. `sites`: offset of a literal in it -> which of its numbers stands there. `constants`: of others,
    that numbers change, filled before `learn`; `used`: the names of those that are used here. `read` looks at
    everything below a node and learns what matters of it; it says whether the node is a constant that numbers
    change."""

    def __init__(
        self,
        node: Declaration,
        facts: Facts,
        sites: Mapping[int, int],
        constants: Mapping[str, tuple[_Reader, VariableDeclaration]] | None = None,
        used: Iterable[str] = (),
    ) -> None:
        self.node = node
        self.facts = facts
        self.outline = number_outline(node, facts)
        self.constants = constants if constants is not None else {}
        self.learned = _Learned()
        self._is_read = False
        self._sites = sites
        self._told: Memo[tuple[int, ...], tuple[list[Fact] | None, list[Fact] | None]] = Memo(_KEPT_ROWS)
        self._changed: set[Node] = set()
        todo: list[Node] = [self.outline.literals[offset] for offset in sites]
        todo.extend(use for name in used for use in self.outline.constants[name])
        while todo:
            for constant in self._mark(todo.pop()):
                todo.extend(self.outline.constants.get(constant, ()))

    def learn(self) -> None:
        """Once."""
        if self._is_read:
            return
        self._is_read = True
        try:
            if self.changed(self.node):
                self.declaration()
        except RecursionError:  # see NumberModel
            self.learned.promise_nothing()

    def told(self, numbers: tuple[int, ...]) -> tuple[list[Fact] | None, list[Fact] | None]:
        """What is known, and of limits, under its own numbers; asked of who uses no constants of others."""
        found = self._told.get(numbers)
        if found is None:
            given = _Numbers(numbers, {id(self): range(len(numbers))})
            found = self._told.put(numbers, (self.learned.told(0, given), self.learned.told(1, given)))
        return found

    def site(self, node: Literal) -> int | None:
        return self._sites.get(node.start)

    def value(self, node: Expression, numbers: _Numbers) -> Value | None:
        key = (id(self), id(node))
        if key not in numbers.values:
            numbers.values[key] = evaluate(node, _Given(self, numbers))
        return numbers.values[key]

    # What numbers change

    def constant(self, node: Identifier) -> tuple[_Reader, VariableDeclaration] | None:
        """The declaration of a constant whose value numbers change."""
        target = self.facts.targets.get(node)
        if isinstance(target, Local) and target.kind == "const" and isinstance(target.node, VariableDeclaration):
            found: tuple[_Reader, VariableDeclaration] | None = (self, target.node)
        elif isinstance(target, GlobalInfo) and target.kind == "const":
            found = self.constants.get(target.name)
        else:
            return None
        if found is None or found[1].initializer is None or not found[0].changed(found[1].initializer):
            return None
        return found

    def changed(self, node: Node) -> bool:
        """Whether numbers stand in `node`, directly or by way of constants."""
        return node in self._changed

    def _mark(self, node: Node) -> Iterator[VariableDeclaration]:
        """`node` is changed by numbers, and so is everything that it is part of; the constants among that."""
        at: Node | None = node
        while at is not None and at not in self._changed:
            self._changed.add(at)
            if isinstance(at, VariableDeclaration) and at.keyword == "const":
                yield at
            at = self.outline.parents.get(at)

    def is_constant(self, node: Expression) -> bool:
        found = self.outline.constant.get(node)
        if found is None:
            found = self.outline.constant[node] = self.facts.evaluate(node) is not None
        return found

    def is_runtime(self, node: Node) -> bool:
        """Surely evaluated by the device, never by a compiler: neither constant nor made of override constants."""
        found = self.outline.runtime.get(node)
        if found is None:
            found = self.outline.runtime[node] = self._is_runtime(node)
        return found

    def _is_runtime(self, node: Node) -> bool:
        if isinstance(node, Identifier):
            target = self.facts.targets.get(node)
            if isinstance(target, Local):
                return target.kind != "const"
            return isinstance(target, GlobalInfo) and target.kind == "var"
        if isinstance(node, Call):
            target = self.facts.targets.get(node.callee)
            if isinstance(target, GlobalInfo) and target.kind == "function":
                return True
            function = FUNCTIONS.get(node.callee.name) if isinstance(target, Predeclared) else None
            return (function is not None and not function.is_const) or any(map(self.is_runtime, node.arguments))
        return any(map(self.is_runtime, children(node)))

    # What matters of it

    def key(self, node: Expression) -> object:
        """Equal for expressions that have equal values under all numbers."""
        if isinstance(node, Literal):
            number = self.site(node)
            return node.text if number is None else (number, node.text.lstrip("0123456789"))
        if isinstance(node, Identifier):
            declared = self.constant(node)
            return id(declared[1]) if declared is not None else node.name
        inner = [self.key(child) if isinstance(child, Expression) else id(child) for child in children(node)]
        operator = node.operator if isinstance(node, (Unary, Binary)) else ""
        member = node.name if isinstance(node, Member) else ""
        return (type(node), operator, member, self.facts.type_of(node), *inner)

    def fact(self, what: str, node: Expression, test: Callable[[object], Fact | None]) -> None:
        """Something about each component of the value of `node`."""

        def known(numbers: _Numbers) -> Fact | None:
            value = self.value(node, numbers)
            if value is None:
                return None
            found: list[Fact] = []
            for item in _components(value.data):
                one = test(item)
                if one is None:
                    return None
                found.append(one)
            return tuple(found)

        self.learned.learn((what, self.key(node)), known)

    def equal(self, node: Node, learned: _Learned | None = None) -> None:
        """All numbers in `node` are facts."""
        found = learned if learned is not None else self.learned
        for inner in walk(node):
            if isinstance(inner, Literal):
                number = self.site(inner)
                if number is not None:
                    found.decisive[self, number] = None
            elif isinstance(inner, Identifier):
                declared = self.constant(inner)
                if declared is not None and declared[1].initializer is not None:
                    declared[0].equal(declared[1].initializer, found)

    def declaration(self) -> None:
        node = self.node
        if isinstance(node, (StructDeclaration, AliasDeclaration)):
            self.equal(node)
        elif isinstance(node, FunctionDeclaration):
            for attribute in node.attributes:
                self.attribute(attribute, node)
            for parameter in node.parameters:
                self.statement(parameter)
            if node.return_type is not None:
                self.kind(node.return_type, "")
            for attribute in node.return_attributes:
                self.attribute(attribute, node)
            self.statement(node.body)
        else:
            self.statement(node)

    def attribute(self, attribute: Attribute, function: FunctionDeclaration | None = None) -> None:
        if function is None or attribute.name != "workgroup_size":
            if self.changed(attribute):
                self.equal(attribute)
            return
        self.learned.workgroup_sizes[function.name] = attribute.arguments[:3]
        if not self.changed(attribute):
            return
        if not all(self.is_constant(argument) for argument in attribute.arguments):
            self.equal(attribute)  # the product depends on an override constant
            return
        for argument in attribute.arguments:
            self.read(argument)

        def sizes(numbers: _Numbers) -> list[int]:
            return [_whole_number(self.value(argument, numbers)) or 0 for argument in attribute.arguments]

        def are_positive(numbers: _Numbers) -> Fact | None:
            return True if all(size >= 1 for size in sizes(numbers)) else None

        def are_within(numbers: _Numbers) -> Fact | None:
            given = sizes(numbers)
            each = all(size <= most for size, most in zip(given, _MOST_INVOCATIONS, strict=False))
            return each and prod(given) <= _MOST_INVOCATIONS[0]

        self.learned.learn(("workgroup_size", function.name), are_positive)
        self.learned.learn_limit(("workgroup_size", function.name), are_within)

    def statement(self, node: Node) -> None:
        if isinstance(node, VariableDeclaration):
            self.variable(node)
            return
        if isinstance(node, (Parameter, StructMember)):
            self.kind(node.type, "")
            for attribute in node.attributes:
                self.attribute(attribute)
            return
        if isinstance(node, Attribute):
            self.attribute(node)
            return
        if isinstance(node, Switch) and self.changed(node.selector):
            self.equal(node.selector)
        if isinstance(node, SwitchClause):
            for selector in node.selectors:
                if selector is not None:
                    self.equal(selector)
        if isinstance(node, Assignment) and node.target is not None and node.operator != "=":
            self.read(node.target)
            self.read(node.value)
            self.operand(node.operator[:-1], node.target, node.value)
            return
        for child in children(node):
            if not self.changed(child):
                continue
            if isinstance(child, Expression):
                self.read(child)
            else:
                self.statement(child)

    def variable(self, node: VariableDeclaration) -> None:
        for attribute in node.attributes:
            self.attribute(attribute)
        info = self.facts.info if node is self.node else None
        space = info.space if info is not None else "function"
        if node.keyword == "override" and self.changed(node):
            self.equal(node)
        if node.type is not None:
            self.kind(node.type, space)
            if space == "workgroup" and self.changed(node.type):
                self.learned.variables[node.name] = node.type
        if node.initializer is not None:
            self.read(node.initializer)

    def kind(self, node: Expression, space: str) -> None:
        """A type that is written here, for a variable in `space` ("": for something else)."""
        if not isinstance(node, Identifier) or not self.changed(node):
            return
        if self.sized_array(node, space) is None:
            self.equal(node)
            return
        if space in ("function", "private"):

            def is_small(numbers: _Numbers) -> Fact | None:
                size = self.size(node, numbers)
                if size is None:
                    size = self.n_elements(node, numbers)
                return True if size is not None and size <= _LARGEST_LOCAL else None

            self.learned.learn(("local", id(node)), is_small)
        elif space not in ("", "workgroup"):
            self.equal(node)

    def sized_array(self, node: Expression, space: str) -> bool | None:
        """Learns of a (nested) array that its counts are positive; None when numbers stand anywhere else in it."""
        if not isinstance(node, Identifier) or not node.arguments:
            return None if self.changed(node) else True
        if node.name == "ptr" and len(node.arguments) >= 2 and not any(map(self.changed, node.arguments[2:])):
            return self.sized_array(node.arguments[1], space)
        if node.name != "array" or len(node.arguments) != 2:
            return None if self.changed(node) else True
        element, count = node.arguments
        if self.sized_array(element, space) is None:
            return None
        if self.changed(count):
            if not self.read(count):
                return None
            self.fact("count", count, lambda number: True if isinstance(number, int) and number >= 1 else None)
            self.learned.arrays.append((self.facts.named.get(node), count))
        elif self.changed(element):
            self.learned.arrays.append((self.facts.named.get(node), count))
        return True

    def size(self, node: Expression, numbers: _Numbers) -> int | None:
        """Bytes of the type written at `node`."""
        if isinstance(node, Identifier) and self.changed(node) and node.arguments is not None:
            count = _whole_number(self.value(node.arguments[-1], numbers)) if len(node.arguments) == 2 else None
            element = self.size(node.arguments[0], numbers)
            align = self.alignment(node.arguments[0])
            if node.name != "array" or count is None or element is None or align is None:
                return None
            return round_up(align, element) * count
        named = self.facts.named.get(node)
        found = layout(named) if named is not None else None
        return found.size if found is not None and not found.is_runtime_sized else None

    def alignment(self, node: Expression) -> int | None:
        named = self.facts.named.get(node)
        found = layout(named) if named is not None else None
        return found.align if found is not None else None

    def n_elements(self, node: Expression, numbers: _Numbers) -> int | None:
        total = 1
        while isinstance(node, Identifier) and node.name == "array" and node.arguments and len(node.arguments) == 2:
            count = _whole_number(self.value(node.arguments[1], numbers))
            if count is None:
                return None
            total *= count
            node = node.arguments[0]
        return total

    # Expressions

    def read(self, node: Expression) -> bool:
        """Whether it is a constant that numbers change."""
        if not self.changed(node):
            return False
        if isinstance(node, Call):
            self.call(node)
        elif isinstance(node, Identifier):
            if node.arguments:
                self.kind(node, "")
        else:
            for child in children(node):
                if isinstance(child, Expression):
                    self.read(child)
            if isinstance(node, Binary) and not self.is_constant(node):
                self.operand(node.operator, node.left, node.right)
        if not self.is_constant(node):
            if not self.is_runtime(node):
                self.equal(node)
            return False
        self.fact("value", node, _harmless)
        return True

    def operand(self, operator: str, left: Expression, right: Expression) -> None:
        """An operation whose result is no constant that we know; its operands are read already."""
        if not self.is_runtime(left) and not self.is_runtime(right):
            self.equal(left)
            self.equal(right)
            return
        if not self.changed(right) or not self.is_constant(right):
            return
        if operator in ("/", "%"):
            self.fact("divisor", right, lambda number: True if number else None)
        elif operator in ("<<", ">>"):
            self.fact("shift", right, lambda number: True if isinstance(number, int) and 0 <= number < 32 else None)

    def accesses(self, model: NumberModel, learned: _Learned) -> None:
        """Constant indices and matrices, in declarations without numbers too: the array may be what they change."""
        for node in self.outline.indices:
            self.index_within(node, model, learned)
        for call, name in self.outline.matrix_calls:
            self.matrix_access(call, name, model, learned)

    def index_within(self, node: Index, model: NumberModel, learned: _Learned) -> None:
        """Constant indices are within what they index."""
        base = self.facts.type_of(node.base)
        parts = base.pointer_parts if base is not None else None
        base = parts[1] if parts is not None else base
        counts = model.counts_of(base) if base is not None else []
        if not (counts or self.changed(node.index)) or not self.is_constant(node.index):
            return
        if base is None:
            self.equal(node.index, learned)
            return
        fixed = base.width if base.is_vector else base.columns_and_rows[0] if base.is_matrix else base.count
        if not counts and not base.is_runtime_array and not isinstance(fixed, int):
            self.equal(node.index, learned)
            return

        def within(numbers: _Numbers) -> Fact | None:
            at = _whole_number(self.value(node.index, numbers))
            ends = [_whole_number(reader.value(count, numbers)) for reader, count in counts]
            if not counts and isinstance(fixed, int):
                ends.append(fixed)
            is_within = at is not None and at >= 0 and all(end is not None and at < end for end in ends)
            return True if is_within else None

        learned.learn(("index", id(node)), within)

    def call(self, node: Call) -> None:
        callee = node.callee
        target = self.facts.targets.get(callee)
        name = callee.name if isinstance(target, Predeclared) else ""
        if callee.arguments and self.changed(callee):
            if name == "array" and not node.arguments:
                self.kind(callee, "function")
            else:
                self.equal(callee)
        changed = [self.read(argument) for argument in node.arguments]
        if name.startswith("subgroupMatrix"):
            return
        if not any(changed) or not name or (isinstance(target, Predeclared) and target.kind == "builtin type"):
            return
        if name in _TRUSTED or name in _REDUCTIONS or name.startswith("atomic"):
            if self.is_constant(node) or any(map(self.is_runtime, (node, *node.arguments))):
                return
        elif name in _MIXED and any(map(self.is_runtime, node.arguments)):
            return
        for argument, is_changed in zip(node.arguments, changed, strict=True):
            if is_changed:
                self.equal(argument)

    def matrix_access(self, node: Call, name: str, model: NumberModel, learned: _Learned) -> None:
        """A load or store of a subgroup matrix: its stride is long enough, and it stays within its array."""
        arguments = node.arguments
        is_store = name.startswith("subgroupMatrixStore")
        if not is_store and not name.startswith("subgroupMatrixLoad"):
            self.equal(node, learned)
            return
        if len(arguments) != (5 if is_store else 4):
            self.equal(node, learned)
            return
        matrix = self.facts.type_of(arguments[2] if is_store else node)
        offset, stride = arguments[1], arguments[-1]
        is_column_major = self.facts.evaluate(arguments[-2])
        variable = self.whole_variable(arguments[0])
        pointer = self.facts.type_of(arguments[0])
        parts = pointer.pointer_parts if pointer is not None else None
        kind = variable.type if variable is not None else parts[1] if parts is not None else None
        touched = any(map(self.changed, arguments)) or (kind is not None and bool(model.counts_of(kind)))
        if not touched:
            return
        shape = _matrix_shape(matrix)
        element = layout(kind.element) if kind is not None and kind.element is not None else None
        if variable is None or kind is None or shape is None or element is None or is_column_major is None:
            self.equal(node, learned)
            if kind is not None:
                for reader, count in model.counts_of(kind):
                    reader.equal(count, learned)
            return
        columns, rows, component = shape
        major, minor = (columns, rows) if is_column_major.data else (rows, columns)
        fixed = layout(kind)
        declared = model.variables.get(variable.name)
        step = round_up(element.align, element.size)
        for argument in arguments[-2:-1]:
            self.equal(argument, learned)

        def fits(numbers: _Numbers) -> Fact | None:
            start = _whole_number(self.value(offset, numbers))
            given = _whole_number(self.value(stride, numbers))
            if (start is None and self.is_constant(offset)) or (given is None and self.is_constant(stride)):
                return None
            least = minor * component
            pitch = least if given is None else given * step
            needed = round_up(step, (start or 0) * step + pitch * (major - 1) + minor * component)
            size = None
            if declared is not None:
                size = declared[0].size(declared[1], numbers)
                if size is None:
                    return None
            elif fixed is not None and not fixed.is_runtime_sized:
                size = fixed.size
            if needed > _LARGEST_ARRAY:
                return None
            return pitch >= least, size is None or needed <= size

        learned.learn(("matrix", id(node)), fits)

    def whole_variable(self, pointer: Expression) -> GlobalInfo | None:
        """The variable at module scope whose address `pointer` is."""
        while isinstance(pointer, Parenthesized) or _is_address(pointer):
            pointer = pointer.inner if isinstance(pointer, Parenthesized) else pointer.operand  # type: ignore[union-attr]
        target = self.facts.targets.get(pointer) if isinstance(pointer, Identifier) else None
        return target if isinstance(target, GlobalInfo) and target.kind == "var" else None


def _reader_of(node: Declaration, facts: Facts, sites: Mapping[int, int]) -> _Reader:
    """Kept with the declaration."""
    readers, key = number_outline(node, facts).readers, tuple(sites.items())
    found = readers.get(key)
    if not isinstance(found, _Reader):
        found = _Reader(node, facts, sites)
        readers.put(key, found)
    return found


def _is_address(node: Node) -> bool:
    return isinstance(node, Unary) and node.operator == "&"


def _matrix_shape(kind: Type | None) -> tuple[int, int, int] | None:
    """(columns, rows, bytes of a component) of a subgroup matrix."""
    if kind is None or not kind.name.startswith("subgroup_matrix_") or len(kind.arguments) != 3:
        return None
    component, columns, rows = kind.arguments
    size = _COMPONENT_SIZES.get(str(component))
    return (columns, rows, size) if isinstance(columns, int) and isinstance(rows, int) and size is not None else None


def _shapes(kind: Type) -> Iterator[tuple[Type, int]]:
    """Of an array and of those that are its elements, without their counts: (what lies in the innermost, how deep)."""
    inner, depth = kind, 0
    while inner.is_array and inner.element is not None:
        inner, depth = inner.element, depth + 1
    yield from ((inner, left) for left in range(depth, 0, -1))


def _components(data: object) -> Iterator[object]:
    if isinstance(data, tuple):
        for item in data:
            yield from _components(item)
    else:
        yield data


def _harmless(number: object) -> Fact | None:
    """Of a value that some compiler looks at: what it is (a condition), or whether it is negative."""
    if isinstance(number, bool):
        return number
    if not isinstance(number, (int, float)) or not -_LARGEST <= number <= _LARGEST:
        return None
    return number < 0


def _whole_number(value: Value | None) -> int | None:
    data = value.data if value is not None else None
    return data if isinstance(data, int) and not isinstance(data, bool) else None
