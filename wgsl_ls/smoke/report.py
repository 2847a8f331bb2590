"""SmokeReport: what a smoke run found, as data for people, machines and a later comparison.

`report_json` is the contract: format version 1, plain JSON (infinite numbers as the texts "inf", "nan"), stable
keys, small enough to be stored beside the code. The HTML page (html_report.py) is drawn from this JSON alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wgsl_ls.smoke.figures import DECADES, Figures
from wgsl_ls.smoke.judge import Agreement, SmokeJudgement
from wgsl_ls.text.harmless import json_text

FORMAT = "wgsl-ls smoke report"
FORMAT_VERSION = 1
MOST_DRAWN = 40
# An error that grew less than this is the weather of drivers.
_GREW = 10.0
_LEAST_NMSE = 1e-10


@dataclass(frozen=True, slots=True)
class Device:
    """Who ran it, as the worker's hello says."""

    engine: str
    version: str
    adapter: str
    backend: str
    driver: str = ""


@dataclass(frozen=True, slots=True)
class SmokeRun:
    """One variant in one case on one engine. `workgroups`: per stage. `matrices`: as asked for. `op`: the operation
    of the host that it does, "" for runs that the configuration describes."""

    file: str
    variant: str
    case: str
    engine: str
    adapter: str
    judgement: SmokeJudgement
    tolerance: float
    guessed: tuple[str, ...] = ()
    workgroups: tuple[tuple[str, tuple[int, int, int]], ...] = ()
    bound_bytes: int = 0
    matrices: str = "auto"
    op: str = ""

    @property
    def label(self) -> str:
        case = f" / {self.case}" if self.case else ""
        return f"{self.variant}{case} on {self.engine}"


@dataclass(frozen=True, slots=True)
class Change:
    """A difference to a stored report. `worse`: it should stop a merge."""

    label: str
    message: str
    worse: bool


@dataclass(frozen=True, slots=True)
class SmokeReport:
    tool: str
    devices: tuple[Device, ...]
    runs: tuple[SmokeRun, ...]
    agreements: tuple[Agreement, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def passed(self) -> bool:
        """Skipped runs do not count against it; a report in which nothing ran does."""
        verdicts = {run.judgement.verdict for run in self.runs}
        return (
            "pass" in verdicts
            and not verdicts & {"fail", "error", "unjudged"}
            and all(item.passed for item in self.agreements)
            and not any(change.worse for change in self.changes)
        )


def report_json(report: SmokeReport) -> dict[str, Any]:
    """Error maps, which are large, are kept for failed runs and those with the largest errors."""
    ranked = sorted(
        (run for run in report.runs if run.judgement.figures),
        key=lambda run: (run.judgement.verdict == "pass", -max(f.nmse for _, f in run.judgement.figures)),
    )
    drawn = {id(run) for run in ranked[:MOST_DRAWN]}
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "tool": report.tool,
        "passed": report.passed,
        "devices": [
            {
                "engine": device.engine,
                "version": device.version,
                "adapter": device.adapter,
                "backend": device.backend,
                "driver": device.driver,
            }
            for device in report.devices
        ],
        "runs": [run_json(run, id(run) in drawn) for run in report.runs],
        "agreements": [
            {
                "group": item.group,
                "left": item.left,
                "right": item.right,
                "passed": item.passed,
                "nmse": number(item.nmse),
                "max_absolute": number(item.max_absolute),
                "tolerance": item.tolerance,
                "message": item.message,
            }
            for item in report.agreements
        ],
        "changes": [
            {"run": change.label, "message": change.message, "worse": change.worse} for change in report.changes
        ],
    }


def report_text(data: Mapping[str, Any]) -> str:
    """`report_json` as a file: one line per run, so that a stored report can be read and compared by line."""
    head = {key: value for key, value in data.items() if key != "runs"}
    lines = json_text(head).removesuffix("\n}")
    runs = ",\n".join("  " + json_text(run, indent=None) for run in data["runs"])
    return f'{lines},\n "runs": [\n{runs}\n ]\n}}\n'


