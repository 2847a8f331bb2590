"""Plan: which work the judges of a root still have to do.

Variants with the same expanded text share a job; what a judge has evidence of already is not asked again. The order
is that of `order`, by default one of each structure, those that failed last time, the others. Where an edit is not
active nothing changes, so the variants in which it is are the ones that jobs are for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from wgsl_ls.analysis.front_end import FrontEnd
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
    order: Iterable[int] | None = None,
    seen: set[tuple[str, str]] | None = None,
    failing: Iterable[int] = (),
    hurry: bool = False,
) -> Iterator[PlannedJob | None]:
    """The jobs of one root that workers need to run; None after each variant that needs none, so that a caller in a
    hurry may pause. `seen`: jobs planned already (for several roots); `failing`: variants that failed last time;
    `hurry`: the first one of each structure is compiled itself, so that nobody waits until it is known who represents
    whom. A variant whose preprocessing fails is not compiled."""
    firsts: set[int] = set()
    planned = seen if seen is not None else set()
    engines = [judge for judge in judges if isinstance(judge, EngineJudge)]
    if order is None and (asked := next((judge for judge in engines if not judge.exhaustive), None)) is not None:
        yield from structures(view, asked.front_end).steps()
        known = structures(view, asked.front_end)
        order = known.one_of_each_first(failing)
        firsts.update(order[: known.n_structures] if hurry else ())
    for rank, index in enumerate(order if order is not None else range(len(view.variants))):
        variant = view.variants[index]
        if not view.expansion(index).failed:
            for judge in engines:
                if not judge.asked(variant):
                    continue
                expansion = judge.itself(view, index) if index in firsts else judge.given(view, index)
                digest = content_key(expansion, variant)
                if (judge.name, digest) in planned:
                    continue
                planned.add((judge.name, digest))
                if judge.evidence(expansion, variant) is None:
                    job = judge.compile_job(expansion, variant)
                    yield PlannedJob(job, digest, view.path, variant.name, rank)
        yield None


def local_jobs(view: RootView, judges: Sequence[Judge], front_end: FrontEnd) -> Iterator[None]:
    """Let the judges that answer here judge what they have not judged yet, in small steps."""
    local = [judge for judge in judges if judge.local]
    known = structures(view, front_end)
    for index in known.by_structure() if known.is_ready else range(len(view.variants)):
        variant = view.variants[index]
        asked = [judge for judge in local if judge.asked(variant)]
        if not asked or view.expansion(index).failed:
            continue
        for judge in asked:
            expansion = judge.given(view, index)
            if judge.evidence(expansion, variant) is None:
                yield from judge.judge(view, index)
        yield
