"""Long work in steps: between two of them others have their turn, so none reads more than one declaration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

import pytest

from tests.analysis.fixture import CONFIG, Project, absolute
from wgsl_ls.analysis.features.completion_items import builtin_functions, function_steps
from wgsl_ls.analysis.features.semantic_tokens import semantic_token_steps
from wgsl_ls.analysis.features.symbols import file_symbol_steps
from wgsl_ls.analysis.guesses import stood_in_steps
from wgsl_ls.wgsl.builtins import FUNCTIONS
from wgsl_ls.wgsl.parser import PARSED
from wgsl_ls.wgsl.signatures import parse_overload

N = 6


def shader(word: str) -> str:
    """Functions of a macro of the host, in branches; `word` is in each, so that none was read before."""
    parts = [f"#ifdef B{n}\nfn {word}{n}(x: u32) -> u32 {{ return x + GIVEN; }}\n#endif\n" for n in range(N)]
    return "".join(parts) + f"fn {word}(x: u32) -> u32 {{ return x + GIVEN + {word}0(x); }}\n"


def outline(project: Project) -> Iterator[None]:
    return file_symbol_steps(project.snapshot.tree(project.view().path))


def stand_ins(project: Project) -> Iterator[None]:
    return stood_in_steps(project.view(), 0, project.front_end)


def colours(project: Project) -> Iterator[None]:
    return semantic_token_steps(project.cursor_in("a.wgsl", 0))


@pytest.mark.parametrize("work", [outline, stand_ins, colours])
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


def test_the_roots_that_read_an_include_are_looked_at_one_by_one() -> None:
    files = {f"{name}.wgsl": '#include "h.tmpl"\n' for name in "abcdef"}
    project = Project.of({**files, "h.tmpl": "const h = 1;\n", CONFIG: '[[shader]]\nfiles = ["*.wgsl"]\n'})
    snapshot = project.snapshot
    n_known = [0, *(len(snapshot._roots) for _ in snapshot.context_steps(absolute("h.tmpl")))]
    assert n_known[-1] == len(files) and all(after - before <= 1 for before, after in pairwise(n_known))
    assert not list(snapshot.context_steps(absolute("a.wgsl")))


def test_the_list_of_functions_is_read_function_by_function_and_once() -> None:
    builtin_functions.cache_clear()
    parse_overload.cache_clear()
    steps = function_steps()
    n_read = [parse_overload.cache_info().misses for _ in steps]
    assert len(n_read) == len(FUNCTIONS) and n_read[0] < 50
    builtin_functions()
    assert parse_overload.cache_info().misses == n_read[-1] and not list(function_steps())
