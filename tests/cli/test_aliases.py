"""`wgsl-ls aliases`: the table per group of variants, as people and as programs read it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from wgsl_ls.cli.aliases import OVERLAP, _asked
from wgsl_ls.cli.main import main

SHADER = """\
@group(0) @binding(0) var<storage, read_write> inputs: array<f32>;
#ifdef INPLACE
#define OUT inputs
#else
@group(0) @binding(1) var<storage, read_write> outputs: array<f32>;
#define OUT outputs
#endif
@compute @workgroup_size(1) fn main() {
    OUT[0] = inputs[1];
}
"""
CONFIG = '[[shader]]\nfiles = ["scale.wgsl"]\naxes = { INPLACE = [false, true], WG_SIZE = [32, 64] }\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "scale.wgsl").write_text(SHADER)
    (tmp_path / "wgsl-ls.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_for_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["aliases", "scale.wgsl"]) == 0
    assert capsys.readouterr().out == (
        "scale.wgsl: 2 variants with buffers that exclude each other\n"
        "  main in 2: WG_SIZE=32, WG_SIZE=64\n"
        "    inputs (no write found) must not overlap outputs\n"
        "    outputs (written at scale.wgsl:9:5) must not overlap inputs\n"
    )


def test_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = SHADER.replace("<storage, read_write> inputs", "<storage, read> inputs")
    (folder / "scale.wgsl").write_text(text.replace("#ifdef INPLACE", "#if 0"))
    assert main(["aliases", "scale.wgsl", "--format", "json"]) == 0
    ((entry,),) = [one["entries"] for one in json.loads(capsys.readouterr().out)]
    assert len(entry["variants"]) == 4
    assert entry["writable"] == [
        {"name": "outputs", "written_at": "scale.wgsl:9:5", "must_not_overlap": ["inputs"]},
    ]


def test_a_variant_of_which_nothing_is_known_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "scale.wgsl").write_text(SHADER.replace("#ifdef INPLACE", '#ifdef INPLACE\n#include "missing.tmpl"'))
    assert main(["aliases", "scale.wgsl"]) == 2
    said = "  2 variants not judged, for preprocessing fails: INPLACE+WG_SIZE=32, INPLACE+WG_SIZE=64\n"
    assert said in capsys.readouterr().out
    assert main(["aliases", "scale.wgsl", "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out)[0]["not_judged"] == ["INPLACE+WG_SIZE=32", "INPLACE+WG_SIZE=64"]


@pytest.mark.parametrize(
    ("words", "is_about"),
    [
        ("src0 overlaps src1", True),
        ("key.inplace", True),
        ("isInPlace", True),
        ("in_place", True),
        ("aliasing", True),
        ("antialias", False),
        ("mainplace", False),
    ],
)
def test_words_about_overlaps(words: str, is_about: bool) -> None:
    assert bool(OVERLAP.search(words)) == is_about


HOST = Path(__file__).parents[1] / "smoke" / "host"


def test_what_the_host_has_no_variant_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its gate refuses what is asked in place, and cannot see that the allocator reuses memory."""
    shutil.copytree(HOST, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WGSL_LS_CACHE", str(tmp_path / "cache"))
    assert main(["aliases", ".", "--format", "json"]) == 1
    files = {one["file"]: one["in_place"] for one in json.loads(capsys.readouterr().out)}
    (scale,) = files["kernels/scale.wgsl"]
    assert (scale["op"], scale["case"], scale["variant"]) == ("SCALE", "F32 in place, memory reused", None)
    for words in ("out (bytes 0 to ", " overlap; out is written at kernels/scale.wgsl:15:9; a is read at "):
        assert words in scale["problem"]
    for _ in range(2):  # the second time out of what was kept
        assert main(["validate", ".", "--engine", "wgpu", "--format", "gcc"]) == 0
        (told,) = [line for line in capsys.readouterr().out.splitlines() if "SCALE" in line]
        words = "warning: the host does SCALE F32 in place, memory reused: no variant for it: host.cpp:"
        assert told.startswith("host.cpp:128:1: ") and words in told and told.endswith("[host/alias]")
    with monkeypatch.context() as kept:
        kept.setattr("wgsl_ls.host_smoke.HostSmoke.asked_in_place", None)
        assert main(["aliases", "."]) == 1
    assert "  the host asks about overlaps: " in capsys.readouterr().out
    main(["host", ".", "--format", "json"])
    (reading,) = json.loads(capsys.readouterr().out)
    found = [(one["kind"], one["shader"], one["location"]) for one in reading["findings"] if one["kind"] == "alias"]
    assert ("alias", "scale", "host.cpp:128:1") in found
    code = (tmp_path / "host.cpp").read_text()
    refusing = code.replace(
        "case GGML_OP_SCALE:\n            return", "case GGML_OP_SCALE:\n            return false &&"
    )
    assert refusing != code
    (tmp_path / "host.cpp").write_text(refusing)
    assert main(["aliases", "."]) == 1
    out = capsys.readouterr().out
    assert "  the host does ADD F32 in place, memory reused: no variant for it: host.cpp:" in out
    assert "the host does SCALE" not in out


def test_of_what_a_host_asks_only_overlaps_are_told() -> None:
    session = MagicMock()
    asked = ["KV_overlap", "n", "key.inplace", "Alias of src0"]
    variant = MagicMock(inputs=[MagicMock() for _ in asked])
    for one, name in zip(variant.inputs, asked, strict=True):
        one.name = name
    session.workspace.host_reading.return_value.of_shader = lambda stem: [variant] if stem == "scale" else []
    assert _asked(session, "/k/scale.wgsl") == ["Alias of src0", "KV_overlap", "key.inplace"]
    assert _asked(session, "/k/other.wgsl") is None
