"""Which roots must agree on a name: those that reach the word through a file they have in common."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import Project, absolute
from wgsl_ls.analysis.features.meaning import uses_at_steps
from wgsl_ls.analysis.features.navigation import definitions, references, sharing_roots
from wgsl_ls.analysis.features.rename import rename_steps
from wgsl_ls.analysis.index import NameIndex
from wgsl_ls.text.steps import finished

FILES = {
    "one.wgsl": '#define TI$0LE a\nvar<private> a: u32;\n#include "shared.tmpl"\n',
    "two.wgsl": '#define TILE b\nvar<private> b: u32;\n#include "shared.tmpl"\n',
    "other.wgsl": "#define TILE 3\nconst c = TILE;\n",
    "far.wgsl": '#include "plain.tmpl"\n',
    "shared.tmpl": '#include "plain.tmpl"\nfn f() { TILE = 1u; }\n',
    "plain.tmpl": "const d = 1;\n",
}


def test_an_include_with_the_word_ties_its_roots_and_no_others() -> None:
    cursor = Project.of(FILES).cursor()
    assert cursor.word_text == "TILE"
    roots = sharing_roots(cursor.snapshot, cursor.path, cursor.word_text)
    assert roots == [absolute("one.wgsl"), absolute("two.wgsl")]


def test_roots_are_tied_through_others() -> None:
    files = {f"{name}.wgsl": f'#include "{name}.tmpl"\n' for name in "ad"}
    files["b.wgsl"] = '#include "a.tmpl"\n#include "b.tmpl"\n'
    files["c.wgsl"] = '#include "b.tmpl"\n#include "c.tmpl"\n'
    files |= {f"{name}.tmpl": f"fn {name}() {{ TILE = 1u; }}\n" for name in "abcd"}
    roots = sharing_roots(Project.of(files).snapshot, absolute("a.wgsl"), "TILE")
    assert roots == [absolute(f"{name}.wgsl") for name in "abc"]


def test_a_macro_that_an_include_takes_from_two_roots_is_renamed_in_both() -> None:
    project = Project.of(FILES)
    cursor = project.cursor()
    roots = sharing_roots(cursor.snapshot, cursor.path, cursor.word_text)
    edits = finished(rename_steps(cursor, NameIndex(cursor.front_end), roots, "ROWS"))
    touched = {edit.location.path for edit in edits}
    assert touched == {absolute("one.wgsl"), absolute("two.wgsl"), absolute("shared.tmpl")}


def test_a_name_is_what_the_root_that_one_looks_through_says_and_others_only_where_it_says_nothing() -> None:
    shared = "#ifdef TOP\nconst m = n$0;\n#endif\n"
    for top, found in (("#define TOP\n", ["a.wgsl"]), ("", ["b.wgsl"])):
        project = Project.of({
            "a.wgsl": f'{top}const n = 1;\n#include "c.tmpl"\n',
            "b.wgsl": '#define TOP\nconst n = 2;\n#include "c.tmpl"\n',
            "c.tmpl": shared,
        })  # fmt: skip
        uses = finished(uses_at_steps(project.cursor(), NameIndex(project.front_end)))
        assert [use.target.path for use in uses if use.target is not None] == [absolute(name) for name in found]


def test_what_a_name_is_in_a_root_is_put_together_once_until_the_root_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = "fn help$0er() {}\n"
    project = Project.of(
        dict.fromkeys(("one.wgsl", "two.wgsl"), '#include "s.tmpl"\nfn f() { helper(); }\n')
        | {"s.tmpl": shared, "other.wgsl": "const a = 1;\n"}
    )
    index, asked = NameIndex(project.front_end), list[str]()
    uses = NameIndex.uses
    monkeypatch.setattr(
        NameIndex, "uses", lambda self, view, *words: (asked.append(view.path), uses(self, view, *words))[1]
    )

    def ask() -> tuple[list[str], int]:
        asked.clear()
        cursor = project.cursor_at("helper", "s.tmpl")
        roots = sharing_roots(cursor.snapshot, cursor.path, "helper")
        found = references(cursor, index, roots)
        return sorted({path.removeprefix("/p/") for path in asked}), len(found)

    assert ask() == (["one.wgsl", "two.wgsl"], 3)
    assert ask() == ([], 3)
    project.edit("other.wgsl", "const a = 2;\n")
    assert ask() == ([], 3)
    project.edit("two.wgsl", '#include "s.tmpl"\nfn two() { helper(); helper(); }\n')
    assert ask() == (["two.wgsl"], 4)
    project.edit("s.tmpl", "const more = 1;\nfn helper() {}\n")
    assert ask() == (["one.wgsl", "two.wgsl"], 4)


def test_what_is_kept_of_a_name_begins_with_the_variant_that_is_looked_at() -> None:
    text = "#ifdef A\nfn helper() {}\n#else\nfn helper() { }\n#endif\nfn f() { help$0er(); }\n"
    project = Project.of(text, variants={"plain": [], "a": ["A"]})
    index, lines = NameIndex(project.front_end), list[list[str]]()
    for variant in ("plain", "a", "plain"):
        project.choose(variant)
        lines.append([project.shown(one).split(":")[1] for one in definitions(project.cursor(), index)])
    assert lines == [["4", "2"], ["2", "4"], ["4", "2"]]


WORD_IN_AN_INCLUDE = {
    "code": "const a = TILE;\n",
    "a #define": "#define TILE 2\n",
    "an #undef": "#undef TILE\n",
    "a condition": "#if TILE > 2\n#endif\n",
    "an #ifdef": "#ifdef TILE\n#endif\n",
    "the value of a macro": "#define ROWS (TILE * 2)\n",
    "a comment, in which macros are expanded too": "// the TILE\n",
    "no more than a part of a word": "const a = TILES;\n#define TILED 1\n#if UNTILE\n#endif\n",
}


@pytest.mark.parametrize(("kind", "text"), WORD_IN_AN_INCLUDE.items(), ids=WORD_IN_AN_INCLUDE)
def test_where_an_include_has_the_word(kind: str, text: str) -> None:
    files = {
        "one.wgsl": '#define TI$0LE 1\n#include "c.tmpl"\n',
        "two.wgsl": '#include "c.tmpl"\n',
        "c.tmpl": text,
    }
    cursor = Project.of(files).cursor()
    roots = sharing_roots(cursor.snapshot, cursor.path, cursor.word_text)
    assert roots == [absolute("one.wgsl"), *([] if "part of a word" in kind else [absolute("two.wgsl")])]


@pytest.mark.parametrize(
    ("files", "n_found"),
    [
        ({"a.wgsl": "fn f() { let a = ma$0x(1, 2) + max(3, 4); }\n"}, 0),
        ({"a.wgsl": "fn f() { let a = ma$0x(1, 2); }\n#ifdef A\nfn max() {}\n#endif\nfn g() { max(); }\n"}, 3),
        ({"a.wgsl": '#include "h.tmpl"\nfn g() { ma$0x(); }\n', "h.tmpl": "fn max() {}\n"}, 2),
        ({"a.wgsl": "#define NAME max\nfn NAME() {}\nfn g() { ma$0x(); }\n"}, 3),
        ({"a.wgsl": "#define MAKE fn max() {}\nMAKE\nfn g() { ma$0x(); }\n"}, 3),
        ({"a.wgsl": "fn f(max: u32) -> u32 { return ma$0x; }\n"}, 2),
        ({"a.wgsl": "struct S { max: u32 }\nfn f(s: S) -> u32 { return s.ma$0x; }\n"}, 2),
    ],
)
def test_a_predeclared_name_is_looked_for_where_somebody_declares_it(files: dict[str, str], n_found: int) -> None:
    """Else it belongs to nothing, and no variant is read for that."""
    config = '[[shader]]\nfiles = ["a.wgsl"]\naxes = { A = ["", "A"] }\n'
    other = "fn f() { let a = max(1, 2); }\n"
    project = Project.of(files | {"other.wgsl": other, "wgsl-ls.toml": config})
    cursor, index = project.cursor(), NameIndex(project.front_end)
    assert len(references(cursor, index, project.snapshot.roots())) == n_found
    assert bool(len(index._texts)) == bool(n_found)
