"""Writes wgsl.tmLanguage.json (source/wgsl.json) and Vim's syntax/wgsl.vim (source/wgsl.vim) with their lists of names
filled in from the builtin table.

A list stands in a pattern as `@@name@@` or `@@table:kind@@`: `@@functions:atomic@@` becomes the alternatives of all
functions of that category; in Vim's file a list is words with spaces between. Run it after a change in
wgsl_ls/wgsl/builtin_table or in source/; a test compares what it would write with what stands here. `--check` only
compares.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wgsl_ls.wgsl import builtins
from wgsl_ls.wgsl.words import KEYWORDS

HERE = Path(__file__).parent
SOURCE = HERE / "source" / "wgsl.json"
VIM_SOURCE = HERE / "source" / "wgsl.vim"
TARGET = HERE / "wgsl.tmLanguage.json"
VIM_TARGET = HERE.parent / "editors/neovim/syntax/wgsl.vim"

_PLACEHOLDER = re.compile(r"@@([a-z_]+)(?::([a-z_ ]+))?@@")


def names_of(table: str, kind: str | None) -> list[str]:
    """The names that a placeholder stands for. Raises KeyError for an unknown table or an empty kind."""
    if table == "functions":
        found = [one.name for one in builtins.FUNCTIONS.values() if kind in (None, one.category)]
    elif table == "types":
        found = [one.name for one in builtins.TYPES.values() if kind in (None, one.category)]
    elif table == "enumerants":
        found = [one.name for one in builtins.ENUMERANTS.values() if kind in (None, one.kind)]
    else:
        found = list(_WHOLE_TABLES[table])
    if not found:
        raise KeyError(f"{table}:{kind}")
    return found


_WHOLE_TABLES: dict[str, Iterable[str]] = {
    "attributes": builtins.ATTRIBUTES,
    "builtin_values": builtins.BUILTIN_VALUES,
    "enable_extensions": builtins.ENABLE_EXTENSIONS,
    "language_features": builtins.LANGUAGE_FEATURES,
    "reserved": builtins.RESERVED,
    "keywords": KEYWORDS,
}


def alternatives(names: Iterable[str]) -> str:
    """One regular expression for the names, longest first so that no prefix wins."""
    return "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))


def fill(value: Any) -> Any:
    """`value` (parsed JSON) with every placeholder in its strings replaced."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: alternatives(names_of(found.group(1), found.group(2))), value)
    if isinstance(value, list):
        return [fill(item) for item in value]
    if isinstance(value, dict):
        return {key: fill(item) for key, item in value.items()}
    return value


def grammar_text() -> str:
    grammar = fill(json.loads(SOURCE.read_text(encoding="utf-8")))
    return json.dumps(grammar, indent=2, ensure_ascii=False) + "\n"


def vim_text() -> str:
    text = VIM_SOURCE.read_text(encoding="utf-8")
    return _PLACEHOLDER.sub(lambda found: " ".join(sorted(names_of(found.group(1), found.group(2)))), text)


def main(arguments: list[str]) -> int:
    code = 0
    for target, text in ((TARGET, grammar_text()), (VIM_TARGET, vim_text())):
        if "--check" not in arguments:
            target.write_text(text, encoding="utf-8")
        elif target.read_text(encoding="utf-8") != text:
            print(f"{target.name} is not what generate.py writes", file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
