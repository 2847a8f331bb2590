"""Sanitizers: a run whose texts watch themselves. Plans such runs out of a plain one, and says what they recorded.
Bindings that overlap need no run: they are told from the plan (aliases.py).

A watching sanitizer is edits on the tree of a text and a buffer of our own behind its bindings (races.py, ranges.py).
What a text computes must not change: the outputs of the watched run are compared with the plain one's, and a sanitizer
that changed them says so instead of what it found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Literal, get_args

from wgsl_ls.smoke.aliases import Bound, aliases, pairs
from wgsl_ls.smoke.lanes import NO_SUBGROUPS, collectives_in, with_lanes
from wgsl_ls.smoke.plan import SmokePlan
from wgsl_ls.smoke.races import Parting, Race, RaceWatch, watch_races
from wgsl_ls.smoke.ranges import RangeWatch, watch_ranges
from wgsl_ls.wgsl.matrix_emulation import matrix_edits
from wgsl_ls.wgsl.parser import parse
from wgsl_ls.wgsl.reflection import reflect
from wgsl_ls.wgsl.rewriting import rewrite
from wgsl_ls.wgsl.symbols import Analysis, analyze
from wgsl_ls.wire.dispatch_jobs import Dispatched, DispatchJob, JobBinding, JobBuffer, JobStage

WatchName = Literal["race", "range"]
Sanitizer = Literal["race", "range", "alias"]
SANITIZERS: tuple[Sanitizer, ...] = get_args(Sanitizer)
Watch = RaceWatch | RangeWatch


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the expanded text of the stage called `stage`, and what stands there in words."""

    stage: str
    start: int
    end: int
    what: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a sanitizer says: `message` with `{0}`, `{1}`... for the places. `wrong`: it is a mistake, not a remark.
    `parts`: invocations part at barriers."""

    message: str
    places: tuple[Place, ...] = ()
    wrong: bool = True
    parts: bool = False


@dataclass(frozen=True, slots=True)
class WatchedJob:
    """`watches`: buffer -> (its stage, how it records); `left_out`: stage -> why it does not watch itself."""

    job: DispatchJob
    watches: Mapping[str, tuple[str, Watch]]
    left_out: Mapping[str, str]


def watched(plan: SmokePlan, sanitizer: WatchName | Literal["barriers"]) -> WatchedJob:
    """The plan's job with stages that watch themselves. "barriers": only who comes to them, in a text that is
    compiled in a part of the time."""
    buffers = list(plan.job.buffers)
    stages: list[JobStage] = []
    watches: dict[str, tuple[str, Watch]] = {}
    left_out: dict[str, str] = {}
    for number, stage in enumerate(plan.job.stages):
        group = max((one.group for one in stage.bindings), default=0)
        binding = max((one.binding for one in stage.bindings if one.group == group), default=-1) + 1
        watch = _WATCHES[sanitizer](stage, plan.job, (group, binding))
        if isinstance(watch, str):
            left_out[stage.name] = watch
            stages.append(stage)
            continue
        name = f"{sanitizer} record {number} of {stage.name}"
        buffers.append(JobBuffer(name, "storage", bytes(4 * watch.n_words), b"", guard_size=0, read_back=True))
        watches[name] = (stage.name, watch)
        text = rewrite(stage.text, watch.edits).text
        stages.append(replace(stage, text=text, bindings=(*stage.bindings, JobBinding(group, binding, name))))
    return WatchedJob(replace(plan.job, buffers=tuple(buffers), stages=tuple(stages)), watches, left_out)


def with_subgroups(plan: SmokePlan, size: int) -> tuple[DispatchJob, tuple[str, ...]] | str:
    """The plan's job with emulated subgroups of `size` lanes, and of these its matrices; with the texts that were
    changed for it, which a compiler with uniformity analysis has to accept first; or why it cannot have them."""
    stages, changed = [], []
    for stage in plan.job.stages:
        text = _without_matrices(stage.text)
        analysis = _analysis(text)
        lanes = with_lanes(analysis, size, _invocations(analysis, stage))
        if isinstance(lanes, str):
            if collectives_in(analysis):
                return f"{stage.name}: {lanes}"
            stages.append(stage)
            continue
        text = rewrite(text, lanes.edits).text
        stages.append(replace(stage, text=text))
        changed.append(text)
    return (replace(plan.job, stages=tuple(stages), n_timed=0), tuple(changed)) if changed else NO_SUBGROUPS


@lru_cache(8)
def _without_matrices(text: str) -> str:
    """`text` with ordinary functions for subgroup matrices, which any lanes can call; as it is where that is not
    possible."""
    made = matrix_edits(_analysis(text))
    return text if made.problems else rewrite(text, made.edits).text


def same_outputs(plain: Dispatched, result: Dispatched) -> bool:
    """The buffers of both hold the same bytes afterwards."""
    before = {outcome.name: outcome.data for outcome in plain.buffers}
    after = {outcome.name: outcome.data for outcome in result.buffers}
    return all(after.get(name) == data for name, data in before.items())


def races_told(job: WatchedJob, result: Dispatched) -> list[Told]:
    """Barriers at which invocations part, else one for each pair of variable and places; then what was not watched."""
    told: list[Told] = []
    for outcome in result.buffers:
        stage, watch = job.watches.get(outcome.name, ("", None))
        if not isinstance(watch, RaceWatch) or not outcome.data:
            continue
        partings = watch.partings(outcome.data)
        told += [_parting_told(stage, one) for one in partings]
        n_groups = _n_groups(job, stage)
        n_lost = watch.n_lost(outcome.data, n_groups)
        if partings:
            told.append(Told(f"{stage}: races not judged: not all invocations come to its barriers", (), False))
        elif n_lost:
            told.append(Told(f"{stage}: races not judged: {_lost(n_lost)}", (), False))
        else:
            told += _races_told(stage, watch.races(outcome.data))
        if watch.n_groups < n_groups:
            told.append(Told(f"{stage}: {watch.n_groups} of {n_groups} workgroups were watched", (), False))
        if watch.stopped_at(outcome.data):
            told.append(Told(f"{stage}: watched up to a barrier only; there were more than can be counted", (), False))
        told += [Told(f"{stage}: not watched: {what}", (), False) for what in watch.unwatched]
    return told


def not_together(job: WatchedJob, result: Dispatched, texts: Sequence[str]) -> str:
    """Why it is not known that all invocations of a workgroup came to each barrier of the stages that were made of
    `texts`; "" when they did."""
    for outcome in result.buffers:
        stage, watch = job.watches.get(outcome.name, ("", None))
        if isinstance(watch, RaceWatch):
            n_groups = _n_groups(job, stage)
            if watch.partings(outcome.data):
                return "its subgroup functions are not called by the whole workgroup, as a count of who comes shows"
            if watch.barriers and not watch.counted(outcome.data, n_groups):
                return "its subgroup functions are called more often than can be counted"
            if n_lost := watch.n_lost(outcome.data, n_groups):
                return _lost(n_lost)
    return next((job.left_out[one.name] for one in job.job.stages if one.text in texts), "")


def _lost(number: int) -> str:
    """Mesa's llvmpipe lets some pass a barrier in a loop that none of them is in, and never goes on with the others."""
    return f"the driver lets {number:,} of its invocations wait for ever, though all come to each barrier"


