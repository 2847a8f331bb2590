"""The fixture itself: marks, carets, configuration, includes and the scripted engine."""

from __future__ import annotations

from tests.analysis.fixture import Project


def test_marks_and_carets_are_read_and_removed() -> None:
    project = Project.of("fn f() {\n  let a$0 = 1;\n//    ^ [all] words here\n}\n")
    assert project.text() == "fn f() {\n  let a = 1;\n                        \n}\n"
    assert project.cursor().word_text == "a"
    (caret,) = project.carets
    assert project.shown(caret.location) == "a.wgsl:2:7 'a'"
    assert (caret.variants, caret.message) == ("all", "words here")


def test_two_carets_may_point_at_one_line() -> None:
    project = Project.of("const a = b;\n//    ^ one\n//        ^ two\n")
    assert [project.shown(caret.location) for caret in project.carets] == ["a.wgsl:1:7 'a'", "a.wgsl:1:11 'b'"]


def test_configuration_includes_and_choice_of_variant() -> None:
    project = Project.of(
        {
            "wgsl-ls.toml": 'include-dirs = ["lib"]\n[[shader]]\nfiles = ["a.wgsl"]\naxes = { N = [1, 2] }\n',
            "a.wgsl": '#include "n.tmpl"\n',
            "lib/n.tmpl": "const n$0 = N;\n",
        }
    )
    assert project.workspace.roots() == ("/p/a.wgsl",)
    assert project.cursor().expansion.text == "const n = 1;\n"
    project.choose("N=2")
    assert project.cursor().expansion.text == "const n = 2;\n"


def test_the_engine_obeys_the_text_and_an_edit_runs_only_what_is_new() -> None:
    project = Project.of("#ifdef BAD\n//! reject 1:1 no\n#endif\n", variants={"good": [], "bad": ["BAD"]})
    report = project.check()
    assert [entry.state for entry in report.verdicts] == ["pass", "fail"]
    project.jobs.clear()
    project.edit("a.wgsl", project.text() + "#ifdef BAD\nconst a = 1;\n#endif\n")
    project.check()
    assert [job.engine for job in project.jobs] == ["wgpu", "dawn"]
