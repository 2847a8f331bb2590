"""Shaders that watch themselves, on the adapter at hand: what is wrong is named at its places «», what is right is
silent, and watching changes no result (a sanitizer that changed one would say so and fail the run).

The tables go to one worker each, not a worker a row.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from wgsl_ls.cli.composition import open_session
from wgsl_ls.smoke.judge import Check, SmokeJudgement
from wgsl_ls.smoke.sanitize import Sanitizer, same_outputs, with_subgroups
from wgsl_ls.smoke_session import Candidate, Target, candidates, plan_runs, run_plans
from wgsl_ls.wire.dispatch_jobs import Dispatched
from wgsl_ls.workers.pool import Pool

pytestmark = [pytest.mark.gpu, pytest.mark.slow]

SHADERS = Path(__file__).parent.parent / "shaders"
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


def candidate(folder: Path, text: str, kind: str = "normal", scale: float = 1.0) -> Candidate:
    (folder / "a.wgsl").write_text(text)
    (folder / "wgsl-ls.toml").write_text(CONFIG.format(kind=kind, scale=scale))
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


async def test_what_not_all_invocations_call_is_not_run(pool: Pool, tmp_path: Path) -> None:
    text = LANES.replace("var sum = BODY;", "var sum = x; if (subgroup == 0u) { sum = subgroupAdd(x); }")
    (planned,) = plan_runs(candidate(tmp_path, text), WGPU, n_timed=0)
    (item,) = [one async for one in run_plans(pool, WGPU, [planned], subgroup_sizes=(4,))]
    ((_, _, (remark,)),) = item.report.judgement.sanitizers
    assert remark.startswith("not run: its subgroup functions are not called by the whole workgroup")


BARRIERS: dict[str, list[set[str]]] = {
    "flash_attn_tile.wgsl": [
        {"kv_tile"},
        {"kv_tile"},
        {"kv_tile", "scores"},
        {"kv_tile", "scores", "row_decay"},
        set(),
    ],
}
"""Of the plain variant, in its order: the variables of the races that appear without it. The last one of the tile
kernel is needed only when there is no key at all."""


@pytest.mark.parametrize("root", BARRIERS)
async def test_each_barrier_of_the_family_is_missed(root: str, pool: Pool) -> None:
    session = open_session([str(SHADERS / root)], variant_glob="plain")
    view = session.snapshot.root(str(SHADERS / root))
    assert view is not None
    chosen = candidates(view, session.workspace)[0]
    (planned, *_) = plan_runs(chosen, WGPU, case_glob="small", n_timed=0)
    assert planned.plan is not None
    first, *others = planned.plan.job.stages
    found = []
    for match in re.finditer(r"workgroupBarrier\(\);", first.text):
        text = first.text[: match.start()] + " " * len(match[0]) + first.text[match.end() :]
        job = replace(planned.plan.job, stages=(replace(first, text=text), *others))
        seeded = replace(planned, plan=replace(planned.plan, job=job))
        (item,) = [one async for one in run_plans(pool, WGPU, [seeded], sanitizers=("race",))]
        pairs = named(text, item.report.judgement.checks, "race")
        found.append({re.match(r"\w+", place)[0] for pair in pairs for place in pair})  # type: ignore[index]
    assert found == BARRIERS[root]
