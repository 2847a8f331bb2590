"""Recall: what calls of functions did before, so that a call is run once for all that it reads.

A call reads its arguments, and then asks: what is known of a value, which way a decision goes, what a device has, what
a call in it gives. What it did is a tree of these questions, kept by function and arguments; a call that gets the same
answers again, on another path, for another device or in a later reading, does the same again, so its effects are put in
place instead. A call in it of which that is not known is run, with the arguments that are kept of it: where it gives
what it gave before, whoever asked goes on as before, though the function changed since. What is repeated spends the
effort that it took (effort.py).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from wgsl_ls.host.effort import Effort, OutOfBudget
from wgsl_ls.host.knowledge import Pruned, Situation, Thrown
from wgsl_ls.host.machine import Frame, Machine, SizedRef
from wgsl_ls.host.memory import FunctionId, Moving, Places
from wgsl_ls.host.program import Function
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import Input, Term
from wgsl_ls.host.values import (
    UNSET,
    CharRef,
    EntryRef,
    Expanded,
    ListValue,
    Lookup,
    OptionalValue,
    Outside,
    Pointer,
    Ref,
    Shader,
    StructValue,
)
from wgsl_ls.text.span import Location

_PLAIN: Final = (str, int, float, Term, Input, Shader, type(None), type(UNSET))


class _Opaque(Exception):
    """A value that is no key, or cannot be put in place again."""


class Unrepeatable(Exception):
    """A call was run for one that is repeated, and came to what only a path that is run from its start can come to."""


Running = Callable[
    ["Call", Function, list[Any], Frame, StructValue | None, Node, tuple[Any, ...]], tuple[Any, "Leaf | None"]
]


class Step:
    """What a call did up to a question, and what followed from each answer; or up to its end (`leaf`). `places`: of the
    files at the time when its effects were noted."""

    __slots__ = ("answers", "ask", "cost", "effects", "leaf", "places")

    def __init__(self, places: Places) -> None:
        self.effects: list[tuple[Any, ...]] = []
        self.cost = 0
        self.ask: tuple[str, Any] | None = None
        self.answers: dict[object, Step] = {}
        self.leaf: Leaf | None = None
        self.places = places


class Leaf:
    """How a call ends: its value, those of the variables that it was given by reference, and what it put into maps
    outside of functions. An Expanded in them is a _Made."""

    __slots__ = ("given", "puts", "value")

    def __init__(self) -> None:
        self.value: Any = None
        self.given: tuple[Any, ...] = ()
        self.puts: tuple[tuple[Any, ...], ...] = ()


class _Made:
    """The Expanded of that number, counted from the beginning of the call."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


class Beginning:
    """What a call begins with. `function`: with its digest; `arguments`: to run it anew (None: it cannot be); `owner`:
    the class of the object it is a method of; `first`: what it did up to its first question."""

    __slots__ = ("_now", "arguments", "first", "function", "key", "owner")

    def __init__(self, function: tuple[FunctionId, str], key: tuple[Any, ...]) -> None:
        self.function = function
        self.key = key
        self.arguments: tuple[Any, ...] | None = None
        self.owner: str | None = None
        self.first: Step | None = None
        self._now: Beginning | None = None

    def is_of(self, other: object) -> bool:
        """Is it the same call of another version of the function?"""
        return isinstance(other, Beginning) and self.function[0] == other.function[0] and self.key == other.key

    def with_digest(self, digest: str, calls: Calls) -> Beginning:
        """The same call of the function as it is now."""
        if digest == self.function[1]:
            return self
        if self._now is None or self._now.function[1] != digest:
            self._now = calls.beginning((self.function[0], digest), self.key)
            self._now.arguments, self._now.owner = self.arguments, self.owner
        return self._now


