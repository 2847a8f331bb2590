"""Definition, references, highlights and rename of WGSL names and macros, through branches, includes and roots.

In the texts `$0` is the cursor, and «...» round every word that belongs to what is under it: the references, and what a
rename changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tests.analysis.fixture import Project, absolute
from wgsl_ls.analysis.features.navigation import definitions, highlight_steps, references, sharing_roots
from wgsl_ls.analysis.features.rename import Refusal, RenameEdit, _check_meaning, prepare_rename, rename_steps
from wgsl_ls.analysis.index import NameIndex, _Names
from wgsl_ls.text.span import Location
from wgsl_ls.text.steps import finished

Files = Mapping[str, str]
Variants = Mapping[str, Sequence[str]]
BOTH: Variants = {"plain": [], "a": ["A"]}


CASES: dict[str, tuple[Files, Variants]] = {
    "declared in two branches, used behind both": (
        {"a.wgsl": "#ifdef A\nconst «n$0» = 1;\n#else\nconst «n» = 2;\n#endif\nconst m = «n» + 1;\n"},
        BOTH,
    ),
    "from a use in a branch that the active variant leaves out": (
        {"a.wgsl": "const «size» = 4;\n#ifdef A\nconst twice = 2 * «si$0ze»;\n#endif\nconst one = «size»;\n"},
        BOTH,
    ),
    "the same word in two functions is two names": (
        {"a.wgsl": "fn f() { let «x$0» = 1; _ = «x»; }\nfn g() { let x = 2; _ = x; }\n"},
        {"v": []},
    ),
    "a name that only a combination of branches ties": (
        {
            "a.wgsl": "#ifdef A\nfn «f$0»() {}\n#endif\n#ifdef B\nfn «f»() {}\n#endif\n"
            "#ifdef C\nfn g() { «f»(); }\n#endif\n#ifdef D\nfn h() { «f»(); }\n#endif\n"
        },
        {"ac": ["A", "C"], "bd": ["B", "D"], "ad": ["A", "D"], "c": ["C"]},
    ),
    "declared in an include that two roots read": (
        {
            "a.wgsl": '#include "c.tmpl"\nconst one = «k»;\n',
            "b.wgsl": '#include "c.tmpl"\nconst two = «k»;\n',
            "c.tmpl": "const «k$0» = 1;\n",
            "other.wgsl": "const k = 3;\n",
        },
        {"v": []},
    ),
    "spelled in the value of a macro": (
        {"a.wgsl": "#define READ «load$0»\nfn «load»() {}\nfn f() { «READ»(); «load»(); }\n"},
        {"v": []},
    ),
    "spelled in a value of several lines": (
        {"a.wgsl": "#define BODY let y = 1; \\\n  «load$0»(y)\nfn «load»(z: i32) {}\nfn f() { «BODY»; }\n"},
        {"v": []},
    ),
    "a macro in a value of several lines, defined further on": (
        {
            "a.wgsl": "#define BODY let y = 1; \\\n  let z = «SCALE$0»\n#ifdef A\n#define «SCALE» 2\n#else\n"
            "#define «SCALE» 3\n#endif\nfn f() { BODY; let u = «SCALE»; }\n"
        },
        {"a": ["A"], "none": []},
    ),
    "parameters shadow": (
        {"a.wgsl": "const «w$0» = 1;\nfn f(w: i32) -> i32 { return w; }\nfn g() -> i32 { return «w»; }\n"},
        {"v": []},
    ),
    "a member declared once per branch": (
        {
            "a.wgsl": "struct S {\n#ifdef A\n «len»: u32,\n#else\n «len»: f32,\n"
            "#endif\n}\nfn f(s: S) { _ = s.«le$0n»; }\n",
        },
        BOTH,
    ),
    "a member through a macro of the base": (
        {
            "a.wgsl": "#define P params\nstruct S { «ne$0»: u32 }\nvar<private> params: S;\n"
            "fn f() { _ = P.«ne»; _ = params.«ne»; }\n",
        },
        {"v": []},
    ),
    "a member of two structs, of which a branch chooses": (
        {
            "a.wgsl": "struct S { «len$0»: f32 }\nstruct T { «len»: f32 }\nstruct U { len: f32 }\n#ifdef A\n"
            "var<private> v: S;\n#else\nvar<private> v: T;\n#endif\nfn f() -> f32 { return v.«len»; }\n",
        },
        BOTH,
    ),
    "locals declared in branches of one function": (
        {
            "a.wgsl": "fn f() -> u32 {\n#ifdef A\n let «r» = 1u;\n#else\n var «r» = 2u;\n"
            "#endif\n return «r$0»;\n}\nfn g() -> u32 { let r = 3u; return r; }\n",
        },
        BOTH,
    ),
    "a local that shadows in one variant only": (
        {
            "a.wgsl": "const «n» = 1;\nfn f() -> i32 {\n#ifdef A\n let «n» = 2;\n#endif\n return «n$0»;\n}\n",
        },
        BOTH,
    ),
    "two includes that declare for one use in a third": (
        {
            "a.wgsl": '#include "one.tmpl"\n#include "use.tmpl"\n',
            "b.wgsl": '#include "two.tmpl"\n#include "use.tmpl"\n',
            "one.tmpl": "fn «load»() {}\n",
            "two.tmpl": "fn «load»() {}\n",
            "use.tmpl": "fn u() { «load$0»(); }\n",
        },
        {"v": []},
    ),
    "declared in an include and used in the branch of another root": (
        {
            "a.wgsl": '#include "c.tmpl"\n',
            "b.wgsl": '#define DEEP\n#include "c.tmpl"\n',
            "c.tmpl": "const «k$0» = 1;\n#ifdef DEEP\nconst m = «k»;\n#endif\n",
        },
        {"v": []},
    ),
    "the same include twice": (
        {
            "a.wgsl": '#define N first\n#include "c.tmpl"\n#undef N\n#define N second\n#include "c.tmpl"\n',
            "c.tmpl": "fn N() { let «t$0» = 1; _ = «t»; }\n",
        },
        {"v": []},
    ),
    "half-written code beside it": (
        {
            "a.wgsl": "const «n» = 1;\nfn g() { let y = max(\n}\nfn f() { let x = «n$0» + \n}\nconst m = «n»;\n",
        },
        {"v": []},
    ),
    "its own initializer": (
        {
            "a.wgsl": "const n = 1;\nfn f() { let «n$0» = n + 1; _ = «n»; }\n",
        },
        {"v": []},
    ),
}


@pytest.mark.parametrize(("files", "variants"), CASES.values(), ids=CASES)
def test_references_and_rename_take_exactly_the_marked_words(files: Files, variants: Variants) -> None:
    project = Project.of(files, variants)
    cursor, words = project.cursor(), project.words
    index = NameIndex(cursor.front_end)
    roots = sharing_roots(cursor.snapshot, cursor.path, cursor.word_text)
    assert set(references(cursor, index, roots)) == words
    old = cursor.word_text
    edits = finished(rename_steps(cursor, index, roots, "renamed"))
    spelled = {place for place in words if project.shown(place).endswith(f"'{old}'")}
    assert {edit.location for edit in edits} == spelled
    own = {place.span for place in words if place.path == cursor.path}
    assert {one.span for one in finished(highlight_steps(cursor, index, roots))} == own


@pytest.mark.parametrize("mark", [0, 1])
def test_definition_names_every_branch_the_active_one_first(mark: int) -> None:
    text = "#ifdef A\nconst n = 1;\n#else\nconst n = 2;\n#endif\nconst m = $0n;\n#ifdef A\nconst k = $1n;\n#endif\n"
    project = Project.of(text, BOTH)
    project.choose("a")
    found = [project.shown(place) for place in definitions(project.cursor(mark), NameIndex(project.front_end))]
    assert found == (["a.wgsl:2:7 'n'", "a.wgsl:4:7 'n'"] if mark == 0 else ["a.wgsl:2:7 'n'"])


def test_definition_of_a_macro_that_is_a_function_leads_to_both() -> None:
    project = Project.of("#define READ load\nfn load() {}\nfn f() { $0READ(); }\n", {"v": []})
    found = [project.shown(place) for place in definitions(project.cursor(), NameIndex(project.front_end))]
    assert found == ["a.wgsl:1:9 'READ'", "a.wgsl:2:4 'load'"]


def test_a_place_that_only_another_root_uses_is_answered_from_there() -> None:
    files = {
        "a.wgsl": '#include "c.tmpl"\n',
        "b.wgsl": '#define DEEP\nconst k = 1;\n#include "c.tmpl"\n',
        "c.tmpl": "#ifdef DEEP\nconst m = $0k;\n#endif\n",
    }
    project = Project.of(files, {"v": []})
    found = [project.shown(place) for place in definitions(project.cursor(), NameIndex(project.front_end))]
    assert found == ["b.wgsl:2:7 'k'"]


def test_a_name_that_whoever_includes_the_file_declares_leads_to_each_the_own_root_first() -> None:
    files = {
        "a.wgsl": 'const k = 1;\n#include "c.tmpl"\n',
        "b.wgsl": '#include "c.tmpl"\nconst k = 2;\n',
        "c.tmpl": "const m = $0k;\nconst n = $1m;\n",
    }
    project = Project.of(files, {"v": []})
    index = NameIndex(project.front_end)
    assert list(map(project.shown, definitions(project.cursor(), index))) == ["a.wgsl:1:7 'k'", "b.wgsl:2:7 'k'"]
    assert list(map(project.shown, definitions(project.cursor(1), index))) == ["c.tmpl:1:7 'm'"]


REFUSED: dict[str, tuple[Files | str, Variants, str, str]] = {
    "a macro of that name": ("#define m 1\nconst $0n = m;\n", {"v": []}, "m", "is a macro"),
    "a macro that a variant gives": ("const $0n = 1;\n", {"v": ["m=1"]}, "m", "is a macro"),
    "another declaration": ("const $0n = 1;\nconst m = 2;\n", {"v": []}, "m", "clash"),
    "another declaration in one variant only": (
        "const $0n = 1;\n#ifdef A\nconst m = 2;\n#endif\n", BOTH, "m", "in variant a",
    ),
    "a use would be captured": (
        "const $0n = 1;\nfn f() -> i32 { let m = 2; return n + m; }\n", {"v": []}, "m", "something else",
    ),
    "a use would be captured in a combination": (
        "const $0n = 1;\nfn f() -> i32 {\n#ifdef A\nlet m = 2;\n#endif\n#ifdef B\n_ = n;\n#endif\nreturn 0; }\n",
        {"none": [], "a": ["A"], "b": ["B"], "ab": ["A", "B"]}, "m", "in variant ab",
    ),
    "a use would be captured where a block of a branch does not end before it": (
        "fn f() -> i32 {\nlet $0n = 1;\n#ifndef A\n{\n#endif\nlet m = 2;\n#ifndef A\n}\n#endif\nreturn n;\n}\n",
        BOTH, "m", "in variant a,",
    ),
    "a reserved word": ("const $0n = 1;\n", {"v": []}, "fn", "reserved"),
    "a word that WGSL keeps for itself": ("const $0n = 1;\n", {"v": []}, "await", "reserved"),
    "no name": ("const $0n = 1;\n", {"v": []}, "1x", "no identifier"),
    "WGSL's own": ("const n = $0max(1, 2);\n", {"v": []}, "m", "WGSL itself"),
    "a value from outside spells it": (
        "fn $0load() {}\nfn f() { READ(); }\n", {"v": ["READ=load"]}, "m",
        "load comes out of macro READ here, whose value is given from outside",
    ),
    "a value from outside declares it": (
        "fn READ() {}\nfn f() { $0load(); }\n", {"v": ["READ=load"]}, "m", "declared by a macro whose value is given",
    ),
    "code of no variant": ("#ifdef NEVER\nconst $0n = 1;\n#endif\n", {"v": []}, "m", "no variant uses this code"),
    "components": ("fn f(v: vec3u) -> u32 { return v.$0xy.x; }\n", {"v": []}, "m", "xy chooses components of a vector"),
    "a builtin value": ("fn f(@builtin($0workgroup_id) v: vec3u) { }\n", {"v": []}, "m", "id belongs to WGSL"),
    "an extension": ("enable $0f16;\nrequires subgroup_id;\n", {"v": []}, "m", "f16 belongs to WGSL"),
    "a feature": ("enable f16;\nrequires $0subgroup_id;\n", {"v": []}, "m", "subgroup_id belongs to WGSL"),
    "an attribute": ("@$0vertex fn f() { }\n", {"v": []}, "m", "vertex belongs to WGSL"),
    "a macro to a used word": (
        "#define $0N 1\nconst KK = N;\nconst K = 2;\n", {"v": []}, "K", "K is already used in a.wgsl, line 3:",
    ),
    "a word of a value that nobody means": (
        "#define M other$0\nconst a = 1;\n", {"v": []}, "m", "other is no macro of this shader",
    ),
    "a number": ("const n = 1$02;\n", {"v": []}, "m", "there is no name here"),
    "no word": ("const n =$0 1;\n", {"v": []}, "m", "there is no name here"),
    "a keyword": ("con$0st n = 1;\n", {"v": []}, "m", "const belongs to WGSL itself"),
    "what a condition asks with": (
        "#if defin$0ed(N)\n#endif\n", {"v": ["N=1"]}, "m", "defined is no macro of this shader",
    ),
    "a word of a comment": ("// so$0me\nconst n = 1;\n", {"v": []}, "m", "no variant says what some means here"),
    "a macro whose name is a builtin's elsewhere": (
        "#ifdef A\n#define $0max 1\n#endif\nconst m = max;\nconst n = max(1, 2);\n", BOTH, "K", "mean nothing",
    ),
    "a macro of another root is used there for another word": (
        {"a.wgsl": '#include "c.tmpl"\nconst n = 1;\n', "b.wgsl": '#define n 2\n#include "c.tmpl"\nconst k = 3;\n',
         "c.tmpl": "const m = $0n;\n"}, {"v": []}, "k", "already used",
    ),
    "an included file": ('#include "c$0.tmpl"\n', {"v": []}, "d", "in the file explorer"),
    "a directive": ("#if$0 N\n#endif\n", {"v": ["N=1"]}, "d", "#if is a directive"),
    "only an underscore": ("const $0n = 1;\n", {"v": []}, "_", "no identifier"),
    "two underscores in front": ("const $0n = 1;\n", {"v": []}, "__n", "no identifier"),
    "a macro to a given one": ("#define $0N 1\nconst m = N;\n", {"v": ["K"]}, "K", "already given"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("files", "variants"),
    [
        ({"a.wgsl": "#ifdef A\n#define «N$0» 1\n#else\nconst «N» = 2;\n#endif\nconst m = «N»;\n"}, BOTH),
        ({"a.wgsl": "#ifdef «M»\nconst a = «M»;\n#endif\nconst b = «M$0»;\n"}, {"plain": [], "a": ["M=1"]}),
        ({"a.wgsl": "#ifdef A\n#define «N» 1\n#else\nconst «N» = 2;\n#endif\nconst m = «N$0»;\n"},
         {"plain": [], "a": ["A"]}),
        # A variable here is a macro in another root.
        ({"a.wgsl": 'var<private> «V»: u32;\n#include "c.tmpl"\n',
          "b.wgsl": '#define «V» K\nvar<private> K: u32;\n#include "c.tmpl"\n',
          "c.tmpl": "fn f() { _ = «V$0»; }\n"}, {"v": []}),
    ],
)  # fmt: skip
def test_a_name_that_is_a_macro_elsewhere_is_renamed_with_it(files: Files, variants: Variants) -> None:
    project = Project.of(files, variants)
    cursor, words = project.cursor(), project.words
    roots = sharing_roots(cursor.snapshot, cursor.path, cursor.word_text)
    edits = finished(rename_steps(cursor, NameIndex(cursor.front_end), roots, "renamed"))
    assert {edit.location for edit in edits} == words


@pytest.mark.parametrize(("files", "variants", "new", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_rename_is_refused_with_its_reason(files: Files | str, variants: Variants, new: str, reason: str) -> None:
    project = Project.of(files, variants)
    cursor = project.cursor()
    roots = sharing_roots(cursor.snapshot, cursor.path, cursor.word_text)
    with pytest.raises(Refusal, match=reason):
        finished(rename_steps(cursor, NameIndex(cursor.front_end), roots, new))


def test_the_same_name_changes_nothing() -> None:
    project = Project.of("const n$0 = 1;\n", {"v": []})
    assert finished(rename_steps(project.cursor(), NameIndex(project.front_end), [absolute("a.wgsl")], "n")) == []


def test_every_variant_is_expanded_with_the_edits() -> None:
    """Whatever the edits are: here one in a branch that has nothing to do with the name."""
    text = "const n = 1;\n#ifdef A\nconst o$0ther = 2;\n#endif\n#ifdef B\nconst third = 3;\n#endif\n"
    project = Project.of(text, {"none": [], "b": ["B"], "ab": ["A", "B"]})
    cursor, index = project.cursor(), NameIndex(project.cursor().front_end)
    assert cursor.word is not None
    edits = [RenameEdit(Location(cursor.path, cursor.word), "m")]
    with pytest.raises(Refusal, match=r"variant ab would change beyond the name"):
        finished(_check_meaning(cursor, index, project.view(), edits, "n", "m"))


def test_a_macro_is_renamed_in_directives_conditions_values_code_and_configuration() -> None:
    files = {
        "a.wgsl": "#ifndef «N$0»\n#define «N» 4\n#endif\n#if «N» > 2 && defined(«N»)\n#define M («N»)\n#endif\n"
        '#include "c.tmpl"\nconst m = M + «N» + OTHER;\n',
        "c.tmpl": "const c = «N»;\n",
        "wgsl-ls.toml": '[[shader]]\nfiles = ["a.wgsl"]\ndefines = ["OTHER=«N»"]\n'
        "axes = { SIZE = [{ «N» = 8 }, {}] }\n",
    }
    project = Project.of(files)
    cursor, words = project.cursor(), project.words
    index = NameIndex(cursor.front_end)
    assert {edit.location for edit in finished(rename_steps(cursor, index, [absolute("a.wgsl")], "WIDTH"))} == words
    assert set(project.view().variants[0].defines) == {("N", "8"), ("OTHER", "N")}


def test_a_macro_of_a_list_that_the_host_writes_is_renamed_there() -> None:
    project = Project.of("const m = N$0;\n", {"v": ["N=4"]}, origin="imported")
    index = NameIndex(project.front_end)
    for asked in (
        prepare_rename(project.cursor(), index),  # before a name is typed
        rename_steps(project.cursor(), index, [absolute("a.wgsl")], "K"),
    ):
        with pytest.raises(Refusal, match=r"given by the host program \(imported variant v\): rename it there"):
            finished(asked)


def test_what_a_text_says_about_its_names_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project.of("const n = 1;\n#ifdef A\nconst m = n;\n#endif\n", BOTH)
    index = NameIndex(project.front_end)
    read: list[object] = []
    made = _Names.__init__
    monkeypatch.setattr(_Names, "__init__", lambda self, found: (read.append(found), made(self, found))[1])
    for text in (project.text(), "#define UNUSED\n" + project.text()):
        project.edit("a.wgsl", text)
        assert len(references(project.cursor_at("n ="), index, [absolute("a.wgsl")])) == 2
    assert len(read) == 2, "the edit moved everything and changed no expanded text"
