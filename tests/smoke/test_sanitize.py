"""Shaders that watch themselves, on the adapter at hand: what is wrong is named at its places «», what is right is
silent, and watching changes no result (a sanitizer that changed one would say so and fail the run).

The tables go to one worker each, not a worker a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.smoke.conftest import small_family
from wgsl_ls.cli.composition import open_session
from wgsl_ls.smoke.judge import Check, SmokeJudgement
from wgsl_ls.smoke.plan import SmokePlan
from wgsl_ls.smoke.sanitize import Sanitizer, WatchedJob, WatchName, same_outputs, watched, with_subgroups
from wgsl_ls.smoke_session import Candidate, Target, candidates, plan_runs, run_plans
from wgsl_ls.wire.dispatch_jobs import Dispatched, DispatchFailed
from wgsl_ls.wire.jobs import TimedOut
from wgsl_ls.workers.pool import Pool

pytestmark = [pytest.mark.gpu, pytest.mark.slow]

WGPU = Target("wgpu")
CONFIG = """
[[shader]]
files = ["*.wgsl"]
engines = ["wgpu"]
[shader.smoke]
dispatch = [2]
[shader.smoke.buffers.numbers]
shape = [64]
input = {{ kind = "{kind}", scale = {scale} }}
[shader.smoke.buffers.outputs]
shape = [128]
"""
HEAD = """
enable f16;
enable subgroups;
struct Pair { number: f32, four: array<vec4<f32>, 4> }
var<workgroup> tile: array<f32, 64>;
var<workgroup> fours: array<vec4<f32>, 16>;
var<workgroup> total: f32;
var<workgroup> count: u32;
var<workgroup> pairs: array<Pair, 8>;
var<workgroup> votes: array<atomic<u32>, 4>;
var<workgroup> ballots: atomic<u32>;
@group(0) @binding(0) var<storage, read> numbers: array<f32>;
@group(0) @binding(1) var<storage, read_write> outputs: array<f32>;
fn next(i: u32) -> u32 { return (i + 1u) % 64u; }
"""
MAIN = """
@compute @workgroup_size(64)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(subgroup_invocation_id) lane: u32,
    @builtin(subgroup_size) lanes: u32,
) {
    let mine = numbers[thread];
    var sum = mine;
    BODY
    outputs[group.x * 64u + thread] = sum;
}
"""
RACES = {
    "a neighbour's element": "«tile[thread]» = mine; sum += «tile[next(thread)]»;",
    "with a barrier between": "tile[thread] = mine; workgroupBarrier(); sum += tile[next(thread)];",
    "one's own element": "tile[thread] = mine; sum += tile[thread];",
    "written too early": (
        "tile[thread] = mine; workgroupBarrier(); sum += «tile[next(thread)]»; «tile[thread]» = sum;"
    ),
    "in a loop, without the second barrier": (
        "for (var i = 0u; i < 3u; i += 1u) { «tile[thread]» = sum; workgroupBarrier(); sum += «tile[next(thread)]»; }"
    ),
    "in a loop": (
        "for (var i = 0u; i < 3u; i += 1u) { tile[thread] = sum; workgroupBarrier(); sum += tile[next(thread)]; "
        "workgroupBarrier(); }"
    ),
    "one number that one writes": "if (thread == 5u) { «total» = mine; } sum += «total»;",
    "one number with a barrier": "if (thread == 5u) { total = mine; } workgroupBarrier(); sum += total;",
    "all write one number": "«total» = 1.0;",
    "all count": "«count»++;",
    "all add": "«total» += mine;",
    "atomics": "atomicAdd(&votes[thread % 4u], 1u); workgroupBarrier(); sum += f32(atomicLoad(&votes[0]));",
    "atomics that are loaded too early": (
        "atomicAdd(&«votes[thread % 4u]», 1u); sum += f32(atomicLoad(&«votes[0]»));"
    ),
    "an atomic that is set too late": (
        "if (thread == 0u) { atomicStore(&«ballots», 0u); atomicAdd(&«ballots», 1u); } atomicAdd(&«ballots», 2u);"
    ),
    "an atomic that is set while it is loaded": (
        "if (thread == 9u) { atomicStore(&«ballots», 1u); } sum += f32(atomicLoad(&«ballots»));"
    ),
    "an atomic with barriers": (
        "if (thread == 0u) { atomicStore(&ballots, 0u); } workgroupBarrier(); let mine_at = atomicAdd(&ballots, 1u); "
        "tile[mine_at] = mine; workgroupBarrier(); sum += f32(atomicLoad(&ballots)) + tile[thread];"
    ),
    "an atomic that all set": "atomicStore(&ballots, 1u);",
    "an atomic that is exchanged": (
        "var old = atomicLoad(&ballots); loop { let got = atomicCompareExchangeWeak(&ballots, old, old + 1u); "
        "if (got.exchanged) { break; } old = got.old_value; }"
    ),
    "a struct's vectors": "«pairs[thread % 8u].four[1]» = vec4(mine); sum += pairs[7u - thread % 8u].number;",
    "other members": "if (thread < 8u) { pairs[thread].number = mine; } else if (thread < 16u) "
    "{ pairs[thread - 8u].four[thread % 4u] = vec4(mine); }",
    "components of one's own": "if (thread < 16u) { fours[thread].x = mine; fours[thread].y = mine; }",
    "two components by two": "if (thread < 32u) { fours[thread / 2u][thread % 2u] = mine; }",
    "a whole vector that is read": (
        "if (thread < 16u) { fours[thread] = vec4(mine); } workgroupBarrier(); sum += fours[thread % 16u].y;"
    ),
    "an index that is read": (
        "tile[thread] = f32(next(thread)); workgroupBarrier(); sum += tile[u32(tile[u32(tile[thread])])];"
    ),
    "a copy of all": "«tile[thread]» = mine; let all = «tile»; sum += all[7];",
    "a uniform load": "if (thread == 3u) { total = mine; } sum += workgroupUniformLoad(&total);",
    "a subgroup in step": (
        "if (lane == 0u) { tile[thread] = mine; } workgroupBarrier(); let first = tile[thread - lane]; "
        "let best = subgroupMax(first); if (lane == 0u) { tile[thread] = best; }"
    ),
    "a subgroup not in step": (
        "if (lane == 0u) { tile[thread] = mine; } workgroupBarrier(); let first = «tile[thread - lane]»; "
        "if (lane == 0u) { «tile[thread]» = first + 1.0; }"
    ),
    "two subgroups": (
        "if (lane == 0u) { total = mine; }"
    ),
    "written with what the lanes found": (
        "tile[thread] = mine; workgroupBarrier(); let last = tile[thread - lane + lanes - 1u]; "
        "tile[thread] = subgroupAdd(last);"
    ),
}  # fmt: skip
UNMARKED = {"all write one number", "all count", "all add", "a struct's vectors", "two subgroups"}
"""Races of a place with itself: one place, twice."""
MINE, NEIGHBOURS = "cells[group.x * 64u + thread]", "cells[group.x * 64u + next(thread)]"
STORAGE_RACES = {
    "one's own cell": f"{MINE} = mine; sum += {MINE};",
    "a neighbour's cell": f"«{MINE}» = mine; sum += «{NEIGHBOURS}»;",
    "with a barrier between": f"{MINE} = mine; storageBarrier(); sum += {NEIGHBOURS};",
    "with the barrier of other memory": f"«{MINE}» = mine; workgroupBarrier(); sum += «{NEIGHBOURS}»;",
    "all workgroups write": "«cells[thread]» = mine;",
    "another workgroup reads": (
        "if (group.x == 0u) { «cells[thread]» = mine; } storageBarrier(); sum += «cells[thread]»;"
    ),
    "all read, nobody writes": "sum += cells[0] + numbers[next(thread)];",
    "atomics": "atomicAdd(&counts[0], 1u); sum += f32(atomicLoad(&counts[1]));",
    "the head of a heap": "«heap.n» = 1u;",
    "components of other elements": f"{MINE.replace('cells', 'heap.data')}.y = mine;",
    "components of one element": (
        "heap.data[group.x * 32u + thread / 2u][thread % 2u] = mine; sum += f32(arrayLength(&heap.data));"
    ),
    "an element that is written by component": (
        "«heap.data[group.x * 32u + thread / 2u][thread % 2u]» = mine; "
        "sum += «heap.data[group.x * 32u + thread / 2u].x»;"
    ),
    "lanes in step": (
        "let seen = cells[group.x * 64u + thread - lane]; let best = subgroupMax(seen); "
        f"if (lane == 0u) {{ {MINE} = best; }}"
    ),
    "lanes not in step": (
        "let seen = «cells[group.x * 64u + thread - lane]»; "
        f"if (lane == 0u) {{ «{MINE}» = seen + 1.0; }} sum += subgroupMax(seen);"
    ),
}  # fmt: skip
HEAP = """
struct Heap { n: u32, data: array<vec2<f32>> }
@group(0) @binding(2) var<storage, read_write> cells: array<f32>;
@group(0) @binding(3) var<storage, read_write> heap: Heap;
@group(0) @binding(4) var<storage, read_write> counts: array<atomic<u32>>;
"""
SCRATCH = "".join(
    f"[shader.smoke.buffers.{name}]\nshape = [{n}]\nscratch = true\n"
    for name, n in (("cells", 128), ("heap", 258), ("counts", 64))
)
PARTINGS = {
    # (body, what is said): the barriers that it names «».
    "only some": ("if (thread < 32u) { «workgroupBarrier()»; }", "only 32 of 64 invocations come to the barrier at"),
    "after some have left": ("if (thread > 40u) { return; } «workgroupBarrier()»;", "only 41 of 64"),
    "a loop as long as an invocation likes": (
        "for (var i = 0u; i < 2u + thread % 2u; i += 1u) { «workgroupBarrier()»; }",
        "only 32 of 64 invocations come to the barrier at",
    ),
    "two barriers": (
        "if (thread < 32u) { «workgroupBarrier()»; } else { «storageBarrier()»; }",
        "some invocations wait at",
    ),
    "all come": ("for (var i = 0u; i < 2u + group.x; i += 1u) { workgroupBarrier(); }", ""),
    "a whole workgroup does not": ("if (group.x == 1u) { workgroupBarrier(); }", ""),
}
RANGES = {
    # (body, scale of the inputs): the value that is too large «», or none.
    "a conversion": ("sum = f32(f16(«mine»));", 1e5, True),
    "a conversion that fits": ("sum = f32(f16(mine));", 1.0, False),
    "of a vector": ("sum = f32(vec2<f16>(«vec2(0.0, mine)»).y);", 1e5, True),
    "a product": ("let h = f16(mine); let p = «h * h»; sum = f32(p);", 1000.0, True),
    "a sum": ("var h = f16(mine); for (var i = 0u; i < 9u; i += 1u) { «h += f16(mine)»; } sum = f32(h);", 1e4, True),
    "packed": ("sum = f32(pack2x16float(«vec2(mine)»));", 1e5, True),
    "infinite before": (
        "let masked = bitcast<f32>(0xff800000u | (thread * 0u)); sum = max(f32(f16(masked)), mine);",
        1.0,
        False,
    ),
    "f32 may be large": ("sum = mine * mine;", 1e9, False),
}


def candidate(folder: Path, text: str, kind: str = "normal", scale: float = 1.0, more: str = "") -> Candidate:
    (folder / "a.wgsl").write_text(text)
    (folder / "wgsl-ls.toml").write_text(CONFIG.format(kind=kind, scale=scale) + more)
    session = open_session([str(folder)])
    view = session.snapshot.root(str(folder / "a.wgsl"))
    assert view is not None
    return candidates(view, session.workspace, [0])[0]


async def judgement(pool: Pool, chosen: Candidate, sanitizer: Sanitizer, case: str = "") -> SmokeJudgement:
    planned = plan_runs(chosen, WGPU, case_glob=case, n_timed=0)
    (found,) = [item.report.judgement async for item in run_plans(pool, WGPU, planned[:1], sanitizers=(sanitizer,))]
    return found


def named(text: str, checks: tuple[Check, ...], name: str) -> set[frozenset[str]]:
    """The texts at the places of each failed check."""
    found = [check for check in checks if check.name == name and not check.passed]
    assert all(check.places for check in found), [check.message for check in found]
    return {frozenset(text[place.start : place.end] for place in check.places) for check in found}


async def test_races(pool: Pool, tmp_path: Path) -> None:
    found, expected = {}, {}
    for name, marked in RACES.items():
        text = HEAD + MAIN.replace("BODY", re.sub("[«»]", "", marked))
        result = await judgement(pool, candidate(tmp_path, text), "race")
        found[name] = named(text, result.checks, "race")
        assert result.sanitizers[0][0] == "race"
        places = frozenset(re.findall("«(.*?)»", marked))
        expected[name] = {places} if places or name in UNMARKED else set()
    expected["two subgroups"] = {frozenset({"total"})}
    # Every lane reads, and every lane writes.
    expected["a copy of all"] = found["a copy of all"] & {frozenset({"tile[thread]", "tile"})}
    assert found == expected


async def test_a_watch_that_changes_what_is_computed_says_nothing_else(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def harmful(plan: SmokePlan, sanitizer: WatchName) -> WatchedJob:
        job = watched(plan, sanitizer)
        (stage,) = job.job.stages
        text = stage.text.replace("var sum = mine;", "var sum = mine + 1.0;")
        return replace(job, job=replace(job.job, stages=(replace(stage, text=text),)))

    text = HEAD + MAIN.replace("BODY", "tile[thread] = f32(f16(mine)); sum += tile[thread];")
    chosen = candidate(tmp_path, text)
    names: tuple[WatchName, ...] = ("race", "range")
    for name in names:
        monkeypatch.undo()
        assert (await judgement(pool, chosen, name)).failed == ()
        monkeypatch.setattr("wgsl_ls.smoke_session.watched", harmful)
        (check,) = (await judgement(pool, chosen, name)).failed
        assert check.message.startswith("not judged: watching itself changes what the shader computes")


class Between:
    """A pool whose results are changed on their way: `change(number, result)`, the first being 0. `kind`: of its
    adapter, in place of the real one."""

    def __init__(self, pool: Pool, change: Callable[[int, Any], Any], kind: str = "") -> None:
        self.pool, self.change, self.n_jobs, self.kind = pool, change, 0, kind

    async def info(self, engine: str) -> Any:
        found = await self.pool.info(engine)
        kept = tuple(one for one in found.properties if one[0] != "adapter-type")
        return replace(found, properties=(*kept, ("adapter-type", self.kind))) if self.kind else found

    async def enqueue(self, job: Any, deadline: float) -> Any:
        self.n_jobs += 1
        number = self.n_jobs - 1
        return self.change(number, await self.pool.enqueue(job, deadline=deadline))


async def watched_between(pool: Pool, folder: Path, change: Callable[[int, Any], Any], factor: float) -> SmokeJudgement:
    """A right run, watched for ranges, whose reference is what it gives times `factor`."""
    text = HEAD + MAIN.replace("BODY", "sum += f32(f16(mine));")
    (planned,) = plan_runs(candidate(folder, text), WGPU, n_timed=0)
    assert planned.plan is not None
    plain = await pool.enqueue(planned.plan.job)
    assert isinstance(plain, Dispatched)
    (output,) = planned.plan.outputs
    data = next(one.data for one in plain.buffers if one.name == output.buffer)
    numbers = np.frombuffer(data, "<f4")[: np.prod(output.tensor.shape)].reshape(output.tensor.shape) * factor
    planned = replace(planned, op="X", plan=replace(planned.plan, expected={output.buffer: numbers.astype(float)}))
    between: Any = Between(pool, change)
    (item,) = [one async for one in run_plans(between, WGPU, [planned], sanitizers=("range",))]
    return item.report.judgement


@pytest.mark.parametrize(
    ("lost", "verdict", "words"),
    [
        ({0}, "unjudged", ""),
        ({1}, "pass", "not watched"),
        (set(), "pass", "the largest"),
    ],
)
async def test_a_lost_device_costs_what_it_was_lost_in(
    pool: Pool, tmp_path: Path, lost: set[int], verdict: str, words: str
) -> None:
    def lose(number: int, result: Any) -> Any:
        return DispatchFailed("device-lost", "gone") if number in lost else result

    judged = await watched_between(pool, tmp_path, lose, 1.0)
    assert judged.verdict == verdict
    assert words in " ".join(remark for _, _, remarks in judged.sanitizers for remark in remarks)


@pytest.mark.parametrize(
    ("factor", "error", "verdict", "words"),
    [
        (1.0, 1e-5, "pass", "as right, with other roundings"),
        (1.0, 1.0, "fail", "please report"),
        (2.0, 1e-5, "fail", "not judged: the run is wrong"),
    ],
)
async def test_a_watched_run_that_gives_other_numbers(
    pool: Pool, tmp_path: Path, factor: float, error: float, verdict: str, words: str
) -> None:
    def disturb(number: int, result: Any) -> Any:
        def other(data: bytes) -> bytes:
            return (np.frombuffer(data, "<f4") * np.float32(1 + error)).tobytes()

        if number != 1:
            return result
        return replace(result, buffers=tuple(
            replace(one, data=other(one.data)) if one.name == "outputs" else one for one in result.buffers
        ))  # fmt: skip

    judged = await watched_between(pool, tmp_path, disturb, factor)
    assert judged.verdict == verdict
    remarks = [remark for _, _, remarks in judged.sanitizers for remark in remarks]
    assert words in " ".join([*remarks, *(check.message for check in judged.failed)])


async def test_a_machine_that_is_busy_makes_watching_no_gain(pool: Pool, tmp_path: Path) -> None:
    """Most of the plain run's measured runs were held up."""
    plain, other = (9.0, 2.0, 9.0), (3.0, 9.0, 3.0)

    def timed(number: int, result: Any) -> Any:
        return replace(result, wall_seconds=other if number == 1 else plain)

    judged = await watched_between(pool, tmp_path, timed, 1.0)
    assert [(name, cost) for name, cost, _ in judged.sanitizers] == [("range", 1.5)]


