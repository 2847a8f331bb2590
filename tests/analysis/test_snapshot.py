"""A Snapshot answers with the files, settings and choices of its revision, whenever it is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.analysis.fixture import Project, absolute
from wgsl_ls.analysis.features.cursor import cursor_at
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.preprocess.resolution import Resolver
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


def test_a_root_that_others_include_is_read_by_itself_first() -> None:
    files = {
        "a.wgsl": '#include "b.wgsl"\nconst a = 1;\n',
        "b.wgsl": '#include "c.tmpl"\nconst b = 1;\n',
        "c.tmpl": '#include "c.tmpl"\nconst c = 1;\n',
        "d.tmpl": "const d = 1;\n",
        "wgsl-ls.toml": '[[shader]]\nfiles = ["a.wgsl", "b.wgsl"]\n',
    }
    snapshot = Project.of(files).snapshot
    read = {name: [one.removeprefix("/p/") for one in snapshot.roots_of(absolute(name))] for name in files}
    assert read["a.wgsl"] == ["a.wgsl"]
    assert read["b.wgsl"] == ["b.wgsl", "a.wgsl"]
    assert read["c.tmpl"] == ["a.wgsl", "b.wgsl"]
    assert read["d.tmpl"] == ["d.tmpl"], "what nobody reads is looked at as a root"
    assert snapshot.included_files(absolute("b.wgsl")) == {absolute("b.wgsl"), absolute("c.tmpl")}
    context = snapshot.context(absolute("b.wgsl"))
    assert context is not None and context.root == absolute("b.wgsl")


def test_a_file_that_the_active_variant_does_not_read_is_seen_through_one_that_does() -> None:
    files = {"a.wgsl": '#ifdef B\n#include "c.tmpl"\n#endif\n', "c.tmpl": "const c = 1;\n"}
    project = Project.of(files, {"none": [], "a": ["A"], "b": ["B"]})
    context = project.snapshot.context(absolute("c.tmpl"))
    assert context is not None and (context.root, context.variant_index) == (absolute("a.wgsl"), 2)


@pytest.mark.parametrize(
    ("flipped", "text"),
    [
        (["A"], ""),
        (["N=3"], "const a = 3;"),
        (["N"], "const a = N;"),
        (["B=2", "A=1"], "const a = 1;"),
        ([], "const a = 1;"),
    ],
)
def test_a_macro_is_flipped(flipped: list[str], text: str) -> None:
    view = Project.of("#ifdef A\nconst a = N;\n#endif\n", {"v": ["A", "N=1"]}).view()
    assert view.flipped(0, flipped).text.strip() == text


def test_a_root_finds_what_lies_beside_it() -> None:
    files = {"one/a.wgsl": '#include "c.tmpl"\n', "two/a.wgsl": '#include "c.tmpl"\n',
             "one/c.tmpl": "const c = 1;\n", "two/c.tmpl": "const c = 2;\n"}  # fmt: skip
    project = Project.of(files)
    assert [project.view(name).expansion(0).text.strip() for name in ("one/a.wgsl", "two/a.wgsl")] == [
        "const c = 1;", "const c = 2;",
    ]  # fmt: skip


def test_a_chosen_context_that_is_no_more_gives_way() -> None:
    files = {"a.wgsl": '#include "b.tmpl"\n#include "c.tmpl"\n', "b.tmpl": "const b = 1;\n", "c.tmpl": "const c = 1;\n"}
    project = Project.of(files)
    project.host.set_context(absolute("c.tmpl"), absolute("a.wgsl"), None, 2)
    project.host.changed()
    for text, instance in (
        ('#include "c.tmpl"\n#include "b.tmpl"\n', 1),
        ('#include "c.tmpl"\n', 1),
        (files["a.wgsl"], 2),
    ):
        project.edit("a.wgsl", text)
        context = project.snapshot.context(absolute("c.tmpl"))
        assert context is not None and context.instance == instance


LATER = FILES["a.wgsl"] + '#ifdef A\n#include "later.tmpl"\n#endif\n'
EDITS: dict[str, tuple[dict[str, str], bool]] = {
    "another root": ({"c.wgsl": "const c = 2;\n"}, True),
    "a file that nobody includes": ({"d.tmpl": ""}, True),
    "itself": ({"a.wgsl": f"{LATER}// more\n"}, False),
    "an include": ({"b.tmpl": "const young = 1;\n"}, False),
    "a file that was missing": ({"later.tmpl": ""}, False),
    "its variants": ({"wgsl-ls.toml": FILES["wgsl-ls.toml"].replace('"A"]', '"A", "B"]')}, False),
}


@pytest.mark.parametrize("what", EDITS)
def test_a_view_stays_while_nothing_changes_that_it_rests_on(what: str) -> None:
    edits, stays = EDITS[what]
    project = Project.of({**FILES, "a.wgsl": LATER, "c.wgsl": "const c = 1;\n"})
    before = project.view()
    for name, text in edits.items():
        project.edit(name, text)
    assert (project.view() is before) == stays
    fresh = Project.of({**FILES, "a.wgsl": LATER, **edits})
    assert texts(project.snapshot) == texts(fresh.snapshot)


def test_a_root_without_variants_has_no_place_for_a_cursor() -> None:
    config = '[[shader]]\nfiles = ["a.wgsl"]\ndefines = ["A"]\nrules = [{ forbid = "A" }]\n'
    project = Project.of({"a.wgsl": "const a = 1;\n", "wgsl-ls.toml": config})
    assert project.view().variants == ()
    assert cursor_at(project.snapshot, project.front_end, absolute("a.wgsl"), 0) is None


def test_a_variant_that_nobody_looked_at_since_an_include_changed_is_expanded_anew() -> None:
    """Not from what it was before, as far as the root's text is the same."""
    project = Project.of({"a.wgsl": '#include "h.tmpl"\nA\n', "h.tmpl": "old\n"}, variants={"1": ["A=1"], "2": ["A=2"]})
    assert [one.text for _, one in project.view().expansions()] == ["old\n1\n", "old\n2\n"]
    project.edit("h.tmpl", "new\n")
    assert project.view().expansion(0).text == "new\n1\n"
    for word in ("more", "still more"):
        project.edit("a.wgsl", f'#include "h.tmpl"\nA {word}\n')
        assert [one.text for _, one in project.view().expansions()] == [f"new\n{n} {word}\n" for n in (1, 2)]


def test_an_edit_of_the_root_runs_again_in_each_variant_from_where_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project.of({"a.wgsl": "A one\n#ifdef B\nB\n#endif\n"}, variants={"1": ["A=1"], "2": ["A=2", "B=3"]})
    list(project.view().expansions())
    resumed, found = Resolver._resumed, []
    monkeypatch.setattr(Resolver, "_resumed", lambda *words: (found.append(resumed(*words)), found[-1])[1])
    project.edit("a.wgsl", "A two\n#ifdef B\nB\n#endif\n")
    assert [one.text for _, one in project.view().expansions()] == ["1 two\n", "2 two\n3\n"]
    assert len(found) == 2 and None not in found
