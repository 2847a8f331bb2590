"""Kernels that are put together at random: a text that watches itself, or has emulated subgroups, gives what the plain
one gives, bit for bit, and no sanitizer finds a mistake in one that has none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.smoke.test_sanitize import HEAD, HEAP, MAIN, SCRATCH, WGPU, candidate, own_size
from wgsl_ls.smoke.plan import SmokePlan
from wgsl_ls.smoke.sanitize import TELLERS, WatchName, same_outputs, watched, with_subgroups
from wgsl_ls.smoke_session import plan_runs, pool_for
from wgsl_ls.wire.dispatch_jobs import Dispatched
from wgsl_ls.wire.jobs import Unavailable
from wgsl_ls.workers.pool import Pool

pytestmark = [pytest.mark.gpu, pytest.mark.slow]

MINE, NEIGHBOURS = "cells[group.x * 64u + thread]", "cells[group.x * 64u + next(thread)]"
STEPS = st.sampled_from(
    (
        "tile[thread] = sum;",
        "sum += tile[next(thread)];",
        "tile[next(thread)] *= 0.5;",
        "if (thread < 16u) { fours[thread] = vec4(sum, mine, 1.0, 2.0); }",
        "if (thread < 16u) { fours[thread].y += sum; }",
        "sum += fours[next(thread) % 16u].y;",
        "if (thread < 8u) { pairs[thread].four[thread % 4u] = vec4(sum); pairs[thread].number = mine; }",
        "sum += pairs[next(thread) % 8u].four[1].z;",
        "if (thread == 5u) { total = sum; }",
        "sum += total;",
        "sum += workgroupUniformLoad(&total);",
        "atomicAdd(&votes[thread % 4u], u32(abs(sum)));",
        "sum += f32(atomicLoad(&votes[thread % 3u]) % 5u);",
        "sum = f32(f16(sum));",
        "{ var h = f16(sum); for (var j = 0u; j < 3u; j += 1u) { h += f16(0.25); } sum = f32(h); }",
        "sum = f32((vec2<f16>(vec2(sum, 1.0)) * f16(0.5)).x);",
        f"{MINE} = sum;",
        f"sum += {NEIGHBOURS};",
        "sum = subgroupMax(sum) - 1.0;",
        "sum += subgroupShuffleXor(sum, 1u);",
        "tile[thread] = subgroupMin(sum);",
    )
)
LAST = (
    "sum += tile[next(thread)] + fours[thread % 16u].y + pairs[thread % 8u].four[1].z + total"
    f" + f32(atomicLoad(&votes[thread % 4u]) % 7u) + {MINE};"
)
"""What all of them left is seen in the outputs."""
ORDERED = " workgroupBarrier(); storageBarrier(); sum = clamp(sum, -9.0, 9.0);\n    "
BODIES = st.recursive(
    STEPS,
    lambda inner: st.tuples(
        st.sampled_from(
            (
                "{{ {} }}",
                "for (var i = 0u; i < 2u; i += 1u) {{ {} }}",
                "if (group.x == 1u) {{ {} }}",
                "loop {{ {} if (thread < 99u) {{ break; }} }}",
            )
        ),
        st.lists(inner, min_size=1, max_size=3),
    ).map(lambda drawn: drawn[0].format("".join(one + ORDERED for one in drawn[1]))),
    max_leaves=8,
)


class Device:
    """One worker for all that is drawn. `size`: lanes of a subgroup."""

    def __init__(self, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.opened = pool_for(WGPU)
        self.pool: Pool = self.runner.run(self.opened.__aenter__())
        info = self.runner.run(self.pool.info("wgpu"))
        self.missing = info.why if isinstance(info, Unavailable) else ""
        self.size = 0 if self.missing else self.runner.run(own_size(self.pool, folder))

    def run(self, plan: SmokePlan) -> list[str]:
        return self.runner.run(differences(self.pool, plan, self.size))

    def close(self) -> None:
        self.runner.run(self.opened.__aexit__(None, None, None))
        self.runner.close()


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    found = Device(tmp_path_factory.mktemp("size"))
    try:
        if found.missing:
            pytest.skip(f"wgpu cannot run here: {found.missing}")
        yield found
    finally:
        found.close()


async def differences(pool: Pool, plan: SmokePlan, size: int) -> list[str]:
    """What watching or emulating changed, and what was found that is no mistake."""
    plain = await pool.enqueue(plan.job)
    assert isinstance(plain, Dispatched), plain
    found = []
    names: tuple[WatchName, ...] = ("race", "range")
    for name in names:
        job = watched(plan, name)
        if job.watches:
            result = await pool.enqueue(job.job)
            assert isinstance(result, Dispatched), result
            found += [f"{name}: {one.message}" for one in TELLERS[name](job, result) if one.wrong]
            found += [] if same_outputs(plain, result) else [f"{name} changes the outputs"]
    counting = watched(plan, "barriers")
    result = await pool.enqueue(counting.job)
    assert isinstance(result, Dispatched), result
    found += [] if same_outputs(plain, result) else ["counting changes the outputs"]
    emulated = with_subgroups(plan, size)
    if not isinstance(emulated, str):
        result = await pool.enqueue(emulated[0])
        assert isinstance(result, Dispatched), result
        found += [] if same_outputs(plain, result) else ["emulated subgroups change the outputs"]
    return found


@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(body=st.lists(BODIES, min_size=2, max_size=5))
def test_an_instrumented_text_does_what_the_plain_one_does(
    device: Device, tmp_path_factory: pytest.TempPathFactory, body: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("drawn")
    first = f"tile[thread] = mine; {MINE} = mine;{ORDERED}"
    text = HEAD + HEAP + MAIN.replace("BODY", first + "".join(one + ORDERED for one in body) + LAST)
    (planned,) = plan_runs(candidate(folder, text, more=SCRATCH), WGPU, n_timed=0)
    assert planned.plan is not None, planned.problem
    assert device.run(planned.plan) == [], text
