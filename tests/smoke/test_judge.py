"""Every check on results made by hand: it fires for its mistake, with the place, and for nothing else."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from wgsl_ls.smoke.config import SmokeConfig
from wgsl_ls.smoke.elements import FORMATS, Tensor
from wgsl_ls.smoke.expectation import OutputPlan
from wgsl_ls.smoke.judge import SmokeJudgement, agreement, judge
from wgsl_ls.smoke.plan import SmokePlan
from wgsl_ls.wire.dispatch_jobs import (
    BufferOutcome,
    Dispatched,
    DispatchFailed,
    DispatchJob,
    JobBuffer,
    StageTiming,
)
from wgsl_ls.wire.jobs import Crashed, TimedOut, Unavailable

F32 = FORMATS["f32"]
TENSOR = Tensor("out", (2, 3), (4, 1), 0)
START = F32.poison * 7
EXPECTED = np.arange(6.0).reshape(2, 3)
RIGHT = F32.encode(TENSOR.scatter(EXPECTED, 7)).replace(F32.gap, F32.poison)
INPUT = F32.encode(np.ones(4))
PLAN = SmokePlan(
    "v",
    "",
    DispatchJob("wgpu", (JobBuffer("in", "storage", INPUT, b""), JobBuffer("out", "storage", START, b"")), ()),
    (OutputPlan("out", F32, START, TENSOR, True),),
    {"out": EXPECTED},
    ("in",),
    (),
    1000,
)


def outcome(values: bytes = RIGHT, **changes: object) -> BufferOutcome:
    return dataclasses.replace(BufferOutcome("out", True, values), **changes)  # type: ignore[arg-type]


def verdict(
    out: BufferOutcome, given: BufferOutcome | None = None, config: SmokeConfig | None = None
) -> SmokeJudgement:
    unchanged = given or BufferOutcome("in", False, b"")
    timing = StageTiming("main", (3e-3, 1e-3, 2e-3))
    result = Dispatched((unchanged, out), (timing,), (5e-3,), 0.1)
    return judge(PLAN, result, config or SmokeConfig())


def changed(index: int, value: float) -> bytes:
    flat = F32.decode(RIGHT).copy()
    flat[index] = value
    return F32.encode(flat).replace(F32.gap, F32.poison)


def bits(index: int, word: int) -> bytes:
    words = np.frombuffer(RIGHT, "<u4").copy()
    words[index] = word
    return words.tobytes()


def test_a_right_result_passes_every_check() -> None:
    judgement = verdict(outcome())
    assert judgement.verdict == "pass" and judgement.failed == ()
    assert {check.name for check in judgement.checks} == {
        "unwritten", "stray-write", "nan", "infinity", "determinism", "out-of-range-read", "reference", "guard",
        "read-only",
    }  # fmt: skip
    assert judgement.gpu_seconds == (("main", 2e-3),) and judgement.bandwidth == 1000 / 2e-3
    assert judgement.figures[0][1].nmse == 0


@pytest.mark.parametrize(
    ("out", "given", "names", "said"),
    [
        (outcome(changed(4, np.nan)), None, {"unwritten", "reference"}, "1 of 6"),
        (outcome(bits(5, 0x7FC00000)), None, {"nan", "reference"}, "[1, 1]"),
        (outcome(changed(1, np.inf)), None, {"infinity", "reference"}, "[0, 1]"),
        (outcome(changed(3, 8.0)), None, {"stray-write"}, "[3]"),
        (outcome(changed(6, 6.0)), None, {"reference"}, "over 0.0005"),
        (outcome(before=8), None, {"guard"}, "in front"),
        (outcome(behind=4), None, {"guard"}, "byte 4 behind"),
        (outcome(second=changed(2, 2.5)), None, {"determinism"}, "by up to 0.5, the first at [0, 2]"),
        (outcome(probe=changed(2, 2.5)), None, {"out-of-range-read"}, "outside the buffers"),
        (outcome(), BufferOutcome("in", True, F32.encode(np.array([1, 1, 2, 1.0]))), {"read-only"}, "byte 10"),
    ],
)
def test_each_check_fires_for_its_mistake(
    out: BufferOutcome, given: BufferOutcome | None, names: set[str], said: str
) -> None:
    judgement = verdict(out, given)
    assert judgement.verdict == "fail"
    assert {check.name for check in judgement.failed} == names
    assert any(said in check.message for check in judgement.failed)


def test_what_a_configuration_allows() -> None:
    differing = outcome(second=changed(2, 2.5))
    assert verdict(differing, config=SmokeConfig(deterministic=False)).verdict == "pass"
    # Where two equal runs differ, the third run proves nothing about reads.
    both = outcome(second=changed(2, 2.5), probe=changed(2, 2.6))
    assert {check.name for check in verdict(both).failed} == {"determinism"}
    near = outcome(changed(6, 5.01))
    assert verdict(near).verdict == "pass"
    assert verdict(near, config=SmokeConfig(tolerance=1e-9)).verdict == "fail"


def test_room_to_work_in_may_hold_anything_but_the_tensor_in_front_of_it_may_not() -> None:
    [output] = PLAN.outputs
    roomy = dataclasses.replace(PLAN, outputs=(dataclasses.replace(output, start=START + F32.poison, free_from=7),))
    room = [RIGHT + F32.encode(np.array([value])) for value in (1.0, 2.0, 3.0)]

    def failed(out: BufferOutcome) -> set[str]:
        result = Dispatched((BufferOutcome("in", False, b""), out), (), (), 0.1)
        return {check.name for check in judge(roomy, result, SmokeConfig()).failed}

    assert failed(outcome(room[0], second=room[1], probe=room[2])) == set()
    assert failed(outcome(room[0], second=changed(2, 2.5) + room[1][-4:])) == {"determinism"}
    assert failed(outcome(room[0], second=room[1], probe=changed(2, 2.5) + room[2][-4:])) == {"out-of-range-read"}


@pytest.mark.parametrize(
    ("result", "expected", "said"),
    [
        (DispatchFailed("rejected", "no such thing", "main"), "error", "rejected in main: no such thing"),
        (DispatchFailed("unsupported", "matrices"), "skipped", "matrices"),
        (DispatchFailed("undispatchable", "70000 workgroups"), "fail", "70000 workgroups"),
        (DispatchFailed("device-lost", "gone"), "unjudged", "device-lost"),
        (Crashed("SIGSEGV", "tail"), "error", "SIGSEGV"),
        (TimedOut(20.0), "unjudged", "not judged: the device did not answer within 20 s"),
        (Unavailable("no driver", "apt-get install x"), "skipped", "apt-get install x"),
    ],
)
def test_a_run_that_did_not_happen(result: object, expected: str, said: str) -> None:
    judgement = judge(PLAN, result, SmokeConfig())  # type: ignore[arg-type]
    assert judgement.verdict == expected and said in judgement.failed[0].message


def test_agreement_of_two_runs() -> None:
    one, two = verdict(outcome()), verdict(outcome(changed(6, 5.5)))
    same = agreement("g", ("a", one), ("b", one), 1e-6)
    assert same is not None and same.passed and same.nmse == 0
    differ = agreement("g", ("a", one), ("b", two), 1e-6)
    assert differ is not None and not differ.passed and differ.max_absolute == 0.5
    loose = agreement("g", ("a", one), ("b", two), 0.1)
    assert loose is not None and loose.passed
    nothing = judge(PLAN, TimedOut(1.0), SmokeConfig())
    assert agreement("g", ("a", one), ("b", nothing), 0.1) is None
    shorter = dataclasses.replace(one, outputs=(("out", np.zeros(3)),))
    shapes = agreement("g", ("a", one), ("b", shorter), 0.1)
    assert shapes is not None and "different shapes" in shapes.message
