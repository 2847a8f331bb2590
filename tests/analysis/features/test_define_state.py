"""Define state: every macro in force at `$0`, with what it hides."""

from __future__ import annotations

from tests.analysis.fixture import Project
from wgsl_ls.analysis.features.define_state import define_state

TEXT = """\
#define N 4
#ifdef A
#define T (N * 2)
#endif
#define N 5
const a = 1;$0
#undef N
"""
VARIANTS = {"plain": [], "a": ["A"], "given": ["N=8"]}


def rows(project: Project) -> list[str]:
    cursor = project.cursor()
    return [
        f"{one.definition.name} = {one.definition.value or 'nothing'} -> {one.expanded or 'nothing'}"
        + "".join(f"; hides {shadow.value}{' (ignored)' if shadow.ignored else ''}" for shadow in one.shadows)
        for one in define_state(cursor.view, cursor.context, cursor.offset)
    ]


def test_each_variant_has_its_table() -> None:
    project = Project.of(TEXT, VARIANTS)
    assert rows(project) == ["N = 5 -> 5; hides 4"]
    project.choose("a")
    assert rows(project) == ["A = nothing -> nothing", "N = 5 -> 5; hides 4", "T = (N * 2) -> (5 * 2)"]
    project.choose("given")
    assert rows(project) == ["N = 8 -> 8; hides 5 (ignored); hides 4 (ignored)"]
