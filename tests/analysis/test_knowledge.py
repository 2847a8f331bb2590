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
    lambda judge, ruling, unseen: Judgement(judge, ruling, unseen=tuple(unseen)),
    st.sampled_from(("wgpu", "dawn")),
    st.sampled_from((Ruling.ACCEPTED, Ruling.REJECTED, Ruling.UNKNOWN)),
    st.lists(_PLACES, max_size=4),
)


@given(st.lists(st.lists(_JUDGEMENTS, max_size=2, unique_by=lambda one: one.judge), min_size=1, max_size=6), _PLACES)
def test_a_variant_is_known_where_the_judge_looked(variants: list[list[Judgement]], place: Location) -> None:
    knowledge = Knowledge([SimpleNamespace(judgements=tuple(one), carried=frozenset()) for one in variants])
    for engines in (("wgpu",), ("dawn",), ("wgpu", "dawn")):
        expected = 0
        for index, judgements in enumerate(variants):
            for one in judgements:
                blind = any(
                    each.path == place.path and each.span.start <= place.span.start <= each.span.end
                    for each in one.unseen
                )
                if one.judge in engines and one.saw_everything and not blind:
                    expected |= 1 << index
        assert knowledge(Finding(place, Severity.ERROR, "x", "x", engines)) == expected
