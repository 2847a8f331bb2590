"""Judgement: what one judge says of one variant, found by content; the judges themselves are in judges.py.

What is not known is not claimed: a judge that did not answer, could not, or stopped at an earlier error says nothing
about what it did not find.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wgsl_ls.text.span import Location


class Ruling(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why a judge does not know."""

    PENDING = "pending"
    MISSING = "engine missing"
    UNSUPPORTED = "unsupported"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    DEVICE_LOST = "device lost"
    PREPROCESS = "preprocessing failed"
    """Stopped at an earlier error: there is no text to judge."""
    UNREAD = "not read"
    """The text is beyond the limits of this judge."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`why`: of UNKNOWN. `stopped`: it rejected at its first error and looked no further. `evidence`: what it was
    told by, in offsets of the expanded text (a CompileResult, LimitFacts, a Reading). `saw_before`: it is
    pending, and saw everything of the text before the edit. `unseen`: written places into which it did not look,
    though it looked at the rest."""

    judge: str
    ruling: Ruling
    why: Why | None = None
    stopped: bool = False
    evidence: object = None
    saw_before: bool = False
    unseen: tuple[Location, ...] = ()

    @property
    def saw_everything(self) -> bool:
        """What this judge did not find is not there, `unseen` places apart."""
        return self.ruling == Ruling.ACCEPTED or (self.ruling == Ruling.REJECTED and not self.stopped)


def unknown(judge: str, why: Why, evidence: object = None) -> Judgement:
    return Judgement(judge, Ruling.UNKNOWN, why, False, evidence)
