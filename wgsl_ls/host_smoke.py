"""Smoke runs that a project's host asks for, without configuration: cases of its operations, planned by reading its
code (host/concrete.py), as runs that smoke_session.py dispatches and judges. A composition file.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Final

from wgsl_ls.host.concrete import HostPlan, HostPlanner
from wgsl_ls.host.discovery import library_of
from wgsl_ls.host.model import HostGap
from wgsl_ls.host.tensors import HostTensor, float_bits
from wgsl_ls.host.webgpu import HostBinding, HostDispatch
from wgsl_ls.preprocess.expansion import Expander, Expansion, parse_defines
from wgsl_ls.project.host_request import HostRequest, with_settings
from wgsl_ls.project.variants import Variant, variants_for
from wgsl_ls.project.workspace import ProjectWorkspace
from wgsl_ls.smoke.config import CaseConfig, SmokeConfig
from wgsl_ls.smoke.lanes import NO_SUBGROUPS
from wgsl_ls.smoke.operation import Operand, OperationCase, Param
from wgsl_ls.smoke.operation_plan import (
    Allocation,
    DispatchLimits,
    Launch,
    Part,
    host_checks,
    plan_operation,
    storage_of,
)
from wgsl_ls.smoke.operations import all_cases
from wgsl_ls.smoke.sanitize import aliases_told, with_subgroups
from wgsl_ls.smoke.uniforms import PlanError
from wgsl_ls.smoke_session import Candidate, PlannedRun, Target, placed, shader_layout
from wgsl_ls.text.memo import Memo
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span
from wgsl_ls.wire.jobs import EngineInfo

OUTPUT: Final = "dst"
NO_OPERATIONS: Final = frozenset(("NONE", "VIEW", "PERMUTE", "TRANSPOSE", "RESHAPE"))
"""What a tensor library calls operations that only name memory anew."""
_REUSED: Final = "the allocator's choice"
_MOST_OF_SHADER: Final = 12
_MOST_PLANNERS: Final = 2
_MOST_TABLE: Final = 128
"""Mesa's llvmpipe copies a constant array for every look into it, unrolled: 256 elements take it over a minute."""
_PADDING: Final = 256
"""Allocations of a tensor library end on its alignment."""
_SAME: Final = "the host dispatches the same as on the device at hand, where another case shows it"
_SAME_SUBGROUPS: Final = "the device at hand has subgroups of that size, so another case shows it"

