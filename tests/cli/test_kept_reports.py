"""What a run said of a root is said again without expanding it, exactly while nothing that it rests on has changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Engines, Say, write
from wgsl_ls.preprocess.expansion import Expander
from wgsl_ls.project.cache import default_cache_path
from wgsl_ls.wire.jobs import Crashed, DeviceLost, TimedOut, Unavailable
from wgsl_ls.workers.engine_versions import remember_versions

FILES = {
    "wgsl-ls.toml": """\
include-dirs = ["first", "second"]
overrides = { K = 2, GONE = 3 }
[[shader]]
files = ["a.wgsl"]
axes = { M = ["", "M"], N = ["N=4", "N=8"] }
[[shader]]
files = ["b.wgsl"]
defines = ["B"]
""",
    "a.wgsl": """\
#include "c.tmpl"
#if M
//! reject 1:1 no M here
#endif
#ifdef UNKNOWN
#include "../../out.tmpl"
const u = 1;
#endif
@compute @workgroup_size(N) fn main() { _ = c; }
""",
    "b.wgsl": '#include "c.tmpl"\n@compute @workgroup_size(1) fn main() { _ = c; }\n',
    "d.wgsl": "override K = 1;\n@compute @workgroup_size(1) fn main() { _ = K; }\n",
    "../out.tmpl": "",
    "second/c.tmpl": "const c = 1;\n#ifdef LATER\nconst d = 2;\n#endif\n",
}


@pytest.fixture
def expanded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The roots that were expanded, once for each variant."""
    found: list[str] = []
    before = Expander.expand

    def expand(self: Expander, root: Any, defines: Any = (), root_name: str = "", earlier: Any = None) -> Any:
        found.append(root_name)
        return before(self, root, defines, root_name, earlier)

    monkeypatch.setattr(Expander, "expand", expand)
    return found


def said(say: Say, *words: str) -> dict[str, Any]:
    _, out, _ = say("validate", "--engine=dawn", "--format=json", *words)
    report: dict[str, Any] = json.loads(out)
    for figure in ("seconds", "jobs", "engineSeconds"):
        del report["summary"][figure]
    return report


def replaced(name: str, old: str, new: str) -> Callable[[], None]:
    def change() -> None:
        text = Path(name).read_text(encoding="utf-8")
        assert old in text
        Path(name).write_text(text.replace(old, new), encoding="utf-8")

    return change


CHANGES = {
    "the shader": (replaced("a.wgsl", "const u = 1", "const u = 2"), {"a.wgsl"}),
    "a comment in it": (replaced("b.wgsl", "\n@", "\n// note\n@"), {"b.wgsl"}),
    "what it includes": (replaced("second/c.tmpl", "c = 1", "c = 2"), {"a.wgsl", "b.wgsl"}),
    "where an include leads": (lambda: write({"first/c.tmpl": FILES["second/c.tmpl"]}), {"a.wgsl", "b.wgsl"}),
    "its macros": (replaced("wgsl-ls.toml", "N=8", "N=16"), {"a.wgsl", "b.wgsl"}),
    "macros of a root that shares a file": (replaced("wgsl-ls.toml", '"B"', '"LATER"'), {"a.wgsl", "b.wgsl"}),
    "a rule": (
        replaced("wgsl-ls.toml", '["B"]\n', '["B"]\n[rules]\n"wgsl/validation" = "warning"\n'),
        {"a.wgsl", "b.wgsl"},
    ),
    "the one shader that has an override constant": (replaced("d.wgsl", "K", "L"), {"a.wgsl", "b.wgsl", "d.wgsl"}),
    "a line above what a finding points at": (
        replaced("wgsl-ls.toml", "overrides", "\noverrides"),
        {"a.wgsl", "b.wgsl"},
    ),
    "why an include is not read": (lambda: Path("../out.tmpl").unlink(), {"a.wgsl"}),
    "nothing": (lambda: None, set[str]()),
    "a file that nobody reads": (lambda: write({"notes.md": "x"}), set[str]()),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_kept_is_what_would_be_said(name: str, say: Say, engines: Engines, expanded: list[str]) -> None:
    change, anew = CHANGES[name]
    write(FILES)
    before = said(say)
    assert set(expanded) >= {"a.wgsl", "b.wgsl"} and before["summary"]["variants"]["fail"] == 2
    change()
    expanded.clear()
    now = said(say)
    assert set(expanded) >= anew and (anew or not expanded)
    assert anew or now == before
    shutil.rmtree(Path.cwd().parent / "cache")
    assert said(say) == now


def test_words_of_the_command_line_that_decide_are_part_of_the_key(say: Say, engines: Engines) -> None:
    write(FILES)
    whole = said(say)
    portable = said(say, "--profile=firefox-141")
    assert said(say, "--profile=firefox-141") == portable
    some = said(say, "--variant=*M*")
    assert len(some["variants"]) < len(whole["variants"]) and said(say) == whole


def test_another_version_of_an_engine_is_asked_anew(
    say: Say, engines: Engines, expanded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(FILES)
    said(say)
    monkeypatch.setattr("wgsl_ls.workers.engine_versions.package_version", lambda engine: "99")
    expanded.clear()
    n_jobs = len(engines.jobs)
    said(say)
    assert expanded and len(engines.jobs) == n_jobs, "it is the same engine after all"

    monkeypatch.setattr(engines, "version", "2")
    remember_versions(default_cache_path(), {"dawn": "2"})  # another run has seen it
    said(say)
    assert len(engines.jobs) > n_jobs


@pytest.mark.parametrize("answer", [Crashed("SIGSEGV", ""), TimedOut(1.0), DeviceLost("gone"), Unavailable("gone")])
def test_what_may_end_otherwise_is_not_kept(
    answer: Any, say: Say, engines: Engines, expanded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(FILES)
    obeying = engines.compile
    monkeypatch.setattr(engines, "compile", lambda job: answer)
    said(say)
    monkeypatch.setattr(engines, "compile", obeying)
    assert said(say)["summary"]["variants"]["pass"] == 4
