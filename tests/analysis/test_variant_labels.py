"""Labels of variants: what tells them apart, and nothing that all of them share."""

from __future__ import annotations

import pytest

from wgsl_ls.analysis.variant_labels import brief, labels_of
from wgsl_ls.preprocess.expansion import parse_defines
from wgsl_ls.project.variants import Variant, VariantOrigin

LONG = "a_name_as_the_host_makes_it_which_no_list_has_room_for_"


def listed(*rows: str, names: str = LONG, origin: VariantOrigin = "host") -> list[Variant]:
    return [
        Variant(f"{names}{number}", "/a.wgsl", parse_defines(row.split()), origin=origin)
        for number, row in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("rows", "labels", "axes"),
    [
        pytest.param(("N=1 SAME", "N=2 SAME"), ["N=1", "N=2"], ["N"], id="what all share is left out"),
        pytest.param(
            ("K_F16 MASK", "K_Q4_0 MASK", "K_F16", "K_Q4_0"),
            ["K_F16  MASK", "K_Q4_0  MASK", "K_F16", "K_Q4_0"],
            ["K", "MASK"],
            id="flags that exclude each other are one axis",
        ),
        pytest.param(
            ("K_A K_B", "K_A", "K_B"), ["K_A  K_B", "K_A", "K_B"], ["K_A", "K_B"], id="flags that meet are not"
        ),
        pytest.param(
            ("ABS", "SGN", "NEG", "ABS FAST", "SGN FAST", "NEG FAST"),
            ["ABS", "SGN", "NEG", "ABS  FAST", "SGN  FAST", "NEG  FAST"],
            ["ABS or other", "FAST"],
            id="of these each variant has one",
        ),
        pytest.param(
            ("V_F16 V_DIRECT", "V_Q4_0 V_DIRECT", "V_F16", "V_Q4_0"),
            ["V_F16  V_DIRECT", "V_Q4_0  V_DIRECT", "V_F16", "V_Q4_0"],
            ["V", "V_DIRECT"],
            id="those of which each has one are an axis, whatever begins like them",
        ),
        pytest.param(("ABS", "SGN"), ["ABS", f"{LONG}1"], ["ABS"], id="two that exclude each other are one flag"),
        pytest.param(
            ("HEAD=64 TILE=4", "HEAD=128 TILE=2", "HEAD=64 TILE=4 MASK"),
            ["HEAD=64", "HEAD=128", "HEAD=64  MASK"],
            ["HEAD", "MASK"],
            id="what follows from others is left out",
        ),
        pytest.param(("MASK", "MASK X", "MASK X"), None, None, id="equal macros: the names stay"),
        pytest.param(("", "MASK"), [f"{LONG}0", "MASK"], ["MASK"], id="the one that has none keeps its name"),
        pytest.param(("ONLY=1",), None, [], id="alone"),
    ],
)
def test_differences(rows: tuple[str, ...], labels: list[str] | None, axes: list[str] | None) -> None:
    variants = listed(*rows)
    found = labels_of(variants)
    assert [one.text for one in found] == (labels or [one.name for one in variants])
    if axes is not None:
        assert all([axis for axis, _ in one.axes] == axes for one in found)


def test_short_names_are_their_own_labels() -> None:
    found = labels_of(listed("N=1", "N=2", names="f"))
    assert [(one.text, one.axes) for one in found] == [("f0", (("N", "N=1"),)), ("f1", (("N", "N=2"),))]


def test_declared_axes_stay_and_those_that_all_share_go() -> None:
    axes = [(("type", "f16"), ("dim", "64"), ("one", "x")), (("type", "f32"), ("dim", "64"), ("one", "x"))]
    variants = [
        Variant(LONG + name, "/a.wgsl", (), origin="declared", axes=of) for name, of in zip("ab", axes, strict=True)
    ]
    assert [one.axes for one in labels_of(variants)] == [(("type", "f16"),), (("type", "f32"),)]
    assert [one.text for one in labels_of(variants)] == ["f16", "f32"]


def test_axes_of_some_are_no_axes_of_all() -> None:
    declared = Variant("wide", "/a.wgsl", parse_defines(["N=1"]), origin="declared", axes=(("type", "f16"),))
    other = Variant("narrow", "/a.wgsl", parse_defines(["N=2"]), origin="imported")
    assert [one.axes for one in labels_of((declared, other))] == [(("N", "N=1"),), (("N", "N=2"),)]


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("A  B  C", "A  B  C"),
        ("A_FIRST  B_SECOND  C_THIRD  D_FOURTH  E_FIFTH", "A_FIRST  B_SECOND  …  D_FOURTH  E_FIFTH"),
        ("A" * 30 + "  " + "B" * 30 + "  LAST", "A" * 30 + "  …  LAST"),
        ("A" * 20 + "  " + "B" * 20 + "  " + "C" * 17, "A" * 20 + "  …  " + "C" * 17),
        ("A" * 20 + "  " + "B" * 20 + "  " + "C" * 18, "A" * 20 + "  …"),
        ("x" * 44, "x" * 44),
        ("x" * 45, "x" * 22 + "…" + "x" * 21),
        ("A" * 21 + "  " + "B" * 21, "A" * 21 + "  " + "B" * 21),
        ("A" * 22 + "  " + "B" * 21, "A" * 22 + "…" + "B" * 21),
        ("x" * 90, "x" * 22 + "…" + "x" * 21),
    ],
)
def test_a_long_label_is_cut_between_its_parts(label: str, shown: str) -> None:
    assert brief(label) == shown and len(shown) <= 44