class _KeptRef:
    """A place that a call is given. `is_given`: to write to."""

    __slots__ = ("bits", "is_given", "value")

    def __init__(self, of: Ref, is_given: bool) -> None:
        if type(of) not in (Ref, SizedRef):
            raise _Opaque
        self.bits = of.bits if isinstance(of, SizedRef) else None
        self.is_given = is_given
        self.value = _copied(of.get(), 0, [])

    def again(self) -> Ref:
        holder = [_again(self.value, [], 0)]
        return Ref(holder, 0) if self.bits is None else SizedRef(holder, 0, self.bits)


class Calls:
    """What is kept from reading to reading, by what a call begins with. `leaves`: by what is in them."""

    MOST: Final = 250_000

    def __init__(self) -> None:
        self._beginnings: dict[tuple[Any, ...], Beginning] = {}
        self.leaves: dict[object, Leaf] = {}
        self.n_steps = 0
        self.opaque: set[tuple[FunctionId, str]] = set()
        """Functions that do what cannot be repeated, with their digests."""
        self.unrepeatable: set[tuple[FunctionId, str]] = set()
        """Functions of which a call came to that when it was run for one that is repeated."""

    def beginning(self, function: tuple[FunctionId, str], key: tuple[Any, ...]) -> Beginning:
        known = self._beginnings.get((function, key))
        if known is None:
            known = self._beginnings[function, key] = Beginning(function, key)
        return known

    @property
    def is_full(self) -> bool:
        return self.n_steps > self.MOST


class Call:
    """A call that may be repeated. `given`: places that it was given to write to."""

    __slots__ = ("beginning", "given")

    def __init__(self, beginning: Beginning, given: tuple[Ref, ...]) -> None:
        self.beginning = beginning
        self.given = given


class Recorder:
    """Notes what a call does while it runs. Calls within it that can be repeated are questions of this one."""

    __slots__ = ("_mark", "call", "calls", "effort", "is_opaque", "n_puts", "n_waiting", "places", "step")

    def __init__(self, recall: Recall, call: Call, machine: Machine) -> None:
        self.calls = recall.calls
        self.places = recall.places
        self.call = call
        self.effort: Effort = machine.effort
        self.n_waiting = len(machine.waiting)
        self.n_puts = len(machine.puts)
        self.is_opaque = False
        self.step = call.beginning.first = self._begun(call.beginning.first)
        self._mark = self.effort.left

    def _begun(self, known: Step | None) -> Step:
        """A step whose effects are noted anew: a call does the same again up to where it goes on differently."""
        if known is None:
            known = Step(self.places)
            self.calls.n_steps += 1
        known.effects, known.cost, known.places = [], 0, self.places
        return known

    def note(self, *effect: Any) -> None:
        self.step.effects.append(effect)

    def spent(self) -> None:
        """What was spent since is the step's own."""
        self.step.cost += self._mark - self.effort.left
        self._mark = self.effort.left

    def expands(self, expanded: Expanded) -> None:
        function = self.places.identity(expanded.function)
        self.is_opaque = self.is_opaque or function is None
        self.note("expanded", expanded.shader, expanded.defines, expanded.location, function)

    def sends(self, number: int, label: Any) -> None:
        self.spent()
        self.note("spend", self.step.cost)
        self.step.cost = 0
        self.note("send", number, label)

    def resume(self) -> None:
        """What was spent since is somebody else's, who spends it again."""
        self._mark = self.effort.left

    def asks(self, kind: str, of: Any) -> None:
        self.spent()
        step, ask = self.step, (kind, of)
        known = step.ask
        is_same = known == ask or (known is not None and known[0] == kind == "call" and of.is_of(known[1]))
        if step.leaf is not None or (known is not None and not is_same):
            step.leaf, step.answers = None, {}
        step.ask = ask

    def answered(self, answer: Any) -> None:
        self.resume()
        key = answer_key(answer)
        known = self.step.answers.get(key)
        following = self.step.answers[key] = self._begun(known)
        self.step = following

    def ended(self, machine: Machine, value: Any) -> Leaf | None:
        self.spent()
        if self.is_opaque:
            return None
        try:
            given = tuple([self._kept(one.get(), machine) for one in self.call.given])
            puts = tuple([self._put(machine, *one) for one in machine.puts[self.n_puts :]])
            kept = self._kept(value, machine)
        except _Opaque:
            return None
        step = self.step
        leaf = self._equal(given, puts, kept, machine)
        if leaf is None:
            leaf = step.leaf or Leaf()  # one object: whoever called went on from it as from an answer
            leaf.value, leaf.given, leaf.puts = kept, given, puts
        if step.leaf is not leaf:
            step.ask, step.answers, step.leaf = None, {}, leaf
        return leaf

    def _equal(self, given: tuple[Any, ...], puts: tuple[Any, ...], kept: Any, machine: Machine) -> Leaf | None:
        """The one leaf of all that has this in it, None where places are in it: whoever called goes on in the same way
        from it, however it was come to."""
        if any(origin is not None and not isinstance(value, StructValue) for *_, value, origin in puts):
            return None
        puts = tuple([(*put[:4], None) for put in puts])  # an object is no macro, so nobody is told where it is put
        try:
            parts = (kept, *given, *(value for _, _, _, value, _ in puts), *(written for _, _, written, _, _ in puts))
            key = (
                len(given),
                tuple([(path, key) for path, key, *_ in puts]),
                tuple([_frozen(one, None) for one in parts]),
                tuple([one.sent for one in machine.waiting[self.n_waiting :]]),
            )
            hash(key)
        except (_Opaque, TypeError):
            return None
        leaf = self.calls.leaves.get(key)
        if leaf is None:
            leaf = self.calls.leaves[key] = Leaf()
            leaf.value, leaf.given, leaf.puts = kept, given, puts
        return leaf

    def _put(self, machine: Machine, path: str, key: object) -> tuple[Any, ...]:
        of = machine.written[path]
        return path, key, of.keys[key], self._kept(of.entries[key], machine), of.origins.get(key)

    def _kept(self, value: Any, machine: Machine) -> Any:
        return _copied(value, self.n_waiting, machine.waiting)


