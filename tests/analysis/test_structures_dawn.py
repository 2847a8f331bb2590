"""Structures against a real compiler: variants that one represents get its verdict, whatever numbers are put in."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.analysis.fixture import Project
from tests.wgsl.test_against_dawn import Judge, running_judge
from wgsl_ls.analysis.structures import structures
from wgsl_ls.wgsl.skeleton import skeleton

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[1] / "wgsl" / "samples"
NUMBERS = (0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 31, 32, 33, 63, 64, 65, 128, 255, 256, 257, 1024, 4096, 4097, 70_000)
N_VARIANTS = 14
LIMIT = re.compile(r"exceeds? the max|larger than the max|greater than the|exceeds the limit|maximum allowed|max[A-Z]")


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    yield from running_judge()


def with_macros(text: str, chosen: random.Random, n_sites: int) -> tuple[str, list[str]]:
    """`text` with some of its integers taken out as macros, and their names."""
    found = skeleton(text.rstrip("\n") + "\n")
    sites = sorted(chosen.sample(range(len(found.starts)), min(n_sites, len(found.starts))), reverse=True)
    names = []
    for site in sites:
        start, digits = found.starts[site], str(found.numbers[site])
        suffix = text[start + len(digits) : start + len(digits) + 1]
        if suffix in ("i", "u"):  # a macro cannot stand right before a letter
            text = f"{text[:start]}NUMBER_{site}{text[start + len(digits) + 1 :]}"
            names.append(f"NUMBER_{site}{suffix}")
        else:
            text = f"{text[:start]}NUMBER_{site}{text[start + len(digits) :]}"
            names.append(f"NUMBER_{site}")
    return text, names


def verdict(judge: Judge, text: str, entry: str | None) -> str:
    answer = judge.ask(text, entry)
    said = " ".join([*answer["errors"], answer["pipeline"]])
    return "" if not said else "limit" if LIMIT.search(said) else "refused"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.wgsl")), ids=lambda path: path.name)
@pytest.mark.parametrize("seed", range(4))
def test_numbers_put_anywhere(judge: Judge, path: Path, seed: int) -> None:
    chosen = random.Random(f"{path.name} {seed}")
    original = path.read_text()
    entry = re.search(r"@compute[^{]*?fn (\w+)", original)
    text, names = with_macros(original, chosen, n_sites=1 + 2 * seed)
    variants = {
        str(number): [
            f"{name.rstrip('iu')}={chosen.choice(NUMBERS)}{name[-1] if name[-1] in 'iu' else ''}" for name in names
        ]
        for number in range(N_VARIANTS)
    }
    project = Project.of(text, variants=variants)
    view = project.view()
    found = structures(view, project.front_end)
    verdicts = [
        verdict(judge, view.expansion(index).text, entry[1] if entry else None) for index in range(len(view.variants))
    ]
    for index, said in enumerate(verdicts):
        first = found.representative(index)
        assert said == verdicts[first], (view.variants[index].defines, view.variants[first].defines)
