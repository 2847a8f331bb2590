"""A condition speaks of the macros that decide about a line, where these can say it."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import Project, refusing
from tests.steps import steps_of
from wgsl_ls.analysis.deciding import Deciders
from wgsl_ls.analysis.findings import Finding
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.span import Location, Span

VARIANTS = {"one": ["A", "K=1"], "two": ["B", "K=2"]}
"""A and K=1 always go together, so that either explains everything."""
NAME = "#if K == 1\n#define NAME wrong\n#else\n#define NAME right\n#endif\n"


@pytest.mark.parametrize(
    ("files", "condition"),
    [
        ({"a.wgsl": "#ifdef A\nfn wrong() {}\n#endif\n"}, "A"),
        ({"a.wgsl": "#if K == 1\nfn wrong() {}\n#endif\n"}, "K == 1"),
        ({"a.wgsl": "#if K == 1\n#include \"h.tmpl\"\n#endif\n", "h.tmpl": "fn wrong() {}\n"}, "K == 1"),
        # On the line, and neither above nor below it.
        ({"a.wgsl": f"{NAME}fn NAME() {{}}"}, "K == 1"),
        ({"a.wgsl": f"{NAME}// A\nfn NAME() {{}}\n// A\n"}, "K == 1"),
        ({"a.wgsl": f"{NAME}fn\n#ifdef A\n#endif\nNAME() {{}}\n"}, "K == 1"),
        # Round the line, and not in the branches behind it.
        ({"a.wgsl": "#if K == 2\n#else\nfn wrong() {}\n#endif\n"}, "K == 1"),
        ({"a.wgsl": "const n = 1;\n#if K == 1\nfn wrong() {}\n#elif A\n#endif\n"}, "K == 1"),
        ({"a.wgsl": "const n = 1;\n#ifndef Z\n#if K == 1\nfn wrong() {}\n#endif\n#endif\n"}, "K == 1"),
        # Through what values are made of, and the conditions of their definitions.
        ({"a.wgsl": "#if K == 1\n#define ONE 1\n#endif\n#define TWO ONE\n#if TWO\nfn wrong() {}\n#endif\n"}, "K == 1"),
    ],
)  # fmt: skip
def test_the_macros_of_the_line_are_preferred(files: dict[str, str], condition: str) -> None:
    report = Project.of(files, VARIANTS, compile=refusing("wrong")).check()
    (item,) = [one for one in report.diagnostics if one.code == "wgsl/validation"]
    assert (item.variants, item.condition) == (("one",), condition)


def test_what_files_define_is_read_once_and_not_again_for_each_finding_or_edit() -> None:
    defines = "".join(f"#ifdef A\n#define N{number} {number}\n#endif\n" for number in range(300))
    project = Project.of({"a.wgsl": '#include "h.tmpl"\nconst a = 1;\n', "h.tmpl": defines}, VARIANTS)

    def asked(times: int) -> int:
        snapshot, view = project.snapshot, project.view()
        deciders = Deciders(snapshot, view)
        finding = Finding(Location(view.path, Span(20, 21)), Severity.ERROR, "x", "x")
        return steps_of(lambda: [deciders(finding) for _ in range(times)])

    first, second, often = asked(1), asked(1), asked(11)
    assert second < first / 3 and often - second < second
    project.edit("a.wgsl", '#include "h.tmpl"\nconst a = 2;\n')
    assert asked(1) < first / 3
