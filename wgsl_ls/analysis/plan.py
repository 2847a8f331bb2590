"""Plan: which compile jobs a root needs and which of them nobody has answered yet.

Variants with the same expanded text share a job; a job whose result is in the store is not made. The order is that
of `order`, by default that of the variants.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wgsl_ls.analysis.results import ResultStore
from wgsl_ls.analysis.snapshot import RootView
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.variants import Variant
from wgsl_ls.wire.engine_specs import engine_names
from wgsl_ls.wire.jobs import CompileJob, CompileResult


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """`digest`: its key in the ResultStore; `rank`: place in the order, smaller first."""

    job: CompileJob
    digest: str
    root: str
    variant_index: int
    rank: int


def job_digest(expansion: Expansion, variant: Variant) -> str:
    """Content key of compiling this expansion with this variant's overrides, without the engine."""
    return f"{expansion.digest}{variant.overrides}" if variant.overrides else expansion.digest


def planned_jobs(
    view: RootView,
    store: ResultStore,
    engines: Iterable[str] | None = None,
    order: Iterable[int] | None = None,
    seen: set[tuple[str, str]] | None = None,
) -> Iterator[PlannedJob | None]:
    """The jobs of one root that need to run; None after each variant that needs none, so that a caller in a hurry
    may pause. `engines`: which to ask at most, None for all; `seen`: jobs planned already (for several roots). A
    variant whose preprocessing fails is not compiled."""
    planned = seen if seen is not None else set()
    asked = engine_names() if engines is None else tuple(engines)
    for rank, index in enumerate(order if order is not None else range(len(view.variants))):
        variant = view.variants[index]
        expansion = view.expansion(index)
        if not expansion.failed:
            digest = job_digest(expansion, variant)
            for engine in asked:
                if engine not in variant.engines or (engine, digest) in planned:
                    continue
                planned.add((engine, digest))
                if store.get(engine, digest) is None:
                    job = CompileJob(engine, expansion.text, variant.overrides)
                    yield PlannedJob(job, digest, view.path, index, rank)
        yield None


def result_of(view: RootView, store: ResultStore, engine: str, index: int) -> CompileResult | None:
    """What an engine said about a variant; None when it was not asked or has not answered."""
    expansion = view.expansion(index)
    if expansion.failed or engine not in view.variants[index].engines:
        return None
    return store.get(engine, job_digest(expansion, view.variants[index]))
