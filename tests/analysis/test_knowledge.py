"""In which variants it is known whether a finding holds: the same as when every place that was not seen is asked."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.analysis.findings import Finding
from wgsl_ls.analysis.judgement import Judgement, Ruling
from wgsl_ls.analysis.knowledge import Knowledge
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.span import Location, Span

_PLACES = st.builds(
    lambda path, start, length: Location(path, Span(start, start + length)),
    st.sampled_from("ab"),
    st.integers(0, 20),
    st.integers(0, 20),
)
_JUDGEMENTS = st.builds(
    lambda judge, ruling, before, unseen: Judgement(judge, ruling, saw_before=before, unseen=tuple(unseen)),
    st.sampled_from(("wgpu", "dawn")),
    st.sampled_from((Ruling.ACCEPTED, Ruling.REJECTED, Ruling.UNKNOWN)),
    st.booleans(),
    st.lists(_PLACES, max_size=4),
)
_VARIANTS = st.lists(
    st.none() | st.lists(_JUDGEMENTS, max_size=2, unique_by=lambda one: one.judge), min_size=1, max_size=6
)


@given(_VARIANTS, _PLACES, st.booleans())
def test_a_variant_is_known_where_the_judge_looked(
    variants: list[list[Judgement] | None], place: Location, carried: bool
) -> None:
    of_before = frozenset([(place.path, "x", "x")] if carried else [])
    knowledge = Knowledge(
        [one if one is None else SimpleNamespace(judgements=tuple(one), carried=of_before) for one in variants]
    )
    looked_at = sum(1 << index for index, one in enumerate(variants) if one is not None)
    assert knowledge(Finding(place, Severity.ERROR, "x", "x")) == looked_at, "the preprocessor reads everything"
    carried = carried and looked_at > 0
    for engines in (("wgpu",), ("dawn",), ("wgpu", "dawn")):
        expected = 0
        for index, judgements in enumerate(variants):
            for one in judgements or ():
                blind = any(
                    each.path == place.path and each.span.start <= place.span.start <= each.span.end
                    for each in one.unseen
                )
                if one.judge in engines and one.saw_everything and not blind:
                    expected |= 1 << index
                if one.judge in engines and one.ruling == Ruling.UNKNOWN and one.saw_before and carried:
                    expected |= 1 << index
        assert knowledge(Finding(place, Severity.ERROR, "x", "x", engines)) == expected
