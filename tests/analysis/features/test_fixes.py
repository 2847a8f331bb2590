"""Quick fixes: the text of a file before and after, by the title that the editor shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.analysis.fixture import CONFIG, FOLDER, Project
from wgsl_ls.analysis.features.fixes import declare_passing, declare_variant
from wgsl_ls.analysis.fix import FixRequest
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.text.span import Location, Span
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected, Unsupported

ONE = {"one": ["N=1"]}

FIXES = [
    ("close", "#ifdef N\nconst a = 1;\n", "Add #endif at the end of the file", "#ifdef N\nconst a = 1;\n#endif // N\n"),
    ("close without newline", "#if N > 1\nx", "Add #endif at the end of the file", "#if N > 1\nx\n#endif // N > 1\n"),
    ("endif", "a\n#endif\nb\n", "Remove this #endif", "a\nb\n"),
    ("else", "a\n  #else\nb\n", "Remove this #else", "a\nb\n"),
    ("elif", "#elif N\nb\n", "Remove this #elif", "b\n"),
    ("misspelt directive", "#ifdef N\n#endfi\n#endif\n", "Change to #endif", "#ifdef N\n#endif\n#endif\n"),
    ("another language", "#ifdef N\n#elsif N\n#endif\n", "Change to #elif", "#ifdef N\n#elif N\n#endif\n"),
    ("no space", "#if(N)\n#endif\n", "Put a space behind #if", "#if (N)\n#endif\n"),
    ("unknown macro", "#if NN == 1\n#endif\n#define NNN 1\n", "Change to NNN", "#if NNN == 1\n#endif\n#define NNN 1\n"),
    ("unused macro", "#define UNUSED \\\n 1\nconst a = 1;\n", "Remove the unused #define UNUSED", "const a = 1;\n"),
    ("a number in #ifdef", "  #ifdef defined(N)\n#endif\n", "Change to #if defined(N)", "  #if defined(N)\n#endif\n"),
    ("a not in #ifndef", "\t# ifndef !N\n#endif\n", "Change to #ifdef N", "\t#ifdef N\n#endif\n"),
    (
        "comment in a value",
        "  #define T 8 // wide\nconst a = T;\n",
        "Move the comment to its own line",
        "  // wide\n  #define T 8\nconst a = T;\n",
    ),
    ("missing operand", "#if N &&\n#endif\n", "Remove the &&", "#if N \n#endif\n"),
    (
        "condition's rest",
        "#if N == 1 N\n#endif\n",
        "Remove what the preprocessor does not read",
        "#if N == 1 \n#endif\n",
    ),
]


@pytest.mark.parametrize(("text", "title", "fixed"), [case[1:] for case in FIXES], ids=[case[0] for case in FIXES])
def test_fix(text: str, title: str, fixed: str) -> None:
    assert Project.of(text, ONE).fixed(title) == {"a.wgsl": fixed}


def test_an_include_that_is_called_otherwise() -> None:
    files = {"a.wgsl": '#include "decl.tmpl"\n', "sub/decl.tmpl": "", "decls.tmpl": ""}
    project = Project.of(files, ONE)
    assert project.fixed('Include "sub/decl.tmpl" instead') == {"a.wgsl": '#include "sub/decl.tmpl"\n'}
    assert project.fixed('Include "decls.tmpl" instead') == {"a.wgsl": '#include "decls.tmpl"\n'}
    assert project.fixed("Remove this #include") == {"a.wgsl": ""}


def refusing(kind: str, subject: str, word: str, message: str = "words of no particular form") -> Compile:
    """A compiler that refuses every text in which `word` stands, at that word."""

    def compile(job: CompileJob) -> CompileResult:
        start = job.text.find(word)
        if start < 0:
            return Accepted()
        spans = (MessageSpan(start, start + len(word)),)
        return Rejected((EngineMessage("error", message, spans, kind=kind, subject=subject),))

    return compile


Compile = Callable[[CompileJob], CompileResult]


def test_a_misspelt_name_whatever_the_compiler_says_about_it() -> None:
    text = "const turns = 1u;\nfn f() -> u32 { return trns; }\n"
    project = Project.of(text, ONE, compile=refusing("name", "trns", "trns"))
    assert project.fixed("Change to turns") == {"a.wgsl": text.replace("trns", "turns")}


def test_a_short_type_whose_letters_are_swapped() -> None:
    text = "fn f() { var x: f23; }\n"
    project = Project.of(text, ONE, compile=refusing("name", "f23", "f23"))
    assert project.fixed("Change to f32") == {"a.wgsl": text.replace("f23", "f32")}


def test_a_misspelt_name_in_the_value_of_a_macro() -> None:
    text = "const turns = 1u;\n#define T trns\nfn f() -> u32 { return T; }\n"
    project = Project.of(text, ONE, compile=refusing("name", "trns", "trns"))
    assert project.fixed("Change the value of T to turns") == {"a.wgsl": text.replace("trns", "turns")}


def test_a_misspelt_name_is_what_is_near_at_its_place() -> None:
    text = f"fn f() {{ let turns_in = 1u; _ = turns_i; }}\n{' ' * 300}\nfn g() {{ let turns_on = 1u; _ = turns_i; }}\n"
    project = Project.of(text, ONE, compile=silent)
    titles = [title for title in project.titles() if title.startswith("Change to")]
    assert titles == ["Change to turns_in", "Change to turns_on"]


def test_a_name_is_never_changed_to_itself() -> None:
    text = "fn f() -> u32 { return VALS; }\n#define VALS 1u\n"
    project = Project.of(text, ONE, compile=refusing("name", "VALS", "VALS"))
    assert "Change to VALS" not in project.titles()


def test_an_extension_behind_those_that_are_enabled() -> None:
    text = "// a kernel\nenable f16;\nfn f() { let x = subgroupAdd(1); }\n"
    project = Project.of(text, ONE, compile=refusing("extension", "subgroups", "subgroupAdd"))
    fixed = "// a kernel\nenable f16;\nenable subgroups;\nfn f() { let x = subgroupAdd(1); }\n"
    assert project.fixed("Add 'enable subgroups;'") == {"a.wgsl": fixed}


def test_an_extension_only_where_it_is_needed() -> None:
    text = "#ifdef FAST\nfn f() { let x = subgroupAdd(1); }\n#endif\n"
    variants = {"fast": ["FAST"], "slow": []}
    project = Project.of(text, variants, compile=refusing("extension", "subgroups", "subgroupAdd"))
    fixed = f"#if FAST\nenable subgroups;\n#endif\n{text}"
    assert project.fixed("Add 'enable subgroups;' where FAST") == {"a.wgsl": fixed}


@pytest.mark.parametrize(
    ("config", "gap"),
    [(None, ""), ("", ""), ("dialect = 'ggml'\n", "\n"), ("dialect = 'ggml'", "\n\n")],
)
def test_a_variant_is_declared_behind_what_stands_there(config: str | None, gap: str) -> None:
    project = Project.of({"sub/a.wgsl": "const n = N;\n"}, {"N=1+WIDE": ["N=1", "WIDE"]}, origin="inferred")
    view, path = project.view("sub/a.wgsl"), f"{FOLDER}/{CONFIG}"
    fix = declare_variant(view, "N=1+WIDE", config, path)
    assert fix is not None and fix.title == "Declare variant N=1+WIDE in wgsl-ls.toml"
    (edit,) = fix.edits
    at = len(config or "")
    assert (edit.location.path, edit.location.span.start, edit.location.span.end) == (path, at, at)
    written = f'{gap}[[shader]]\nfiles = ["sub/a.wgsl"]\n\n[[shader.variant]]\nname = "N=1+WIDE"\n'
    assert edit.text.endswith(f'{written}defines = ["N=1", "WIDE"]\n')
    head = edit.text.removesuffix(f'{written}defines = ["N=1", "WIDE"]\n')
    assert all(line.startswith("#") for line in head.splitlines() if line), "only comments, in a first configuration"
    assert config is None or not head
    files = {"sub/a.wgsl": "const n = N;\n", CONFIG: (config or "") + edit.text}
    (declared,) = Project.of(files).view("sub/a.wgsl").variants
    assert (declared.name, declared.defines, declared.origin) == (
        view.variants[0].name,
        view.variants[0].defines,
        "declared",
    )
    assert declare_variant(view, "none", config, path) is None


def test_what_passes_is_declared_unless_somebody_declared_variants() -> None:
    path, variants = f"{FOLDER}/{CONFIG}", {"one": ["N=1"], "two": ["N=2"]}
    view = Project.of("const n = N;\n", variants, origin="inferred").view()
    fix = declare_passing(view, {"two"}, "", path)
    assert fix is not None and fix.title == "Declare the variant of a.wgsl that passes in wgsl-ls.toml"
    assert '"N=2"' in fix.edits[0].text and "N=1" not in fix.edits[0].text
    both = declare_passing(view, {"one", "two"}, "", path)
    assert both is not None and both.title == "Declare the 2 variants of a.wgsl that pass in wgsl-ls.toml"
    assert declare_passing(view, set(), "", path) is None
    assert declare_passing(Project.of("const n = N;\n", variants).view(), {"two"}, "", path) is None


def silent(job: CompileJob) -> CompileResult:
    """A compiler that judges nothing: what our own front end says stands."""
    return Unsupported("nothing", "on this machine")


STRUCT = "struct Params { rows: u32, cols: u32 }\nvar<private> p: Params;\n"


@pytest.mark.parametrize(
    ("text", "title", "fixed"),
    [
        (f"{STRUCT}fn f() {{ let a = p.rwos; }}\n", "Change to rows", f"{STRUCT}fn f() {{ let a = p.rows; }}\n"),
        ("fn f(a: vec3<flaot>) {}\n", "Change to float", ""),
        ("fn f() { let a: f323 = 1.0; }\n", "Change to f32", "fn f() { let a: f32 = 1.0; }\n"),
        ("struct Meta { n: u32 }\nfn f(m: Meat) {}\n", "Change to Meta", "struct Meta { n: u32 }\nfn f(m: Meta) {}\n"),
        ("fn f(a: i32) { if (a = 2) { } }\n", "Change = to ==", "fn f(a: i32) { if (a == 2) { } }\n"),
        ("fn f(a: i32) { while a = 2 { } }\n", "Change = to ==", "fn f(a: i32) { while a == 2 { } }\n"),
        ("fn f(a: i32) -> bool { return a = 2; }\n", "Change = to ==", "fn f(a: i32) -> bool { return a == 2; }\n"),
        ("fn f(a: i32) { _ = max(1, a = 2); }\n", "Change = to ==", "fn f(a: i32) { _ = max(1, a == 2); }\n"),
    ],
)  # fmt: skip
def test_a_slip_is_mended(text: str, title: str, fixed: str) -> None:
    project = Project.of(text, ONE, compile=silent)
    if not fixed:
        assert title not in project.titles()
        return
    assert project.fixed(title) == {"a.wgsl": fixed}
    assert len(project.check().diagnostics) == 1, "one mistake"


def test_a_member_whatever_the_compiler_says_and_where() -> None:
    text = f"{STRUCT}fn f() {{ let a = p.rwos; }}\n"
    for kind, word in (("type", "p.rwos"), ("name", "p.rwos"), ("validation", "p.rwos"), ("type", "let a")):
        project = Project.of(text, ONE, compile=refusing(kind, "", word))
        assert project.fixed("Change to rows") == {"a.wgsl": text.replace("rwos", "rows")}
        told = [words.message for found in project.check().diagnostics for words in (found, *found.related)]
        assert any("did you mean 'rows'?" in words for words in told)
    text = f"{STRUCT}fn f() {{ let a =\n  p.rwos;\n let b = p.clos; }}\n"
    project = Project.of(text, ONE, compile=refusing("type", "", "let a =\n  p.rwos"))
    assert project.fixed("Change to rows") == {"a.wgsl": text.replace("rwos", "rows")}
    titles = Project.of(text, ONE, compile=silent).titles()
    assert titles == ["Change to rows", "Change to cols"], "each for its own line"


def test_a_function_of_a_file_that_is_not_included() -> None:
    files = {
        "a.wgsl": '// A kernel.\n#include "c.tmpl"\nfn f() { far(); }\n',
        "b.wgsl": "fn far() {}\n",
        "c.tmpl": "const c = 1;\n#ifdef C\nfn far() {}\n#endif\n",
        "sub/d.tmpl": "#ifdef D\nfn far() {}\n#endif\n",
        "e.tmpl": "fn g() { let far = 1; }\n",
    }
    project = Project.of(files, ONE, compile=silent)
    assert [one for one in project.titles() if one.startswith("Include")] == [
        'Include "sub/d.tmpl", which declares far'
    ]
    assert project.fixed('Include "sub/d.tmpl", which declares far') == {
        "a.wgsl": '// A kernel.\n#include "c.tmpl"\n#include "sub/d.tmpl"\nfn f() { far(); }\n'
    }
    assert "Change to far" not in project.titles()


def test_a_finding_whose_line_became_something_else_has_no_fix() -> None:
    """Findings move along with edits, and their fixes are asked for where they are now."""
    text = "const a = 1;\n// #if\nconst b = a;\n"
    project = Project.of(text, ONE)
    view = project.view()
    offered = {}
    for rule in all_rules().values():
        for variants in ((), ("one",)):
            for offset in (0, text.index("#if"), text.index("b ="), len(text)):
                place = Location(view.path, Span(offset, min(offset + 1, len(text))))
                request = FixRequest(
                    project.snapshot, project.front_end, view, view.source, place, "", variants, None, ()
                )
                if found := [fix.title for fix in rule.fixes(request)] if rule.fixes is not None else ():
                    offered[rule.id] = found
    assert set(offered) == {"lint/condition-rest", "lint/directive-in-comment"}, "whose fix needs nothing but the place"
