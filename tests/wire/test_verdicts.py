"""A variant passes only when an engine accepted it; what nobody said is no success."""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest

from wgsl_ls.wire.verdicts import State, Verdict, no_counts, state_of

GOOD, BAD, WAITING = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.PENDING
LIKE_GOOD, LIKE_BAD = Verdict.ACCEPTED_BY_STRUCTURE, Verdict.REJECTED_BY_STRUCTURE
NOBODY = (Verdict.UNSUPPORTED, Verdict.UNAVAILABLE)


@pytest.mark.parametrize(
    ("verdicts", "n_errors", "state"),
    [
        ((), 0, State.NOT_JUDGED),
        ((), 1, State.FAIL),
        ((GOOD,), 0, State.PASS),
        ((GOOD,), 1, State.FAIL),
        ((GOOD, Verdict.UNAVAILABLE), 0, State.PASS),
        ((GOOD, BAD), 0, State.FAIL),
        ((LIKE_GOOD,), 0, State.PASS),
        ((LIKE_GOOD, WAITING), 0, State.PENDING),
        ((GOOD, LIKE_BAD), 0, State.FAIL),
        ((GOOD, WAITING), 0, State.PENDING),
        ((BAD, WAITING), 0, State.FAIL),
        (NOBODY, 0, State.NOT_JUDGED),
        ((Verdict.CRASHED, GOOD), 0, State.FAIL),
        ((Verdict.TIMED_OUT,), 0, State.NOT_JUDGED),
        ((Verdict.TIMED_OUT, GOOD), 0, State.PASS),
        ((Verdict.TIMED_OUT, BAD), 0, State.FAIL),
        ((Verdict.PREPROCESS_FAILED,), 0, State.FAIL),
    ],
)
def test_state(verdicts: tuple[Verdict, ...], n_errors: int, state: State) -> None:
    assert state_of(verdicts, n_errors) == state


def test_nothing_passes_without_an_engine_that_accepted() -> None:
    for words in combinations_with_replacement([word for word in Verdict if word not in (GOOD, LIKE_GOOD)], 3):
        assert state_of(words, 0) != State.PASS


def test_counts_have_every_state() -> None:
    assert set(no_counts()) == {"total", *State}
