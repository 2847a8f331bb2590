"""The JSON schema says the same as the reader, and what is written from the keys is fresh."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from wgsl_ls.project import config_page
from wgsl_ls.project.config import load_config
from wgsl_ls.project.config_schema import config_schema
from wgsl_ls.project.keys import SMOKE
from wgsl_ls.smoke.config import read_smoke_config
from wgsl_ls.text.located import Located
from wgsl_ls.text.span import Span

SCHEMA = config_schema()
ROOM = Path(config_page.__file__).parent
SAMPLES = [
    *re.findall(r"```toml\n(.*?)```", (ROOM / "CONFIG.md").read_text(), re.DOTALL),
    *(path.read_text() for path in (Path(__file__).parents[1] / "shaders").rglob("wgsl-ls.toml")),
]


def problems(text: str) -> list[str]:
    return [error.message for error in jsonschema.Draft7Validator(SCHEMA).iter_errors(tomllib.loads(text))]


def test_it_is_a_schema_and_the_written_files_are_fresh() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert json.loads(config_page.SCHEMA.read_text()) == SCHEMA
    page = config_page.PAGE.read_text(encoding="utf-8")
    assert config_page.page(page) == page, "run python -m wgsl_ls.project.config_page"


@pytest.mark.parametrize("text", SAMPLES, ids=range(len(SAMPLES)))
def test_it_takes_what_the_reader_takes(text: str) -> None:
    assert problems(text) == []
    assert load_config("/p/wgsl-ls.toml", text)[1] == ()


@pytest.mark.parametrize(
    "text",
    [
        "dialekt = 1",
        'dialect = "c"',
        "pick = 0",
        "pick = false",
        'max-variants = "many"',
        '[[shader]]\nfiles = ["a"]\naxis = {}',
        '[[shader]]\nfiles = ["a"]\ndefines = ["1X"]',
        '[[shader]]\nfiles = ["a"]\naxes = { K = "A" }',
        '[rules]\n"lint/unused-macro" = "loud"',
        '[rules]\n"lint/unused-macro" = { reason = "x" }',
        '[rules]\n"lint/unused-macro" = { targets = { wgpu = "loud" } }',
        "[profile.x]\nsubgroup-size = [32]",
        "host = true\n[[shader]]\nfiles = [1]",
    ],
)
def test_it_refuses_what_the_reader_refuses(text: str) -> None:
    assert problems(text) != []
    assert load_config("/p/wgsl-ls.toml", text)[1] != ()


def test_the_keys_of_smoke_tables_are_those_that_their_reader_knows() -> None:
    place = Span(0, 0)
    known = {key.name for key in SMOKE}
    table = Located({"unknown": Located(1, place, place)}, place, place)
    (problem,) = read_smoke_config(table)[1]
    assert set(problem.message.partition("known: ")[2].split(", ")) == known
