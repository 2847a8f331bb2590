"""Where a crash is: the one function whose body alone still crashes."""

from __future__ import annotations

import asyncio

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.narrow import narrowed
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, Crashed

CRASH = Crashed("SIGABRT", "thread panicked at naga")


def functions(n: int, bad: int) -> str:
    body = ["{ return vec2<f32>(1.0); }", "{ boom(); return vec2<f32>(); }"]
    return "fn empty() {}\n" + "".join(f"fn f{i}() -> vec2<f32> {body[i == bad]}\n" for i in range(n))


@pytest.mark.parametrize(("n", "bad"), [(1, 0), (2, 0), (2, 1), (9, 4), (30, 29)])
def test_the_function_is_found(n: int, bad: int) -> None:
    text = functions(n, bad)
    tried: list[str] = []

    async def submit(job: CompileJob) -> CompileResult:
        tried.append(job.text)
        return CRASH if "boom()" in job.text else Accepted()

    found = asyncio.run(narrowed(submit, CompileJob("wgpu", text), CRASH))
    assert text[found.start : found.end] == f"f{bad}"
    assert (found.signal, found.stderr_tail) == (CRASH.signal, CRASH.stderr_tail)
    assert len(tried) <= 8
    assert all(text.count("\n") == one.count("\n") for one in tried)


@pytest.mark.parametrize("has_functions", [True, False])
def test_what_no_single_body_does_has_no_place(has_functions: bool) -> None:
    async def submit(job: CompileJob) -> CompileResult:
        together = all(f"{name}() -> vec2<f32> {{ return" in job.text for name in ("f0", "f3"))
        return CRASH if together else Accepted()

    text = functions(5, -1) if has_functions else "struct S { a: u32 }"
    found = asyncio.run(narrowed(submit, CompileJob("wgpu", text), CRASH))
    assert found.start == -1


def test_the_search_has_a_budget() -> None:
    """Every trial that dies costs a process."""
    tried: list[CompileJob] = []

    async def submit(job: CompileJob) -> CompileResult:
        tried.append(job)
        return CRASH

    found = asyncio.run(narrowed(submit, CompileJob("wgpu", functions(2**9, -1)), CRASH))
    assert (found.start, len(tried)) == (-1, 8)


def test_a_crash_is_told_in_its_function_with_the_panic_s_own_line() -> None:
    tail = (
        "thread '<unnamed>' (7) panicked at /build/registry/src/index/naga-29.0.3/src/back/spv/block.rs:38:5:\n"
        "entered unreachable code: not cached!\nnote: run with `RUST_BACKTRACE=1`\nfatal runtime error: aborting\n"
    )
    text = "fn good() {}\nfn bad() {\n}\n"

    def crash(job: CompileJob) -> CompileResult:
        start = job.text.index("bad")
        return Crashed("SIGABRT", tail, start, start + 3) if job.engine == "wgpu" else Accepted()

    project = Project.of(text, variants={"a": []}, compile=crash)
    (item,) = project.check().diagnostics
    assert (
        project.shown(item.location).endswith("bad") or text[item.location.span.start : item.location.span.end] == "bad"
    )
    assert "(SIGABRT) in 'bad': entered unreachable code: not cached! (" in item.message
    assert "not cached! (naga-29.0.3/src/back/spv/block.rs:38:5)" in item.message


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        ("", ""),
        ("Segmentation fault\n", "Segmentation fault"),
        ("thread 'main' panicked at 'oh no', src/lib.rs:1:2\nnote: advice", "'oh no', src/lib.rs:1:2"),
        ("thread 'a' panicked at x/src/lib.rs:1:2:\n\noh no\nmore", "oh no (x/src/lib.rs:1:2)"),
    ],
)
def test_the_last_words_of_a_process(tail: str, words: str) -> None:
    assert Crashed("SIGABRT", tail).last_words == words
