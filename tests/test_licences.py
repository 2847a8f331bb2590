"""What is handed out, and under which licence: the wheel holds our own files alone, and what it asks for may be used
with it. What the editor's extension bundles is listed by editors/vscode/licences.mjs."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PERMISSIVE = re.compile(r"MIT|BSD|Apache|ISC|Python Software Foundation|PSF|MPL-2\.0|Mozilla|Unlicense|Zlib|HPND")
PARTS = PROJECT["project"]["optional-dependencies"]
ASKED = (*PROJECT["project"]["dependencies"], *PARTS["dawn"], *PARTS["smoke"], *PARTS["websocket"], *PARTS["mcp"])
NEEDED = [re.split(r"[\[<>=;]", one)[0].strip() for one in ASKED]


def test_the_wheel_holds_our_own_files_alone() -> None:
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": ["wgsl_ls"]}
    assert PROJECT["project"]["license"] == "MIT" and PROJECT["project"]["license-files"] == ["LICENSE"]
    files = [path for path in (ROOT / "wgsl_ls").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {path.suffix for path in files} <= {".py", ".mjs", ".md", ".json", ".typed"}
    foreign = [path for path in files if re.search(r"copyright|SPDX-|\(c\) \d{4}", path.read_text("utf-8"), re.I)]
    assert foreign == []


@pytest.mark.parametrize("name", sorted(set(NEEDED)))
def test_what_the_wheel_asks_for_may_be_used_with_it(name: str) -> None:
    try:
        said = metadata(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is not installed")
    kinds = ("License-Expression", "License", "Classifier")
    words = [word for kind in kinds for word in said.get_all(kind) or () if kind != "Classifier" or "License" in word]
    licence = " ".join(words)[:2000]
    assert PERMISSIVE.search(licence), licence
    assert not re.search(r"\bA?GPL", licence), licence