def answer_key(answer: Any) -> object:
    return answer if answer is None or isinstance(answer, (Term, Input, Leaf)) else (type(answer), answer)


class Recall:
    """Of one reading. `digest`: of what of a function matters now."""

    def __init__(
        self,
        calls: Calls,
        places: Places,
        digest: Callable[[FunctionId], str],
        moving: Callable[[Places], Moving],
        entries: frozenset[Function],
    ) -> None:
        self.calls = calls
        self.places = places
        self.digest = digest
        self._moving = moving
        self._entries = entries
        self.runs = True
        """Are calls run for ones that are repeated?"""

    # The call

    def call(
        self, function: Function, arguments: list[Any], this: StructValue | None, depth: int, machine: Machine
    ) -> Call | None:
        """None for one that cannot be repeated."""
        if machine.guard is not None or machine.is_changed or function.is_macro:
            return None
        if this is not None and machine.objects.get(this.type) is not this:
            return None
        identity = self.places.identity(function)
        if identity is None:
            return None
        known = (identity, self.digest(identity))
        if known in self.calls.opaque:
            return None
        given: list[Ref] = []
        kept: list[Any] = []
        holders: set[int] = set()
        keys: list[object] = []
        try:
            for index, argument in enumerate(arguments):
                type_ = function.parameters[index].type if index < len(function.parameters) else None
                can_change = type_ is not None and (type_.is_reference or type_.is_pointer) and not type_.is_const
                if can_change and isinstance(argument, Ref):
                    if isinstance(argument, (EntryRef, CharRef)) or not isinstance(argument.get(), (*_PLAIN, Outside)):
                        return None
                    while isinstance(inner := argument.holder[argument.key], Ref):
                        argument = inner
                    given.append(argument)
                    kept.append(_KeptRef(argument, is_given=True))
                elif can_change and not isinstance(argument, (Outside, *_PLAIN)):
                    return None
                else:
                    kept.append(argument)
                keys.append(_frozen(argument, holders))
        except (_Opaque, KeyError, IndexError):
            return None
        refs = [(id(one.holder), one.key) for one in given]
        if given and (len(set(refs)) < len(refs) or any(id(one.holder) in holders for one in given)):
            return None
        if given and any(isinstance(one, Ref) and self._is_one_of(one, refs, given) for one in arguments):
            return None
        key = (depth, this is not None, tuple(machine.conditions), tuple(machine.puts), *keys)
        beginning = self.calls.beginning(known, key)
        if beginning.arguments is None:
            beginning.owner = this.type if this is not None else None
            with suppress(_Opaque):
                beginning.arguments = tuple(map(_kept_argument, kept))
        return Call(beginning, tuple(given))

    def _is_one_of(self, ref: Ref, refs: list[tuple[int, Any]], given: list[Ref]) -> bool:
        """Is a variable that may be written to given in another way, too?"""
        while isinstance(inner := ref.holder[ref.key], Ref):
            ref = inner
        return (id(ref.holder), ref.key) in refs and ref not in given

    def rests_on(self, function: Function, machine: Machine) -> None:
        """The call that runs has one in it that is run with it."""
        identity = self.places.identity(function)
        if identity is not None:
            machine.note("rests_on", (identity, self.digest(identity)))

    # Again

    def repeated(self, call: Call, function: Function, machine: Machine, run: Running) -> Leaf | None:
        """Put what the call did in place, if that is known from here. `run`: runs a call and notes what it does. Raises
        Pruned and OutOfBudget, as the call would, and Unrepeatable."""
        first = call.beginning.first
        if first is None:
            return None
        n_waiting = len(machine.waiting)
        recorder, machine.calling = machine.calling, None
        try:
            leaf = self._walk(first, function, machine, run)
            if leaf is not None:
                for place, value in zip(call.given, leaf.given, strict=True):
                    place.set(_again(value, machine.waiting, n_waiting))
        finally:
            machine.calling = recorder
        return leaf

    def _walk(self, first: Step, function: Function, machine: Machine, run: Running) -> Leaf | None:
        """Do what the call did; None, and nothing done, where it is not known how it went on from an answer."""
        effort, before = machine.effort, _Before(machine)
        if function in self._entries:
            machine.current = function
        step: Step | None = first
        while step is not None and (step.places is self.places or self._is_current(step)):
            for effect in step.effects:
                self._effect(effect, machine, before.n_waiting)
            effort.spend(step.cost)
            if step.leaf is not None:
                del machine.lookups[before.n_lookups :]
                for path, key, written, value, origin in step.leaf.puts:
                    machine.put(path, key, written, _again(value, machine.waiting, before.n_waiting), origin)
                machine.current = before.current
                return step.leaf
            if step.ask is None:
                break
            kind, of = step.ask
            answer = self._asked(of, machine, run) if kind == "call" else machine.answer(kind, of)
            if answer is None and kind == "call":
                break
            step = step.answers.get(answer_key(answer))
        before.restore(machine)
        return None

    def _asked(self, beginning: Beginning, machine: Machine, run: Running) -> Leaf | None:
        """How a call in one that is repeated ends; None where that cannot be told here."""
        identity = beginning.function[0]
        function = self.places.functions.get(identity)
        if function is None:
            return None
        beginning = beginning.with_digest(self.digest(identity), self.calls)
        if beginning.function in self.calls.opaque:
            return None
        machine.called.add(function)
        if beginning.owner is not None:
            machine.object_of(beginning.owner)
        leaf = self._walk(beginning.first, function, machine, run) if beginning.first is not None else None
        return leaf if leaf is not None else self._run(beginning, function, machine, run)

    def _run(self, beginning: Beginning, function: Function, machine: Machine, run: Running) -> Leaf | None:
        depth, _, conditions, puts, *_ = beginning.key
        if beginning.arguments is None or beginning.function in self.calls.unrepeatable or not self.runs:
            return None
        if puts != tuple(machine.puts):
            return None  # what is put into maps within a call is in place when that is over
        arguments = [_new_argument(one) for one in beginning.arguments]
        this = machine.object_of(beginning.owner) if beginning.owner is not None else None
        given = tuple(
            [
                one
                for one, kept in zip(arguments, beginning.arguments, strict=True)
                if isinstance(kept, _KeptRef) and kept.is_given
            ]
        )
        before = machine.conditions, machine.begun, machine.current
        machine.conditions, machine.begun = list(conditions), function.node
        frame = Frame(machine, None, None, depth)
        try:
            _, leaf = run(Call(beginning, given), function, arguments, frame, this, function.node, ())
        except Thrown:
            leaf = None
        except (Pruned, OutOfBudget, Unrepeatable):
            raise
        except Exception:  # noqa: BLE001 - whatever it is, it comes again and to whom it concerns when the path is run
            leaf = None
        if leaf is None:
            self.calls.unrepeatable.add(beginning.function)
            raise Unrepeatable
        machine.conditions, machine.begun, machine.current = before
        return leaf

    def _is_current(self, step: Step) -> bool:
        """Are the functions that it runs as they were? Its places are those of now then."""
        for effect in step.effects:
            if effect[0] == "rests_on" and self.digest(effect[1][0]) != effect[1][1]:
                return False
        moving = self._moving(step.places)
        step.effects = [_moved(effect, moving) for effect in step.effects]
        leaf = step.leaf
        if leaf is not None:
            leaf.value = _replaced(leaf.value, moving)
            leaf.given = tuple([_replaced(one, moving) for one in leaf.given])
            leaf.puts = tuple([(*put[:3], _replaced(put[3], moving), moving.origin(put[4])) for put in leaf.puts])
        step.places = self.places
        return True

    def _effect(self, effect: tuple[Any, ...], machine: Machine, n_waiting: int) -> None:
        kind, *of = effect
        if kind == "spend":
            machine.effort.spend(of[0])
        elif kind == "send":
            expanded = machine.waiting[n_waiting + of[0]]
            expanded.sent = True
            machine.hand_over(expanded, of[1])
        elif kind == "expanded":
            shader, defines, location, identity = of
            function = self.places.functions[identity]
            machine.waiting.append(Expanded(shader, defines, location, function, tuple(machine.lookups)))
        elif kind == "lookup":
            member, location, leaves = of
            machine.lookups.append(Lookup(member, location, leaves, machine.knowledge.state.decided))
        elif kind == "alias":
            machine.aliases.setdefault(*of)
        elif kind == "ends":
            machine.note_endings(*of)
        elif kind == "unknown":
            machine.world.unknown.setdefault(*of)
        elif kind == "global":
            machine.world.globals.add(of[0])
        elif kind == "rests_on":
            machine.called.add(self.places.functions[of[0][0]])

    def again(self, leaf: Leaf, machine: Machine, n_waiting: int) -> Any:
        """The value of a repeated call that began when there were `n_waiting` expanded shaders."""
        return _again(leaf.value, machine.waiting, n_waiting)