Expand = Callable[[str, tuple[str, ...]], Expansion]
"""(stem of a shader, macros) -> its expansion; raises LookupError for a stem that is none."""
PlaceText = Callable[[Location], str]
"""A place as `file:line`."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What a host dispatches for a case, and the memory that its tensors lie in. `is_same`: as on the device at
    hand."""

    case: OperationCase
    plan: HostPlan
    allocations: list[Allocation]
    is_same: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation on tensors that lie over each other, and what the host dispatches for it; or why that is not
    known."""

    op: str
    case: str
    dispatches: tuple[HostDispatch, ...]
    problem: str = ""

    @property
    def plain(self) -> list[Any]:
        return [self.op, self.case, [asdict(one) for one in self.dispatches], self.problem]

    @classmethod
    def of_plain(cls, plain: list[Any]) -> Asked:
        op, case, dispatches, problem = plain
        return cls(op, case, tuple(map(_dispatch_of, dispatches)), problem)


@dataclass(frozen=True, slots=True)
class HostSmoke:
    """What runs of one host's operations rest on. `roots`: file of every shader by stem; `facts`: of the device."""

    planner: HostPlanner
    expand: Expand
    shown: PlaceText
    roots: Mapping[str, str]
    facts: Mapping[str, object]
    directory: str = ""

    def names(self, op: str) -> bool:
        """Does the host's gate name the operation?"""
        return op in self.planner.operations

    def without_cases(self) -> list[str]:
        """Operations of the host that no case tries."""
        tried = {case.op for case in all_cases()}
        return [op for op in self.planner.operations if op not in tried and op not in NO_OPERATIONS]

    def run(self, case: OperationCase, target: Target, n_timed: int = 0) -> PlannedRun | str:
        """The run of a case, or why there is none. Never raises for what a project says."""
        found = self._found(case)
        return self._run(found, target, n_timed) if isinstance(found, _Found) else found

    def variant_of(self, case: OperationCase) -> Variant | None:
        """What the run of a case would be of; None when there is none."""
        found = self._found(case)
        if not isinstance(found, _Found):
            return found.candidate.variant if isinstance(found, PlannedRun) else None
        return self._candidate(case, found.plan.dispatches[_main(found.plan.dispatches)], None).variant

    def runs_of(self, stem: str, defines: Iterable[str], ops: Container[str], target: Target) -> list[PlannedRun]:
        """Runs of the shader `stem`: those with exactly the macros `defines` where there are such, else a few others;
        why there are none, where it is not known whether there are. `ops`: the operations that may lead to it."""
        exact: list[_Found] = []
        others: list[_Found] = []
        problems: list[PlannedRun] = []
        wanted = frozenset(defines)
        for case in all_cases():
            if case.op not in ops or not self.names(case.op) or not case.is_run or not case.quick:
                continue
            found = self._found(case)
            if isinstance(found, PlannedRun) and not found.skipped:
                problems.append(found)
            elif isinstance(found, _Found) and not found.is_same:
                own = [one for one in found.plan.dispatches if one.stem == stem]
                if own:
                    (exact if any(frozenset(one.defines) == wanted for one in own) else others).append(found)
        chosen = (exact or others)[:_MOST_OF_SHADER]
        runs = [self._run(found, target) for found in chosen]
        return [one for one in runs if isinstance(one, PlannedRun)] or problems[:1]

    def _found(self, case: OperationCase, *, is_reused: bool = False) -> _Found | PlannedRun | str:
        """What the host would dispatch; a run that says why that is not known; or why there is nothing to run.
        `is_reused`: the case is in place because the allocator reuses memory, not because it was asked so."""
        with _planning:
            planner = self.planner.on(dict(case.device)) if case.device else self.planner
            nodes, allocations = self._tensors(case, planner)
            if is_reused:
                nodes = [replace(one, view_of=None) for one in nodes]
            if case.maker is not None and not planner.makes(*case.maker):
                words = "not run: this host's library makes it otherwise ({} of {} parameters is not there)"
                return self._problem(case, words.format(*case.maker), skipped=True)
            for node in nodes:
                taken = planner.takes(node)
                if isinstance(taken, HostGap):
                    return self._problem(case, f"whether the host takes it is not known: {self._gap(taken)}")
                if not taken:
                    return _not_taken(case)
            plan = planner.plan(nodes)
            if case.lanes and case.lanes == self.facts["subgroup_min"] == self.facts["subgroup_max"]:
                return _SAME_SUBGROUPS
            is_same = bool(case.device) and not case.lanes and plan == self.planner.plan(nodes)
            if is_same and (isinstance(plan, HostGap) or plan.n_nodes < len(nodes) or not plan.dispatches):
                return _SAME
            if isinstance(plan, HostGap):
                return self._problem(case, f"not planned: {self._gap(plan)}")
            if plan.n_nodes < len(nodes):
                return self._problem(case, "not run: the host does not fuse it", skipped=True)
            if not plan.dispatches:
                return self._problem(case, "the host dispatches nothing for it")
            return _Found(case, plan, allocations, is_same)

    def _run(self, found: _Found, target: Target, n_timed: int = 0) -> PlannedRun | str:
        try:
            with _planning:
                return self._planned(found, target, n_timed)
        except (PlanError, LookupError, ValueError) as error:
            return self._problem(found.case, f"not planned: {error}", found.plan.dispatches[-1])

    def asked_in_place(self) -> Iterator[Asked]:
        """What is dispatched for each way in which an operation may be asked on tensors that lie over each other: into
        one of its sources, or on two views of one tensor."""
        tried: set[tuple[str, str]] = set()
        for case in all_cases():
            if not self.names(case.op) or not case.is_run or case.device:
                continue
            shares = any(operand is not None and operand.shares >= 0 for operand in case.sources)
            ways = [f"into source {case.inplace}"] if case.inplace >= 0 else ["two views"] if shares else []
            if case.inplace >= 0 and self.planner.reuses(case.op):
                ways.append(_REUSED)
            for way in ways:
                found = self._found(case, is_reused=way == _REUSED) if (case.op, way) not in tried else ""
                if not isinstance(found, str):
                    tried.add((case.op, way))
                    name = f"{case.name}, memory reused" if way == _REUSED else case.name
                    if isinstance(found, _Found):
                        yield Asked(case.op, name, found.plan.dispatches)
                    elif not found.skipped:
                        yield Asked(case.op, name, (), found.problem)

    def _planned(self, found: _Found, target: Target, n_timed: int) -> PlannedRun | str:
        case, plan, allocations = found.case, found.plan, found.allocations
        launches = []
        expansions: dict[str, Expansion] = {}
        failed = ""
        for dispatch in plan.dispatches:
            expansion = self.expand(dispatch.stem, dispatch.defines)
            if expansion.failed and not failed:
                said = next((one.message for one in expansion.diagnostics), "it does not say why")
                failed = f"the preprocessor fails for {dispatch.stem} with {' '.join(dispatch.defines)}: {said}"
            launches.append(launch_of(dispatch, expansion, self.shown))
            expansions[launches[-1].name] = expansion
        main = plan.dispatches[_main(plan.dispatches)]
        candidate = self._candidate(case, main, self.expand(main.stem, main.defines))
        named = CaseConfig(case.label)
        if failed:
            return PlannedRun(candidate, named, None, failed, op=case.op)
        sizes = {one.name: one.size for one in allocations}
        checks = host_checks(launches, sizes, _limits({**self.facts, **dict(case.device)}))
        if found.is_same:  # another case shows it, but for what that other device does not take
            shown = host_checks(launches, sizes, _limits(self.facts))
            checks = tuple(one for one in checks if one not in shown)
            if not checks:
                return _SAME
        overlapping = tuple(
            told
            for launch in launches
            for told in aliases_told(launch.name, launch.text, storage_of(launch), launch.where)
        )
        if checks or overlapping:
            return PlannedRun(
                candidate, named, None, checks=checks, op=case.op, expansions=expansions, overlapping=overlapping
            )
        table = max(one.layout.largest_table for one in launches)
        if self.facts.get("software") and table > _MOST_TABLE:
            words = f"planned; a software driver takes minutes for a shader with a table of {table} numbers"
            return PlannedRun(candidate, named, None, words, skipped=True, op=case.op)
        has_matrices = any("subgroup_matrix" in one.text for one in launches)
        if self.facts.get("software") and has_matrices and target.matrices == "auto":
            words = (
                "planned; subgroup matrices take a software driver minutes: --matrices emulated (in VS Code, Matrices "
                "in the report) runs them"
            )
            return PlannedRun(candidate, named, None, words, skipped=True, op=case.op)
        if not case.is_run:
            words = f"planned: {', '.join(f'{one.stem} {one.workgroups}' for one in plan.dispatches)}; too large to run"
            return PlannedRun(candidate, named, None, words, skipped=True, op=case.op)
        output_in = _allocation_of(case, case.inplace)
        at_scale = partial(
            plan_operation,
            case,
            launches,
            allocations,
            output_in,
            plan.written,
            engine=target.engine,
            matrices=target.matrices,
        )
        made = at_scale(n_timed=n_timed)
        if not case.lanes:
            return PlannedRun(candidate, named, made, op=case.op, expansions=expansions, at_scale=at_scale)
        with_lanes = with_subgroups(made, case.lanes)
        if with_lanes == NO_SUBGROUPS:
            return f"what the host dispatches has no subgroups: {_SAME}"
        if isinstance(with_lanes, str):
            return self._problem(case, f"not run: {with_lanes}", main, skipped=True)
        job, texts = with_lanes
        return PlannedRun(
            candidate, named, replace(made, job=job), op=case.op, expansions=expansions, lanes=case.lanes, uniform=texts
        )

    def _candidate(self, case: OperationCase, dispatch: HostDispatch, expansion: Expansion | None) -> Candidate:
        handing_out = self.planner.dispatch
        host = handing_out.node.location.path if handing_out is not None else ""
        root = self.roots.get(dispatch.stem, host)  # a gap is the host's
        macros = (define.partition("=") for define in dispatch.defines)
        variant = Variant(dispatch.label or dispatch.stem, root, tuple((name, value) for name, _, value in macros))
        config = SmokeConfig(tolerance=case.tolerance)
        made: Any = expansion  # without one nothing is run, and nothing is asked of it
        return Candidate(root, variant, made, config, self.directory, "", "", ())

    def _problem(
        self, case: OperationCase, problem: str, dispatch: HostDispatch | None = None, skipped: bool = False
    ) -> PlannedRun:
        if dispatch is None:
            dispatch = HostDispatch("", case.op, (), "", (), (), (1, 1, 1), "", None)  # type: ignore[arg-type]  # nothing is dispatched
        candidate = self._candidate(case, dispatch, None)
        return PlannedRun(candidate, CaseConfig(case.label), None, problem, skipped=skipped, op=case.op)

    def _gap(self, gap: HostGap) -> str:
        return f"{self.shown(gap.location)}: {gap.what}"

    # Tensors

    def _tensors(self, case: OperationCase, planner: HostPlanner) -> tuple[list[HostTensor], list[Allocation]]:
        """The nodes of the case's graph, and the memory they lie in."""
        sources: list[HostTensor | None] = []
        for index, operand in enumerate(case.sources):
            sources.append(None if operand is None else self._source(index, operand, case))
        output = case.output
        view = sources[case.inplace] if 0 <= case.inplace < len(sources) else None
        first = HostTensor(
            OUTPUT,
            output.type,
            output.ne,
            output.nb,
            view.buffer if view is not None else OUTPUT,
            output.byte_offset,
            case.op,
            self._params(case.params),
            tuple(sources),
            view,
        )
        nodes = [first]
        operands = {f"src{index}": one for index, one in enumerate(case.sources) if one is not None}
        if case.then is not None:
            other = self._source(len(case.sources), case.then.other, case)
            operands[other.name] = case.then.other
            between = replace(first, name="between", buffer="between", offset=0, view_of=None)
            buffer = _allocation_of(case, case.inplace)
            pair = (between, other) if case.then.first else (other, between)
            params = self._params(case.then.params)
            fused = replace(
                first, name="fused", buffer=buffer, op=case.then.op, params=params, sources=pair, view_of=None
            )
            nodes = [between, fused]
        by_buffer: dict[str, list[tuple[str, Operand]]] = {}
        sizes: dict[str, int] = {}
        for name, operand in operands.items():
            index = int(name[3:])
            buffer = _allocation_of(case, index)
            by_buffer.setdefault(buffer, []).append((name, operand))
            sizes[buffer] = max(sizes.get(buffer, 0), operand.kind.n_bytes(_whole(operand)))
        if case.inplace < 0:
            by_buffer[OUTPUT] = [(OUTPUT, output)]
            allocated = planner.allocated(nodes[-1])
            least = output.kind.n_bytes(_whole(output))
            wanted = output.byte_offset + (allocated if isinstance(allocated, int) else 0)
            sizes[OUTPUT] = max(least, wanted)
        allocations = [
            Allocation(name, -(-sizes[name] // _PADDING) * _PADDING, tuple(members))
            for name, members in by_buffer.items()
        ]
        return nodes, allocations

    def _source(self, index: int, operand: Operand, case: OperationCase) -> HostTensor:
        return HostTensor(
            f"src{index}", operand.type, operand.ne, operand.nb, _allocation_of(case, index), operand.byte_offset
        )

    def _params(self, params: Iterable[Param]) -> tuple[int, ...]:
        found = []
        for one in params:
            if isinstance(one, str):
                value = self.planner.program.enumerators.get(one)
                if value is None:
                    raise LookupError(f"the host's library has no {one}")
                found.append(value)
            else:
                found.append(float_bits(one) if isinstance(one, float) else one & 0xFFFFFFFF)
        return tuple(found)


def host_smoke(
    request: HostRequest, roots: Iterable[str], expand: Expand, facts: Mapping[str, object], directory: str
) -> HostSmoke | None:
    """Of the host that `request` holds; None when it hands out no operation that there are cases for. `facts`: of the
    device, see `device_facts_of`."""
    planner = _planner_of(request, facts)
    if planner.dispatch is None or not planner.operations:
        return None
    by_stem = {Path(root).stem: root for root in roots}
    return HostSmoke(planner, expand, place_of(request.texts), by_stem, facts, directory)


def _not_taken(case: OperationCase) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in case.device)
    return f"the host does not take it{f' on a device with {facts}' if facts else ''}"


def _dispatch_of(plain: dict[str, Any]) -> HostDispatch:
    where = plain["location"]
    return HostDispatch(
        **{
            **plain,
            "defines": tuple(plain["defines"]),
            "constants": tuple((name, value) for name, value in plain["constants"]),
            "bindings": tuple(HostBinding(**one) for one in plain["bindings"]),
            "workgroups": tuple(plain["workgroups"]),
            "location": Location(where["path"], Span(**where["span"])),
        }
    )


def overlaps(dispatch: HostDispatch, expand: Expand, texts: Mapping[str, str]) -> list[str]:
    """What no device takes together of what is bound, in words with places; `texts`: of the host."""
    buffers = [one.buffer.partition("->")[0] for one in dispatch.bindings]
    if len(set(buffers)) == len(buffers):
        return []
    expansion = expand(dispatch.stem, dispatch.defines)
    launch = launch_of(dispatch, expansion, place_of(texts))
    told = aliases_told(launch.name, launch.text, storage_of(launch), launch.where)
    return [placed({launch.name: expansion}, one)[0] for one in told]


def launch_of(dispatch: HostDispatch, expansion: Expansion, shown: PlaceText) -> Launch:
    parts = tuple(
        Part(one.group, one.binding, one.buffer.partition("->")[0], one.offset, one.size) for one in dispatch.bindings
    )
    return Launch(
        dispatch.label or dispatch.stem,
        expansion.text,
        shader_layout(expansion.text),
        dispatch.entry_point,
        dispatch.constants,
        parts,
        dispatch.workgroups,
        f"{shown(dispatch.location)} {dispatch.function}",
    )


_planning = Lock()
"""Planners and what expands belong to one thread at a time, and lenses are pressed while others still plan."""
_planners = Memo[tuple[str, str], HostPlanner](_MOST_PLANNERS)


def _planner_of(request: HostRequest, facts: Mapping[str, object]) -> HostPlanner:
    """Kept: who presses a lens again changed a shader, hardly ever the host."""
    key = (request.key, repr(facts))
    library = with_settings(library_of(request.texts.values()), request.settings)
    with _planning:
        return _planners.get_or(key, lambda: HostPlanner(request.texts, request.shaders, library, facts))


def expander_of(workspace: ProjectWorkspace, roots: Iterable[str], read: Callable[[str], SourceFile | str]) -> Expand:
    """Expands shaders by stem, as the project's settings say; `read`: the text of a file, or why there is none."""
    by_stem = {Path(root).stem: root for root in roots}
    expanders: dict[str, tuple[SourceFile, Expander]] = {}
    known: dict[tuple[str, tuple[str, ...]], Expansion] = {}

    def expander(stem: str) -> tuple[SourceFile, Expander]:
        root = by_stem.get(stem)
        source = read(root) if root is not None else "the host's shader has no file here"
        if root is None or not isinstance(source, SourceFile):
            raise LookupError(f"{stem}: {source}")
        config, imported, _ = workspace.configuration(root)
        settings, _ = variants_for(config, root, imported)  # the workspace's would read the host for variants
        directories = settings.include_dirs or (str(Path(root).parent),)
        load = partial(workspace.include, root=root, include_dirs=directories)
        return source, Expander(load, settings.dialect, settings.includes)

    def expand(stem: str, defines: tuple[str, ...]) -> Expansion:
        made = known.get((stem, defines))
        if made is None:
            if stem not in expanders:
                expanders[stem] = expander(stem)
            source, one = expanders[stem]
            made = known[stem, defines] = one.expand(source, parse_defines(defines), Path(source.path).name)
        return made

    return expand


def _whole(operand: Operand) -> int:
    """Values up to the end of the tensor in its allocation, whole blocks."""
    block = operand.kind.block
    return -(-operand.tensor.end // block) * block


def _allocation_of(case: OperationCase, index: int) -> str:
    if index < 0:
        return OUTPUT
    operands = (*case.sources, case.then.other if case.then is not None else None)
    operand = operands[index]
    shared = operand.shares if operand is not None else -1
    return f"src{shared if shared >= 0 else index}"


def _limits(facts: Mapping[str, object]) -> DispatchLimits:
    names = ("storage_alignment", "storage_binding", "invocations", "workgroup_storage")
    return DispatchLimits(*(int(facts[name]) for name in names))  # type: ignore[call-overload]  # numbers


def _main(dispatches: Sequence[HostDispatch]) -> int:
    """The dispatch that a report names: the one with the most bindings."""
    return max(range(len(dispatches)), key=lambda index: len(dispatches[index].bindings))


def usual_facts() -> dict[str, object]:
    """Of a device with the limits that every one has, subgroups of 32 lanes and f16: for plans that nobody runs."""
    return device_facts_of(EngineInfo("", "", 0)) | {
        "subgroups": True,
        "subgroup_min": 32,
        "subgroup_max": 32,
        "f16": True,
    }


def device_facts_of(info: EngineInfo) -> dict[str, object]:
    """What a host would learn of the device that an engine has opened."""
    limits = {name.replace("_", "-"): value for name, value in info.limits}
    properties = dict(info.properties)
    smallest, _, largest = properties.get("subgroup-sizes", "").partition(" ")
    features = set(info.features)
    return {
        "invocations": limits.get("max-compute-invocations-per-workgroup", 256),
        "workgroup_storage": limits.get("max-compute-workgroup-storage-size", 16384),
        "workgroups_per_dimension": limits.get("max-compute-workgroups-per-dimension", 65535),
        "storage_buffers": limits.get("max-storage-buffers-per-shader-stage", 8),
        "storage_binding": limits.get("max-storage-buffer-binding-size", 1 << 27),
        "storage_alignment": limits.get("min-storage-buffer-offset-alignment", 256),
        "uniform_alignment": limits.get("min-uniform-buffer-offset-alignment", 256),
        "buffer_size": limits.get("max-buffer-size", 1 << 28),
        "subgroups": bool(features & {"subgroup", "subgroups"}) and bool(smallest),
        "subgroup_min": int(smallest or 0),
        "subgroup_max": int(largest or 0),
        "f16": "shader-f16" in features,
        "vendor": properties.get("vendor", ""),
        "dot_product": True,  # a part of the language in both engines
        "software": info.is_software,
        "has_matrix": False,
        "matrix_m": 0,
        "matrix_n": 0,
        "matrix_k": 0,
    }


def place_of(texts: Mapping[str, str]) -> PlaceText:
    """Places in the host's files as `file:line`."""

    def shown(location: Location) -> str:
        text = texts.get(location.path, "")
        line = text.count("\n", 0, location.span.start) + 1
        return f"{Path(location.path).name}:{line}"

    return shown
