"""Verdict and State: the words for what one engine says of a variant, and for what is known of the variant.

The words are part of the JSON report and of the server's protocol. Absence of evidence is a state of its own:
a variant passes only when an engine accepted it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from wgsl_ls.wire.jobs import (
    Accepted,
    CompileResult,
    Crashed,
    DeviceLost,
    Rejected,
    TimedOut,
    Unavailable,
    Unsupported,
)


class Verdict(StrEnum):
    """Of one engine on one variant. By structure: it judged another variant's text, which differs only in numbers that
    our own evaluation shows to make no difference to it."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ACCEPTED_BY_STRUCTURE = "accepted-by-structure"
    REJECTED_BY_STRUCTURE = "rejected-by-structure"
    UNSUPPORTED = "unsupported"
    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    DEVICE_LOST = "device-lost"
    UNAVAILABLE = "unavailable"
    PENDING = "pending"
    PREPROCESS_FAILED = "preprocess-failed"


class State(StrEnum):
    """Of one variant, over all engines and our own checks."""

    PASS = "pass"
    FAIL = "fail"
    PENDING = "pending"
    NOT_JUDGED = "unjudged"


BY_STRUCTURE = {
    Verdict.ACCEPTED: Verdict.ACCEPTED_BY_STRUCTURE,
    Verdict.REJECTED: Verdict.REJECTED_BY_STRUCTURE,
}
_PASSING = frozenset({Verdict.ACCEPTED, Verdict.ACCEPTED_BY_STRUCTURE})
_FAILING = frozenset(
    {
        Verdict.REJECTED,
        Verdict.REJECTED_BY_STRUCTURE,
        Verdict.PREPROCESS_FAILED,
        Verdict.CRASHED,
    }
)
_VERDICTS: dict[type, Verdict] = {
    Accepted: Verdict.ACCEPTED,
    Rejected: Verdict.REJECTED,
    Unsupported: Verdict.UNSUPPORTED,
    Crashed: Verdict.CRASHED,
    TimedOut: Verdict.TIMED_OUT,
    DeviceLost: Verdict.DEVICE_LOST,
    Unavailable: Verdict.UNAVAILABLE,
}


def verdict(result: CompileResult) -> Verdict:
    return _VERDICTS[type(result)]


def state_of(verdicts: Iterable[Verdict], n_errors: int) -> State:
    """`verdicts`: of the engines that were asked; `n_errors`: found in the variant by whomever."""
    words = set(verdicts)
    if n_errors or words & _FAILING:
        return State.FAIL
    if Verdict.PENDING in words:
        return State.PENDING
    return State.PASS if words & _PASSING else State.NOT_JUDGED


def no_counts() -> dict[str, int]:
    """Of the variants of nothing: "total" and every state, all zero."""
    return {"total": 0, **{str(state): 0 for state in State}}
