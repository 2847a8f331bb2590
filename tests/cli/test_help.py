"""--help and how a variant is named on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from wgsl_ls.cli.main import main
from wgsl_ls.project.variant_words import variants_with
from wgsl_ls.project.variants import Variant

NAMES = {
    "default": {},
    "K_F16": {"K_F16": ""},
    "K_F16+MASK": {"K_F16": "", "MASK": ""},
    "K_F16+MASK+HEAD_DIM=64": {"K_F16": "", "MASK": "", "HEAD_DIM": "64"},
    "K_Q8_0+HEAD_DIM=64": {"K_Q8_0": "", "HEAD_DIM": "64"},
    "quick": {"K_Q4_0": "", "HEAD_DIM": "128"},
}
VARIANTS = [Variant(name, "/a.wgsl", tuple(defines.items())) for name, defines in NAMES.items()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("mask k_f16", ["K_F16+MASK"]),  # the whole name, in another order
        ("HEAD_DIM=64 mask", ["K_F16+MASK+HEAD_DIM=64"]),
        ("k_q8_0", ["K_Q8_0+HEAD_DIM=64"]),
        ("head_dim=128", ["quick"]),  # a macro that the name does not say
        ("q4", ["quick"]),  # a part of one
        ("mask", ["K_F16+MASK", "K_F16+MASK+HEAD_DIM=64"]),
        ("HEAD_DIM", ["K_F16+MASK+HEAD_DIM=64", "K_Q8_0+HEAD_DIM=64", "quick"]),
        ("mask q8", []),
        ("", []),
    ],
)
def test_words_in_any_order(words: str, expected: list[str]) -> None:
    assert [VARIANTS[index].name for index in variants_with(VARIANTS, words)] == expected


@pytest.fixture
def shader(tmp_path: Path) -> str:
    axes = 'axes = { K = ["K_F16", "K_Q8_0"], MASK = ["", "MASK"] }\n'
    (tmp_path / "wgsl-ls.toml").write_text(f'[[shader]]\nfiles = ["a.wgsl"]\n{axes}', encoding="utf-8")
    path = tmp_path / "a.wgsl"
    path.write_text("#ifdef MASK\nconst mask = 1;\n#endif\n#ifdef K_Q8_0\nconst q = 1;\n#endif\n", encoding="utf-8")
    return str(path)


def test_expand_takes_words(shader: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["expand", shader, "mask", "q8"]) == 0
    assert capsys.readouterr().out.split() == ["const", "mask", "=", "1;", "const", "q", "=", "1;"]
    assert main(["expand", shader, "--variant", "MASK+K_F16"]) == 0
    assert "mask" in capsys.readouterr().out
    assert main(["expand", shader, "mask"]) == 2
    assert "matches 2 variants; add a word to name one of them: K_F16+MASK, K_Q8_0+MASK" in capsys.readouterr().err
    assert main(["expand", shader, "nothing"]) == 2
    assert "it has 4: K_F16, K_F16+MASK" in capsys.readouterr().err
    assert main(["expand", shader, "mask", "--variant", "K_F16"]) == 2


def test_help_shows_the_examples_as_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["expand", "--help"])
    out = capsys.readouterr().out
    assert out.index("examples:\n  wgsl-ls expand flash_attn.wgsl") > out.index("--map")
