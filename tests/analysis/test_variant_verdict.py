"""What a variant is told as, by what its engines answered."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.shown import VariantId
from wgsl_ls.project.variants import Variant
from wgsl_ls.wire.jobs import Accepted, CompileResult, Crashed, DeviceLost, Rejected, TimedOut, Unavailable, Unsupported
from wgsl_ls.wire.verdicts import State

ANSWERS: dict[str, tuple[CompileResult, State, tuple[str, ...], tuple[str, ...]]] = {
    "accepted": (Accepted(), State.PASS, (), ()),
    "accepted, lowered": (Accepted(lowered=("no f16",)), State.PASS, ("wgpu: no f16", "dawn: no f16"), ()),
    "rejected": (Rejected(()), State.FAIL, (), ()),
    "unsupported": (
        Unsupported("f16"),
        State.NOT_JUDGED,
        ("wgpu cannot judge f16", "dawn cannot judge f16"),
        ("wgpu cannot judge f16", "dawn cannot judge f16"),
    ),
    "too late": (
        TimedOut(2.0), State.NOT_JUDGED, (), ("wgpu did not answer within 2 s", "dawn did not answer within 2 s"),
    ),
    "lost": (
        DeviceLost("gone"),
        State.NOT_JUDGED,
        (),
        ("wgpu lost its device twice while it compiled this", "dawn lost its device twice while it compiled this"),
    ),
    "not there": (
        Unavailable("no package"), State.NOT_JUDGED, (), ("wgpu is not available", "dawn is not available"),
    ),
    "crashed": (Crashed("SIGSEGV", ""), State.FAIL, (), ()),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "state", "lowered", "obstacles"), ANSWERS.values(), ids=ANSWERS)
def test_what_engines_answer(
    answer: CompileResult, state: State, lowered: tuple[str, ...], obstacles: tuple[str, ...]
) -> None:
    (verdict,) = Project.of("const a = 1;\n", {"one": []}, compile=lambda job: answer).check().verdicts
    assert (verdict.state, verdict.lowered, verdict.obstacles) == (state, lowered, obstacles)


def test_a_variant_is_its_name_its_defines_and_its_overrides() -> None:
    made = {
        Variant(name, "/a.wgsl", defines, overrides=overrides)
        for name in ("a", "b")
        for defines in ((), (("N", "1"),))
        for overrides in ((), (("x", 1.0),))
    }
    ids = [VariantId(one) for one in made]
    assert all((one == other) == (one is other) for one in ids for other in ids)
    assert ids[0] == VariantId(next(iter(made))) and ids[0] != next(iter(made))
