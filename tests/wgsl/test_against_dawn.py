"""The front end against a real compiler: Dawn's Null backend compiles without a GPU."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wgsl_ls.wgsl.lexer import tokenize
from wgsl_ls.wgsl.parser import parse
from wgsl_ls.wgsl.reflection import reflect
from wgsl_ls.wgsl.symbols import analyze

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
SAMPLES = {path.name: path.read_text() for path in sorted((HERE / "samples").glob("*.wgsl"))}


class Judge:
    def __init__(self) -> None:
        command = [sys.executable, str(HERE / "dawn_judge.py")]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout and self.process.stdin
        self.input, self.output = self.process.stdin, self.process.stdout

    def ask(self, code: str, entry: str | None = None) -> dict[str, Any]:
        self.input.write(json.dumps({"code": code, "entry": entry}) + "\n")
        self.input.flush()
        answer: dict[str, Any] = json.loads(self.output.readline())
        return answer


def running_judge() -> Iterator[Judge]:
    """For a fixture; skips without the package."""
    pytest.importorskip("wgpudawn")
    judge = Judge()
    assert judge.output.readline() == "ready\n"
    yield judge
    judge.input.close()
    judge.process.wait(30)
    judge.output.close()


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    yield from running_judge()


@pytest.mark.parametrize("name", SAMPLES)
def test_inferred_types_can_be_written(judge: Judge, name: str) -> None:
    text = SAMPLES[name]
    assert judge.ask(text)["errors"] == []
    module = parse(text)
    analysis = analyze(module)
    assert module.errors == [] and analysis.unresolved == []
    insertions: list[tuple[int, str]] = []
    for symbol in analysis.locals + analysis.global_symbols:
        if symbol.kind in ("let", "var", "override") and not symbol.has_written_type:
            assert symbol.type is not None, symbol.name
            if not symbol.type.name.startswith("__"):  # cannot be written in WGSL
                insertions.append((symbol.end, f": {symbol.type}"))
    assert insertions or name == "textures.wgsl"
    for offset, written in sorted(insertions, reverse=True):
        text = text[:offset] + written + text[offset:]
    assert judge.ask(text)["errors"] == []


@pytest.mark.parametrize(("name", "entry"), [("tile.wgsl", "main"), ("matrix.wgsl", "main")])
def test_bindings_sizes_and_workgroups(judge: Judge, name: str, entry: str) -> None:
    text = SAMPLES[name]
    reflection = reflect(analyze(parse(text)))
    (point,) = (point for point in reflection.entry_points if point.name == entry)
    groups = judge.ask(text, entry)["groups"]
    told = {
        (int(group), int(binding)): (kind, int(size))
        for group, layout in groups.items()
        for binding, kind, size in re.findall(
            r"binding: (\d+), visibility[^{]*\{type: BufferBindingType::(\w+), minBindingSize: (\d+)", layout
        )
    }
    kinds = {("uniform", "read"): "Uniform", ("storage", "read"): "ReadOnlyStorage"}
    ours = {
        (binding.group, binding.binding): (kinds.get((binding.space, binding.access), "Storage"), binding.minimal_size)
        for binding in point.bindings
    }
    assert ours == told and told

    # The Null adapter has small limits: exceed them and it prints the sizes that it computed.
    larger = re.sub(r"@workgroup_size\(([^,)]*)", r"@workgroup_size((\1) * 4096", text)
    size = re.search(r"workgroup_size\((\d+), (\d+), (\d+)\)", judge.ask(larger, entry)["pipeline"])
    assert size and point.workgroup_size == (int(size[1]) // 4096, int(size[2]), int(size[3]))
    body = text.index("{", text.index("fn main")) + 1
    larger = f"{text[:body]} huge[0] = 1; {text[body:]}\nvar<workgroup> huge: array<u32, 16384>;\n"
    storage = re.search(r"workgroup storage \((\d+) bytes", judge.ask(larger, entry)["pipeline"])
    assert storage and point.workgroup_storage == int(storage[1]) - 65536


WORDS = "( ) { } [ ] ; , . = + - * < > fn let var if else x 1 1.0f struct return @ & && : -> == case loop ++"
INSERTED = WORDS.split()
SYNTAX = re.compile(
    r"expected|unable to parse|mixing|unexpected|missing|reserved|identifiers must|break-if|directives must"
    r"|switch statement must|represented as"
)
NOT_SYNTAX = re.compile(r"must match|too (few|many)|type .* expected")


def mutated(text: str, random_source: random.Random) -> str:
    """`text` with one token deleted, replaced, doubled up with another, or swapped with the next."""
    tokens = tokenize(text)
    index = random_source.randrange(len(tokens) - 2)
    start, word = tokens.starts[index], tokens.texts[index]
    end = start + len(word)
    match random_source.randrange(4):
        case 0:
            return text[:start] + text[end:]
        case 1:
            return text[:start] + random_source.choice(INSERTED) + text[end:]
        case 2:
            return f"{text[:start]}{random_source.choice(INSERTED)} {text[start:]}"
    after, other = tokens.starts[index + 1], tokens.texts[index + 1]
    return text[:start] + other + text[end:after] + word + text[after + len(other) :]


def _is_there(text: str, start: int, line: int) -> bool:
    """On that line (from 1), or where the code before it ends: what lacks its end is told there."""
    told = "".join(text.splitlines(keepends=True)[: line - 1])
    is_the_last = start < len(told) and len(tokenize(told[start:])) <= 2  # a token and the end
    return text.count("\n", 0, start) + 1 == line or is_the_last


def test_mutations_get_the_same_verdict(judge: Judge) -> None:
    random_source = random.Random(20)
    n_syntax = n_missed = n_same_line = 0
    for _ in range(800):
        text = mutated(random_source.choice(list(SAMPLES.values())), random_source)
        answer = judge.ask(text)
        module = parse(text)
        if answer["accepted"]:
            assert module.errors == [] and analyze(module).unresolved == [], text
            continue
        found = re.search(r":(\d+):\d+ error: (.*)", answer["errors"][0])
        if found is None or not SYNTAX.search(found[2]) or NOT_SYNTAX.search(found[2]):
            continue
        n_syntax += 1
        if not module.errors:
            n_missed += 1
        elif _is_there(text, module.errors[0].start, int(found[1])):
            n_same_line += 1
    assert n_syntax > 400
    assert n_missed <= 0.015 * n_syntax
    assert n_same_line >= 0.97 * (n_syntax - n_missed)


CONSTANTS = [
    "1 + 2 * 3",
    "-7 / 2",
    "-7 % 3",
    "(1 << 40) >> 38",
    "4294967295u + 2u",
    "2147483647i + 1i",
    "(~5u & 0xFFu) ^ 3u",
    "i32(2.9) + i32(-2.9)",
    "u32(-1i)",
    "f32(1) / 3",
    "max(2, 3.5)",
    "clamp(12, 0, 10)",
    "select(1, 2, 3 > 2)",
    "vec3(1, 2, 3).zx.y",
    "array(5, 6, 7)[2] * 2",
    "dot(vec2(1, 2), vec2(3, 4))",
    "bitcast<u32>(1.5f)",
    "countOneBits(255u) + countLeadingZeros(1u)",
    "floor(-1.5) + ceil(1.2) + round(2.5)",
    "mat2x2(1, 2, 3, 4)[1].x",
    "all(vec2(true, false)) || 2 >= 2",
    "vec4<i32>()[3] + i32()",
]


@pytest.mark.parametrize("expression", CONSTANTS)
def test_constants_have_dawn_s_values(judge: Judge, expression: str) -> None:
    text = f"const c = {expression};\n"
    symbol = analyze(parse(text)).global_symbol("c")
    assert symbol and symbol.value
    assert judge.ask(f"{text}const_assert c == ({symbol.value});\n")["errors"] == []
