"""Every seeded mistake is found: right place, right variants, right engines, and nothing else is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BROKEN = Path(__file__).parents[1] / "shaders" / "broken"
CASES = json.loads((BROKEN / "expected.json").read_text(encoding="utf-8"))["cases"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    output = tmp_path_factory.mktemp("broken") / "report.json"
    command = [sys.executable, "-m", "wgsl_ls.cli.main", "validate", str(BROKEN), "--format", "json", "--no-cache"]
    done = subprocess.run([*command, "--output", str(output)], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    loaded: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
    return loaded


def of_root(report: dict[str, Any], root: str) -> list[dict[str, Any]]:
    """The findings in the files of one case."""
    case = next(case for case in CASES if case["root"] == root)
    files = {root, *(finding["path"] for finding in case["findings"]), *case.get("files", ())}
    return [finding for finding in mistakes(report) if Path(finding["path"]).name in files]


def mistakes(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Without what is right and had to be rewritten for an engine."""
    return [finding for finding in report["findings"] if not finding["rule"].startswith("portability/")]


def comparable(finding: dict[str, Any]) -> tuple[Any, ...]:
    return (
        Path(finding["path"]).name,
        finding["range"]["start"]["line"] + 1,
        finding["range"]["start"]["character"] + 1,
        finding["severity"],
        finding["rule"],
        tuple(finding["engines"]),
        tuple(finding["variants"]),
    )


@pytest.mark.gpu
@pytest.mark.parametrize("case", CASES, ids=[case["root"].removesuffix(".wgsl") for case in CASES])
def test_seeded_mistake(report: dict[str, Any], case: dict[str, Any]) -> None:
    found = of_root(report, case["root"])
    wanted = [
        (
            entry["path"],
            entry["line"],
            entry["column"],
            entry["severity"],
            entry["rule"],
            tuple(entry["engines"]),
            tuple(entry["variants"]),
        )
        for entry in case["findings"]
    ]
    assert sorted(map(comparable, found)) == sorted(wanted)
    for entry in case["findings"]:
        matching = next(
            one
            for one in found
            if Path(one["path"]).name == entry["path"] and one["range"]["start"]["line"] + 1 == entry["line"]
        )
        words = json.dumps([matching["message"], [related["message"] for related in matching["related"]]])
        assert entry["says"] in words
        assert matching["condition"] == entry["condition"]


@pytest.mark.gpu
def test_nothing_else_is_said(report: dict[str, Any]) -> None:
    expected = sum(len(case["findings"]) for case in CASES)
    assert len(mistakes(report)) == expected