async def test_races_on_storage(pool: Pool, tmp_path: Path) -> None:
    found, expected = {}, {}
    for name, marked in STORAGE_RACES.items():
        text = HEAD + HEAP + MAIN.replace("BODY", re.sub("[«»]", "", marked))
        result = await judgement(pool, candidate(tmp_path, text, more=SCRATCH), "race")
        found[name] = named(text, result.checks, "race")
        places = frozenset(re.findall("«(.*?)»", marked))
        expected[name] = {places} if places else set()
    assert found == expected


async def test_barriers_that_not_all_come_to(pool: Pool, tmp_path: Path) -> None:
    for name, (marked, words) in PARTINGS.items():
        text = HEAD + MAIN.replace("BODY", re.sub("[«»]", "", marked))
        result = await judgement(pool, candidate(tmp_path, text), "race")
        places = frozenset(re.findall("«(.*?)»", marked))
        assert named(text, result.checks, "race") == ({places} if places else set()), name
        said = [check.message for check in result.failed if check.name == "race"]
        assert all(words in one for one in said), said


OVER_EACH_OTHER = """
@group(0) @binding(0) var<storage, read_write> numbers: array<f32>;
@group(0) @binding(1) var<storage, read_write> outputs: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    outputs[id.x] = numbers[id.x] * 2.0;
}
"""


