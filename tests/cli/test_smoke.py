"""`wgsl-ls smoke` from the outside, on the adapter at hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from wgsl_ls.cli.main import main

pytestmark = pytest.mark.gpu

SHADER = """#define FACTOR 2.0
struct Params { n: u32, bias: f32 }
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x < params.n) { out[id.x] = a[id.x] * FACTOR + params.bias; }
}
"""
CONFIG = """
[[shader]]
files = ["*.wgsl"]
[[shader.variant]]
name = "two"
[[shader.variant]]
name = "three"
defines = ["FACTOR=3.0"]

[shader.smoke]
dispatch = ["ceil_div(n, 64)"]
[shader.smoke.values]
n = 100
bias = 0.5
[shader.smoke.buffers.a]
shape = ["n"]
input = "normal"
[shader.smoke.buffers.out]
shape = ["n"]
output = true
"""
REFERENCE = """
def scaled(a):
    return a * 2.0 + 0.5
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "scale.wgsl").write_text(SHADER)
    (tmp_path / "wgsl-ls.toml").write_text(CONFIG)
    (tmp_path / "my_reference.py").write_text(REFERENCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def smoke(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["smoke", *arguments])
    said = capsys.readouterr()
    if "could not" in said.out or ": no adapter" in said.out:
        pytest.skip(said.out)
    return code, said.out, said.err


def test_without_a_reference_the_other_checks_decide(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = smoke(capsys, "--timed", "2")
    assert code == 0, out
    assert "pass   scale.wgsl  two  wgpu" in out and "2 runs of 2 variants: 2 passed" in out


def test_the_users_own_reference_needs_permission_and_finds_the_wrong_variant(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (project / "wgsl-ls.toml").open("a") as config:
        config.write('[shader.smoke.tensors]\na = "a"\n')
    code, _, error = smoke(capsys, "--reference", "my_reference:scaled")
    assert code == 2 and "--allow-code" in error
    code, out, _ = smoke(capsys, "--reference", "my_reference:scaled", "--allow-code", "--format", "json")
    verdicts = {item["variant"]: item["verdict"] for item in json.loads(out)["runs"]}
    assert code == 1 and verdicts == {"two": "pass", "three": "fail"}
    code, _, error = smoke(capsys, "--reference", "my_reference:missing", "--allow-code")
    assert code == 2 and "missing" in error


def test_report_page_and_baseline(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert smoke(capsys, "--report", "r.json.gz", "--html", "r.html", "--jobs", "2")[0] == 0
    assert json.loads(gzip.decompress((project / "r.json.gz").read_bytes()))["passed"]
    assert (project / "r.html").read_text().startswith("<!doctype html>")
    (project / "scale.wgsl").write_text(SHADER.replace("id.x < params.n", "id.x + 1u < params.n"))
    code, out, _ = smoke(capsys, "--baseline", "r.json.gz", "--variant", "two")
    assert code == 1
    assert "unwritten out: 1 of 100" in out and "WORSE  two on wgpu: fail, was pass" in out


def test_variants_that_must_agree(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (project / "wgsl-ls.toml").open("a") as config:
        config.write('[[shader.smoke.agree]]\nname = "factors"\nvariants = ["t*"]\n')
    code, out, _ = smoke(capsys)
    assert code == 1 and "FAIL   factors: two on wgpu and three on wgpu: they differ" in out


def test_without_any_configuration_guesses_are_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "wgsl-ls.toml").unlink()
    code, out, _ = smoke(capsys, "scale.wgsl")
    assert code == 0 and "guessed, for no configuration says it:" in out and "params.n = 1" in out
    # How much of a guessed size is written says nothing.
    assert "unwritten" not in out


def test_projects_below_a_project_and_mistakes_in_the_table(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    below = project / "below"
    below.mkdir()
    (below / "other.wgsl").write_text(SHADER)
    (below / "wgsl-ls.toml").write_text(CONFIG.replace("dispatch", "dispach"))
    code, out, error = smoke(capsys, ".", "--list")
    assert code == 0 and "other.wgsl" not in out and "below has a configuration of its own" in error
    code, out, error = smoke(capsys, "below", "--list")
    assert "other.wgsl" in out and "unknown key 'dispach'" in error
    assert smoke(capsys, "--variant", "none")[0] == 2
    assert smoke(capsys, "--shard", "3/2")[0] == 2
