"""Plan: which work the judges of a root still have to do.

Variants with the same expanded text share a job; what a judge has evidence of already is not asked again. The order
is that of `order`, by default one of each structure, those that failed last time, the others, each time those first in
which the last edit is active. Where no edit was active nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.guesses import stood_in_steps
from wgsl_ls.analysis.judges import EngineJudge, Judge, content_key
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.structures import structures
from wgsl_ls.wire.jobs import CompileJob


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """For a worker. `digest`: its key in the ResultStore; `variant`: the first one that wants it; `rank`: place in
    the order, smaller first."""

    job: CompileJob
    digest: str
    root: str
    variant: str
    rank: int


def planned_jobs(
    view: RootView,
    judges: Sequence[Judge],
    order: Collection[int] | None = None,
    seen: set[tuple[str, str]] | None = None,
    failing: Iterable[int] = (),
    hurry: bool = False,
) -> Iterator[PlannedJob | None]:
    """The jobs of one root that workers need to run; None after each variant that needs none, so that a caller in a
    hurry may pause. `seen`: jobs planned already (for several roots); `failing`: variants that failed last time;
    `hurry`: those of `order`, else the first one of each structure, are compiled themselves, so that nobody waits until
    it is known who represents whom. A variant whose preprocessing fails is not compiled."""
    itself: set[int] = set(order or ()) if hurry else set()
    planned = seen if seen is not None else set()
    engines = [judge for judge in judges if isinstance(judge, EngineJudge)]
    asked = next((judge for judge in engines if not judge.exhaustive), None)
    known = structures(view, asked.front_end) if asked is not None else None
    if order is None and known is not None:
        yield from known.steps()
        order = known.one_of_each_first(failing)
        itself.update(order[: known.n_structures] if hurry else ())
    for rank, index in enumerate(order if order is not None else range(len(view.variants))):
        variant = view.variants[index]
        if not view.expansion(index).failed:
            if known is not None and index not in itself:
                yield from known.role_steps(index)
            if engines:
                for _ in stood_in_steps(view, index, engines[0].front_end):
                    yield None
            for judge in engines:
                if not judge.asked(variant):
                    continue
                expansion = judge.itself(view, index) if index in itself else judge.given(view, index)
                digest = content_key(expansion, variant)
                if (judge.name, digest) in planned:
                    continue
                planned.add((judge.name, digest))
                if judge.evidence(expansion, variant) is None:
                    job = judge.compile_job(expansion, variant)
                    yield PlannedJob(job, digest, view.path, variant.name, rank)
        yield None


def unread_texts(
    view: RootView, judges: Sequence[Judge], front_end: FrontEnd, exhaustive: bool = False
) -> Iterator[tuple[int, list[Judge]] | None]:
    """Variants with those of the judges that answer here and have not judged them yet; None after each step of the work
    of finding them. `exhaustive`: every text."""
    local = [judge for judge in judges if judge.local]
    known = structures(view, front_end)
    if not exhaustive:
        yield from known.steps()
    for index in range(len(view.variants)) if exhaustive else known.by_structure():
        variant = view.variants[index]
        asked = [judge for judge in local if judge.asked(variant)]
        if not asked or view.expansion(index).failed:
            continue
        yield from known.role_steps(index)
        asked = [judge for judge in asked if judge.evidence(judge.given(view, index), variant) is None]
        yield (index, asked) if asked else None


def local_jobs(
    view: RootView, judges: Sequence[Judge], front_end: FrontEnd, exhaustive: bool = False
) -> Iterator[None]:
    """Let the judges that answer here judge what they have not judged yet, in small steps; see unread_texts."""
    for unread in unread_texts(view, judges, front_end, exhaustive):
        index, asked = unread or (0, ())
        for judge in asked:
            if judge.evidence(judge.given(view, index), view.variants[index]) is None:
                yield from judge.judge(view, index)
        yield