async def test_bindings_that_overlap_are_not_run(pool: Pool, tmp_path: Path) -> None:
    one = candidate(tmp_path, OVER_EACH_OTHER, more='[shader.smoke.bind]\nnumbers = "outputs"\n')
    result = await judgement(pool, one, "alias")
    ((places, message),) = [(check.places, check.message) for check in result.failed if check.name == "alias"]
    assert [OVER_EACH_OTHER[place.start : place.end] for place in places] == ["outputs[id.x]", "numbers[id.x]"]
    assert "overlap; outputs is written at" in message and "; numbers is read at" in message
    result = await judgement(pool, candidate(tmp_path, OVER_EACH_OTHER), "alias")
    assert [check for check in result.failed if check.name == "alias"] == []
    assert result.sanitizers[0][2] == ("1 pair of bindings that must not overlap lies apart",)


async def test_ranges(pool: Pool, tmp_path: Path) -> None:
    found, expected = {}, {}
    for name, (marked, scale, is_too_large) in RANGES.items():
        text = HEAD + MAIN.replace("BODY", re.sub("[«»]", "", marked))
        result = await judgement(pool, candidate(tmp_path, text, scale=scale), "range")
        found[name] = named(text, result.checks, "range")
        expected[name] = {frozenset(re.findall("«(.*?)»", marked))} if is_too_large else set()
    assert found == expected