def run_json(run: SmokeRun, with_map: bool = True) -> dict[str, Any]:
    judgement = run.judgement
    return {
        "file": run.file,
        "variant": run.variant,
        "case": run.case,
        **({"op": run.op} if run.op else {}),
        "engine": run.engine,
        "adapter": run.adapter,
        "verdict": judgement.verdict,
        "tolerance": run.tolerance,
        "matrices": run.matrices,
        "lowered": list(judgement.lowered),
        "guessed": list(run.guessed),
        "workgroups": {name: list(counts) for name, counts in run.workgroups},
        "passed_checks": dict(Counter(check.name for check in judgement.checks if check.passed)),
        "failed_checks": [
            {"name": check.name, "buffer": check.buffer, "message": check.message} for check in judgement.failed
        ],
        "figures": {name: figures_json(figures, with_map) for name, figures in judgement.figures},
        "gpu_seconds": dict(judgement.gpu_seconds),
        "wall_seconds": judgement.wall_seconds,
        "compile_seconds": judgement.compile_seconds,
        "sanitizers": {
            name: {"cost": number(cost), "remarks": list(remarks)} for name, cost, remarks in judgement.sanitizers
        },
        "bound_bytes": run.bound_bytes,
        "bandwidth": judgement.bandwidth,
    }


def watched_said(name: str, cost: float, remarks: Sequence[str]) -> str:
    """What a sanitizer that found nothing wrong says of a run, and what it cost; "" when that is nothing."""
    took = [f"watched, {cost:.2g} times as long as the plain run"] if cost else []
    return f"{name}: {'; '.join([*took, *remarks])}" if took or remarks else ""


def figures_json(figures: Figures, with_map: bool = True) -> dict[str, Any]:
    """A row of the error map is one text of numbers, so that a stored report stays readable."""
    return {
        "n_elements": figures.n_elements,
        "nmse": number(figures.nmse),
        "max_absolute": number(figures.max_absolute),
        "max_absolute_at": list(figures.max_absolute_at),
        "max_absolute_got": number(figures.max_absolute_got),
        "max_absolute_expected": number(figures.max_absolute_expected),
        "max_relative": number(figures.max_relative),
        "max_relative_at": list(figures.max_relative_at),
        "error_map": [" ".join(f"{cell:.2g}" for cell in row) for row in figures.error_map] if with_map else [],
        "histogram": {"decades": list(DECADES), "counts": list(figures.histogram)},
    }


def number(value: float) -> float | str:
    """JSON has no infinities."""
    return value if math.isfinite(value) else str(value)


def compare_with_baseline(runs: Sequence[SmokeRun], baseline: Mapping[str, Any]) -> tuple[Change, ...]:
    """What became worse (or better) against a stored report; a run that the baseline lacks is no change.
    A file that is no such report gives one change that says so."""
    if baseline.get("format") != FORMAT or baseline.get("version") != FORMAT_VERSION:
        return (Change("baseline", f"this is no {FORMAT} of version {FORMAT_VERSION}", True),)
    stored = {_key(run): run for run in baseline.get("runs", []) if isinstance(run, dict)}
    changes: list[Change] = []
    for run in runs:
        before = stored.get((run.file, run.variant, run.case, run.engine, run.matrices))
        if before is not None:
            changes += _changes(run, before)
    return tuple(changes)


def _key(run: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(run.get(name, "")) for name in ("file", "variant", "case", "engine", "matrices"))


def _changes(run: SmokeRun, before: Mapping[str, Any]) -> list[Change]:
    changes = []
    verdict, stored = run.judgement.verdict, before.get("verdict")
    if verdict != stored:
        worse = stored == "pass" and verdict != "pass"
        changes.append(Change(run.label, f"{verdict}, was {stored}", worse))
    for name, figures in run.judgement.figures:
        old = _float(before.get("figures", {}).get(name, {}).get("nmse"))
        if old is not None and figures.nmse > max(_GREW * old, _LEAST_NMSE):
            text = f"{name}: normalised mean squared error {figures.nmse:.3g}, was {old:.3g}"
            changes.append(Change(run.label, text, True))
    for name, seconds in run.judgement.gpu_seconds:
        old = _float(before.get("gpu_seconds", {}).get(name))
        if old and (seconds > 1.5 * old or seconds < old / 1.5):
            text = f"{name}: {seconds * 1e3:.3g} ms of GPU time, was {old * 1e3:.3g} ms"
            changes.append(Change(run.label, text, False))
    return changes


def _float(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
