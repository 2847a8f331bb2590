"""wgsl_ls/README.md names what there is: rooms, files, words, bounds, tests. (Who imports whom: test_imports.py.)"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.cli.main import SUBCOMMANDS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "wgsl_ls"
PAGE = (PACKAGE / "README.md").read_text(encoding="utf-8")
RULES = all_rules()
GATHERED = ("handlers", "rules", "operations", "importers", "builtin_table", "features")
"""Folders whose files are of one kind: the page says which."""


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}")[2].partition("\n## ")[0]


def rooms() -> dict[str, str]:
    """Room -> its lines; "" -> the files beside them."""
    found: dict[str, list[str]] = {"": []}
    room = ""
    for line in section("Rooms").partition("    wgsl_ls/\n")[2].partition("\n    grammars/")[0].splitlines():
        if re.match(r" {6}\S", line):
            named = re.match(r" {6}(\w+)/", line)
            room = named[1] if named else ""
        found.setdefault(room, []).append(line)
    return {room: "\n".join(lines) for room, lines in found.items()}


def modules(room: str) -> set[str]:
    """Its files; the command line says only that each subcommand has one."""
    names = {path.stem for path in (PACKAGE / room).glob("*.py")} - {"__init__"}
    return names - {"__main__", *(SUBCOMMANDS if room == "cli" else ())} if room else names


@pytest.mark.parametrize("room", rooms())
def test_a_room_is_told_file_by_file(room: str) -> None:
    text = rooms()[room]
    assert {name for name in modules(room) if not re.search(rf"\b{name}\b", text)} == set()
    folders = {path.parent.name for path in (PACKAGE / room).glob("*/__init__.py")} if room else set()
    assert folders <= set(GATHERED)
    assert all(f"{folder}/" in text for folder in folders)


@pytest.mark.parametrize("room", rooms())
def test_what_is_named_first_is_there(room: str) -> None:
    for line in rooms()[room].splitlines():
        names = re.match(r" {6}(?: {2})?(\w[\w./, ]*?)(?: {2,}|$)", line)
        for name in re.split(r", ?", names[1]) if names else []:
            if name.rstrip("/") != room:
                path = PACKAGE / room / name
                assert path.is_dir() or path.is_file() or path.with_suffix(".py").is_file(), name


def test_a_path_that_is_named_exists() -> None:
    below = ("", "wgsl_ls", "wgsl_ls/analysis", "wgsl_ls/server")
    for name in re.findall(r"(?<![\w/])[\w.-]+(?:/[\w.-]+)+\.(?:py|md|ts|lua|toml)\b", PAGE):
        assert any((ROOT / folder / name).is_file() for folder in below), name
    for folder in re.findall(r"(?<![\w/.])((?:tests|editors)(?:/[\w.-]+)+)(?=[\s,;|)])", PAGE):
        assert (ROOT / folder).exists(), folder


def test_a_word_has_one_meaning() -> None:
    """A class or alias of the vocabulary's first column is defined in one place."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    rows = [line.split("|")[1] for line in section("Vocabulary").splitlines() if line.startswith("| ")]
    words = re.findall(r"\b[A-Z]\w+", " ".join(rows))
    assert len(words) > 30
    for word in words:
        assert len(re.findall(rf"^(?:class {word}\b|{word}(?:: [^=\n]+)? = )", source, re.MULTILINE)) <= 1, word
        assert word == "Structure" or re.search(rf"^(?:class |){word}\b", source, re.MULTILINE), word


def test_bounds_stand_where_the_page_says() -> None:
    rows = [line for line in section("What a workspace may not do").splitlines() if "`MOST_" in line or "`MAX_" in line]
    assert len(rows) > 8
    names = set(re.findall(r"`(_?[A-Z][A-Z_]+)`", "\n".join(rows)))
    source = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    for name in names:
        written = rf'"{name}"' if name.startswith("WGSL_LS_") else rf"^{name}\b[^=\n]* = "
        assert re.search(written, source, re.MULTILINE), name


def test_every_rule_that_is_named_exists() -> None:
    """In any document: `kind/name`. (PROTOCOL.md has methods that look like it.)"""
    kinds = {one.partition("/")[0] for one in RULES}
    tracked = subprocess.run(["git", "ls-files", "*.md", "*.txt"], cwd=ROOT, capture_output=True, text=True, check=True)
    for document in set(tracked.stdout.split()) - {"wgsl_ls/server/PROTOCOL.md"}:
        text = (ROOT / document).read_text(encoding="utf-8")
        for kind, name in re.findall(r"[`\"]([a-z]+)/([a-z0-9-]+)[`\"]", text):
            assert kind not in kinds or f"{kind}/{name}" in RULES, f"{document}: {kind}/{name}"
