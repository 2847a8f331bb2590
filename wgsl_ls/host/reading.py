"""read_host: the texts of a host program -> HostReading.

Every function that calls the preprocessor is run on all its paths, for each device: through the gate (what the
host takes at all) and the function that hands work out, where there are such; by itself where these do not lead
to it, or where a gap lay on the way. Budgets count steps and paths; time only where steps are no measure (effort.py).
"""

from __future__ import annotations

import re
import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, Final

from wgsl_ls.host.caches import Caches
from wgsl_ls.host.cases import OPERATION, Case, Reasoning, joined
from wgsl_ls.host.declarations import read_program
from wgsl_ls.host.device import device_facts, needed_features
from wgsl_ls.host.discovery import facts_of
from wgsl_ls.host.effort import BadValue, Effort, OutOfBudget
from wgsl_ls.host.emission import Emitter
from wgsl_ls.host.findings import equal_keys, find, not_served
from wgsl_ls.host.integers import integer
from wgsl_ls.host.interpreter import Interpreter
from wgsl_ls.host.jumps import Broken, Continued, Returned
from wgsl_ls.host.knowledge import Choices, Knowledge, Pruned, Situation
from wgsl_ls.host.library import HostLibrary
from wgsl_ls.host.machine import Ending, Frame, Machine, NotUnderstood, World
from wgsl_ls.host.memory import FunctionId, Memory, Moving, Places, Run, kept_in, squeezed, words
from wgsl_ls.host.model import HostFunction, HostGap, HostGate, HostReading, HostShader, HostVariant, ShaderText, Status
from wgsl_ls.host.program import Function, Program
from wgsl_ls.host.recall import Calls, Recall, Unrepeatable
from wgsl_ls.host.roles import dispatch_function, shader_names
from wgsl_ls.host.slicing import CallGraph, own_names, static_names
from wgsl_ls.host.syntax import SourceTree
from wgsl_ls.host.terms import Terms, Undefined
from wgsl_ls.host.values import Expanded
from wgsl_ls.text.source_file import text_digest
from wgsl_ls.text.span import Location, Span

_BASE_SAMPLE: Final = (
    64, 128, 32, 256, 16, 8, 4, 1, 2, 3, 5, 7, 17, 33, 48, 65, 96, 127, 129, 257, 512, 1024, 2048, 4096, 0, 6, 12, 66,
    68, 72, 258, 260, 264, 1026,
)  # fmt: skip  # numbers that stand for all others
_MOST_SAMPLE: Final = 160
_MOST_WIDENINGS: Final = 12  # readings of one text, each for a wider sample


@dataclass(frozen=True, slots=True)
class Budget:
    """Of one run of one function: `steps` over all its paths, and paths. `variants`: of one shader on one
    device. Of all runs together: `all_steps`, and `seconds` of computing."""

    steps: int = 4_000_000
    paths: int = 30_000
    variants: int = 60_000
    all_steps: int = 40_000_000
    seconds: float = 30.0


@dataclass(slots=True)
class _Making:
    """What a run that is being made has found so far; see memory.Run."""

    gaps: dict[tuple[FunctionId | None, HostGap], None] = field(default_factory=dict)
    loose: dict[tuple[str, str], None] = field(default_factory=dict)
    called: set[Function] = field(default_factory=set)
    endings: dict[Ending, None] = field(default_factory=dict)


def read_host(
    texts: Mapping[str, str],
    shaders: Sequence[ShaderText],
    library: HostLibrary,
    profiles: Sequence[Any],
    budget: Budget | None = None,
    memory: Memory | None = None,
) -> HostReading:
    """`texts`: C++ by path; `profiles`: the DeviceProfiles to read for; `memory`: of an earlier reading for the same
    shaders, library and profiles. Never raises for what the texts contain."""
    memory = memory or Memory()
    memory.forget_wider()
    end = time.thread_time() + (budget or Budget()).seconds / 2
    for may_widen in (*(True,) * _MOST_WIDENINGS, False):
        try:
            may_widen = may_widen and time.thread_time() < end
            return _Reader(texts, shaders, library, profiles, budget or Budget(), memory, may_widen).read()
        except _TooNarrow:
            continue
    raise AssertionError("the last reading may not ask for a wider sample")


class _TooNarrow(Exception):
    """Samples lack values that decide something."""


