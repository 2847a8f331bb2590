"""From what came back to a verdict: every check by name, with figures and first positions.

The checks need no reference, except `reference` itself. A failed run of the device is a verdict too: "error" if
the text is at fault, "unjudged" if nothing is known of it (no answer in time, a device that was lost), "skipped" if
this engine or adapter cannot run such a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wgsl_ls.smoke.config import SmokeConfig
from wgsl_ls.smoke.elements import Array
from wgsl_ls.smoke.expectation import OutputPlan
from wgsl_ls.smoke.figures import Figures, figures
from wgsl_ls.smoke.plan import SmokePlan
from wgsl_ls.wire.dispatch_jobs import BufferOutcome, Dispatched, DispatchFailed
from wgsl_ls.wire.jobs import Crashed, TimedOut, Unavailable

RunResult = Dispatched | DispatchFailed | Crashed | TimedOut | Unavailable
RunVerdict = Literal["pass", "fail", "error", "unjudged", "skipped"]
CheckName = Literal[
    "run",
    "host",
    "unwritten",
    "nan",
    "infinity",
    "guard",
    "stray-write",
    "read-only",
    "determinism",
    "out-of-range-read",
    "reference",
    "race",
    "range",
    "alias",
    "subgroup-size",
]


@dataclass(frozen=True, slots=True)
class CheckPlace:
    """A place in the expanded text of a stage."""

    stage: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one buffer (or of the run, with no buffer). `message`: what is wrong, empty if nothing. `places`: of
    a mistake that has some, the first where it is shown."""

    name: CheckName
    buffer: str
    passed: bool
    message: str = ""
    places: tuple[CheckPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class SmokeJudgement:
    """`outputs`: output buffer -> what its tensor held, for comparisons across runs. `gpu_seconds`: median per
    stage; `bandwidth`: bytes bound per second of GPU time, 0 without one. `sanitizers`: by name, how many times as long
    as the plain run the watched one took (0: not known), and what it remarks."""

    verdict: RunVerdict
    checks: tuple[Check, ...]
    figures: tuple[tuple[str, Figures], ...] = ()
    outputs: tuple[tuple[str, Array], ...] = ()
    lowered: tuple[str, ...] = ()
    gpu_seconds: tuple[tuple[str, float], ...] = ()
    wall_seconds: float = 0.0
    compile_seconds: float = 0.0
    bandwidth: float = 0.0
    sanitizers: tuple[tuple[str, float, tuple[str, ...]], ...] = ()

    def with_sanitizer(
        self, name: str, checks: tuple[Check, ...], remarks: tuple[str, ...], cost: float
    ) -> SmokeJudgement:
        """What a watched run found on top; a mistake found there fails the run."""
        wrong = any(not check.passed for check in checks)
        return replace(
            self,
            verdict="fail" if wrong and self.verdict == "pass" else self.verdict,
            checks=(*self.checks, *checks),
            sanitizers=(*self.sanitizers, (name, cost, remarks)),
        )

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)


def judge(plan: SmokePlan, result: RunResult, config: SmokeConfig) -> SmokeJudgement:
    """Never raises for what a device may answer."""
    if not isinstance(result, Dispatched):
        return _not_run(result)
    outcomes = {outcome.name: outcome for outcome in result.buffers}
    checks: list[Check] = []
    found: list[tuple[str, Figures]] = []
    tensors: list[tuple[str, Array]] = []
    for output in plan.outputs:
        outcome = outcomes[output.buffer]
        data = outcome.data or output.start
        flat = output.format.decode(data)
        tensor = output.tensor.read(flat)
        expected = plan.expected.get(output.buffer)
        if output.unordered:
            tensor = np.sort(tensor, axis=-1)
            expected = None if expected is None else np.sort(expected, axis=-1)
        tensors.append((output.buffer, tensor))
        checks += _output_checks(output, outcome, data, tensor, expected, config, plan.extent_known)
        if expected is not None:
            measured = figures(tensor, expected)
            found.append((output.buffer, measured))
            checks.append(_reference_check(output.buffer, measured, config.tolerance))
    for name, outcome in outcomes.items():
        checks.append(_guard_check(outcome))
        if name in plan.read_only:
            checks.append(_read_only_check(plan, outcome))
    gpu = tuple((timing.name, median(timing.gpu_seconds)) for timing in result.timings if timing.gpu_seconds)
    total = sum(seconds for _, seconds in gpu)
    return SmokeJudgement(
        "pass" if all(check.passed for check in checks) else "fail",
        tuple(checks),
        tuple(found),
        tuple(tensors),
        result.lowered,
        gpu,
        median(result.wall_seconds) if result.wall_seconds else 0.0,
        result.compile_seconds,
        plan.bound_bytes / total if total > 0 else 0.0,
    )


