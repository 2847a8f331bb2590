"""The validate command as a user runs it, with real engines in processes: whole stories. Formats, exit codes and
selections have their tables in test_formats.py and test_exit_codes.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = "@compute @workgroup_size(WG)\nfn main() {\n}\n"
CONFIG = """\
[[shader]]
files = ["kernel.wgsl"]
defines = ["WG=64"]
axes = { MASK = ["", "MASK"], SCALE = ["", "SCALE"] }
"""
BROKEN = """\
@group(0) @binding(0) var<storage, read_write> data: array<f32>;
#define FACTOR scale_by
@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
#if MASK && SCALE
    data[id.x] = FACTOR * 2.0; // 𝄞
#endif
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "wgsl-ls.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "kernel.wgsl").write_text(BROKEN, encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    command = [sys.executable, "-m", "wgsl_ls.cli.main", *arguments]
    settings = {**os.environ, "WGSL_LS_CACHE": str(folder / "cache"), **environment}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=settings)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + (done.stderr if code == 2 else "")


@pytest.mark.gpu
def test_human_report_has_carets_variants_and_the_way_there(project: Path) -> None:
    text = run(project, "validate", code=1)
    assert "kernel.wgsl:6:18: error: unresolved value 'scale_by' [wgsl/name]" in text
    assert "     6 |     data[id.x] = FACTOR * 2.0; // 𝄞\n       |                  ^^^^^^" in text
    assert "in 1 of 4 variants (wgpu, dawn): only when MASK && SCALE" in text
    assert "kernel.wgsl:2:9: FACTOR is defined here as 'scale_by'" in text
    assert "4 variants of 1 shader · 3 pass · 1 fail" in text and "(4 compiled" in text, "two texts, two engines"
    again = json.loads(run(project, "validate", "--format", "json", code=1))
    assert (len(again["findings"]), again["summary"]["jobs"]) == (1, 0), "all of it is known now"


@pytest.mark.gpu
def test_a_rule_that_is_switched_off_fails_nothing(project: Path) -> None:
    config = (project / "wgsl-ls.toml").read_text(encoding="utf-8")
    off = '[rules]\n"wgsl/name" = { severity = "off", reason = "the host program pastes it" }\n'
    (project / "wgsl-ls.toml").write_text(off + config, encoding="utf-8")
    text = run(project, "validate")
    assert "scale_by" not in text and "1 not judged" in text
    (project / "wgsl-ls.toml").write_text(off.replace("wgsl/name", "wgsl/nam") + config, encoding="utf-8")
    assert 'there is no rule "wgsl/nam" (did you mean "wgsl/name"?) [config/unknown-rule]' in run(
        project, "validate", code=1
    )


@pytest.mark.gpu
def test_exit_codes_for_what_cannot_be_done(project: Path) -> None:
    assert "no such file" in run(project, "validate", "nowhere.wgsl", code=2)
    missing = {"WGPU_LIB_PATH": "/nonexistent/libwgpu.so"}
    (project / "kernel.wgsl").write_text(GOOD, encoding="utf-8")
    text = run(project, "validate", "--engine", "wgpu", code=2, **missing)
    assert "wgpu could not be used" in text
    # What we see ourselves is wrong whoever is missing.
    (project / "kernel.wgsl").write_text(BROKEN, encoding="utf-8")
    assert "'scale_by' is declared nowhere" in run(project, "validate", "--engine", "wgpu", code=1, **missing)
    # Not asked for by name: the other engine's verdict is enough.
    assert "wgpu could not be used" in run(project, "validate", code=1, **missing)


@pytest.mark.gpu
def test_files_without_configuration_give_no_false_errors(tmp_path: Path) -> None:
    (tmp_path / "kernel.wgsl").write_text("#ifdef HALF\nenable f16;\n#endif\n" + GOOD, encoding="utf-8")
    text = run(tmp_path, "validate")
    assert "information: nothing here defines WG" in text
    assert "2 not judged" in text
    assert "it lacks what the host program defines" in run(tmp_path, "validate", "--strict", code=2)
    assert "fail" not in text
    assert "error" not in text.replace("0 errors", "")


@pytest.mark.gpu
def test_bad_input_is_named_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "wgsl-ls.toml").write_text('[[shader]]\nfile = ["a.wgsl"]\n', encoding="utf-8")
    (tmp_path / "a.wgsl").write_bytes(b"// caf\xe9\n@compute @workgroup_size(1)\r\nfn main() {}\r\n")
    text = run(tmp_path, "validate", code=1)
    assert "wgsl-ls.toml:2:1: " in text
    assert "files" in text


@pytest.mark.gpu
def test_a_machine_that_was_too_slow_once_is_not_held_against_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.wgsl").write_text(GOOD.replace("WG", "1"), encoding="utf-8")
    assert "did not answer within" in run(tmp_path, "validate", "--engine=dawn", "--deadline=0.000001", code=2)
    assert "1 pass" in run(tmp_path, "validate", "--engine=dawn")
