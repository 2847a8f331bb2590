"""What a file is, and that nobody else knows suffixes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import wgsl_ls
from wgsl_ls.project.file_kind import SUFFIXES, FileKind, kind_of
from wgsl_ls.project.importers import IMPORTERS


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/p/a.wgsl", FileKind.SHADER),
        ("/p/A.WGSL", FileKind.SHADER),
        ("/p/List.JSONL", FileKind.LIST),
        ("/p/a.b/common.tmpl", FileKind.HEADER),
        ("/p/list.jsonl", FileKind.LIST),
        ("/p/list.ndjson", FileKind.LIST),
        ("/p/wgsl-ls.toml", FileKind.CONFIGURATION),
        ("/p/shader-lib.hpp", FileKind.HOST),
        ("/p/a.wgsl.in", FileKind.OTHER),
        ("/p.wgsl/README", FileKind.OTHER),
        ("untitled:one", FileKind.OTHER),
    ],
)
def test_kinds(path: str, kind: FileKind) -> None:
    assert kind_of(path) is kind
    assert kind.is_wgsl == (kind in (FileKind.SHADER, FileKind.HEADER, FileKind.OTHER))


def test_what_can_be_imported_is_a_list() -> None:
    assert IMPORTERS and all(kind_of(f"a{suffix}") is FileKind.LIST for suffix in IMPORTERS)


def test_no_other_module_knows_suffixes() -> None:
    known = "|".join(re.escape(suffix[1:]) for suffix in SUFFIXES)
    suffix = re.compile(rf"""["'](?:[^"'\s]*\*)?\.(?:{known})["']""")
    package = Path(wgsl_ls.__file__).parent
    allowed = {
        "project/file_kind.py",
        *(f"project/importers/{path.name}" for path in (package / "project/importers").glob("*.py")),
    }
    found = [
        f"{path.relative_to(package)}: {match.group()}"
        for path in package.rglob("*.py")
        if path.relative_to(package).as_posix() not in allowed
        for match in suffix.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
