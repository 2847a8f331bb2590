"""The validate command as a user runs it: formats, exit codes, selections."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sarif_pydantic import Sarif

from wgsl_ls.cli.render import FORMATS

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
    assert "4 variants of 1 shaders · 3 pass · 1 fail" in text


@pytest.mark.gpu
def test_json_follows_its_schema(project: Path) -> None:
    report = json.loads(run(project, "validate", "--format", "json", code=1))
    schema = json.loads(files("wgsl_ls.cli").joinpath("report.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(report, schema)
    (finding,) = report["findings"]
    assert finding["path"] == "kernel.wgsl"
    assert finding["range"]["start"] == {"line": 5, "character": 17}
    assert finding["variants"] == ["MASK+SCALE"]
    assert finding["condition"] == "MASK && SCALE"
    verdicts = {entry["name"]: entry["verdicts"] for entry in report["variants"]}
    assert verdicts["MASK+SCALE"] == {"wgpu": "rejected", "dawn": "rejected"}
    assert verdicts["MASK"] == {"wgpu": "accepted", "dawn": "accepted"}


@pytest.mark.gpu
def test_other_formats(project: Path) -> None:
    sarif = Sarif.model_validate(json.loads(run(project, "validate", "--format", "sarif", code=1)))
    (result,) = sarif.runs[0].results or []
    assert result.rule_id == "wgsl/name"
    (rule,) = sarif.runs[0].tool.driver.rules or []
    assert rule.short_description is not None and rule.short_description.text == "A name is declared nowhere"
    assert rule.help is not None and "What to do" in rule.help.text
    junit = ElementTree.fromstring(run(project, "validate", "--format", "junit", code=1))
    assert junit.get("failures") == "1"
    assert [case.get("name") for case in junit.iter("testcase") if case.find("failure") is not None] == ["MASK+SCALE"]
    github = run(project, "validate", "--format", "github", code=1)
    assert github.startswith("::error file=kernel.wgsl,line=6,col=18,endLine=6,endColumn=23,title=wgsl/name::")
    gcc = run(project, "validate", "--format", "gcc", code=1)
    assert gcc.startswith("kernel.wgsl:6:18: error: unresolved value 'scale_by'")


@pytest.mark.gpu
def test_selection_baseline_output_and_strict(project: Path) -> None:
    assert "1 variants of 1 shaders · 1 pass" in run(project, "validate", "--variant", "MASK")
    assert "no variant matches" in run(project, "validate", "--variant", "NO*", code=2)
    run(project, "validate", "--format", "json", "--output", "before.json", code=1)
    assert "1 findings in the baseline" in run(project, "validate", "--baseline", "before.json")
    whole = run(project, "validate", "--engine", "dawn", code=1)
    assert "(dawn)" in whole


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


def test_a_rule_explained(project: Path) -> None:
    assert "**A macro that nothing uses** (hint)" in run(project, "rule", "lint/unused-macro")
    run(project, "rule", "lint/unused-makro", code=2)


@pytest.mark.gpu
def test_second_run_compiles_nothing(project: Path) -> None:
    assert "(4 compiled" in run(project, "validate", code=1)  # two texts, two engines
    assert "(0 compiled" in run(project, "validate", code=1)
    assert "(4 compiled" in run(project, "validate", "--no-cache", code=1)
    assert "results forgotten" in run(project, "cache", "clear")


@pytest.mark.gpu
def test_exit_codes_for_what_cannot_be_done(project: Path) -> None:
    assert "no such file" in run(project, "validate", "nowhere.wgsl", code=2)
    missing = {"WGPU_LIB_PATH": "/nonexistent/libwgpu.so"}
    text = run(project, "validate", "--engine", "wgpu", code=2, **missing)
    assert "wgpu could not be used" in text
    # Not asked for by name: the other engine's verdict is enough.
    assert "wgpu could not be used" in run(project, "validate", code=1, **missing)


ONE_ENGINE = """engines = ["dawn"]
[[shader]]
files = ["kernel.wgsl"]
[[shader.variant]]
name = "only"
"""


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_variant_that_no_engine_was_asked_about_is_no_success(tmp_path: Path, format_name: str) -> None:
    """The file says one engine, the command line another: every format says that nothing was judged."""
    (tmp_path / "wgsl-ls.toml").write_text(ONE_ENGINE, encoding="utf-8")
    (tmp_path / "kernel.wgsl").write_text("fn main() { let x = nowhere; }\n", encoding="utf-8")
    text = run(tmp_path, "validate", "--engine", "wgpu", "--format", format_name, code=2)
    assert "its engines (dawn) were not asked" in text
    if format_name == "json":
        (entry,) = json.loads(text)["variants"]
        assert (entry["state"], entry["verdicts"]) == ("unjudged", {})
        assert json.loads(text)["summary"]["variants"]["pass"] == 0
    if format_name == "junit":
        assert 'skipped="1"' in text


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


def test_variants_expand_explain_diff_coverage(project: Path) -> None:
    assert run(project, "variants", "kernel.wgsl", "--count") == "kernel.wgsl: 4 variants\n"
    lines = [json.loads(line) for line in run(project, "variants", "--json").splitlines()]
    assert [line["name"] for line in lines] == ["default", "SCALE", "MASK", "MASK+SCALE"]
    expanded = run(project, "expand", "kernel.wgsl", "--variant", "MASK+SCALE", "--map")
    assert "kernel.wgsl:6 |     data[id.x] = scale_by * 2.0; // 𝄞" in expanded
    explained = run(project, "explain", "kernel.wgsl:6")
    assert "active in 1 of 4 variants" in explained
    assert "when MASK && SCALE" in explained
    assert "'#if MASK && SCALE' (kernel.wgsl:5) was not taken" in explained
    assert "+    data[id.x] = scale_by" in run(project, "diff", "kernel.wgsl", "MASK", "MASK+SCALE", code=1)
    assert "scale_by" in run(project, "diff", "kernel.wgsl", "MASK", "--flip", "SCALE", code=1)
    assert "100.0 %" in run(project, "coverage")
    assert "DA:6,1" in run(project, "coverage", "--format", "lcov")
    assert "<!doctype html>" in run(project, "coverage", "--format", "html")


def test_impact_compares_expansions(project: Path) -> None:
    def git(*arguments: str) -> Any:
        name = ["-c", "user.name=t", "-c", "user.email=t@t"]
        return subprocess.run(["git", *name, *arguments], cwd=project, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    assert "0 of 4 variants touched" in run(project, "impact", "--base", "HEAD")
    kernel = project / "kernel.wgsl"
    kernel.write_text(BROKEN.replace("* 2.0", "* 3.0"), encoding="utf-8")
    assert "1 of 4 variants touched\n  MASK+SCALE" in run(project, "impact", "--base", "HEAD", code=1)


def test_help_and_unknown_words(tmp_path: Path) -> None:
    assert "validate" in run(tmp_path, "--help")
    done = subprocess.run(
        [sys.executable, "-m", "wgsl_ls.cli.main", "frobnicate"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "invalid choice" in done.stderr


@pytest.mark.gpu
def test_a_machine_that_was_too_slow_once_is_not_held_against_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.wgsl").write_text(GOOD.replace("WG", "1"), encoding="utf-8")
    assert "did not answer within" in run(tmp_path, "validate", "--engine=dawn", "--deadline=0.000001", code=2)
    assert "1 pass" in run(tmp_path, "validate", "--engine=dawn")
