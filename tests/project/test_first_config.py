"""The text of a first configuration: it loads without a problem and declares what was said to be right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wgsl_ls.project.config import load_config
from wgsl_ls.project.first_config import ShaderDraft, first_config
from wgsl_ls.project.variants import variants_for

Sets = list[dict[str, str]]


def draft(sets: Sets, file: str = "a.wgsl") -> ShaderDraft:
    named = tuple((f"v{number}", tuple(defines.items())) for number, defines in enumerate(sets))
    return ShaderDraft(file, named)


def declared(text: str, file: str = "a.wgsl") -> list[dict[str, str]]:
    config, problems = load_config("/p/wgsl-ls.toml", text)
    assert [one.message for one in problems] == []
    variants, problems = variants_for(config, f"/p/{file}")
    assert [one.message for one in problems] == []
    return [dict(one.defines) for one in variants.variants if one.origin == "declared"]


@pytest.mark.parametrize(
    ("sets", "more"),
    [
        ([{}], []),
        ([{}, {"MASK": ""}], []),
        ([{}, {"TILE": "16"}, {"TILE": "32"}], []),
        ([{}, {"T": "vec4<f32>"}, {"T": "007"}], []),
        ([{}, {"K_F16": ""}, {"K_Q8_0": ""}], []),  # one family: never together
        ([{}, {"MASK": ""}, {"SINKS": ""}], [{"MASK": "", "SINKS": ""}]),
        ([{}, {"K_A": "", "K_B": ""}], [{"K_A": ""}, {"K_B": ""}]),
        ([{"NEEDED": "1"}, {"NEEDED": "1", "MASK": ""}], []),  # does not pass without: written out
        ([{"T": 'a "quoted" \\ 𝒙'}], []),
    ],
)
def test_what_is_declared(sets: Sets, more: Sets) -> None:
    def ordered(given: Sets) -> list[list[tuple[str, str]]]:
        return sorted(sorted(one.items()) for one in given)

    assert ordered(declared(first_config([draft(sets)]))) == ordered([*sets, *more])
    written_out = declared(first_config([draft(sets)], frozenset({"a.wgsl"})))
    assert ordered(written_out) == ordered(sets)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("*.wgsl", "a.wgsl"), ("[ab].wgsl", "a.wgsl"), ("{a,b}.wgsl", "a.wgsl"), ("?.wgsl", "a.wgsl"),
        ("!a.wgsl", "b.wgsl"), ("}{.wgsl", "{}.wgsl"), ("**/!x.wgsl", "y/!x.wgsl"), ("d/[z-a]].wgsl", "d/z.wgsl"),
        ("\x1b[1m\n\"#\x7f.wgsl", "1.wgsl"), ("bytes\udcff.wgsl", "bytes.wgsl"),
    ],
)  # fmt: skip
def test_a_name_that_reads_like_a_pattern_is_that_file_alone(name: str, other: str) -> None:
    text = first_config([draft([{"A": ""}], name)]).encode("utf-8").decode("utf-8")
    assert declared(text, name) == [{"A": ""}]
    config, _ = load_config("/p/wgsl-ls.toml", text)
    assert not [one for one in variants_for(config, f"/p/{other}")[0].variants if one.origin == "declared"]


@pytest.mark.parametrize(
    ("sets", "refused", "axes"),
    [
        ([{"K_A": ""}, {"K_B": ""}], [{}, {"MASK": ""}], 'K = ["K_A", "K_B"]\nMASK = [false, true]\n'),
        ([{"TILE": "8"}, {"TILE": "16"}], [{}, {"N": "4"}], "TILE = [8, 16]\nN = [false, 4]\n"),
        ([{}, {"MASK": ""}], [{"BAD": ""}], "MASK = [false, true]\n"),  # what fails beside none has no excuse
        ([{"A": ""}, {"B": ""}], [{"C": ""}], None),  # neither is in both
    ],
)
def test_what_every_passing_variant_has_may_be_what_others_lack(sets: Sets, refused: Sets, axes: str | None) -> None:
    drafted = replace(draft(sets), refused=tuple(tuple(defines.items()) for defines in refused))
    text = first_config([drafted])
    assert text.partition("[shader.axes]\n")[2] == (axes or "")
    assert declared(text) and declared(first_config([drafted], frozenset({"a.wgsl"}))) == sets


def test_shaders_of_a_host_and_those_that_do_not_pass_are_not_declared() -> None:
    drafts = [
        ShaderDraft("of_host.wgsl", from_host=12),
        ShaderDraft("broken.wgsl", why_not='needs "T"\n[[shader]]'),
        draft([{}], "plain.wgsl"),
        draft([{}], "also.wgsl"),
    ]
    text = first_config(drafts)
    config, problems = load_config("/p/wgsl-ls.toml", text)
    assert not problems and [one.text for entry in config.shaders for one in entry.files] == ["plain.wgsl", "also.wgsl"]
    assert "12 variants" in text and "# [[shader]]" in text


def test_many_combinations_are_taken_pairwise() -> None:
    sets: Sets = [{}, *({f"{letter}X": ""} for letter in "ABCDEFG")]
    text = first_config([draft(sets)])
    assert 'pick = "pairwise"' in text and 0 < len(declared(text)) < 64