_UNDONE: dict[str, RunVerdict] = {
    "undispatchable": "fail",
    "unsupported": "skipped",
    "too-large": "skipped",
    "device-lost": "unjudged",
}


def _not_run(result: DispatchFailed | Crashed | TimedOut | Unavailable) -> SmokeJudgement:
    match result:
        case DispatchFailed(kind=kind, message=message, stage=stage):
            where = f" in {stage}" if stage else ""
            check = Check("run", "", False, f"{kind}{where}: {message}")
            return SmokeJudgement(_UNDONE.get(kind, "error"), (check,))
        case Crashed(signal=signal, stderr_tail=tail):
            check = Check("run", "", False, f"the engine died of {signal}" + (f": {tail}" if tail else ""))
        case TimedOut(seconds=seconds):
            message = f"not judged: the device did not answer within {seconds:g} s (`--deadline` gives more)"
            return SmokeJudgement("unjudged", (Check("run", "", False, message),))
        case Unavailable(why=why, remedy=remedy):
            text = why + (f"; try: {remedy}" if remedy else "")
            return SmokeJudgement("skipped", (Check("run", "", False, text),))
    return SmokeJudgement("error", (check,))


def _output_checks(
    output: OutputPlan,
    outcome: BufferOutcome,
    data: bytes,
    tensor: Array,
    expected: Array | None,
    config: SmokeConfig,
    extent_known: bool,
) -> list[Check]:
    """`extent_known`: all of the output is to be written; how much a run with guessed sizes writes says nothing."""
    name = output.buffer
    places = output.tensor.places()
    checks = []
    unwritten = np.zeros(tensor.shape, bool)
    if output.poisoned:
        poison = output.format.is_poison(data)
        unwritten = poison[places]
        if expected is not None:  # what the reference leaves out is not to be written
            unwritten &= ~np.isnan(expected)
        if extent_known:
            checks.append(_counted("unwritten", name, unwritten, "elements were never written"))
        between = np.ones(len(poison), bool)
        between[places.ravel()] = False
        if output.free_from >= 0:
            between[output.free_from :] = False
        stray = between & ~poison
        checks.append(_counted("stray-write", name, stray, "elements outside the tensor were written"))
    not_numbers = np.isnan(tensor) & ~unwritten
    if expected is not None:
        not_numbers &= ~np.isnan(expected)
    checks.append(_counted("nan", name, not_numbers, "elements are NaN"))
    infinite = np.isinf(tensor)
    if expected is not None:
        infinite &= tensor != expected
    if not config.infinite:
        checks.append(_counted("infinity", name, infinite, "elements are infinite"))
    checks.append(_determinism_check(output, outcome, data, config.deterministic))
    checks.append(_probe_check(output, outcome, data))
    return checks


def _counted(check: CheckName, buffer: str, wrong: NDArray[np.bool_], words: str) -> Check:
    n_wrong = int(np.count_nonzero(wrong))
    if not n_wrong:
        return Check(check, buffer, True)
    first = np.argwhere(wrong)[:3]
    places = ", ".join(str([int(index) for index in place]) for place in first)
    return Check(check, buffer, False, f"{n_wrong} of {wrong.size} {words}, the first at {places}")


def _guard_check(outcome: BufferOutcome) -> Check:
    places = []
    if outcome.before >= 0:
        places.append(f"in front of it (byte {outcome.before} of the region)")
    if outcome.behind >= 0:
        places.append(f"behind it (byte {outcome.behind} behind the end)")
    text = f"written outside the buffer: {' and '.join(places)}" if places else ""
    return Check("guard", outcome.name, not places, text)