class _Before:
    """Where a machine was before something that is not to have been. What it notes once, however often, stays: the path
    comes to it again, and so does what was found out and sent, with the effort of that."""

    __slots__ = ("_for_good", "_left", "_n_puts", "_position", "_state", "current", "n_lookups", "n_waiting")

    def __init__(self, machine: Machine) -> None:
        self._state: Situation = machine.knowledge.state
        self._position = machine.knowledge.choices.position
        self._left = machine.effort.left
        self._for_good = machine.effort.for_good
        self._n_puts = len(machine.puts)
        self.n_waiting = len(machine.waiting)
        self.n_lookups = len(machine.lookups)
        self.current = machine.current

    def restore(self, machine: Machine) -> None:
        machine.knowledge.state = self._state
        machine.knowledge.choices.skip_to(self._position)
        machine.effort.restore(self._left - (machine.effort.for_good - self._for_good))
        del machine.waiting[self.n_waiting :], machine.lookups[self.n_lookups :]
        machine.take_back(self._n_puts)
        machine.current = self.current


def _moved(effect: tuple[Any, ...], moving: Moving) -> tuple[Any, ...]:
    kind = effect[0]
    if kind == "expanded":
        _, shader, defines, location, function = effect
        return kind, shader, moving.given(defines), moving.location(location), function
    return tuple([moving.location(one) if isinstance(one, Location) else one for one in effect])


