"""Long work in steps: between two of them others have their turn, so none reads more than one declaration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.features.symbols import file_symbol_steps
from wgsl_ls.analysis.guesses import stood_in_steps
from wgsl_ls.wgsl.parser import PARSED

N = 6


def shader(word: str) -> str:
    """Functions of a macro of the host, in branches; `word` is in each, so that none was read before."""
    parts = [f"#ifdef B{n}\nfn {word}{n}(x: u32) -> u32 {{ return x + GIVEN; }}\n#endif\n" for n in range(N)]
    return "".join(parts) + f"fn {word}(x: u32) -> u32 {{ return x + GIVEN + {word}0(x); }}\n"


def outline(project: Project) -> Iterator[None]:
    return file_symbol_steps(project.snapshot.tree(project.view().path))


def stand_ins(project: Project) -> Iterator[None]:
    return stood_in_steps(project.view(), 0, project.front_end)


@pytest.mark.parametrize("work", [outline, stand_ins])
def test_no_step_reads_more_than_one_declaration(work: Callable[[Project], Iterator[None]]) -> None:
    steps = work(Project.of(shader(work.__name__)))
    n_read = []
    while True:
        before = PARSED.n_parsed
        is_over = next(steps, partial) is partial
        n_read.append(PARSED.n_parsed - before)
        if is_over:
            break
    assert sum(n_read) > N and max(n_read) == 1
