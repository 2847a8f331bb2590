"""Effort: how much work one question may cost, counted in steps and not in time, so that the same input gives the
same answer on every machine. Whoever works spends; who sees that it is over stops with what there is, and says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MOST_STEPS: Final = 1_000_000
"""For one part of working out the variants of one `[[shader]]`. Real hosts take a hundredth."""

MOST_STEPS_OF_ROOT: Final = 8 * MOST_STEPS
"""For all `[[shader]]` of one file; whatever comes behind is left out."""


@dataclass(slots=True)
class Effort:
    """`most` steps, each about a microsecond."""

    most: int
    spent: int = 0

    def spend(self, steps: int) -> None:
        self.spent += steps

    @property
    def is_over(self) -> bool:
        return self.spent > self.most


def effort_of_shader(times: int = 1) -> Effort:
    return Effort(times * MOST_STEPS)
