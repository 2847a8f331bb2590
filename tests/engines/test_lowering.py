"""Lowering against a naga that is played: which texts it takes is said by the test."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.engines.f16_bitcasts import bridge_from_bits, bridge_to_bits
from wgsl_ls.engines.lowering import NagaGaps, lower_for_naga
from wgsl_ls.engines.rewriting import Edit, Lowered, apply_edits, same_offset
from wgsl_ls.wire.jobs import Accepted, EngineMessage, MessageSpan, Rejected, Unsupported


def naga_29(text: str) -> bool:
    refused = ("enable subgroups", "enable chromium", "enable foo", "requires subgroup_id", "bitcast")
    return not any(word in text for word in refused) and "requires bar" not in text


def lowered(text: str, accepts: Callable[[str], bool] = naga_29) -> Lowered:
    result = lower_for_naga(text, NagaGaps(accepts))
    assert isinstance(result, Lowered)
    assert len(result.text) >= len(text)
    return result


def test_a_text_that_needs_nothing_stays_the_same() -> None:
    text = "enable f16;\n@compute @workgroup_size(1) fn main() {}"
    result = lowered(text)
    assert (result.text, result.said) == (text, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("enable subgroups;\nfn f() {}", "                 \nfn f() {}"),
        ("enable f16, subgroups;\nfn f() {}", "enable f16           ;\nfn f() {}"),
        ("enable subgroups, f16;\nfn f() {}", "enable            f16;\nfn f() {}"),
        ("enable f16, subgroups, clip_distances;", "enable f16,            clip_distances;"),
        ("enable\n  subgroups\n;\nfn f() {}", "      \n           \n \nfn f() {}"),
        ("enable /* é */ subgroups; // why", "                          // why"),
        ("diagnostic(off, derivative_uniformity);enable subgroups;fn f() {}",
         "diagnostic(off, derivative_uniformity);                 fn f() {}"),
        ("// enable subgroups;\nfn f() {}", "// enable subgroups;\nfn f() {}"),
        ("fn f() {}\nenable subgroups;", "fn f() {}\nenable subgroups;"),
    ],
)  # fmt: skip
def test_a_line_that_naga_does_without_is_blanked_in_place(text: str, expected: str) -> None:
    result = lowered(text)
    # Trailing blanks and the comment inside a directive go with it.
    assert result.text.rstrip() == expected.rstrip()
    assert len(result.text) == len(text)


def test_what_was_left_out_is_said() -> None:
    assert lowered("enable subgroups;\nenable subgroups;").said == ("`enable subgroups` left out: not needed by naga",)


def test_a_naga_that_takes_the_line_gets_it() -> None:
    text = "enable subgroups;\nfn f() {}"
    assert lowered(text, lambda _: True).text == text


def test_a_naga_that_lacks_the_thing_itself_cannot_judge() -> None:
    without = lower_for_naga("enable subgroups;", NagaGaps(lambda text: "subgroup" not in text))
    assert isinstance(without, Unsupported)
    assert without.extension == "subgroups"
    other = lower_for_naga("enable chromium_other;", NagaGaps(naga_29))
    assert isinstance(other, Unsupported)
    assert other.extension == "chromium_other"


def test_a_name_nobody_knows_stays_for_naga_to_complain() -> None:
    text = "enable foo;\nrequires bar;"
    assert lowered(text).text == text


def test_every_question_is_asked_once() -> None:
    asked: list[str] = []

    def accepts(text: str) -> bool:
        asked.append(text)
        return naga_29(text)

    gaps = NagaGaps(accepts)
    for _ in range(3):
        lower_for_naga("enable subgroups;\nfn f() { let x = bitcast<vec2<f16>>(1u); }", gaps)
    assert len(asked) == len(set(asked)) > 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = bitcast<vec2<f16>>(a[i]).y;", "x = vec2<f16>(unpack2x16float(bitcast<u32>(a[i]))).y;"),
        ("bitcast< vec2h >( f(1, (2)) )", "vec2<f16>(unpack2x16float(bitcast<u32>( f(1, (2)) )))"),
        ("bitcast<u32>(x)", "bitcast<u32>(x)"),
        ("bitcast<vec2<f16>>(", "bitcast<vec2<f16>>("),
        ("/* bitcast<vec2<f16>>(x) */", "/* bitcast<vec2<f16>>(x) */"),
        ("bitcast<vec2<f16>>(bitcast<vec2<f16>>(x).x)",
         "vec2<f16>(unpack2x16float(bitcast<u32>(vec2<f16>(unpack2x16float(bitcast<u32>(x))).x)))"),
    ],
)  # fmt: skip
def test_bitcasts_to_f16_are_spelled_otherwise(text: str, expected: str) -> None:
    result = bridge_from_bits(Lowered(text, same_offset), naga_29)
    assert result.text == expected
    for offset in range(len(result.text)):
        original = result.to_original(offset)
        assert original is not None
        assert 0 <= original <= len(text)


def test_the_helper_for_four_components_is_nobodys_text() -> None:
    text = "bitcast<vec4<f16>>(v)"
    result = bridge_from_bits(Lowered(text, same_offset), naga_29)
    assert result.text.startswith("naga_gap_vec4h(bitcast<vec2<u32>>(v))\nfn naga_gap_vec4h(")
    assert result.to_original(result.text.index("(v)") + 1) == text.index("v)")
    assert result.to_original(result.text.index("fn naga") + 3) is None


def test_a_cast_from_f16_is_kept_only_if_it_cures_the_complaint() -> None:
    text = "a = bitcast<u32>(wrong); b = bitcast<u32>(half); c = oops;"
    place = text.index("bitcast<u32>(half)")

    def compile_lowered(candidate: Lowered) -> Accepted | Rejected:
        if "naga_gap_bits2(half)" not in candidate.text:
            return Rejected((EngineMessage("error", "Unable to cast [4]", (MessageSpan(place, place + 18),)),))
        return Rejected((EngineMessage("error", "no oops", (MessageSpan(text.index("oops"), len(text)),)),))

    before = Lowered(text, same_offset)
    result = bridge_to_bits(before, compile_lowered(before), naga_29, compile_lowered)
    assert isinstance(result, Rejected)
    assert result.messages[0].text == "no oops"


def test_a_cast_that_no_rewrite_cures_stays_an_error() -> None:
    text = "a = bitcast<u32>(true);"
    complaint = Rejected((EngineMessage("error", "Unable to cast", (MessageSpan(4, 22),)),))
    inside = Rejected((EngineMessage("error", "wrong argument", (MessageSpan(17, 21),)),))
    for tried in (complaint, inside):
        assert bridge_to_bits(Lowered(text, same_offset), complaint, naga_29, lambda _, r=tried: r) == complaint  # type: ignore[misc]


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.text(max_size=4))))
def test_edits_map_back_into_the_text_in_order(text: str, wanted: list[tuple[int, int, str]]) -> None:
    edits: list[Edit] = []
    offset = 0
    for start, length, replacement in sorted(wanted):
        if offset <= start and start + length <= len(text):
            edits.append(Edit(start, start + length, replacement))
            offset = start + length
    result = apply_edits(Lowered(text, same_offset), edits, "edited")
    expected, last = "", 0
    for edit in edits:
        expected += text[last : edit.start] + edit.replacement
        last = edit.end
    assert result.text == expected + text[last:]
    mapped = [result.to_original(offset) for offset in range(len(result.text))]
    known = [original for original in mapped if original is not None]
    assert known == sorted(known)
    for offset, original in enumerate(mapped):
        assert original is None or 0 <= original <= len(text)
        inside = any(edit.start <= (original or 0) < max(edit.end, edit.start + 1) for edit in edits)
        if original is not None and original < len(text) and not inside:
            assert result.text[offset] == text[original]


def test_a_rule_that_naga_only_warns_about_is_blanked_unless_it_stands_twice() -> None:
    gaps = NagaGaps(naga_29, lambda text: "subgroup_uniformity" in text)
    text = "diagnostic(off, derivative_uniformity);\ndiagnostic( off , subgroup_uniformity , );\nfn f() {}"
    result = lower_for_naga(text, gaps)
    assert isinstance(result, Lowered)
    blank = " " * len("diagnostic( off , subgroup_uniformity , );")
    assert result.text == f"diagnostic(off, derivative_uniformity);\n{blank}\nfn f() {{}}"
    for kept in (
        "diagnostic(off, subgroup_uniformity);diagnostic(error, subgroup_uniformity);",
        "diagnostic(off, a_misspelt_rule);",
        "fn f() {}\ndiagnostic(off, subgroup_uniformity);",
    ):
        result = lower_for_naga(kept, gaps)
        assert isinstance(result, Lowered)
        assert result.text == kept
