"""Behind the first error: bodies are left out until the text is accepted, within a budget."""

from __future__ import annotations

import asyncio
import re

import pytest

from wgsl_ls.analysis.look_behind import MOST_LOOKS, Budget, looked_behind
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected


def compile(job: CompileJob) -> CompileResult:
    """Stops at the first "bad"."""
    found = re.search(r"bad\d", job.text)
    if found is None:
        return Accepted()
    return Rejected((EngineMessage("error", found[0], (MessageSpan(found.start(), found.end()),)),))


def looked(text: str, n_looks: int = 100) -> tuple[Rejected, int]:
    n_jobs = 0

    async def submit(job: CompileJob) -> CompileResult:
        nonlocal n_jobs
        n_jobs += 1
        return compile(job)

    job = CompileJob("wgpu", text)
    first = compile(job)
    assert isinstance(first, Rejected)
    return asyncio.run(looked_behind(submit, job, first, Budget(n_looks))), n_jobs


def functions(*bodies: str) -> str:
    return "".join(f"fn f{index}() -> vec2<f32> {{ {body} }}\n" for index, body in enumerate(bodies))


@pytest.mark.parametrize(
    ("bodies", "expected", "is_known"),
    [
        (["bad1"], ["bad1"], True),
        (["bad1", "good", "bad2"], ["bad1", "bad2"], True),
        (["bad1; bad2", "bad3"], ["bad1", "bad3"], True),  # the second is in a body that was left out
        # What our own front end knows to be wrong is left out at the last look, however much it is.
        ([f"bad{index}" for index in range(MOST_LOOKS + 3)], None, True),
        ([f"let bad{index} = 1; return vec2f();" for index in range(MOST_LOOKS + 3)], None, False),
    ],
)
def test_errors_of_other_functions(bodies: list[str], expected: list[str] | None, is_known: bool) -> None:
    text = functions(*bodies)
    found, n_jobs = looked(text)
    words = [text[one.spans[0].start : one.spans[0].end] for one in found.messages]
    assert words == [one.text for one in found.messages]
    assert expected is None or words == expected
    assert (found.unread is not None) == is_known
    assert n_jobs <= MOST_LOOKS
    if found.unread is not None:
        unread = sorted(text[start:end] for start, end in found.unread)
        assert unread == [f"{{ {body} }}" for body in bodies if "bad" in body]


def test_an_error_in_no_function_is_not_looked_behind() -> None:
    found, n_jobs = looked("const c = bad1;\n" + functions("bad2"))
    assert ([one.text for one in found.messages], found.unread, n_jobs) == (["bad1"], None, 0)


def test_the_budget_ends_it() -> None:
    found, n_jobs = looked(functions("bad1", "bad2", "bad3"), n_looks=1)
    assert ([one.text for one in found.messages], found.unread, n_jobs) == (["bad1", "bad2"], None, 1)
