"""Running the jobs of a plan: how many at once, in which order, when it ends, and what the store has then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.check import RejectedJob, look_behind, run_jobs
from wgsl_ls.engines.scripted import obey
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, Crashed, EngineMessage, MessageSpan, Rejected

TEXT = "const n = N;\n#ifdef A\nconst a = 1;\n#endif\n"
SIX = {f"v{n}": [f"N=f{n}()"] for n in range(5)} | {"as the first": ["N=f0()", "OTHER"]}


@dataclass
class Workers:
    """`most`: how many jobs ran at once; `ended`: those that were not cancelled; `stuck`: a word of those that never
    end."""

    compile: Callable[[CompileJob], CompileResult] = obey
    stuck: str = "stuck"
    running: int = 0
    most: int = 0
    asked: list[tuple[str, float]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    async def submit(self, job: CompileJob, *, priority: float = 0.0) -> CompileResult:
        self.asked.append((job.text.partition("\n")[0], priority))
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            if self.stuck in job.text:
                await asyncio.Event().wait()
            for _ in range(100):  # as many turns as a planner takes that is slow today
                await asyncio.sleep(0)
        finally:
            self.running -= 1
        self.ended.append(job.text)
        return self.compile(job)


def planned(workers: Workers) -> Project:
    project = Project.of(TEXT, SIX, compile=workers.compile, exhaustive=True)
    project.reporter.engines = ("dawn",)
    return project


@pytest.mark.parametrize("in_flight", [2, 16])
async def test_so_many_run_at_once_and_each_text_in_the_order_of_the_plan(in_flight: int) -> None:
    workers = Workers()
    project = planned(workers)
    assert await run_jobs(workers, project.store, project.reporter.jobs(project.view()), in_flight=in_flight) == 5
    assert (workers.most, len(workers.ended)) == (min(5, in_flight), 5)
    assert workers.asked == [(f"const n = f{n}();", n) for n in range(5)]
    assert not any(project.reporter.jobs(project.view())), "all of it is known"


async def test_what_nobody_wants_any_more_ends() -> None:
    workers = Workers(stuck="f1")
    project = planned(workers)
    jobs = project.reporter.jobs(project.view())
    async with asyncio.timeout(10):
        n_run = await run_jobs(workers, project.store, jobs, in_flight=2, wanted=lambda: not workers.ended)
    await asyncio.sleep(0)
    assert (n_run, len(workers.ended), workers.running) == (2, 1, 0), "what still ran was cancelled"


@pytest.mark.parametrize("is_later", [False, True])
async def test_behind_errors_is_looked_when_all_have_run_or_later(is_later: bool) -> None:
    def compile(job: CompileJob) -> CompileResult:
        at = job.text.find("bad")
        return Accepted() if at < 0 else Rejected((EngineMessage("error", "no", (MessageSpan(at, at + 3),)),))

    workers, later = Workers(compile), list[RejectedJob]()
    project = Project.of(f"fn one() {{ bad(); }}\n{TEXT}", SIX, compile=compile, exhaustive=True)
    project.reporter.engines = ("dawn",)
    jobs = project.reporter.jobs(project.view())
    assert await run_jobs(workers, project.store, jobs, in_flight=2, later=later if is_later else None) == 5
    assert (["bad" in line for line, _ in workers.asked], len(later)) == (
        ([True] * 5, 5) if is_later else ([True] * 5 + [False] * 5, 0)
    )
    if is_later:
        await look_behind(workers, project.store, later)
        assert ["bad" in line for line, _ in workers.asked] == [True] * 5 + [False] * 5


async def test_a_crash_is_narrowed_before_anybody_hears_of_it() -> None:
    text = "fn bad() { boom(); }\nfn good() {}\n"

    def compile(job: CompileJob) -> CompileResult:
        return Crashed("SIGSEGV") if "boom" in job.text else obey(job)

    workers, heard = Workers(compile), list[CompileResult]()
    project = Project.of(text, exhaustive=True)
    project.reporter.engines = ("dawn",)
    jobs = project.reporter.jobs(project.view())
    await run_jobs(workers, project.store, jobs, lambda _, result: heard.append(result))
    (crash,) = heard
    assert isinstance(crash, Crashed) and text[crash.start : crash.end] == "bad"
    (item,) = [one for one in project.report().diagnostics if one.code.startswith("engine/")]
    assert project.shown(item.location) == "a.wgsl:1:4 'bad'"


def test_variants_of_which_nothing_is_known_come_before_those_that_others_refuse() -> None:
    """The first ones of a structure lead; then those that this engine refused before an edit; what our own front end
    refuses is known to fail, so it waits for the others."""
    text = "#if BAD\nconst bad = nothing;\n#endif\nconst n = N;\n"
    variants = {f"{bad}/{n}": [f"BAD={bad}", f"N={n}"] for bad in (1, 0) for n in range(3)}
    project = Project.of(text, variants=variants)

    def order(engine: str) -> list[str]:
        return [one.variant for one in project.reporter.jobs(project.view(), engine=engine) if one]

    assert order("wgpu") == ["1/0", "0/0", "1/1", "1/2", "0/1", "0/2"]
    for _ in project.reporter.local_steps(project.view()):
        pass
    project.report()
    assert order("wgpu") == ["1/0", "0/0", "0/1", "0/2", "1/1", "1/2"]