def _copied(value: Any, n_waiting: int, waiting: list[Expanded]) -> Any:
    """A value to be kept. Raises _Opaque."""
    if isinstance(value, (*_PLAIN, Outside)):
        return value
    if isinstance(value, Expanded):
        number = next((index for index, one in enumerate(waiting) if one is value), -1)
        if number < n_waiting:
            raise _Opaque
        return _Made(number - n_waiting)
    return _rebuilt(value, lambda one: _copied(one, n_waiting, waiting), None)


def _kept_argument(value: Any) -> Any:
    """Raises _Opaque."""
    if isinstance(value, Ref):
        return _KeptRef(value, is_given=False)
    return value if isinstance(value, _KeptRef) else _copied(value, 0, [])


def _new_argument(kept: Any) -> Any:
    return kept.again() if isinstance(kept, _KeptRef) else _again(kept, [], 0)


def _again(value: Any, waiting: list[Expanded], n_waiting: int) -> Any:
    """A kept value, as one that shares nothing that may change."""
    if isinstance(value, _Made):
        return waiting[n_waiting + value.number]
    if isinstance(value, (StructValue, ListValue, OptionalValue, Pointer)):
        return _rebuilt(value, lambda one: _again(one, waiting, n_waiting), None)
    return value


def _replaced(value: Any, moving: Moving) -> Any:
    """A kept value with the places of now."""
    if isinstance(value, (StructValue, ListValue, OptionalValue, Pointer)):
        return _rebuilt(value, lambda one: _replaced(one, moving), moving)
    return value


