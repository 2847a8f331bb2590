"""Small projects as users have them, all checked in one run: what is said of each, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_validate import run

OUT = "@group(0) @binding(0) var<storage, read_write> r: array<u32>;\n"
MAIN = "@compute @workgroup_size(1)\nfn main() { r[0] = 1u; }\n"
PROJECTS = {
    # Nothing asks for anything from outside.
    "plain": {"a.wgsl": OUT + "@compute @workgroup_size(1)\nfn main() { r[0] = r[1] * 1.5; }\n"},
    # One macro of the host excuses nothing else.
    "host": {
        "a.wgsl": OUT
        + "@compute @workgroup_size(WG)\nfn main() {\n    r[0] = r[1] * 1.5;\n    mystery();\n    r[2] = 3u\n}\n",
    },
    "label": {"a.wgsl": OUT + "@compute @workgroup_size(1)\nfn main() { switch r[0] { case OP: { } default: { } } }\n"},
    # A macro that another root defines for the include is not given here.
    "roots": {
        "one.wgsl": '@group(0) @binding(0) var<storage, read_write> r: array<u32>;\n#include "h.tmpl"\n' + MAIN,
        "two.wgsl": '#define PACKED\nvar<private> r: array<f32, 4>;\n#include "h.tmpl"\n'
        "@compute @workgroup_size(1)\nfn main() { _ = first(); }\n",
        "h.tmpl": "fn first() -> f32 {\n#ifdef PACKED\n    return r[0];\n#else\n    return f32(r[0]);\n#endif\n}\n",
    },
    # One mistake of three roots.
    "shared": {
        **{f"{name}.wgsl": '#include "h.tmpl"\n' + OUT + MAIN for name in "abc"},
        "h.tmpl": "fn twice(v: f32) -> f32 {\n    return v * two;\n}\n",
    },
    # Left open at the end of an include.
    "open": {
        "a.wgsl": '#include "first.tmpl"\n#include "second.tmpl"\n' + OUT + MAIN,
        "first.tmpl": "const ALPHA = 1.0\n",
        "second.tmpl": "const BETA = 2.0;\n",
    },
    # A member and a local that are called like a macro: each place names it.
    "macro": {
        "a.wgsl": "#define lanes 4u\nstruct S { lanes: u32 }\n"
        "@group(0) @binding(0) var<storage, read_write> o: array<S>;\n"
        "@compute @workgroup_size(lanes)\nfn main() {\n    o[0].lanes = 1u;\n}\n",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("field")
    for project, files in PROJECTS.items():
        (folder / project).mkdir()
        for name, text in files.items():
            (folder / project / name).write_text(text, encoding="utf-8")
    found: dict[str, Any] = json.loads(run(folder, "validate", "--format", "json", code=1))
    return found


@pytest.mark.gpu
@pytest.mark.parametrize(
    ("project", "expected"),
    [
        ("plain", [("a.wgsl", 3, "error", "wgsl/type")]),
        ("host", [("a.wgsl", 2, "information", "variants/undeclared"), ("a.wgsl", 4, "error", "wgsl/type"),
                  ("a.wgsl", 5, "error", "wgsl/name"), ("a.wgsl", 7, "error", "wgsl/syntax")]),
        ("label", [("a.wgsl", 3, "information", "variants/undeclared")]),
        ("roots", []),
        ("shared", [("h.tmpl", 2, "error", "wgsl/name")]),
        ("open", [("second.tmpl", 1, "error", "wgsl/parse")]),
        ("macro", [("a.wgsl", 2, "error", "wgsl/parse"), ("a.wgsl", 6, "error", "wgsl/parse")]),
    ],
)  # fmt: skip
def test_what_is_said(report: dict[str, Any], project: str, expected: list[tuple[str, int, str, str]]) -> None:
    found = [one for one in report["findings"] if one["path"].startswith(f"{project}/")]
    said = [
        (one["path"].partition("/")[2], one["range"]["start"]["line"] + 1, one["severity"], one["rule"])
        for one in found
        if not one["rule"].startswith("lint/")
    ]
    assert said == expected
    related = [[one["message"] for one in item["related"]] for item in found if not item["rule"].startswith("lint/")]
    if project == "shared":
        assert [one["path"] for one in found[0]["roots"]] == ["shared/a.wgsl", "shared/b.wgsl", "shared/c.wgsl"]
    if project == "open":
        assert "first.tmpl ends here; what is missing may be missing there" in related[0]
    if project == "macro":
        assert all("lanes is defined here as '4u'" in messages for messages in related)
