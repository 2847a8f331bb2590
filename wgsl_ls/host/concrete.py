"""HostPlanner: what the host would dispatch for tensors with known numbers.

The host's own functions are interpreted (its gate, its dispatch, how much memory it asks for), with every input
known: nothing forks, and what rests on something unknown is a HostGap at its place. Nothing is compiled or run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Final

from wgsl_ls.host.cpp_types import CppType
from wgsl_ls.host.declarations import read_program
from wgsl_ls.host.effort import BadValue, Effort, OutOfBudget
from wgsl_ls.host.jumps import Broken, Continued, Returned
from wgsl_ls.host.knowledge import Pruned
from wgsl_ls.host.known import KnownInterpreter, KnownMachine, Undecided
from wgsl_ls.host.library import HostLibrary
from wgsl_ls.host.machine import INTEGERS, Frame, NotUnderstood, World
from wgsl_ls.host.memory import Memory
from wgsl_ls.host.model import HostGap, ShaderText
from wgsl_ls.host.program import Function, Program
from wgsl_ls.host.roles import dispatch_function, shader_names
from wgsl_ls.host.slicing import CallGraph
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.tensors import Graph, HostTensor, TensorFunctions
from wgsl_ls.host.terms import Terms, Undefined
from wgsl_ls.host.values import Ref, held
from wgsl_ls.host.webgpu import HostDispatch, Recorder

_MOST_STEPS: Final = 2_000_000
_ALLOCATION: Final = "*_get_alloc_size"
_BASE: Final = "*_buffer_get_base"
_FEW: Final[dict[str, str]] = {"minUniformBufferOffsetAlignment": "uniform_alignment", "maxBufferSize": "buffer_size"}


@dataclass(frozen=True, slots=True)
class HostPlan:
    """`dispatches`, in order; `written`: what the host writes to buffers that are no tensor's, by name, as (offset,
    bytes) in order; `n_nodes`: how many nodes of the graph they do."""

    dispatches: tuple[HostDispatch, ...]
    written: Mapping[str, tuple[tuple[int, bytes], ...]]
    n_nodes: int


class HostPlanner:
    """Of one host on one device. `facts`: of the device, by the names that the library maps the host's members to;
    all of them. `dispatch`: the function that hands work out, None where there is none."""

    def __init__(
        self,
        texts: Mapping[str, str],
        shaders: Sequence[ShaderText],
        library: HostLibrary,
        facts: Mapping[str, object],
    ) -> None:
        self.program: Program = read_program(texts.items())
        self.program.add_enums(library.enums)
        self._library = replace(library, device={**library.device, **_FEW}, same=())
        graph = CallGraph(self.program, library, Memory().of_text)
        self.dispatch = self._named(library.dispatch) or dispatch_function(graph, frozenset(graph.direct))
        functions = TensorFunctions(library, self.program.enumerators)
        self._interpreter = KnownInterpreter(
            self.program,
            frozenset(library.tables),
            functions,
            frozenset(library.aborts),
            library.shader_names.replace("{stem}", "*"),
        )
        names = shader_names(self.program, {one.stem: one for one in shaders}, library.shader_names)
        self._world = World(
            program=self.program,
            library=self._library,
            terms=Terms(),
            device=facts,
            sample=(),
            shader_of=names.get,
            preprocess=frozenset(library.preprocess),
        )
        self._gate = self._named(library.gate)
        self._allocation = self._named(_ALLOCATION)
        base = self._called(self._named(_BASE), None, ())
        self._base = base if isinstance(base, int) else 4096

    def on(self, facts: Mapping[str, object]) -> HostPlanner:
        """The same host on a device that differs in some facts."""
        other = copy(self)
        other._world = replace(self._world, device={**self._world.device, **facts})
        return other

    @cached_property
    def operations(self) -> tuple[str, ...]:
        """Operations that the gate and the dispatch both name as a case."""
        named: list[set[str]] = []
        for function in (self._gate, self.dispatch):
            if function is not None:
                cases = (node.field("value") for node in function.body.walk() if node.kind == "case_statement")
                named.append(
                    {one.text.removeprefix("GGML_OP_") for one in cases if one is not None and "_OP_" in one.text}
                )
        return tuple(sorted(set.intersection(*named))) if named else ()

    def reuses(self, op: str) -> bool:
        """May the library's allocator lay the result of the operation over one of its sources?"""
        return op in self._library.reuses

    def makes(self, function: str, n_parameters: int) -> bool:
        """Has the library a function of that many parameters? True where its text is not there."""
        found = self.program.functions.get(function)
        if found is None:
            sources = [f"/{name}" for name in self._library.files if not name.endswith("h")]  # headers only declare
            return not any(path.endswith(name) for path in self.program.trees for name in sources)
        return any(len(one.parameters) == n_parameters for one in found)

    def takes(self, tensor: HostTensor) -> bool | HostGap:
        """Does the host take this operation on these tensors at all? True where it has no gate."""
        if self._gate is None:
            return True
        answer = self._called(self._gate, None, (tensor,))
        return answer if isinstance(answer, HostGap) else bool(answer)

    def allocated(self, tensor: HostTensor) -> int | HostGap | None:
        """Bytes that the host has allocated for a tensor; None where it does not say."""
        if self._allocation is None:
            return None
        answer = self._called(self._allocation, None, (tensor,))
        return answer if isinstance(answer, (int, HostGap)) else None

    def plan(self, nodes: Sequence[HostTensor]) -> HostPlan | HostGap:
        """What is dispatched for the first of some nodes of a graph (and those it is fused with)."""
        if self.dispatch is None:
            raise LookupError("the host has no function that hands work out")
        recorder = Recorder()
        counts: dict[str, Any] = {}
        answer = self._called(self.dispatch, recorder, nodes, counts)
        if isinstance(answer, HostGap):
            return answer
        written = {name: tuple(writes) for name, writes in recorder.written.items()}
        n_nodes = next((value for value in counts.values() if isinstance(value, int)), 1)
        return HostPlan(tuple(recorder.dispatches), written, max(1, n_nodes))

    # One call

    def _named(self, pattern: str) -> Function | None:
        found = [one for one in self.program.all_functions() if fnmatchcase(one.name, pattern) and not one.is_macro]
        return max(found, key=lambda one: len(one.body.text), default=None) if pattern else None

    def _called(
        self,
        function: Function | None,
        recorder: Recorder | None,
        nodes: Sequence[HostTensor],
        counts: dict[str, Any] | None = None,
    ) -> Any:
        """What a function answers; a HostGap for what is not understood: where an argument could not be made as the
        host makes it, that place, for what is missing later is missing for that."""
        if function is None:
            return None
        machine = KnownMachine(self._world, Effort(_MOST_STEPS), recorder or Recorder(), self._interpreter)
        answer = self._answered(machine, function, nodes, counts)
        if isinstance(answer, HostGap) and machine.unmade is not None:
            maker, gap = machine.unmade
            return HostGap(gap.location, f"{gap.what}; so {maker} makes nothing, and then {answer.what}")
        return answer

    def _answered(
        self, machine: KnownMachine, function: Function, nodes: Sequence[HostTensor], counts: dict[str, Any] | None
    ) -> Any:
        graph = Graph(self.program.enumerators, self._base if nodes else 0)
        here = machine.here = function.node
        try:
            frame = Frame(machine, function, None)
            given = [self._argument(one, frame, graph, nodes, counts) for one in function.parameters]
            value = self._interpreter.call(function, given, frame, None, function.node)
            return held(value)
        except NotUnderstood as problem:
            return HostGap(problem.node.location, problem.what)
        except Pruned:
            return HostGap(machine.here.location, f"the host ends here: {_line(machine.here)}")
        except Undecided as problem:
            return HostGap(machine.here.location, f"it rests on {problem}")
        except Undefined as problem:
            return HostGap(machine.here.location, f"undefined: {problem}")
        except (OutOfBudget, BadValue) as problem:
            return HostGap(here.location, str(problem))
        except (TypeError, KeyError, AttributeError, IndexError, ValueError, OverflowError) as problem:
            return HostGap(machine.here.location, f"{_line(machine.here)}: {problem}")
        except (Broken, Continued, Returned, RecursionError):
            return HostGap(machine.here.location, "it leaves the function in a way that is not understood")

    def _argument(
        self, parameter: Any, frame: Frame, graph: Graph, nodes: Sequence[HostTensor], counts: dict[str, Any] | None
    ) -> Any:
        type_: CppType = parameter.type
        machine: KnownMachine = frame.machine  # type: ignore[assignment]  # made above
        name = self.program.resolved(type_).name
        if name == "ggml_tensor":
            return graph.pointer(nodes[0]) if nodes else None
        if name == "ggml_cgraph":
            return graph.graph(nodes)
        if name in INTEGERS:
            if not type_.is_reference:
                return 0
            kept = counts if counts is not None else {}
            kept[parameter.name] = 1
            return Ref(kept, parameter.name)
        return self._made(type_, frame) or machine.outside(parameter.name, type_)

    def _made(self, type_: CppType, frame: Frame) -> Any:
        """An object of `type_` by the host's own function that makes one; None where there is none, or it needs
        what is not known."""
        makers = [
            one
            for one in self.program.all_functions()
            if one.owner is None and one.returns.name == type_.name and type_.name not in ("", "auto", "void")
            and all(parameter.type.name != type_.name for parameter in one.parameters)
        ]  # fmt: skip
        if len(makers) != 1 or type_.name not in self.program.aliases:
            return None
        machine: KnownMachine = frame.machine  # type: ignore[assignment]  # as above
        outside = [machine.outside(one.name, one.type) for one in makers[0].parameters]
        try:
            return self._interpreter.call(makers[0], outside, frame, None, makers[0].node)
        except NotUnderstood as problem:
            gap = HostGap(problem.node.location, problem.what)
        except (Pruned, Undecided) as problem:
            gap = HostGap(machine.here.location, f"it rests on {problem}" if str(problem) else "it ends here")
        machine.unmade = machine.unmade or (makers[0].name, gap)
        return None


def _line(node: Node) -> str:
    """The first line of a statement."""
    return " ".join(node.text.split("\n", 1)[0].split())[:120]