class _Reader:
    def __init__(
        self,
        texts: Mapping[str, str],
        shaders: Sequence[ShaderText],
        library: HostLibrary,
        profiles: Sequence[Any],
        budget: Budget,
        memory: Memory,
        may_widen: bool = False,
    ) -> None:
        self.memory = memory
        self.may_widen = may_widen
        self.shaders = {shader.stem: shader for shader in shaders}
        self.library = library
        self.budget = budget
        self.effort = Effort(budget.all_steps, seconds=budget.seconds)
        self.program: Program = read_program(texts.items(), memory.trees, library.spoken_macros)
        self.places = Places(self.program)
        self.program.add_enums(library.enums)
        needed = needed_features(self.program, library)
        self.refused: list[tuple[str, str]] = []
        self.profiles: list[Any] = []
        for profile in profiles:
            facts = device_facts(profile, Terms())
            lacking = [fact for fact in needed if facts.get(fact) is False]
            if lacking:
                self.refused.append((profile.name, lacking[0]))
            else:
                self.profiles.append(profile)
        self.graph = CallGraph(self.program, library, memory.of_text)
        leading = [function for function in self.graph.calls if function.name in self.graph.reaching]
        caches = Caches(leading, self.graph.reaching.union(library.preprocess), memory.of_text)
        self.interpreter = Interpreter(
            self.program,
            library.pure,
            self.graph.relevant,
            frozenset(self.graph.direct),
            frozenset(library.aborts),
            caches,
        )
        self.sample = self._sample()
        self.shader_names = shader_names(self.program, self.shaders, library.shader_names)
        outside = self.places.outside(memory.of_text)
        declared = (outside, self.sample, sorted(self.shader_names.items()), sorted(caches.names), memory.wider)
        memory.begin(text_digest(repr(declared)))
        self.terms = memory.terms
        self.same = tuple((re.compile(pattern), replacement) for pattern, replacement in library.same)
        self.gate = self._named(self.library.gate)
        self.emitter = Emitter(self.shaders, budget.variants, memory.parts, self._gates())
        self.gaps: dict[Function | None, dict[HostGap, None]] = {}
        self.loose: dict[str, set[str]] = {}
        self.unhanded: set[Function] = set()
        self.facts: set[str] = set()  # of the device, that any function asks for
        self.tables: dict[str, Any] = {}
        self.names: dict[str, str] = {}
        self.endings: dict[Ending, None] = {}
        self.direct = frozenset(self.graph.direct)
        self._making = _Making()
        self._digests: dict[FunctionId, str] = {}
        self._current: dict[int, Run | None] = {}
        self._movings: dict[Places, Moving] = {}
        if memory.calls is None or memory.calls.is_full:
            memory.calls = Calls()
        self.recall = Recall(memory.calls, self.places, self._digest, self._moving, self.direct)
        for path, tree in self.program.trees.items():
            if not tree.is_read:
                first_line = Span(0, len(tree.written.partition("\n")[0]))
                gap = HostGap(Location(path, first_line), "this file is too entangled to be read as C++")
                self.gaps.setdefault(None, {})[gap] = None
            elif tree.broken and self._asks_in_vain(tree):
                gap = HostGap(tree.broken[0], "here this file, which asks for a shader, is no C++ that can be read")
                self.gaps.setdefault(None, {})[gap] = None

    def _asks_in_vain(self, tree: SourceTree) -> bool:
        """Are there words of a call of the preprocessor, and no function with one?"""
        if any(one.node.tree is tree for one in self.graph.direct):
            return False
        asked = partial(facts_of, tree.written, self.shaders, self.library.preprocess)
        return bool(self.memory.of_text("asks", tree.written, lambda: asked().is_asking))

    def read(self) -> HostReading:
        gate, dispatch = self.gate, self._dispatch()
        reached = self.graph.reached_from(dispatch) if dispatch is not None else frozenset()
        worlds = {profile.name: self._world(profile) for profile in self.profiles}
        starts_of: dict[str, Sequence[Case]] = {}
        for name, world in worlds.items():
            starts: Sequence[Case] = (Case(),)
            if gate is not None:
                starts = self._run(gate, world, name, starts, wants=True) or starts
            starts_of[name] = starts
            if dispatch is not None:
                self._run(dispatch, world, name, starts, wants=False)
        if dispatch is None:
            for entry in self.graph.entries():
                for name, world in worlds.items():
                    self._run(entry, world, name, starts_of[name], wants=False)
            reached = frozenset(self.emitter.functions)
        for function in self.graph.direct:
            if function not in reached or self._lost(dispatch, function):
                self.unhanded.add(function)
                for name, world in worlds.items():
                    self._run(function, world, name, (Case(),), wants=False)
        self._without_macros()
        self._narrow_samples(dispatch or gate)
        self.memory.end()
        return self._result()

    def _lost(self, dispatch: Function | None, function: Function) -> bool:
        """Did gaps on the way keep the function from being reached as it should?"""
        return bool(self.gaps.get(dispatch)) and function not in self.emitter.functions and not self.gaps.get(function)

    # One function

    def _run(self, function: Function, world: World, profile: str, starts: Sequence[Case], wants: bool) -> list[Case]:
        """Run `function` from `starts`, each operation by itself. `wants`: keep what holds where it answers yes."""
        ends: list[Case] = []
        identity = self.places.identity(function)
        operations: dict[object, list[Case]] = {}
        operation = self.terms.inputs.get(OPERATION)
        for start in starts:
            one = start.domains.get(operation) if operation is not None else None
            operations.setdefault(one or id(start), []).append(start)
        for cases in operations.values():
            key = (identity, wants, *(case.key for case in cases))
            run = self._known(key, world)
            if run is None:
                earlier = next(self.memory.runs(key), None)  # what followed from its cases follows again
                state = earlier.state if earlier is not None and not earlier.state.is_full else Situation(cases)
                run = self._paths(function, world, state, wants)
                if not self.effort.is_spent:  # what the whole left undone may be done another time
                    self.memory.keep(key, run)
                self._current[id(run)] = run
            if self.terms.found and self.may_widen and self.memory.widen():
                raise _TooNarrow
            self._take(run, world, profile)
            ends.extend(run.ends)
        return ends

    def _known(self, key: object, world: World) -> Run | None:
        """A run made before that would be the same now."""
        for run in self.memory.runs(key):
            if all(world.device.get(fact) == value for fact, value in run.asked.items()):
                if id(run) not in self._current:
                    is_same = all(self._digest(one) == digest for one, digest in run.rests_on)
                    moved = self._moved(run) if is_same else None
                    self._current[id(run)] = moved
                    if moved is not None:
                        self._current[id(moved)] = moved
                        self.memory.keep(key, moved, instead=run)
                found = self._current[id(run)]
                if found is not None:
                    return found
        return None

    def _moved(self, run: Run) -> Run:
        if run.places is self.places:
            return run
        return self._moving(run.places).run(run)

    def _moving(self, before: Places) -> Moving:
        moving = self._movings.get(before)
        if moving is None:
            moving = self._movings[before] = Moving(self.places, before, self.memory.parts)
        return moving

    def _digest(self, identity: FunctionId) -> str:
        """Of all that matters of a function, "" where there is no such function."""
        found = self._digests.get(identity)
        if found is None:
            function = self.places.functions.get(identity)
            found = self._digests[identity] = self._digest_of(function) if function is not None else ""
        return found

    def _digest_of(self, function: Function) -> str:
        text, of_text = function.node.text, self.memory.of_text
        kept = self.graph.relevant(function)
        ranks: list[int] = []
        if kept is not None:
            offsets = of_text("kept", text, lambda: kept_in(text, 0, len(text)))
            ranks = sorted(bisect_left(offsets, start - function.node.start) for start in kept)
        named = of_text("words", text, lambda: words(text))
        called = sorted(named & self.program.functions.keys())
        signatures = [
            (name, one.owner, one.is_macro, [(each.type.spelled, each.name) for each in one.parameters])
            for name in called
            for one in self.program.functions[name]
        ]
        changing = self.program.changing(named)
        if "static" in of_text("words", function.body.text, lambda: words(function.body.text)):
            changing += filter(self.program.may_change, sorted(static_names(function)))
        told = (kept is None, ranks, signatures, function in self.direct, changing)
        return text_digest(of_text("squeezed", text, lambda: squeezed(text)) + repr(told))

    def _take(self, run: Run, world: World, profile: str) -> None:
        """What a run found holds for devices of `profile`."""
        functions = self.places.functions
        self.facts.update(run.asked)
        for identity, gap in run.gaps:
            self._gap(functions[identity] if identity is not None else None, gap)
        for stem, why in run.loose:
            self.loose.setdefault(stem, set()).add(why)
        for name, location in run.unknown.items():
            world.unknown.setdefault(name, location)
        self.endings.update(dict.fromkeys(run.endings))
        self.emitter.give(run, profile, functions)

    def _paths(self, function: Function, world: World, state: Situation, wants: bool) -> Run:
        starts = state.cases
        choices = Choices()
        effort = Effort(self.budget.steps, self.effort)
        reasoning = Reasoning(self.memory.answers, self.terms, effort)
        ends: dict[object, Case] = {}
        asked: dict[str, object] = {}
        making = self._making = _Making()
        unknown_before = frozenset(world.unknown)
        gated = frozenset(one for start in starts for one in start.inputs())
        self.emitter.begin()
        for _ in range(self.budget.paths):
            for self.recall.runs in (True, False):
                choices.start()
                left, for_good = effort.left, effort.for_good
                knowledge = Knowledge(self.terms, choices, state, reasoning)
                machine = Machine(world, knowledge, effort, lambda expanded, label: None)
                machine.on_expanded = self._sender(machine)
                machine.recall = self.recall
                machine.called = making.called
                machine.endings, machine.gated = making.endings, gated
                try:
                    kept = self._path(function, machine, wants)
                    break
                except Unrepeatable:
                    effort.restore(left - (effort.for_good - for_good))
            asked.update(machine.asked)
            if kept:
                for case in knowledge.cases:
                    ends.setdefault(case.key, case.start())
            if effort.is_spent:
                break
            if not choices.advance():
                break
        else:
            effort.left = -1
            self._found(function, HostGap(_name_location(function), f"more than {self.budget.paths:,} paths"))
        if wants and effort.is_spent:
            ends = {case.key: case for case in starts}  # what else it would say no to is not known
        effort.end()
        made, askers, kept_in_caches = self.emitter.end()
        identity = self.places.identity
        rests_on = {identity(one) for one in (function, *making.called)} - {None}
        return Run(
            tuple(joined(ends.values())),
            asked,
            made,
            tuple((stem, one) for stem, asker in askers if (one := identity(asker)) is not None),
            tuple(making.gaps),
            tuple(making.loose),
            {name: place for name, place in world.unknown.items() if name not in unknown_before},
            kept_in_caches,
            tuple(making.endings),
            tuple((one, self._digest(one)) for one in sorted(filter(None, rests_on))),
            self.places,
            state,
        )

    def _path(self, function: Function, machine: Machine, wants: bool) -> bool:
        """Run one path; True when it is one that a gate lets through."""
        place = function.node
        try:
            answer = self._call(function, machine)
            if wants:
                return machine.knowledge.decide(self.interpreter.truth(answer, machine))
            for expanded in machine.waiting:
                if not expanded.sent:
                    expanded.sent = True
                    machine.on_expanded(expanded, expanded.shader.stem)
        except Pruned:
            pass
        except NotUnderstood as problem:
            self._found(self._innermost(machine, function), HostGap(problem.node.location, problem.what))
            return wants
        except OutOfBudget as problem:
            machine.effort.left = -1
            what = f"{problem}, over all functions" if self.effort.is_spent else str(problem)
            self._found(function, HostGap(_name_location(function), what))
        except BadValue as problem:
            innermost = self._innermost(machine, function)
            self._found(innermost, HostGap(_name_location(innermost), str(problem)))
            return wants
        except (Broken, Continued, Returned):
            pass
        except Undefined:
            pass
        except RecursionError:
            self._found(function, HostGap(place.location, "nested too deeply"))
            machine.effort.left = -1
        return False

    def _call(self, function: Function, machine: Machine) -> Any:
        this = machine.object_of(function.owner) if function.owner is not None else None
        frame = Frame(machine, function, this)
        arguments: list[Any] = []
        for parameter in function.parameters:
            type_ = self.program.resolved(parameter.type)
            is_result = parameter.type.is_reference and not parameter.type.is_const
            if is_result and type_.name in ("string", "vector", "map", "unordered_map"):
                arguments.append(self.interpreter.zero(type_, frame))
            else:
                arguments.append(machine.outside(parameter.name, parameter.type))
        return self.interpreter.call(function, arguments, frame, this, function.node)

    def _innermost(self, machine: Machine, function: Function) -> Function:
        return machine.current or function

    def _sender(self, machine: Machine) -> Any:
        def send(expanded: Expanded, label: Any) -> None:
            for problem in self.emitter.send(machine, expanded, label):
                self._found(expanded.function, problem)
            if machine.knowledge.is_loose:
                self._making.loose.setdefault((expanded.shader.stem, "numbers were not compared with each other"))

        return send

    def _found(self, function: Function, gap: HostGap) -> None:
        self._making.gaps.setdefault((self.places.identity(function), gap))

    def _gap(self, function: Function | None, gap: HostGap) -> None:
        self.gaps.setdefault(function, {}).setdefault(gap)

    # What there is

    def _named(self, pattern: str) -> Function | None:
        found = [function for function in self.program.all_functions() if fnmatchcase(function.name, pattern)]
        found = [function for function in found if not function.is_macro and len(function.parameters) >= 1]
        return max(found, key=lambda function: len(function.body.text), default=None) if pattern else None

    def _gates(self) -> dict[str, HostGate]:
        """By operation, where the gate first has its name as a label."""
        if self.gate is None:
            return {}
        labels = (node.field("value") for node in self.gate.body.walk() if node.kind == "case_statement")
        found: dict[str, HostGate] = {}
        for label in labels:
            if label is not None:
                found.setdefault(label.text.rpartition("::")[2], HostGate(self.gate.name, label.location))
        return found

    def _dispatch(self) -> Function | None:
        if self.library.dispatch:
            return self._named(self.library.dispatch)
        return dispatch_function(self.graph, self.direct)

    def _world(self, profile: Any) -> World:
        return World(
            program=self.program,
            library=self.library,
            terms=self.terms,
            device=device_facts(profile, self.terms),
            sample=self.sample,
            shader_of=self.shader_names.get,
            preprocess=frozenset(self.library.preprocess),
            tables=self.tables,
            same=self.same,
            names=self.names,
        )

    def _sample(self) -> tuple[int, ...]:
        """Numbers that stand for all: usual ones, and those around the constants of the functions that matter."""
        found = dict.fromkeys(_BASE_SAMPLE)
        for _, initialiser in self.program.constants.values():
            value = integer(initialiser.text)
            if value is not None and value < 2**24 and len(found) < _MOST_SAMPLE // 2:
                found.update(dict.fromkeys((value, value - 1, value + 1)))
        for function in self.graph.direct:
            for value in self.memory.of_text("numbers", function.body.text, partial(_numbers, function)):
                if len(found) < _MOST_SAMPLE:
                    found.update(dict.fromkeys((value, value + 1)))
        return tuple(value for value in found if value >= 0)

    def _without_macros(self) -> None:
        """Shaders whose text is given to a call as it is: one variant without macros."""
        used = set(self.emitter.stems)
        for function in self.direct:
            text = function.body.text
            named = self.memory.of_text("words", text, partial(words, text)) & self.shader_names.keys()
            used.update(self.shader_names[name] for name in named)
        names = {name: stem for name, stem in self.shader_names.items() if stem not in used and name != stem}
        for function in self.graph.calls:
            text = function.body.text
            if names.keys().isdisjoint(self.memory.of_text("words", text, partial(words, text))):
                continue
            for node in function.body.walk():
                if node.kind != "argument_list":
                    continue
                for child in node.children:
                    stem = names.get(child.text) if child.kind == "identifier" else None
                    if stem is None or stem in used or child.text in own_names(function):
                        continue
                    title = next((one.text.strip('"') for one in node.children if one.kind == "string_literal"), stem)
                    for profile in self.profiles:
                        self.emitter.plain(HostVariant(stem, title, (), (), profile.name, function.name))
                    used.add(stem)

    def _narrow_samples(self, function: Function | None) -> None:
        """Say which inputs have values that decide something, and were not looked at."""
        for name, values in self.terms.found.items():
            if not self.memory.wider.get(name, {}).keys() >= values.keys():
                function = function or next(iter(self.graph.direct), None)
                if function is not None:
                    self._gap(
                        function, HostGap(_name_location(function), f"all values of {name} that decide something")
                    )

    # The result

    def _result(self) -> HostReading:
        variants = self.emitter.variants()
        chosen = _chosen(variants)
        if not self.facts and not self.refused and not self.library.needs:
            variants = _for_any_device(variants)
        sets: dict[str, set[object]] = {}
        functions: dict[str, list[HostVariant]] = {}
        for variant in variants:
            sets.setdefault(variant.shader, set()).add(id(variant.defines))
            functions.setdefault(variant.function, []).append(variant)
        for function in self.unhanded:
            if self.profiles and not functions.get(function.name) and not self.gaps.get(function):
                self._gap(function, HostGap(_name_location(function), "no path through it gives a variant"))
        unsure = {one for one in self.unhanded if any(variant.inputs for variant in functions.get(one.name, ()))}
        gaps = [gap for found in self.gaps.values() for gap in found]
        listed: list[HostFunction] = []
        for function in self.graph.direct:
            own = functions.get(function.name, [])
            listed.append(
                HostFunction(
                    function.name,
                    _name_location(function),
                    tuple(dict.fromkeys(variant.shader for variant in own)),
                    tuple(dict.fromkeys(one.name for variant in own for one in variant.inputs)),
                    len({(variant.shader, id(variant.defines)) for variant in own}),
                    tuple(self.gaps.get(function, ())),
                )
            )
        shader_at = {
            end.location: variants_of[0].shader
            for end in self.endings
            for function in self.graph.direct
            for variants_of in (functions.get(function.name),)
            if variants_of and function.node.location.path == end.location.path
            if function.node.start <= end.location.span.start < function.node.end
        }
        is_gate_known = self.gate is not None and not self.gaps.get(self.gate)
        endings = self.endings if is_gate_known else ()
        seen = (*equal_keys(self.emitter.clashes.values()), *not_served(endings, self._gates(), shader_at))
        return HostReading(
            tuple(self.program.trees),
            tuple(
                self._shader(one, len(sets.get(one, ())), chosen.get(one, ()), unsure) for one in sorted(self.shaders)
            ),
            variants,
            tuple(listed),
            tuple(sorted(set(gaps), key=lambda gap: (gap.location.path, gap.location.span.start, gap.what))),
            (*seen, *(find(variants, self.shaders) if any(one.names for one in self.shaders.values()) else ())),
            tuple(self.refused),
            tuple(place for tree in self.program.trees.values() for place in tree.broken),
        )

    def _shader(self, stem: str, n_variants: int, chosen: Sequence[str], unsure: Set[Function]) -> HostShader:
        """`unsure`: functions that give more or less, by how they are called, which is not known."""
        own = self.emitter.asked_by(stem)
        gaps = [
            gap
            for function, found in self.gaps.items()
            if function is None or function in own or not self.graph.reached_from(function).isdisjoint(own)
            for gap in found
            if function is not self.gate
        ]
        status: Status = "exact"
        why: list[str] = []
        if not n_variants or gaps:
            status = "incomplete"
            why.extend(gap.what for gap in gaps[:2])
            if not n_variants:
                why.append("no call of the preprocessor with it was understood")
        else:
            if not unsure.isdisjoint(own):
                why.append("it is not known how the function that asks for it is called")
            if self.gate is not None and self.gaps.get(self.gate):
                why.append(f"{self.gate.name} was not understood in all its parts")
            why.extend(sorted(self.loose.get(stem, ())))
            status = "over-approximate" if why else "exact"
            if chosen:
                why.append(f"numbers chosen for {', '.join(chosen)}")
        return HostShader(stem, status, "; ".join(why), n_variants)