async def test_by_how_much_the_inputs_may_grow(pool: Pool, tmp_path: Path) -> None:
    text = HEAD + MAIN.replace("BODY", "sum = f32(f16(mine * 1000.0));")
    result = await judgement(pool, candidate(tmp_path, text, kind="uniform"), "range")
    ((_, _, remarks),) = result.sanitizers
    assert result.verdict == "pass"
    assert any("too large with inputs 128 times as large" in one for one in remarks), remarks


async def test_what_a_matrix_accumulates_in_f16(pool: Pool, tmp_path: Path) -> None:
    root = small_family(tmp_path, "flash_attn.wgsl", '"ACCUMULATE_F16", "MASK"')
    session = open_session([str(root)], variant_glob="plain")
    view = session.snapshot.root(str(root))
    assert view is not None
    chosen = candidates(view, session.workspace)[0]
    case = replace(chosen.config.cases[0], values=(*chosen.config.cases[0].values, ("scale", "1 / 1000")))
    said = {}
    for factor in ("1.0", "8000.0"):
        text = chosen.expansion.text
        changed = text.replace(
            "query_tile[index * 4u + part] = f16(", f"query_tile[index * 4u + part] = f16({factor} * "
        )
        assert changed != text
        (planned,) = plan_runs(replace(chosen, config=replace(chosen.config, cases=(case,))), WGPU, n_timed=0)
        assert planned.plan is not None
        first, *others = planned.plan.job.stages
        job = replace(planned.plan.job, stages=(replace(first, text=changed), *others))
        seeded = replace(planned, plan=replace(planned.plan, job=job))
        (item,) = [one async for one in run_plans(pool, WGPU, [seeded], sanitizers=("range",))]
        said[factor] = [check for check in item.report.judgement.failed if check.name == "range"]
    assert [len(found) for found in said.values()] == [0, 1]
    (check,) = said["8000.0"]
    stored, read = (changed[place.start : place.end] for place in check.places)
    # Not where the softmax reads them again: masks are infinite there.
    assert stored.startswith("subgroupMatrixStore(&scores,") and read == "scores[index]"
    assert check.message.startswith("f16 out of a matrix stored at ") and check.message.endswith(
        ": too large (infinite)"
    )


