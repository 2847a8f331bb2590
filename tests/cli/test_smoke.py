"""`wgsl-ls smoke` from the outside, on the adapter at hand."""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

import pytest

from wgsl_ls.cli.main import main
from wgsl_ls.cli.smoke import _sizes

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


@pytest.mark.slow
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


HEAD = '[[shader]]\nfiles = ["a.wgsl"]\n'
MATRICES = """enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
@group(0) @binding(0) var<storage, read> left: array<f16>;
@group(0) @binding(1) var<storage, read> right: array<f16>;
@group(0) @binding(2) var<storage, read_write> product: array<f32>;
@compute @workgroup_size(32)
fn main() {
    var sum: subgroup_matrix_result<f32, 8, 8>;
    for (var step = 0u; step < INNER; step += 8) {
        let one = subgroupMatrixLoad<subgroup_matrix_left<f16, 8, 8>>(&left, step, false, INNER);
        let other = subgroupMatrixLoad<subgroup_matrix_right<f16, 8, 8>>(&right, step * 8u, false, 8);
        sum = subgroupMatrixMultiplyAccumulate(one, other, sum);
    }
    subgroupMatrixStore(&product, 0, sum, false, 8);
}
"""
NO_REFERENCE = "without a reference, nothing wrong was seen with subgroups of 8, 16"
LANES = """enable subgroups;
@group(0) @binding(0) var<storage, read> rows: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@compute @workgroup_size(16)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) row: vec3<u32>) {
    let sum = subgroupAdd(rows[row.x * 16u + lane]);
    if lane == 0u { sums[row.x] = sum; }
}
"""
WRONG = {
    # A case that no device takes has not passed.
    "too many workgroups": (
        "@group(0) @binding(0) var<storage, read_write> out: array<f32>;\n@compute @workgroup_size(1)\n"
        "fn main(@builtin(workgroup_id) at: vec3<u32>) { out[at.x] = 1.0; }\n",
        HEAD + '[shader.smoke]\ndispatch = ["n"]\ncases = [{ name = "few", values = { n = 9 } },\n'
        '{ name = "many", values = { n = 66000 } }]\n[shader.smoke.values]\nn = 9\n[shader.smoke.buffers.out]\n'
        'shape = ["n"]\noutput = true\n',
        (),
        {"few": "pass", "many": "fail"},
        "66000",
    ),
    # The last step of a loop reads behind the end when its length is no multiple of the step.
    "a step too many": (
        MATRICES,
        HEAD + 'axes = { INNER = [16, 20] }\n[shader.smoke]\nreference = "matrix_product"\ndispatch = [1]\n'
        '[shader.smoke.buffers.left]\nshape = [8, "INNER"]\ninput = "uniform"\n[shader.smoke.buffers.right]\n'
        'shape = ["INNER", 8]\ninput = "uniform"\n[shader.smoke.buffers.product]\nshape = [8, 8]\noutput = true\n'
        '[shader.smoke.tensors]\na = "left"\nb = "right"\noutput = "product"\n',
        ("--matrices", "emulated"),
        {"INNER=16": "pass", "INNER=20": "fail"},
        "the result depends on what lies outside the buffers",
    ),
    # A workgroup is no subgroup on every device.
    "lanes taken for granted": (
        LANES,
        HEAD + '[shader.smoke]\ndispatch = ["n"]\n[shader.smoke.values]\nn = 4\n[shader.smoke.buffers.rows]\n'
        'shape = ["n", 16]\ninput = "uniform"\n[shader.smoke.buffers.sums]\nshape = ["n"]\noutput = true\n'
        '[shader.smoke.tensors]\nrows = "rows"\noutput = "sums"\n',
        ("--subgroup-sizes", "8,16", "--reference", "row_sums:row_sums", "--allow-code"),
        {"default": "fail"},
        "sums: normalised mean squared error",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_run_finds(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text, config, arguments, verdicts, words = WRONG[name]
    (tmp_path / "a.wgsl").write_text(text)
    (tmp_path / "wgsl-ls.toml").write_text(config)
    (tmp_path / "row_sums.py").write_text("def row_sums(rows):\n    return rows.sum(axis=1)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    code, out, _ = smoke(capsys, *arguments, "--format", "json", "--timed", "0")
    runs = json.loads(out)["runs"]
    assert {run["case"] if "few" in verdicts else run["variant"]: run["verdict"] for run in runs} == verdicts
    assert code == 1 and words in out


def test_without_a_reference_no_size_of_subgroups_is_called_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.wgsl").write_text(LANES)
    (tmp_path / "wgsl-ls.toml").write_text(WRONG["lanes taken for granted"][1].partition("[shader.smoke.tensors]")[0])
    monkeypatch.chdir(tmp_path)
    code, out, _ = smoke(capsys, "--subgroup-sizes", "8,16", "--timed", "0")
    assert code == 0 and NO_REFERENCE in out


@pytest.mark.parametrize(
    ("text", "sizes"), [("4..128", (4, 8, 16, 32, 64, 128)), ("8..16", (8, 16)), ("8,32", (8, 32)), ("32,8", (32, 8))]
)
def test_sizes_are_a_range_or_a_list(text: str, sizes: tuple[int, ...]) -> None:
    assert _sizes(text) == sizes


@pytest.mark.parametrize("text", ["5", "4..5", "0..4", "x", "4..", ""])
def test_other_sizes_no_subgroup_has(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        _sizes(text)