def _for_any_device(variants: Sequence[HostVariant]) -> tuple[HostVariant, ...]:
    """Each once, where the host asks nothing of a device: it may know by other means which ones it is for."""
    found: dict[tuple[str, int], HostVariant] = {}
    for one in variants:
        found.setdefault((one.shader, id(one.defines)), replace(one, profile=""))
    return tuple(found.values())


def _chosen(variants: Sequence[HostVariant]) -> dict[str, list[str]]:
    """By shader, the names of the inputs of which not all values are used."""
    shared = {(variant.shader, id(variant.inputs)): variant.inputs for variant in variants}
    found: dict[str, dict[str, None]] = {}
    for (stem, _), inputs in shared.items():
        found.setdefault(stem, {}).update(dict.fromkeys(one.name for one in inputs if one.chosen))
    return {stem: list(names) for stem, names in found.items()}


def _numbers(function: Function) -> tuple[int, ...]:
    found = (integer(node.text) for node in function.body.walk() if node.kind == "number_literal")
    return tuple(dict.fromkeys(value for value in found if value is not None and value < 2**24))


def _name_location(function: Function) -> Location:
    start = function.node.start
    text = function.node.text
    at = text.find(function.name)
    start += max(at, 0)
    return Location(function.node.tree.path, function.node.tree.span(start, start + len(function.name)))