LANES = """
enable subgroups;
@group(0) @binding(0) var<storage, read> numbers: array<f32>;
@group(0) @binding(1) var<storage, read_write> outputs: array<f32>;
@compute @workgroup_size(64)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(subgroup_invocation_id) lane: u32,
    @builtin(subgroup_size) lanes: u32,
    @builtin(subgroup_id) subgroup: u32, @builtin(num_subgroups) n_subgroups: u32
) {
    // Whole numbers, so that sums do not depend on their order.
    let x = floor(numbers[thread] * 8.0);
    let n = u32(abs(x));
    var sum = BODY;
    outputs[group.x * 64u + thread] = sum;
}
"""
FUNCTIONS = (
    *("subgroupAdd(x)", "subgroupMax(x)", "subgroupMin(x)", "subgroupInclusiveAdd(x)", "subgroupExclusiveAdd(x)"),
    *("subgroupMul(0.5 + f32(thread % 2u))", "subgroupInclusiveMul(2.0)", "subgroupExclusiveMul(2.0)"),
    *("f32(subgroupAnd(n))", "f32(subgroupOr(n))", "f32(subgroupXor(n))", "subgroupAdd(vec2(x, 1.0)).y"),
    *("f32(subgroupAll(x < 3.0))", "f32(subgroupAny(x > 9.0))", "f32(subgroupBallot(x > 0.0).x)"),
    *("subgroupBroadcast(x, 3u)", "subgroupBroadcastFirst(x)", "subgroupShuffle(x, lane ^ 5u)"),
    *("subgroupShuffleXor(x, 2u)", "subgroupShuffle(x, (lane + 1u) % lanes)", "quadBroadcast(x, 2u)"),
    *("quadSwapX(x)", "quadSwapY(x)", "quadSwapDiagonal(x)", "f32(lane) * subgroupMax(1.0)"),
    *("f32(lanes) * subgroupMax(1.0)", "f32(subgroup) * subgroupMax(1.0)", "f32(n_subgroups) * subgroupMax(1.0)"),
)


async def test_emulated_subgroups_do_what_the_adapters_own_do(pool: Pool, tmp_path: Path) -> None:
    size = await own_size(pool, tmp_path)
    differ = []
    for body in FUNCTIONS:
        (planned,) = plan_runs(candidate(tmp_path, LANES.replace("BODY", body)), WGPU, n_timed=0)
        assert planned.plan is not None
        emulated = with_subgroups(planned.plan, size)
        assert not isinstance(emulated, str), (body, emulated)
        native, other = [await pool.enqueue(job) for job in (planned.plan.job, emulated[0])]
        assert isinstance(native, Dispatched) and isinstance(other, Dispatched), (body, native, other)
        if not same_outputs(native, other):
            differ.append(body)
    assert differ == []


async def own_size(pool: Pool, folder: Path) -> int:
    (planned,) = plan_runs(candidate(folder, LANES.replace("BODY", "f32(lanes)")), WGPU, n_timed=0)
    assert planned.plan is not None
    result = await pool.enqueue(planned.plan.job)
    assert isinstance(result, Dispatched)
    data = next(one.data for one in result.buffers if one.name == "outputs")
    return int(np.frombuffer(data, "<f4")[0])


SIZES = {
    # The number of invocations, whatever the size; where subgroups are full; where they have four lanes.
    "subgroupAdd(1.0) * f32(n_subgroups)": [4, 8, 16, 32, 64, 128],
    "subgroupMax(1.0) * f32(n_subgroups) * f32(lanes)": [4, 8, 16, 32, 64],
    "subgroupAdd(1.0) * 16.0": [4],
    "subgroupMax(64.0)": [4, 8, 16, 32, 64, 128],
}