def _rebuilt(value: Any, of: Callable[[Any], Any], moving: Moving | None) -> Any:
    if type(value) is StructValue:
        return StructValue(value.type, {name: of(one) for name, one in value.fields.items()})
    if isinstance(value, ListValue):
        origins = [moving.origin(one) for one in value.origins] if moving is not None else list(value.origins)
        return ListValue([of(one) for one in value.items], origins, dict(value.guards), value.element, value.kind)
    if isinstance(value, OptionalValue):
        return OptionalValue(*[of(one) for one in value.box])
    if isinstance(value, Pointer):
        return Pointer(of(value.target))
    raise _Opaque


def _frozen(value: Any, holders: set[int] | None) -> object:
    """A value as a part of a key. `holders`: of the places in an argument (None: it is none). Raises _Opaque."""
    if isinstance(value, Ref):
        return _frozen(value.get(), holders)
    if isinstance(value, (str, Term, Input)) or value is None or value is UNSET:
        return value
    if isinstance(value, (int, float, Shader)):
        return type(value), value
    if isinstance(value, Outside):
        return "outside", value.path, value.type
    if isinstance(value, _Made):
        return "made", value.number
    if isinstance(value, Pointer) and holders is None:
        return "pointer", _frozen(value.target, None)
    if isinstance(value, StructValue):
        if holders is not None:
            holders.add(id(value.fields))
        if any(isinstance(one, Ref) for one in value.fields.values()):
            raise _Opaque
        return (value.type, *[(name, _frozen(one, holders)) for name, one in value.fields.items()])
    if isinstance(value, ListValue) and not value.guards and not any(value.origins):
        if holders is not None:
            holders.add(id(value.items))
        return ("list", value.kind, value.element, *[_frozen(one, holders) for one in value.items])
    if isinstance(value, OptionalValue):
        if holders is not None:
            holders.add(id(value.box))
        return ("optional", *[_frozen(one, holders) for one in value.box])
    raise _Opaque
