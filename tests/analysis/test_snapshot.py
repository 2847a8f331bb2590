"""A Snapshot answers with the files, settings and choices of its revision, whenever it is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.analysis.fixture import Project, absolute
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.text.source_file import SourceFile

FILES = {
    "a.wgsl": '#include "b.tmpl"\n#ifdef A\nfn f() {}\n#endif\n',
    "b.tmpl": "const old = 1;\n",
    "wgsl-ls.toml": '[[shader]]\nfiles = ["a.wgsl"]\naxes = { A = ["", "A"] }\n',
}


def texts(snapshot: Snapshot) -> list[str]:
    view = snapshot.root(absolute("a.wgsl"))
    assert view is not None
    return [view.expansion(index).text for index in range(len(view.variants))]


QUESTIONS: dict[str, Callable[[Snapshot], object]] = {
    "text": lambda snapshot: _text(snapshot, "a.wgsl"),
    "included text": lambda snapshot: _text(snapshot, "b.tmpl"),
    "expansions": texts,
    "variants": lambda snapshot: _view(snapshot).index_by_name,
    "roots": lambda snapshot: snapshot.roots(),
    "active variant": lambda snapshot: snapshot.active_variant(_view(snapshot)),
    "context": lambda snapshot: snapshot.context(absolute("b.tmpl")),
    "include": lambda snapshot: _source_text(snapshot.include("b.tmpl", absolute("a.wgsl"))),
    "include names": lambda snapshot: snapshot.include_names(absolute("a.wgsl")),
    "included files": lambda snapshot: snapshot.included_files(absolute("a.wgsl")),
}


def _text(snapshot: Snapshot, name: str) -> str:
    return _source_text(snapshot.read(absolute(name)))


def _source_text(source: SourceFile | str) -> str:
    return source.text if isinstance(source, SourceFile) else source


def _view(snapshot: Snapshot):  # type: ignore[no-untyped-def]
    view = snapshot.root(absolute("a.wgsl"))
    assert view is not None
    return view


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_old_snapshot_answers_as_it_would_have_then(question: str) -> None:
    ask = QUESTIONS[question]
    before = ask(Project.of(FILES).snapshot)
    project = Project.of(FILES)
    old = project.snapshot
    project.edit("a.wgsl", '#include "c.tmpl"\nfn g() {}\n')
    project.edit("b.tmpl", "const new = 2;\n")
    project.edit("c.tmpl", "const other = 3;\n")
    project.edit("d.wgsl", "")
    project.edit("wgsl-ls.toml", '[[shader]]\nfiles = ["*.wgsl"]\naxes = { B = ["", "B"] }\n')
    project.choose("B")
    now = ask(project.snapshot)
    assert ask(old) == before
    assert now != before
    assert not old.is_current()
    assert project.snapshot.is_current()