@pytest.mark.parametrize("body", SIZES)
async def test_a_size_that_is_taken_for_granted(body: str, pool: Pool, tmp_path: Path) -> None:
    (planned,) = plan_runs(candidate(tmp_path, LANES.replace("BODY", body)), WGPU, n_timed=0)
    assert planned.plan is not None
    planned = replace(planned, plan=replace(planned.plan, expected={"outputs": np.full(128, 64.0)}))
    sizes = [4, 8, 16, 32, 64, 128]
    (item,) = [one async for one in run_plans(pool, WGPU, [planned], subgroup_sizes=sizes)]
    judged = item.report.judgement
    right = ", ".join(map(str, SIZES[body]))
    said = [one.message for one in judged.failed if one.name == "subgroup-size"]
    if SIZES[body] == sizes:
        assert (said, judged.sanitizers[0][2]) == ([], (f"right with subgroups of {right}",))
    else:
        assert said and all(f", right with {right}:" in one for one in said), said


async def test_a_run_that_is_wrong_anyway_says_nothing_of_subgroups(pool: Pool, tmp_path: Path) -> None:
    (planned,) = plan_runs(candidate(tmp_path, LANES.replace("BODY", "subgroupMax(64.0)")), WGPU, n_timed=0)
    assert planned.plan is not None
    planned = replace(planned, plan=replace(planned.plan, expected={"outputs": np.full(128, 32.0)}))
    (item,) = [one async for one in run_plans(pool, WGPU, [planned], subgroup_sizes=(8,))]
    assert [one.name for one in item.report.judgement.failed] == ["reference"]
    assert item.report.judgement.sanitizers[0][2] == ("not judged: the run is wrong on the adapter's own subgroups",)


REDUCTION = """
enable subgroups;
@group(0) @binding(0) var<storage, read> numbers: array<f32>;
@group(0) @binding(1) var<storage, read_write> outputs: array<f32>;
var<workgroup> parts: array<f32, 32>;
@compute @workgroup_size(128)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(subgroup_invocation_id) lane: u32,
    @builtin(subgroup_id) subgroup: u32, @builtin(num_subgroups) n_subgroups: u32
) {
    let part = subgroupAdd(floor(numbers[thread % 64u] * 8.0));
    if (FIRST) { parts[PART] = part; }
    workgroupBarrier();
    var sum = 0.0;
    for (var i = 0u; i < N_PARTS; i += 1u) { sum += parts[i]; }
    if (thread < 64u) { outputs[group.x * 64u + thread] = sum; }
}
"""
GRANTED = {
    "of whatever size": ("lane == 0u", "subgroup", "n_subgroups", [4, 8, 16, 32, 64, 128]),
    "of 32": ("thread % 32u == 0u", "thread / 32u", "4u", [32]),
}


@pytest.mark.parametrize("name", GRANTED)
async def test_a_reduction_by_subgroups(name: str, pool: Pool, tmp_path: Path) -> None:
    """One that takes 32 lanes for granted is wrong with 128, and says so, whatever this adapter has."""
    first, part, n_parts, right = GRANTED[name]
    text = REDUCTION.replace("FIRST", first).replace("N_PARTS", n_parts).replace("PART", part)
    (planned,) = plan_runs(candidate(tmp_path, text), WGPU, n_timed=0)
    assert planned.plan is not None
    (numbers,) = [np.frombuffer(one.data, "<f4") for one in planned.plan.job.buffers if one.name == "numbers"]
    total = 2.0 * float(np.floor(numbers[:64] * np.float32(8.0)).sum())
    planned = replace(planned, plan=replace(planned.plan, expected={"outputs": np.full(128, total)}))
    sizes = [4, 8, 16, 32, 64, 128]
    (item,) = [one async for one in run_plans(pool, WGPU, [planned], subgroup_sizes=sizes)]
    judged = item.report.judgement
    said = [one.message.partition(": ")[0] for one in judged.failed if one.name == "subgroup-size"]
    among = f", right with {', '.join(map(str, right))}"
    assert all(one.startswith("wrong with subgroups of ") and one.endswith(among) for one in said), said
    wrong = [int(number) for one in said for number in re.findall(r"\d+", one.removesuffix(among))]
    assert wrong == [size for size in sizes if size not in right]


async def test_what_not_all_invocations_call_is_not_run(pool: Pool, tmp_path: Path) -> None:
    text = LANES.replace("var sum = BODY;", "var sum = x; if (subgroup == 0u) { sum = subgroupAdd(x); }")
    (planned,) = plan_runs(candidate(tmp_path, text), WGPU, n_timed=0)
    words = "its subgroup functions are not called by the whole workgroup"
    (item,) = [one async for one in run_plans(pool, WGPU, [planned], subgroup_sizes=(4,))]
    ((_, _, (remark,)),) = item.report.judgement.sanitizers
    assert remark.startswith(f"not run: {words}")
    # Where there is one subgroup, all of them do.
    (item,) = [one async for one in run_plans(pool, WGPU, [planned], subgroup_sizes=(32, 64))]
    ((_, _, (remark, right)),) = item.report.judgement.sanitizers
    assert remark.startswith(f"not run with subgroups of 32: {words}")
    assert right == "without a reference, nothing wrong was seen with subgroups of 64"


