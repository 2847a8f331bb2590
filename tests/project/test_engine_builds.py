"""Builds of engines: whose word counts, and what is wrong with a setting."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from wgsl_ls.project import config_page
from wgsl_ls.project.config import load_config
from wgsl_ls.project.engine_builds import read_engines, user_engines
from wgsl_ls.wire.engine_specs import listed_engines

FIRST, SECOND = listed_engines()[:2]
NEXT = {"name": f"{SECOND}-next", "python": sys.executable}


def test_a_build_is_its_engine_under_another_interpreter() -> None:
    found = read_engines([FIRST, NEXT, {"name": "mine", "engine": FIRST, "python": "/x/python"}])
    assert found.problems == ()
    assert found.asked == (FIRST,)
    assert [(one.name, one.base, one.python) for one in found.builds] == [
        (f"{SECOND}-next", SECOND, sys.executable),
        ("mine", FIRST, "/x/python"),
    ]
    # What is known of the checks of one version is not known of another.
    assert not any(one.judges_structures for one in found.builds)


def test_a_build_in_front_of_its_engine_is_an_older_one() -> None:
    other = {**NEXT, "name": f"{FIRST}-next"}
    found = read_engines([other, {**NEXT, "name": f"{SECOND}-old"}, SECOND, NEXT])
    assert [(one.name, one.is_older) for one in found.builds] == [
        (f"{FIRST}-next", False),
        (f"{SECOND}-old", True),
        (f"{SECOND}-next", False),
    ]


def test_a_build_in_node_only_compiles() -> None:
    found = read_engines([{"name": f"{SECOND}-node", "node": "/x/node", "package": "/x/webgpu"}])
    (build,) = found.builds
    assert (found.problems, build.base, build.node, build.node_package) == ((), SECOND, "/x/node", "/x/webgpu")
    assert not (build.runs_shaders or build.judges_structures or build.python)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("another", "'another' is none of"),
        (3, "3 is none of"),
        ({"python": "/x/python"}, "wants a name"),
        ({"name": "dawn next", "python": "/x/python"}, "wants a name"),
        ({"name": FIRST, "python": "/x/python"}, "the engine's own name"),
        ({"name": "mine", "python": "/x/python"}, "of which engine is not said"),
        ({"name": "mine", "engine": "another", "python": "/x/python"}, "of which engine is not said"),
        ({"name": f"{FIRST}-next"}, "the whole path of the interpreter"),
        ({"name": f"{FIRST}-next", "python": "python"}, "the whole path of the interpreter"),
        ({**NEXT, "pyhton": "/x"}, "no key 'pyhton'"),
        ({**NEXT, "node": "/x/node", "package": "/x"}, "either python, or node and package"),
        ({"name": f"{SECOND}-node", "node": "node", "package": "/x"}, "want whole paths"),
        ({"name": f"{SECOND}-node", "node": "/x/node"}, "want whole paths"),
        ({"name": f"{FIRST}-node", "node": "/x/node", "package": "/x"}, "has no package for node"),
    ],
)
def test_what_is_wrong_with_one_costs_only_that_one(value: object, words: str) -> None:
    found = read_engines([value, NEXT])
    (problem,) = found.problems
    assert words in problem
    assert [one.name for one in found.builds] == [NEXT["name"]]


def test_the_first_of_two_builds_of_one_name_counts() -> None:
    found = read_engines([NEXT, {**NEXT, "python": "/another/python"}])
    assert [one.python for one in found.builds] == [NEXT["python"]]
    assert found.problems == (f"engines: there are two builds called {NEXT['name']}; the first counts",)


def test_the_users_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("WGSL_LS_SETTINGS", str(path))
    assert user_engines().problems == ()
    path.write_text(f'engines = ["{FIRST}", {{ name = "{SECOND}-next", python = "/x/python" }}]\ncolour = 1\n')
    found = user_engines()
    assert [one.name for one in found.builds] == [f"{SECOND}-next"]
    assert [problem.rpartition(": ")[0] for problem in found.problems] == [
        f"{path}: there is no setting 'colour'; there is"
    ]
    path.write_text("engines = [")
    assert str(path) in user_engines().problems[0]


def test_the_documented_line_is_read() -> None:
    page = Path(config_page.PAGE).read_text(encoding="utf-8")
    (line,) = re.findall(r"^`(engines = .*)`\.$", page, re.MULTILINE)
    found = read_engines(tomllib.loads(line)["engines"])
    assert (found.problems, [one.name for one in found.builds]) == ((), ["dawn-next"])


def test_a_workspace_names_no_program() -> None:
    config, problems = load_config("/p/wgsl-ls.toml", f'engines = ["{FIRST}", {{ name = "x", python = "/x" }}]\n')
    (problem,) = problems
    assert "never a workspace" in problem.message
    assert config.engines == (FIRST,)
    _, problems = load_config("/p/wgsl-ls.toml", f'engines = ["{SECOND}-next"]\n')
    assert problems
