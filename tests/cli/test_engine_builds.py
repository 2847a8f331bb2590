"""Another build of an engine, set by the user: its verdicts beside the others', and what is new since."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.conftest import Engines, Say, write
from wgsl_ls.engines.scripted import obey
from wgsl_ls.wire.engine_specs import use_builds
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult

TEXT = "#ifdef A\n//! reject 1:4 not any more\nfn main() {}\n#endif\nfn other() {}\n"
CONFIG = '[[shader]]\nfiles = ["a.wgsl"]\naxes = { A = ["", "A"] }\n'


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "settings.toml"
    path.write_text(f'engines = [{{ name = "dawn-next", python = "{sys.executable}" }}]\n')
    monkeypatch.setenv("WGSL_LS_SETTINGS", str(path))
    yield path
    use_builds([])


def stricter(job: CompileJob) -> CompileResult:
    return obey(job) if job.engine == "dawn-next" else Accepted()


def test_new_since(say: Say, engines: Engines) -> None:
    engines.compile = stricter
    write({"a.wgsl": TEXT, "wgsl-ls.toml": CONFIG})
    code, out, _ = say("validate", "a.wgsl")
    assert code == 1
    assert "in 1 of 2 variants (dawn-next): only when A; new since dawn; wgpu accepts it" in out
    (finding,) = json.loads(say("validate", "a.wgsl", "--format", "json")[1])["findings"]
    assert (finding["engines"], finding["newSince"]) == (["dawn-next"], "dawn")
    (run,) = json.loads(say("validate", "a.wgsl", "--format", "sarif")[1])["runs"]
    assert run["results"][0]["properties"]["newSince"] == "dawn"
    assert "new since dawn" in run["results"][0]["message"]["text"]


@pytest.mark.parametrize("refusing", ["dawn wgpu dawn-next", "dawn dawn-next", "wgpu dawn-next", "dawn"])
def test_what_others_refuse_too_is_not_new(say: Say, engines: Engines, refusing: str) -> None:
    engines.compile = lambda job: obey(job) if job.engine in refusing.split() else Accepted()
    write({"a.wgsl": TEXT, "wgsl-ls.toml": CONFIG})
    _, out, _ = say("validate", "a.wgsl")
    assert "not any more" in out
    # Where only wgpu refuses it, too, dawn has accepted it: that is another engine's matter.
    assert "new since" not in out


def test_what_an_older_version_refuses_for_another_reason_hides_nothing(say: Say, engines: Engines) -> None:
    """It accepts one of two variants in which the newer finds a mistake, and stops at something else in the other."""

    said = {"dawn-next": "bad", "dawn": "other"}

    def both(job: CompileJob) -> CompileResult:
        orders = re.compile(rf"//! reject \S+ (?!{said.get(job.engine, 'nothing')})")
        return obey(replace(job, text=orders.sub("", job.text)))

    engines.compile = both
    text = "fn bad() {}\nfn other() {}\n//! reject 1:4 bad\n#ifdef A\n//! reject 2:4 other\n#endif\n"
    write({"a.wgsl": text, "wgsl-ls.toml": CONFIG})
    _, out, _ = say("validate", "a.wgsl")
    assert "in all 2 variants (dawn-next); new since dawn; wgpu accepts it" in out
    assert "(dawn): only when A" in out


@pytest.mark.parametrize(
    ("refusing", "words"),
    [
        ("dawn dawn-next", "(dawn, dawn-next): only when A; new since dawn-old; wgpu accepts it"),
        ("dawn-next", "(dawn-next): only when A; new since dawn; wgpu and dawn-old accepts it"),
        ("dawn-old", "(dawn-old): only when A; wgpu and dawn and dawn-next accepts it"),
        ("dawn-old dawn-next", "(dawn-old, dawn-next): only when A; new since dawn; wgpu accepts it"),
    ],
)
def test_versions_are_in_the_order_of_the_list(
    say: Say, engines: Engines, settings: Path, refusing: str, words: str
) -> None:
    old, new = (f'{{ name = "{name}", python = "{sys.executable}" }}' for name in ("dawn-old", "dawn-next"))
    settings.write_text(f'engines = ["wgpu", {old}, "dawn", {new}]\n')
    engines.compile = lambda job: obey(job) if job.engine in refusing.split() else Accepted()
    write({"a.wgsl": TEXT, "wgsl-ls.toml": CONFIG})
    assert f"in 1 of 2 variants {words}" in say("validate", "a.wgsl")[1]


def test_a_build_follows_its_engine(say: Say, engines: Engines) -> None:
    write({"a.wgsl": TEXT, "wgsl-ls.toml": CONFIG.replace("axes", 'engines = ["wgpu"]\naxes')})
    say("validate", "a.wgsl")
    assert {job.engine for job in engines.jobs} == {"wgpu"}
    engines.jobs.clear()
    write({"wgsl-ls.toml": CONFIG})
    say("validate", "a.wgsl", "--engine", "dawn-next", "--no-cache")
    assert {job.engine for job in engines.jobs} == {"dawn-next"}
    engines.jobs.clear()
    say("validate", "a.wgsl", "--engine", "dawn-next", "--engine", "dawn", "--engine", "dawn", "--no-cache")
    assert {job.engine for job in engines.jobs} == {"dawn-next", "dawn"}


def test_what_is_wrong_is_said_and_the_run_goes_on(say: Say, engines: Engines, settings: Path) -> None:
    settings.write_text('engines = [{ name = "dawn-next", python = "python" }]\n')
    write({"a.wgsl": "fn main() {}\n"})
    code, _, err = say("validate", "a.wgsl")
    assert code == 0
    assert "dawn-next: python wants the whole path" in err