async def test_subgroup_matrices_on_lanes_of_any_number(pool: Pool, tmp_path: Path) -> None:
    """The family's kernel with matrices, and the same where its softmax takes 8 lanes for granted."""
    path = small_family(tmp_path, "flash_attn.wgsl")
    session = open_session([str(path)], variant_glob="plain")
    view = session.snapshot.root(str(path))
    assert view is not None
    (planned, *_) = plan_runs(candidates(view, session.workspace)[0], WGPU, case_glob="small", n_timed=0)
    assert planned.plan is not None
    first, *others = planned.plan.job.stages
    granted = first.text.replace("n_rows, lane, n_lanes)", "n_rows, lane, 8u)")
    assert granted != first.text
    told = []
    for text in (first.text, granted):
        job = replace(planned.plan.job, stages=(replace(first, text=text), *others))
        seeded = replace(planned, plan=replace(planned.plan, job=job))
        (item,) = [one async for one in run_plans(pool, WGPU, [seeded], subgroup_sizes=(8, 128))]
        ((_, _, remarks),) = item.report.judgement.sanitizers
        failed = [one.message for one in item.report.judgement.failed if one.name == "subgroup-size"]
        told.append((remarks, [message.partition(":")[0] for message in failed]))
    assert told == [
        (("right with subgroups of 8, 128",), []),
        ((), ["wrong with subgroups of 128, right with 8"]),
    ]


@pytest.mark.parametrize("kind", ["CPU", "DiscreteGPU"])
async def test_what_only_a_run_shows_to_be_together(pool: Pool, tmp_path: Path, kind: str) -> None:
    """All invocations call the subgroup function, for a reason that no compiler knows: a count of who comes tells."""
    size = await own_size(pool, tmp_path)
    text = LANES.replace("@compute", "var<workgroup> all: u32;\n@compute")
    text = text.replace(
        "var sum = BODY;",
        "if (thread == 0u) { all = 1u; } workgroupBarrier(); var sum = 0.0; if (all == 1u) { sum = subgroupAdd(1.0); }",
    )
    (planned,) = plan_runs(candidate(tmp_path, text), WGPU, n_timed=0)
    assert planned.plan is not None
    planned = replace(planned, plan=replace(planned.plan, expected={"outputs": np.full(128, float(size))}))
    between: Any = Between(pool, lambda number, result: result, kind)
    (item,) = [one async for one in run_plans(between, WGPU, [planned], subgroup_sizes=(size, 64))]
    judged = item.report.judgement
    said = [one.message.partition(": ")[0] for one in judged.failed if one.name == "subgroup-size"]
    if kind == "CPU":
        assert said == [f"wrong with subgroups of 64, right with {size}"]
    else:
        ((_, _, (remark,)),) = judged.sanitizers
        assert said == [] and remark.startswith("not run: its subgroup functions are not called by the whole workgroup")


@pytest.mark.parametrize(("kind", "differs"), [("CPU", True), ("CPU", False), ("DiscreteGPU", True)])
async def test_a_software_driver_that_leaves_loops_early_proves_nothing(
    pool: Pool, tmp_path: Path, kind: str, differs: bool
) -> None:
    def disturb(number: int, result: Any) -> Any:
        def other(one: Any) -> Any:
            return replace(one, data=bytes(len(one.data))) if one.name == "outputs" else one

        if number != 1 or not differs:
            return result
        return replace(result, buffers=tuple(map(other, result.buffers)))

    text = HEAD + MAIN.replace("BODY", "if (thread < 32u) { workgroupBarrier(); }")
    (planned,) = plan_runs(candidate(tmp_path, text), WGPU, n_timed=0)
    between: Any = Between(pool, disturb, kind)
    (item,) = [one async for one in run_plans(between, WGPU, [planned], sanitizers=("race",))]
    ((_, _, remarks),) = item.report.judgement.sanitizers
    proves_nothing = kind == "CPU" and differs
    assert [one.name for one in item.report.judgement.failed] == ([] if proves_nothing else ["race"])
    assert any("leaves loops" in one for one in remarks) == proves_nothing


async def test_a_count_that_changes_the_numbers_proves_nothing(pool: Pool, tmp_path: Path) -> None:
    text = LANES.replace("@compute", "var<workgroup> all: u32;\n@compute")
    asked = "if (thread == 0u) { all = 1u; } workgroupBarrier(); if (all == 1u) { sum = subgroupAdd(1.0); }"
    text = text.replace("BODY;", f"0.0; {asked}")
    (planned,) = plan_runs(candidate(tmp_path, text), WGPU, n_timed=0)

    def disturb(number: int, result: Any) -> Any:
        def other(one: Any) -> Any:
            return replace(one, data=bytes(len(one.data))) if one.name == "outputs" else one

        return replace(result, buffers=tuple(map(other, result.buffers))) if number == 1 else result

    between: Any = Between(pool, disturb, "CPU")
    (item,) = [one async for one in run_plans(between, WGPU, [planned], subgroup_sizes=(16,))]
    ((_, _, (remark,)),) = item.report.judgement.sanitizers
    assert remark.startswith("not run: the software driver leaves loops early")


LOST = """
enable subgroups;
@group(0) @binding(0) var<storage, read> numbers: array<f32>;
@group(0) @binding(1) var<storage, read_write> outputs: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
    var sum = subgroupMax(1.0);
    for (var column = thread; column < 16u; column += 64u) {
        var rounds = u32(numbers[0] * 0.0);
        loop {
            if (rounds == 0u) { break; }
            sum = subgroupMax(2.0);
            rounds >>= 1u;
        }
    }
    outputs[group.x * 64u + thread] = sum;
}
"""
"""No invocation comes to the second subgroup function. In llvmpipe those that are in the outer loop wait for ever at
the barriers of its emulation, which the others pass by."""


