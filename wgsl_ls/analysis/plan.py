"""Plan: which work the judges of a root still have to do.

Variants with the same expanded text share a job; what a judge has evidence of already is not asked again. The order
is that of `order`, by default one of each structure, `then`, the others, each time those first in which the last edit
is active. Where no edit was active nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.guesses import stood_in_steps
from wgsl_ls.analysis.judges import EngineJudge, Judge, content_key
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.structures import Structures, structures
from wgsl_ls.text.steps import Steps
from wgsl_ls.wire.engine_specs import judges_structures
from wgsl_ls.wire.jobs import CompileJob


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """For a worker. `digest`: its key in the ResultStore; `variant`, `index`: the first one that wants it; `rank`:
    place in the order, smaller first."""

    job: CompileJob
    digest: str
    root: str
    variant: str
    index: int
    rank: int


def planned_jobs(
    view: RootView,
    judges: Sequence[Judge],
    order: Collection[int] | None = None,
    seen: set[tuple[str, str]] | None = None,
    then: Iterable[int] = (),
    hurry: bool = False,
) -> Iterator[PlannedJob | None]:
    """The jobs of one root that workers need to run; None after each variant that needs none, so that a caller in a
    hurry may pause. `seen`: jobs planned already (for several roots); `then`: variants that come before the others;
    `hurry`: those of `order` are compiled themselves, so that nobody waits until it is known who represents whom. A
    variant whose preprocessing fails is not compiled."""
    engines = _engines(judges)
    known = _structures(view, engines)
    if order is None and known is not None:
        yield from known.steps()
        order = known.one_of_each_first(then)
    everybody = range(len(view.variants))
    roles = known if not hurry and any(judges_structures(judge.name) for judge in engines) else None
    yield from _jobs(view, engines, roles, order if order is not None else everybody, seen)


def first_jobs(
    view: RootView, judges: Sequence[Judge], seen: set[tuple[str, str]] | None = None
) -> Iterator[PlannedJob | None]:
    """Of `planned_jobs` one of each structure, compiled itself. What the structures were before the edit says which may
    be such, so that nobody waits for all variants to be expanded; those that became first by the edit follow."""
    engines = _engines(judges)
    known = _structures(view, engines)
    if known is None:
        return
    seen = seen if seen is not None else set()
    if not known.is_ready:
        yield from _jobs(view, engines, None, (yield from _touched_first(view, view.firsts)), seen)
    yield from known.steps()
    yield from _jobs(view, engines, None, known.one_of_each_first()[: known.n_structures], seen)


def _engines(judges: Sequence[Judge]) -> list[EngineJudge]:
    return [judge for judge in judges if isinstance(judge, EngineJudge)]


def _structures(view: RootView, engines: Sequence[EngineJudge]) -> Structures | None:
    asked = next((judge for judge in engines if not judge.exhaustive), None)
    return structures(view, asked.front_end) if asked is not None else None


def _jobs(
    view: RootView,
    engines: Sequence[EngineJudge],
    known: Structures | None,
    order: Iterable[int],
    seen: set[tuple[str, str]] | None,
) -> Iterator[PlannedJob | None]:
    """`known`: who represents whom; None: everybody is compiled itself."""
    planned = seen if seen is not None else set()
    for rank, index in enumerate(order):
        variant = view.variants[index]
        if not view.expansion(index).failed:
            if known is not None:
                yield from known.role_steps(index)
            if engines:
                for _ in stood_in_steps(view, index, engines[0].front_end):
                    yield None
            for judge in engines:
                if not judge.asked(variant):
                    continue
                expansion = judge.given(view, index) if known is not None else judge.itself(view, index)
                digest = content_key(expansion, variant)
                if (judge.name, digest) in planned:
                    continue
                planned.add((judge.name, digest))
                if judge.evidence(expansion, variant) is None:
                    job = judge.compile_job(expansion, variant)
                    yield PlannedJob(job, digest, view.path, variant.name, index, rank)
        yield None


def _touched_first(view: RootView, indices: Iterable[int]) -> Steps[list[int]]:
    """Those in which the last edit is active before the others."""
    ranked: tuple[list[int], list[int]] = ([], [])
    for index in indices:
        ranked[not view.is_touched(index)].append(index)
        yield
    return [*ranked[0], *ranked[1]]


def unread_texts(
    view: RootView,
    judges: Sequence[Judge],
    front_end: FrontEnd,
    exhaustive: bool = False,
    only: Collection[int] | None = None,
) -> Iterator[tuple[int, list[Judge]] | None]:
    """Variants with those of the judges that answer here and have not judged them yet; None after each step of the work
    of finding them. `exhaustive`: every text; `only`: of these variants, None for all."""
    local = [judge for judge in judges if judge.local]
    known = structures(view, front_end)
    if not exhaustive:
        yield from known.steps()
    for index in range(len(view.variants)) if exhaustive else known.by_structure():
        if only is not None and index not in only:
            continue
        variant = view.variants[index]
        asked = [judge for judge in local if judge.asked(variant)]
        if not asked or view.expansion(index).failed:
            continue
        yield from known.role_steps(index)
        asked = [judge for judge in asked if judge.evidence(judge.given(view, index), variant) is None]
        yield (index, asked) if asked else None


def local_jobs(
    view: RootView,
    judges: Sequence[Judge],
    front_end: FrontEnd,
    exhaustive: bool = False,
    only: Collection[int] | None = None,
) -> Iterator[None]:
    """Let the judges that answer here judge what they have not judged yet, in small steps; see unread_texts."""
    for unread in unread_texts(view, judges, front_end, exhaustive, only):
        index, asked = unread or (0, ())
        for judge in asked:
            if judge.evidence(judge.given(view, index), view.variants[index]) is None:
                yield from judge.judge(view, index)
        yield