def _n_groups(job: WatchedJob, stage: str) -> int:
    x, y, z = next(one.workgroups for one in job.job.stages if one.name == stage)
    return x * y * z


def _parting_told(stage: str, parting: Parting) -> Told:
    places = tuple(Place(stage, start, end, "") for start, end in parting.places)
    where = f"workgroup {parting.group}, {parting.number}. barrier of the run"
    if len(places) == 1:
        return Told(
            f"only {parting.n_came} of {parting.n_all} invocations come to the barrier at {{0}} ({where})",
            places,
            parts=True,
        )
    return Told(f"some invocations wait at {{0}} while others wait at {{1}} ({where})", places, parts=True)


def _races_told(stage: str, races: Iterable[Race]) -> Iterator[Told]:
    said: set[frozenset[int]] = set()
    for race in races:
        pair = frozenset((race.earlier.start, race.later.start))
        if pair in said:
            continue
        said.add(pair)
        places = tuple(
            Place(stage, site.start, site.end, f"{site.variable} is {_DONE[site.kind]}")
            for site in dict.fromkeys((race.earlier, race.later))
        )
        first, second = race.who
        if race.between_groups:
            words = f"workgroups {first} and {second}, which nothing orders"
        else:
            words = f"invocations {first} and {second} of a workgroup, with no {race.later.space}Barrier() between"
        both = " and ".join(f"{{{number}}}" for number in range(len(places)))
        yield Told(f"{both}, by {words} (at element {race.cell}; {race.n_found} times)", places)


def aliases_told(stage: str, text: str, bound: Sequence[Bound], where: str = "") -> list[Told]:
    """Bindings of a stage that no device takes together. `where`: of the host's code that binds them."""
    before = f"{where}: {stage}: " if where else ""
    return [
        Told(
            f"{before.replace('{', '{{').replace('}', '}}')}{one.message}",
            tuple(Place(stage, *place) for place in one.places),
        )
        for one in aliases(text, bound)
    ]