def fewer(result: Any, lost: int) -> Any:
    """As if so many invocations had not come to their end."""

    def counted(one: Any) -> Any:
        words = np.frombuffer(one.data, "<u4").copy()
        words[-2] -= lost * one.name.startswith(("race record", "barriers record"))
        return replace(one, data=words.tobytes())

    return replace(result, buffers=tuple(map(counted, result.buffers))) if lost else result


@pytest.mark.parametrize("lost", [0, 1])
async def test_a_driver_that_loses_invocations_proves_nothing(pool: Pool, tmp_path: Path, lost: int) -> None:
    (planned,) = plan_runs(candidate(tmp_path, LOST), WGPU, n_timed=0)
    assert planned.plan is not None
    planned = replace(planned, plan=replace(planned.plan, expected={"outputs": np.full(128, 1.0)}))

    between: Any = Between(pool, lambda number, result: fewer(result, lost * (number == 1)), "CPU")
    (item,) = [one async for one in run_plans(between, WGPU, [planned], subgroup_sizes=(64,))]
    ((_, _, (remark,)),) = item.report.judgement.sanitizers
    assert item.report.judgement.failed == ()
    lost_words = re.compile("not run: the driver lets [0-9]+ of its invocations wait for ever")
    assert lost_words.match(remark) or (not lost and remark == "right with subgroups of 64")


async def test_a_race_is_not_judged_where_invocations_are_lost(pool: Pool, tmp_path: Path) -> None:
    text = HEAD + MAIN.replace("BODY", "total = 1.0; workgroupBarrier();")
    (planned,) = plan_runs(candidate(tmp_path, text), WGPU, n_timed=0)

    between: Any = Between(pool, lambda number, result: fewer(result, int(number == 1)))
    (item,) = [one async for one in run_plans(between, WGPU, [planned], sanitizers=("race",))]
    ((_, _, remarks),) = item.report.judgement.sanitizers
    assert item.report.judgement.failed == ()
    assert any("races not judged: the driver lets 1 of its invocations wait for ever" in one for one in remarks)


@pytest.mark.parametrize("silence", [TimedOut(60.0), DispatchFailed("rejected", "no such builtin")])
async def test_no_answer_about_other_subgroups_is_not_judged(pool: Pool, tmp_path: Path, silence: Any) -> None:
    (planned,) = plan_runs(candidate(tmp_path, LANES.replace("BODY", "subgroupMax(64.0)")), WGPU, n_timed=0)
    between: Any = Between(pool, lambda number, result: silence if number == 1 else result)
    (item,) = [one async for one in run_plans(between, WGPU, [planned], subgroup_sizes=(16, 64))]
    ((_, _, (remark, right)),) = item.report.judgement.sanitizers
    assert item.report.judgement.failed == () and remark.startswith("not run with subgroups of 16: ")
    assert right == "without a reference, nothing wrong was seen with subgroups of 64"


BARRIERS: dict[str, list[set[str]]] = {
    "flash_attn_tile.wgsl": [
        {"kv_tile"},
        {"kv_tile"},
        {"kv_tile", "scores"},
        {"kv_tile", "scores", "row_decay"},
        set(),
    ],
    "flash_attn_vec_split.wgsl": [set(), {"kv_tile"}, {"kv_tile", "scores"}, {"weights"}, {"part_sums"}],
    "flash_attn.wgsl": [
        {"kv_tile"},
        {"kv_tile"},
        {"kv_tile", "scores"},
        {"scores"},
        {"row_decay"},
        {"output_tile"},
        {"output_tile"},
    ],
}
"""Of the plain variant of each kernel that has barriers, in its order: the variables of the races that appear without
it. The last one of the tile kernel is needed only when there is no key at all; the first one of the split kernel only
where an invocation stages other elements than it has read. The scores of the tile kernel's third one are exchanged by
lanes that a subgroup of 32 has together, and orders."""


@pytest.mark.parametrize("root", BARRIERS)
async def test_each_barrier_of_the_family_is_missed(root: str, pool: Pool, tmp_path: Path) -> None:
    path = small_family(tmp_path, root)
    session = open_session([str(path)], variant_glob="plain")
    view = session.snapshot.root(str(path))
    assert view is not None
    chosen = candidates(view, session.workspace)[0]
    (planned, *_) = plan_runs(chosen, WGPU, case_glob="small", n_timed=0)
    assert planned.plan is not None
    (item,) = [one async for one in run_plans(pool, WGPU, [planned], sanitizers=("race", "range", "alias"))]
    assert item.report.judgement.failed == ()
    first, *others = planned.plan.job.stages
    found = []
    for match in re.finditer(r"workgroupBarrier\(\);", first.text):
        text = first.text[: match.start()] + " " * len(match[0]) + first.text[match.end() :]
        job = replace(planned.plan.job, stages=(replace(first, text=text), *others))
        seeded = replace(planned, plan=replace(planned.plan, job=job))
        (item,) = [one async for one in run_plans(pool, WGPU, [seeded], sanitizers=("race",))]
        told = item.report.judgement.checks
        assert all(len(places) in (1, 2) for places in named(text, told, "race"))
        found.append(
            {name for check in told for name in re.findall(r"(\w+) is (?:read|written|changed) at", check.message)}
        )
    expected = [set(names) for names in BARRIERS[root]]
    if root == "flash_attn_tile.wgsl" and await own_size(pool, tmp_path) >= 32:
        expected[2].discard("scores")
    assert found == expected
