"""Recall: what calls of functions did before, so that a call is run once for all that it reads.

A call reads its arguments, and then asks: what is known of a value, which way a decision goes, what a device has, what
a call in it gives. What it did is a tree of these questions, kept by function and arguments; a call that gets the same
answers again, on another path, for another device or in a later reading, does the same again, so its effects are put in
place instead. A function that changed since has another digest, and what asks for it goes no further than to there.
What is repeated spends the effort that it took (effort.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from wgsl_ls.host.effort import Effort, OutOfBudget
from wgsl_ls.host.knowledge import Pruned
from wgsl_ls.host.machine import Machine
from wgsl_ls.host.memory import FunctionId, Moving, Places
from wgsl_ls.host.program import Function
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


class Step:
    """What a call did up to a question, and what followed from each answer; or up to its end (`leaf`). `places`: of the
    files at the time when its effects were noted."""

    __slots__ = ("answers", "ask", "cost", "effects", "leaf", "places")

    def __init__(self) -> None:
        self.effects: list[tuple[Any, ...]] = []
        self.cost = 0
        self.ask: tuple[str, Any] | None = None
        self.answers: dict[object, Step] = {}
        self.leaf: Leaf | None = None
        self.places: Places | None = None


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


class Calls:
    """What is kept from reading to reading: the first step of each call, by `_Call.key`."""

    MOST: Final = 250_000

    def __init__(self) -> None:
        self.first: dict[object, Step] = {}
        self.n_steps = 0
        self.opaque: set[tuple[FunctionId, str]] = set()
        """Functions that do what cannot be repeated, with their digests."""

    @property
    def is_full(self) -> bool:
        return self.n_steps > self.MOST


class Call:
    """A call that may be repeated. `key`: what it begins with; `given`: places that it was given to write to."""

    __slots__ = ("given", "identity", "key")

    def __init__(self, key: object, identity: tuple[FunctionId, str], given: tuple[Ref, ...]) -> None:
        self.key = key
        self.identity = identity
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
        self.step = self._begun(self.calls.first.get(call.key))
        self.calls.first[call.key] = self.step
        self._mark = self.effort.left

    def _begun(self, known: Step | None) -> Step:
        """A step whose effects are noted anew: a call does the same again up to where it goes on differently."""
        if known is None:
            known = Step()
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
        if step.leaf is not None or (step.ask is not None and step.ask != ask):
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
        if step.leaf is None:
            step.ask, step.answers, step.leaf = None, {}, Leaf()
        leaf = step.leaf  # the same again is one object: it is the answer that whoever called it went on from
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
    ) -> None:
        self.calls = calls
        self.places = places
        self.digest = digest
        self._moving = moving

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
                elif can_change and not isinstance(argument, (Outside, *_PLAIN)):
                    return None
                keys.append(_frozen(argument, holders))
        except (_Opaque, KeyError, IndexError):
            return None
        places = [(id(one.holder), one.key) for one in given]
        if given and (len(set(places)) < len(places) or any(id(one.holder) in holders for one in given)):
            return None
        if given and any(isinstance(one, Ref) and self._is_one_of(one, places, given) for one in arguments):
            return None
        key = (known, depth, this is not None, tuple(machine.conditions), tuple(machine.puts), *keys)
        return Call(key, known, tuple(given))

    def _is_one_of(self, ref: Ref, places: list[tuple[int, Any]], given: list[Ref]) -> bool:
        """Is a variable that may be written to given in another way, too?"""
        while isinstance(inner := ref.holder[ref.key], Ref):
            ref = inner
        return (id(ref.holder), ref.key) in places and ref not in given

    def rests_on(self, function: Function, machine: Machine) -> None:
        """The call that runs has one in it that is run with it."""
        identity = self.places.identity(function)
        if identity is not None:
            machine.note("rests_on", (identity, self.digest(identity)))

    # Again

    def repeated(self, call: Call, machine: Machine) -> Leaf | None:
        """Put what the call did in place, if that is known from here. Raises Pruned and OutOfBudget, as it would."""
        first = self.calls.first.get(call.key)
        if first is None:
            return None
        knowledge, effort = machine.knowledge, machine.effort
        state, position, left = knowledge.state, knowledge.choices.position, effort.left
        log: list[tuple[Any, ...]] = []
        recorder, machine.calling = machine.calling, None
        ends: BaseException | None = None
        try:
            leaf = self._walk(first, machine, log)
        except (Pruned, OutOfBudget) as problem:
            leaf, ends = None, problem
        finally:
            effort.restore(left)
            machine.calling = recorder
        after, after_position, n_waiting = knowledge.state, knowledge.choices.position, len(machine.waiting)
        if leaf is None and ends is None:
            knowledge.state = state
            knowledge.choices.skip_to(position)
            return None
        machine.calling = None
        try:
            self._put_in_place(log, machine)
            if leaf is not None:
                for place, value in zip(call.given, leaf.given, strict=True):
                    place.set(_again(value, machine.waiting, n_waiting))
        finally:
            machine.calling = recorder
        knowledge.state = after
        knowledge.choices.skip_to(after_position)
        if ends is not None:
            raise ends.with_traceback(None)
        return leaf

    def _walk(self, step: Step | None, machine: Machine, log: list[tuple[Any, ...]]) -> Leaf | None:
        """Ask what the call asked; None where it is not known how it went on from an answer."""
        knowledge, effort = machine.knowledge, machine.effort
        log.append(("begin",))
        while step is not None and self._is_current(step):
            log.append(("step", step, knowledge.state, knowledge.choices.position))
            if step.leaf is not None:
                log.append(("end", step.leaf))
                return step.leaf
            if step.ask is None:
                return None
            kind, of = step.ask
            answer: Any
            if kind == "call":
                known = of[0]
                if self.digest(known[0]) != known[1]:
                    return None
                log.append(("called", self.places.functions[known[0]]))
                answer = self._walk(self.calls.first.get(of), machine, log)
                if answer is None:
                    return None
            else:
                before = effort.left
                try:
                    answer = machine.answer(kind, of)
                finally:
                    log.append(("cost", before - effort.left))
            step = step.answers.get(answer_key(answer))
        return None

    def _is_current(self, step: Step) -> bool:
        """Are the functions that it runs as they were? Its places are those of now then."""
        places = step.places
        for effect in step.effects:
            if effect[0] == "rests_on" and self.digest(effect[1][0]) != effect[1][1]:
                return False
        if places is not self.places and places is not None:
            moving = self._moving(places)
            step.effects = [_moved(effect, moving) for effect in step.effects]
            leaf = step.leaf
            if leaf is not None:
                leaf.value = _replaced(leaf.value, moving)
                leaf.given = tuple([_replaced(one, moving) for one in leaf.given])
                leaf.puts = tuple([(*put[:3], _replaced(put[3], moving), moving.origin(put[4])) for put in leaf.puts])
            step.places = self.places
        return True

    def _put_in_place(self, log: list[tuple[Any, ...]], machine: Machine) -> None:
        knowledge, effort = machine.knowledge, machine.effort
        begun: list[tuple[int, int]] = []
        for what, *more in log:
            if what == "step":
                step, knowledge.state, position = more
                knowledge.choices.skip_to(position)
                for effect in step.effects:
                    self._effect(effect, machine, begun[-1][0])
                effort.spend(step.cost)
            elif what == "cost":
                effort.spend(more[0])
            elif what == "called":
                machine.called.add(more[0])
            elif what == "begin":
                begun.append((len(machine.waiting), len(machine.lookups)))
            else:
                n_waiting, n_lookups = begun.pop()
                del machine.lookups[n_lookups:]
                for path, key, written, value, origin in more[0].puts:
                    machine.put(path, key, written, _again(value, machine.waiting, n_waiting), origin)

    def _effect(self, effect: tuple[Any, ...], machine: Machine, n_waiting: int) -> None:
        kind, *of = effect
        if kind == "spend":
            machine.effort.spend(of[0])
        elif kind == "send":
            expanded = machine.waiting[n_waiting + of[0]]
            expanded.sent = True
            machine.on_expanded(expanded, of[1])
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


def _frozen(value: Any, holders: set[int]) -> object:
    """An argument as a part of a key. `holders`: of the places in it. Raises _Opaque."""
    if isinstance(value, Ref):
        return _frozen(value.get(), holders)
    if isinstance(value, (str, Term, Input)) or value is None or value is UNSET:
        return value
    if isinstance(value, (int, float, Shader)):
        return type(value), value
    if isinstance(value, Outside):
        return "outside", value.path, value.type
    if isinstance(value, StructValue):
        holders.add(id(value.fields))
        if any(isinstance(one, Ref) for one in value.fields.values()):
            raise _Opaque
        return (value.type, *[(name, _frozen(one, holders)) for name, one in value.fields.items()])
    if isinstance(value, ListValue) and not value.guards and not any(value.origins):
        holders.add(id(value.items))
        return ("list", value.kind, value.element, *[_frozen(one, holders) for one in value.items])
    if isinstance(value, OptionalValue):
        holders.add(id(value.box))
        return ("optional", *[_frozen(one, holders) for one in value.box])
    raise _Opaque
