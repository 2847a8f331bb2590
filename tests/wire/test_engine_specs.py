"""The list of engines: everything that is said about one is said there and nowhere else."""

from __future__ import annotations

import ast
import tomllib
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from wgsl_ls.wire.engine_specs import (
    ENGINES,
    EngineSpec,
    asked_engines,
    base_of,
    by_preference,
    engine_names,
    engine_title,
    in_order,
    listed_engines,
    use_builds,
    versions_of,
    with_builds,
)

PACKAGE = Path(__file__).parents[2] / "wgsl_ls"


@pytest.mark.parametrize("spec", ENGINES, ids=lambda spec: spec.name)
def test_pyproject_installs_what_the_spec_requires(spec: EngineSpec) -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert spec.requirement in [*project["dependencies"], *(one for extra in extras.values() for one in extra)]
    assert spec.requirement.startswith(spec.package)


@pytest.mark.parametrize("spec", ENGINES, ids=lambda spec: spec.name)
def test_the_runtime_is_there_and_calls_itself_by_this_name(spec: EngineSpec) -> None:
    module, _, name = spec.runtime.partition(":")
    assert getattr(import_module(module), name).name == spec.name


def test_no_other_file_names_an_engine() -> None:
    """What somebody has to know about an engine is a field of its spec."""
    names = {spec.name for spec in ENGINES} | {spec.title for spec in ENGINES}
    runtimes = {spec.runtime.partition(":")[0].replace(".", "/") + ".py" for spec in ENGINES}
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        where = path.relative_to(PACKAGE.parent).as_posix()
        if where in runtimes or where.endswith("wire/engine_specs.py"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [f"{where}:{node.lineno}" for node in ast.walk(tree) if _is_one_of(node, names)]
    assert found == []


def _is_one_of(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names


def test_a_build_stands_behind_the_list_and_goes_with_its_engine() -> None:
    spec = ENGINES[1].build("another-build", "/x/python")
    use_builds([spec], [ENGINES[0].name])
    try:
        assert engine_names() == (*listed_engines(), "another-build")
        assert with_builds([ENGINES[1].name]) == (ENGINES[1].name, "another-build")
        assert with_builds([ENGINES[0].name]) == (ENGINES[0].name,)
        assert asked_engines() == (ENGINES[0].name, "another-build")
        assert (base_of("another-build"), base_of(ENGINES[1].name)) == (ENGINES[1].name, ENGINES[1].name)
        assert by_preference().index("another-build") > by_preference().index(ENGINES[1].name)
        assert "/x/python -m pip install" in spec.remedy
        older = replace(ENGINES[1].build("older-build", "/x/python"), is_older=True)
        use_builds([spec, older])
        assert versions_of(ENGINES[1].name) == ("older-build", ENGINES[1].name, "another-build")
        assert versions_of(ENGINES[0].name) == (ENGINES[0].name,)
    finally:
        use_builds([])
    assert engine_names() == listed_engines()


def test_order_and_titles() -> None:
    first, second = engine_names()[:2]
    assert in_order([second, "another", first, second]) == (first, second, "another")
    assert engine_title("another") == "another"
    preferred = by_preference()
    assert sorted(preferred) == sorted(engine_names())
    clear = [spec.clear_words for name in preferred for spec in ENGINES if spec.name == name]
    assert clear == sorted(clear, reverse=True)
