"""Writes wgsl.tmLanguage.json: source/wgsl.json with its lists of names filled in from the builtin table.

A list stands in a pattern as `@@name@@` or `@@table:kind@@`: `@@functions:atomic@@` becomes the alternatives of all
functions of that category. Run it after a change in wgsl_ls/wgsl/builtin_table or in source/; a test compares what
it would write with what stands here. `--check` only compares.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wgsl_ls.wgsl import builtins

HERE = Path(__file__).parent
SOURCE = HERE / "source" / "wgsl.json"
TARGET = HERE / "wgsl.tmLanguage.json"

_PLACEHOLDER = re.compile(r"@@([a-z_]+)(?::([a-z_ ]+))?@@")


def names_of(table: str, kind: str | None) -> list[str]:
    """The names that a placeholder stands for. Raises KeyError for an unknown table or an empty kind."""
    if table == "functions":
        found = [function.name for function in builtins.FUNCTIONS.values() if function.category == kind]
    elif table == "types":
        found = [entry.name for entry in builtins.TYPES.values() if entry.category == kind]
    elif table == "enumerants":
        found = [entry.name for entry in builtins.enumerants_of_kind(kind or "")]
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


def main(arguments: list[str]) -> int:
    text = grammar_text()
    if "--check" in arguments:
        if TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET.name} is not what generate.py writes", file=sys.stderr)
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
