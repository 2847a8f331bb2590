"""Knowledge: in which variants of a root it is known whether a finding holds."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate

from wgsl_ls.analysis.findings import Finding
from wgsl_ls.analysis.shown import About, Judged, about
from wgsl_ls.text.bits import bits_of
from wgsl_ls.text.span import Location, Span


class Knowledge:
    """Called with a finding: the variants (bit i for variant i) of which it is known whether it holds in them, as far
    as it was not found there."""

    def __init__(self, judged: Sequence[Judged | None]) -> None:
        self._judged: Sequence[Judged | None] | None = judged
        self._looked_at = 0
        self._saw: dict[str, int] = {}
        self._saw_before: dict[str, int] = {}
        self._unseen: dict[tuple[str, str], _Unseen] = {}
        """Of a judge, in a file."""
        self._carried: set[About] = set()

    def steps(self) -> Iterator[None]:
        """Look at all variants, in small steps. Else that is done when the first one asks."""
        judged, self._judged = self._judged, None
        if judged is None:
            return
        looked_at: list[int] = []
        saw: defaultdict[str, list[int]] = defaultdict(list)
        saw_before: defaultdict[str, list[int]] = defaultdict(list)
        for index, one in enumerate(judged):
            if index % 64 == 63:
                yield
            if one is None:
                continue
            looked_at.append(index)
            self._carried |= one.carried
            for judgement in one.judgements:
                if judgement.saw_everything:
                    saw[judgement.judge].append(index)
                    for place in judgement.unseen:
                        self._unseen.setdefault((judgement.judge, place.path), _Unseen()).add(place.span, 1 << index)
                elif judgement.saw_before:
                    saw_before[judgement.judge].append(index)
        n = len(judged)
        self._looked_at = bits_of(looked_at, n)
        self._saw = {judge: bits_of(some, n) for judge, some in saw.items()}
        self._saw_before = {judge: bits_of(some, n) for judge, some in saw_before.items()}

    def __call__(self, finding: Finding) -> int:
        for _ in self.steps():
            pass
        if not finding.judges:
            return self._looked_at  # the preprocessor reads every variant to its end
        known, place = 0, finding.location
        for judge in finding.judges:
            unseen = self._unseen.get((judge, place.path))
            known |= self._saw.get(judge, 0) & ~(unseen.at(place) if unseen is not None else 0)
            if about(finding) in self._carried:
                known |= self._saw_before.get(judge, 0)  # from before the edit, like the finding
        return known


class _Unseen:
    """The places of one file into which one judge did not look, each with the variants (as bits) in which it did not.
    They are hardly ever one in another, so that few are looked at for one question."""

    def __init__(self) -> None:
        self._places: dict[Span, int] = {}
        self._sorted: list[tuple[int, int, int]] = []
        """Start, end, variants."""
        self._reach: list[int] = []
        """How far those up to this one reach."""

    def add(self, span: Span, variant: int) -> None:
        self._places[span] = self._places.get(span, 0) | variant
        self._sorted.clear()

    def at(self, place: Location) -> int:
        if not self._sorted:
            self._sorted = sorted((span.start, span.end, variants) for span, variants in self._places.items())
            self._reach = list(accumulate((end for _, end, _ in self._sorted), max))
        offset = place.span.start
        index = bisect_right(self._sorted, offset, key=lambda one: one[0]) - 1
        found = 0
        while index >= 0 and self._reach[index] >= offset:
            if self._sorted[index][1] >= offset:
                found |= self._sorted[index][2]
            index -= 1
        return found
