"""Lowering against a naga that is played: which texts it takes is said by the test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wgsl_ls.engines.lowering import Lowered, NagaGaps, lower_for_naga
from wgsl_ls.wire.jobs import Unsupported


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
        lower_for_naga("enable f16, subgroups;\nfn f() { let x = bitcast<vec2<f16>>(1u); }", gaps)
    assert len(asked) == len(set(asked)) > 0


CASTS = """enable f16;
alias Pair = vec2<f16>;
@group(0) @binding(0) var<storage, read_write> a: array<u32>;
fn f(word: u32, number: f32, words: vec2<u32>, half: vec2<f16>, four: vec4<f16>, i: i32) {
  let x = %s;
}
"""


@pytest.mark.parametrize(
    ("cast", "expected"),
    [
        ("bitcast<vec2<f16>>(a[i]).y", "vec2<f16>(unpack2x16float(bitcast<u32>(a[i]))).y"),
        ("bitcast< vec2h >( f32(1 + (2)) )", "vec2<f16>(unpack2x16float(bitcast<u32>( f32(1 + (2)) )))"),
        ("bitcast<Pair>(number)", "vec2<f16>(unpack2x16float(bitcast<u32>(number)))"),
        ("bitcast<u32>(half)", "bitcast<u32>(naga_gap_bits2(half))"),
        ("bitcast<i32>(bitcast<vec2<f16>>(i) + half)",
         "bitcast<i32>(naga_gap_bits2(vec2<f16>(unpack2x16float(bitcast<u32>(i))) + half))"),
        ("bitcast<vec2<f32>>(four).y", "bitcast<vec2<f32>>(naga_gap_bits4(four)).y"),
        ("bitcast<vec4<f16>>(words)", "naga_gap_vec4h(bitcast<vec2<u32>>(words))"),
        # What naga can do, and what it should judge itself, stays.
        ("bitcast<u32>(number)", None),
        ("bitcast<vec2<f16>>(half)", None),
        ("bitcast<vec2<f16>>(four)", None),
        ("bitcast<vec2<f16>>(word > 1u)", None),
        ("bitcast<u32>(four)", None),
        ("bitcast<vec2<f16>>(missing)", None),
        ("/* bitcast<vec2<f16>>(word) */ 1", None),
    ],
)  # fmt: skip
def test_bitcasts_of_f16_are_spelled_otherwise_by_type(cast: str, expected: str | None) -> None:
    text = CASTS % cast
    result = lowered(text)
    assert result.text.startswith(CASTS % (expected or cast))
    if expected is None:
        assert (result.text, result.bridged) == (text, ())
    for one in result.bridged:
        assert (one.kind, text[one.start : one.start + 7]) == ("f16-bitcast", "bitcast")
    # Everything that is not inserted maps to its own place, and the map never goes back.
    mapped = [result.rewritten.to_original(offset) for offset in range(len(result.text))]
    assert mapped == sorted(mapped)
    for offset, original in enumerate(mapped):
        if result.rewritten.inserted_by(offset) is None:
            assert result.text[offset] == text[original]


def test_a_broken_cast_never_raises() -> None:
    for cut in range(len(CASTS % "bitcast<vec2<f16>>(a[i])")):
        lowered((CASTS % "bitcast<vec2<f16>>(a[i])")[:cut])


def test_what_is_bridged_is_told_at_its_place() -> None:
    text = CASTS % "bitcast<u32>(half)"
    text = text.replace("enable f16;", "enable f16, subgroups;")
    told = {one.kind: text[one.start : one.end] for one in lowered(text).bridged}
    assert told == {"enable": "subgroups", "f16-bitcast": "bitcast<u32>"}


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
