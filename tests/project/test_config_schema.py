"""The JSON schema says the same as the reader, and what is written from the keys is fresh."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wgsl_ls.project import config_page
from wgsl_ls.project.config import load_config
from wgsl_ls.project.config_schema import config_schema
from wgsl_ls.project.keys import FILE, HOST, PROFILE, RULE, RULE_SETTING, SHADER, SMOKE, VARIANT, Key
from wgsl_ls.project.variants import Variant
from wgsl_ls.smoke.config import read_smoke_config
from wgsl_ls.smoke.references import REFERENCES
from wgsl_ls.smoke_session import smoke_config
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
    (reference,) = [key for key in SMOKE if key.name == "reference"]
    assert reference.choices == tuple(REFERENCES)


WORDS = ["", "K_F16", "N=4", "1X", "a.wgsl", "nvidia", "nothing", "N > 1", "8x8x8 f16 f32", "f16", "64"]
SCALARS = st.one_of(st.sampled_from(WORDS), st.integers(-1, 70_000), st.booleans(), st.just(0.5))


def written(value: object) -> str:
    """As TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {written(one)}" for name, one in value.items()) + " }"
    return f"[{', '.join(map(written, value))}]" if isinstance(value, list) else json.dumps(value)


def values(key: Key) -> st.SearchStrategy[object]:
    """Some that fit, and some that may not."""
    own = st.one_of(SCALARS, st.sampled_from(key.choices)) if key.choices else SCALARS
    return st.recursive(own, lambda inner: st.lists(inner, max_size=3) | tables(inner), max_leaves=5)


def tables(inner: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    names = ["K", "MASK", "nvidia", "wgpu", "severity", "targets", "reason", "when", "define", "files", "name", "1X"]
    return st.dictionaries(st.sampled_from(names), inner, max_size=2)


HEADERS = {
    "": FILE, '[[shader]]\nfiles = ["a.wgsl"]\n': SHADER, '[[shader]]\nfiles = ["a.wgsl"]\n[[shader.rules]]\n': RULE,
    '[[shader]]\nfiles = ["a.wgsl"]\n[[shader.variant]]\n': VARIANT, "[profile.mine]\n": PROFILE, "[host]\n": HOST,
    '[rules]\n"wgsl/name".': RULE_SETTING, "[smoke]\n": SMOKE,
}  # fmt: skip
EVERY_KEY = [(header, key) for header, spec in HEADERS.items() for key in spec]


@pytest.mark.parametrize(("header", "key"), EVERY_KEY, ids=[f"{header!r} {key.name}" for header, key in EVERY_KEY])
@settings(max_examples=15)
@given(data=st.data())
def test_a_value_that_the_reader_takes_is_one_of_the_schema(header: str, key: Key, data: st.DataObject) -> None:
    text = f"{header}{key.name} = {written(data.draw(values(key)))}\n"
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # the key is there already
    config, wrong = load_config("/p/wgsl-ls.toml", text)
    if not wrong and not smoke_config(config, "/p/a.wgsl", Variant("", "/p/a.wgsl", ()))[1]:
        assert problems(text) == []
