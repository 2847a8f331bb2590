"""Numerical mistakes on the adapter at hand: those seeded into the family (mistakes.toml) are caught by exactly the
checks that are named, and without the mistake the same run passes; those of tests/shaders/wrong by the check that
expected.json names."""

from __future__ import annotations

import json
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wgsl_ls.cli.composition import open_session
from wgsl_ls.smoke.judge import SmokeJudgement
from wgsl_ls.smoke_session import Candidate, Target, candidates, plan_runs, run_plans
from wgsl_ls.workers.pool import Pool

pytestmark = [pytest.mark.gpu, pytest.mark.slow]

SHADERS = Path(__file__).parent.parent / "shaders"
MISTAKES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text())["mistake"]
EXPECTED: dict[str, Any] = json.loads((SHADERS / "wrong" / "expected.json").read_text())
WGPU = Target("wgpu")


def candidate(folder: Path, root: str, defines: list[str]) -> Candidate:
    """The root's first variant with exactly these macros."""
    session = open_session([str(folder)])
    view = session.snapshot.root(str(folder / root))
    assert view is not None
    found = candidates(view, session.workspace, [0])[0]
    pairs = tuple((name, value or "1") for name, _, value in (define.partition("=") for define in defines))
    variant = replace(found.variant, name=" ".join(defines) or "plain", defines=pairs)
    expansion = view._expander.expand(view.source, pairs, Path(root).name)
    assert not expansion.failed
    return replace(found, variant=variant, expansion=expansion)


async def judgements(pool: Pool, chosen: Candidate, case: str) -> list[SmokeJudgement]:
    planned = plan_runs(chosen, WGPU, case_glob=case, n_timed=0)
    assert planned
    return [item.report.judgement async for item in run_plans(pool, WGPU, planned)]


def seeded(folder: Path, mistake: dict[str, Any]) -> Path:
    copy = folder / "shaders"
    shutil.copytree(SHADERS, copy, ignore=shutil.ignore_patterns("broken", "wrong", "reports"))
    for place in (mistake, *mistake.get("more", [])):
        path = copy / place["file"]
        text = path.read_text()
        assert text.count(place["find"]) == 1, (place["file"], place["find"])
        path.write_text(text.replace(place["find"], place["replace"]))
    return copy


@pytest.mark.parametrize("mistake", MISTAKES, ids=[mistake["name"].replace(" ", "-") for mistake in MISTAKES])
async def test_a_seeded_mistake_is_caught_by_the_named_checks(
    mistake: dict[str, Any], tmp_path: Path, pool: Pool
) -> None:
    case = mistake.get("case", "")
    right = await judgements(pool, candidate(SHADERS, mistake["root"], mistake["defines"]), case)
    assert [(item.verdict, item.failed) for item in right] == [("pass", ())] * len(right)
    folder = seeded(tmp_path, mistake)
    wrong = await judgements(pool, candidate(folder, mistake["root"], mistake["defines"]), case)
    failed = {check.name for item in wrong for check in item.failed}
    assert failed - set(mistake.get("may", ())) == set(mistake["checks"]), [item.failed for item in wrong]


def as_declared(root: str) -> list[Candidate]:
    folder = SHADERS / "wrong"
    session = open_session([str(folder)])
    view = session.snapshot.root(str(folder / root))
    assert view is not None
    return candidates(view, session.workspace)


@pytest.mark.parametrize("wrong", EXPECTED["wrong"], ids=[wrong["root"] for wrong in EXPECTED["wrong"]])
async def test_a_wrong_kernel_is_caught_by_the_named_check(wrong: dict[str, Any], pool: Pool) -> None:
    (chosen,) = [one for one in as_declared(wrong["root"]) if one.variant.name == wrong["variant"]]
    found = await judgements(pool, chosen, "")
    assert {item.verdict for item in found} == {"fail"}
    assert wrong["check"] in {check.name for item in found for check in item.failed}


@pytest.mark.parametrize("root", EXPECTED["right"])
async def test_the_kernels_that_the_wrong_ones_come_from_are_right(root: str, pool: Pool) -> None:
    for chosen in as_declared(root):
        found = await judgements(pool, chosen, "")
        assert [(item.verdict, item.failed) for item in found] == [("pass", ())] * len(found)


def test_there_are_enough_and_their_names_differ() -> None:
    assert len({mistake["name"] for mistake in MISTAKES}) == len(MISTAKES) >= 10