def _read_only_check(plan: SmokePlan, outcome: BufferOutcome) -> Check:
    if not outcome.changed:
        return Check("read-only", outcome.name, True)
    before = next(buffer.data for buffer in plan.job.buffers if buffer.name == outcome.name)
    bytes_differ = np.frombuffer(before, np.uint8) != np.frombuffer(outcome.data, np.uint8)
    first = int(np.argmax(bytes_differ))
    text = f"an input was changed, {int(bytes_differ.sum())} bytes, the first at byte {first}"
    return Check("read-only", outcome.name, False, text)


def _determinism_check(output: OutputPlan, outcome: BufferOutcome, data: bytes, required: bool) -> Check:
    if not _differs(output, data, outcome.second):
        return Check("determinism", output.buffer, True)
    text = "a second run gave other bits: " + _difference(output, data, outcome.second)
    return Check("determinism", output.buffer, not required, text)


def _probe_check(output: OutputPlan, outcome: BufferOutcome, data: bytes) -> Check:
    # Where two equal runs differ already, the third proves nothing.
    if not _differs(output, data, outcome.probe) or _differs(output, data, outcome.second):
        return Check("out-of-range-read", output.buffer, True)
    text = "the result depends on what lies outside the buffers: " + _difference(output, data, outcome.probe)
    return Check("out-of-range-read", output.buffer, False, text)


def _differs(output: OutputPlan, first: bytes, other: bytes) -> bool:
    """Whether another run (no bytes: it gave the same) differs in front of the room to work in, which may hold what
    comes in any order: places that atomics hand out."""
    end = output.format.size(output.free_from) if output.free_from >= 0 else len(first)
    return bool(other) and first[:end] != other[:end]


def _difference(output: OutputPlan, first: bytes, second: bytes) -> str:
    one = output.tensor.read(output.format.decode(first))
    two = output.tensor.read(output.format.decode(second))
    differs = ~((one == two) | (np.isnan(one) & np.isnan(two)))
    if not differs.any():
        return "the same numbers in other bits, or elements outside the tensor"
    both = differs & np.isfinite(one) & np.isfinite(two)
    with np.errstate(invalid="ignore"):
        size = np.nanmax(np.where(both, np.abs(one - two), 0.0))
    far = f"by up to {size:.3g}" if both.any() else "of which one is no number"
    place = [int(index) for index in np.argwhere(differs)[0]]
    return f"{int(differs.sum())} of {one.size} elements, {far}, the first at {place}"


def _reference_check(buffer: str, found: Figures, tolerance: float) -> Check:
    if found.nmse <= tolerance:
        return Check("reference", buffer, True)
    text = (
        f"normalised mean squared error {found.nmse:.3g} over {tolerance:g}; largest error "
        f"{found.max_absolute:.3g} at {list(found.max_absolute_at)} (got {found.max_absolute_got:.6g}, "
        f"expected {found.max_absolute_expected:.6g})"
    )
    return Check("reference", buffer, False, text)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two runs that must agree. `left`, `right`: how the report names them."""

    group: str
    left: str
    right: str
    nmse: float
    max_absolute: float
    tolerance: float
    message: str = ""

    @property
    def passed(self) -> bool:
        return not self.message


def agreement(
    group: str, left: tuple[str, SmokeJudgement], right: tuple[str, SmokeJudgement], tolerance: float
) -> Agreement | None:
    """None when one of the two gave no numbers. The outputs are compared in order; the error is symmetric."""
    (left_name, one), (right_name, two) = left, right
    if not one.outputs or not two.outputs:
        return None
    worst, largest = 0.0, 0.0
    pairs: Sequence[tuple[Array, Array]] = [(a, b) for (_, a), (_, b) in zip(one.outputs, two.outputs, strict=False)]
    if len(one.outputs) != len(two.outputs) or any(a.size != b.size for a, b in pairs):
        sizes = f"{[a.shape for _, a in one.outputs]} and {[b.shape for _, b in two.outputs]}"
        text = f"outputs of different shapes: {sizes}"
        return Agreement(group, left_name, right_name, float("inf"), float("inf"), tolerance, text)
    for a, b in pairs:
        found = figures(b.reshape(a.shape), a)
        worst, largest = max(worst, found.nmse), max(largest, found.max_absolute)
    text = "" if worst <= tolerance else f"they differ: normalised mean squared error {worst:.3g} over {tolerance:g}"
    return Agreement(group, left_name, right_name, worst, largest, tolerance, text)
