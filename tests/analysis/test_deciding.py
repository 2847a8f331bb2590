"""A condition speaks of the macros that decide about a line, where these can say it."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import Project, refusing

VARIANTS = {"one": ["A", "K=1"], "two": ["B", "K=2"]}
"""A and K=1 always go together, so that either explains everything."""


@pytest.mark.parametrize(
    ("files", "condition"),
    [
        ({"a.wgsl": "#ifdef A\nfn wrong() {}\n#endif\n"}, "A"),
        ({"a.wgsl": "#if K == 1\nfn wrong() {}\n#endif\n"}, "K == 1"),
        ({"a.wgsl": "#if K == 1\n#include \"h.tmpl\"\n#endif\n", "h.tmpl": "fn wrong() {}\n"}, "K == 1"),
        ({"a.wgsl": "#if K == 1\n#define NAME wrong\n#else\n#define NAME right\n#endif\nfn NAME() {}\n"}, "K == 1"),
        ({"a.wgsl": "#if K == 2\n#else\nfn wrong() {}\n#endif\n"}, "K == 1"),
    ],
)  # fmt: skip
def test_the_macros_of_the_line_are_preferred(files: dict[str, str], condition: str) -> None:
    report = Project.of(files, VARIANTS, compile=refusing("wrong")).check()
    (item,) = [one for one in report.diagnostics if one.code == "wgsl/validation"]
    assert (item.variants, item.condition) == (("one",), condition)