def aliases_of(plan: SmokePlan) -> list[Told]:
    """Those of a whole run."""
    return [one for stage in plan.job.stages for one in aliases_told(stage.name, stage.text, _storage(stage))]


def apart(plan: SmokePlan) -> str:
    """What was looked at in a run whose bindings do not overlap."""
    number = sum(pairs(_storage(stage)) for stage in plan.job.stages)
    if number == 1:
        return "1 pair of bindings that must not overlap lies apart"
    return (
        f"{number} pairs of bindings that must not overlap lie apart"
        if number
        else "no two bindings exclude each other"
    )


def _storage(stage: JobStage) -> list[Bound]:
    given = {(one.group, one.binding): one for one in stage.bindings}
    found = []
    for entry in reflect(_analysis(stage.text), dict(stage.overrides)).entry_points:
        for one in entry.bindings if entry.name == stage.entry_point else ():
            bound = given.get((one.group or 0, one.binding or 0))
            if one.space == "storage" and bound is not None:
                found.append(Bound(one.name, one.access == "read", bound.buffer, bound.offset, bound.size or None))
    return found


_DONE = {"read": "read", "write": "written", "update": "changed"}


def ranges_told(job: WatchedJob, result: Dispatched, scale: float = 1.0) -> list[Told]:
    """What overflows, or else the largest of all. `scale`: what the inputs were multiplied with."""
    told: list[Told] = []
    with_scale = f" with inputs {scale:g} times as large" if scale != 1.0 else ""
    for outcome in result.buffers:
        stage, watch = job.watches.get(outcome.name, ("", None))
        if not isinstance(watch, RangeWatch) or not outcome.data:
            continue
        found = watch.ranges(outcome.data)
        too_large = [one for one in found if one.overflows]
        # What is no number came out of something that had become infinite.
        causes = [one for one in too_large if one.largest == one.largest]
        seen: set[tuple[tuple[int, int], ...]] = set()
        for one in causes or too_large or found[:1]:
            stored = one.site.stored
            if stored and stored in seen:
                continue  # one sum, read in several places
            seen.add(stored)
            spans = (*stored, (one.site.start, one.site.end))
            places = tuple(Place(stage, start, end, "") for start, end in spans)
            at = " or ".join(f"{{{number}}}" for number in range(len(stored)))
            what = f"{one.site.what} stored at {at}, read" if stored else one.site.what
            what += f" at {{{len(stored)}}}"
            size = f"{one.largest:.6g}" if one.largest < float("inf") else "infinite"
            if one.overflows:
                is_nan = one.largest != one.largest
                words = f"no number any more{with_scale}" if is_nan else f"too large{with_scale} ({size})"
                told.append(Told(f"{what}: {words}", places))
            else:
                told.append(Told(f"the largest is {size} (of 65504), {what}", places, False))
    return told


def _races(stage: JobStage, job: DispatchJob, binding: tuple[int, int], *, memory: bool = True) -> Watch | str:
    analysis = _analysis(stage.text)
    x, y, z = stage.workgroups
    bound = _bound(analysis, stage, job) if memory else None
    return watch_races(analysis, _invocations(analysis, stage), x * y * z, binding, bound)


def _bound(analysis: Analysis, stage: JobStage, job: DispatchJob) -> dict[str, int]:
    """Bytes that each storage variable of a stage has."""
    sizes = {buffer.name: len(buffer.data) for buffer in job.buffers}
    given: dict[tuple[int | None, int | None], int] = {
        (one.group, one.binding): one.size or sizes[one.buffer] - one.offset for one in stage.bindings
    }
    return {
        one.name: given[one.group, one.binding]
        for one in reflect(analysis).bindings
        if one.space == "storage" and (one.group, one.binding) in given
    }


def _invocations(analysis: Analysis, stage: JobStage) -> int | None:
    entries = reflect(analysis, dict(stage.overrides)).entry_points
    return next((entry.invocations for entry in entries if entry.name == stage.entry_point), None)


def _ranges(stage: JobStage, job: DispatchJob, binding: tuple[int, int]) -> Watch | str:
    return watch_ranges(_analysis(stage.text), binding)


@lru_cache(maxsize=8)
def _analysis(text: str) -> Analysis:
    return analyze(parse(text))


_WatchOf = Callable[[JobStage, DispatchJob, tuple[int, int]], Watch | str]
_WATCHES: dict[WatchName | Literal["barriers"], _WatchOf] = {
    "race": _races,
    "range": _ranges,
    "barriers": partial(_races, memory=False),
}
TELLERS: dict[WatchName, Callable[[WatchedJob, Dispatched], list[Told]]] = {"race": races_told, "range": ranges_told}
