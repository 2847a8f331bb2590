"""The grammar in the repository is the one that the builtin table gives, and it knows every name of the table.
The scopes themselves are tested with the editor's own tokenizer: `npm test` in grammars/.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from wgsl_ls.wgsl import builtins

GRAMMARS = Path(__file__).parents[2] / "grammars"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    specification = importlib.util.spec_from_file_location("generate", GRAMMARS / "generate.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def patterns() -> list[str]:
    """The regular expressions of the grammar in the repository."""
    grammar = json.loads((GRAMMARS / "wgsl.tmLanguage.json").read_text(encoding="utf-8"))
    return list(expressions_in(grammar))


def expressions_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("match", "begin", "end"):
                yield item
            else:
                yield from expressions_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from expressions_in(item)


def test_the_grammar_is_what_the_generator_writes(generate: ModuleType) -> None:
    assert (GRAMMARS / "wgsl.tmLanguage.json").read_text(encoding="utf-8") == generate.grammar_text()
    assert generate.main(["--check"]) == 0


def test_no_placeholder_is_left(patterns: list[str]) -> None:
    assert patterns
    assert not [pattern for pattern in patterns if "@@" in pattern]


def test_every_name_of_the_table_stands_in_the_grammar(patterns: list[str]) -> None:
    names = [
        *builtins.FUNCTIONS,
        *builtins.TYPES,
        *builtins.ATTRIBUTES,
        *builtins.BUILTIN_VALUES,
        *builtins.ENUMERANTS,
        *builtins.ENABLE_EXTENSIONS,
        *builtins.LANGUAGE_FEATURES,
        *builtins.KEYWORDS,
        *builtins.RESERVED,
    ]
    words = set()
    for pattern in patterns:
        words |= set(re.findall(r"[A-Za-z_][A-Za-z0-9_.]*", pattern.replace("\\b", " ").replace("\\.", ".")))
    assert not [name for name in names if name not in words]


def test_an_unknown_list_is_an_error(generate: ModuleType) -> None:
    with pytest.raises(KeyError):
        generate.fill("@@functions:no such category@@")
    with pytest.raises(KeyError):
        generate.fill("@@no_such_table@@")


def test_alternatives_put_longer_names_first(generate: ModuleType) -> None:
    assert generate.alternatives(["vec2", "vec2f", "a.b"]) == r"vec2f|vec2|a\.b"


def test_every_include_of_the_grammar_exists() -> None:
    grammar = json.loads((GRAMMARS / "wgsl.tmLanguage.json").read_text(encoding="utf-8"))
    included = set(re.findall(r'"include": "#([^"]+)"', json.dumps(grammar)))
    assert included <= set(grammar["repository"])
    unused = set(grammar["repository"]) - included
    assert not unused
