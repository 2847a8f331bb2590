"""Behind the first error: bodies are left out until the text is accepted, within a budget."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.steps import growth, is_linear
from wgsl_ls.analysis.look_behind import Budget, looked_behind
from wgsl_ls.wgsl.parser import parse
from wgsl_ls.wgsl.problems import problems
from wgsl_ls.wgsl.symbols import analyze
from wgsl_ls.wire import engine_specs
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected


def compile(job: CompileJob) -> CompileResult:
    """Stops at the first "bad"."""
    found = re.search(r"bad\d", job.text)
    if found is None:
        return Accepted()
    return Rejected((EngineMessage("error", found[0], (MessageSpan(found.start(), found.end()),)),))


def looked(text: str, n_looks: int = 100, by: Callable[[CompileJob], CompileResult] = compile) -> tuple[Rejected, int]:
    n_jobs = 0

    async def submit(job: CompileJob) -> CompileResult:
        nonlocal n_jobs
        n_jobs += 1
        return by(job)

    job = CompileJob("wgpu", text)
    first = by(job)
    assert isinstance(first, Rejected)
    return asyncio.run(looked_behind(submit, job, first, Budget(n_looks))), n_jobs


MATRIX = "subgroup_matrix_left<f32, 8, 8>"
HEAD = """enable chromium_experimental_subgroup_matrix;
@group(0) @binding(0) var<storage, read_write> r: array<u32>;
fn g(x: u32) { }
"""


def strict(job: CompileJob) -> CompileResult:
    """Stops at the first /*N*/; what our own front end finds is an error too, so that a wrong substitute shows."""
    module = parse(job.text)
    own = [(one.start, one.end) for one in (*module.errors, *problems(analyze(module)))]
    marks = [(found.start() + 2, found.start() + 3) for found in re.finditer(r"/\*\d\*/", job.text)]
    if not own and not marks:
        return Accepted()
    start, end = (marks or own)[0]
    return Rejected((EngineMessage("error", job.text[start:end], (MessageSpan(start, end),)),))


@pytest.mark.parametrize(
    ("body", "said", "unread"),
    [
        # Left out alone; the next of the same function is found.
        ("g(1u /*1*/); let x = 1u; g(x /*2*/);", "12", ["g(1u /*1*/)", "g(x /*2*/)"]),
        (
            "r[/*1*/0] = 1u; r[1] += (/*2*/1u); r[/*3*/0]++;",
            "123",
            ["r[/*1*/0] = 1u", "r[/*3*/0]++", "r[1] += (/*2*/1u)"],
        ),
        # What is declared stays declared, with a value of its type.
        ("let x: vec2<f32> = vec2f(/*1*/); r[0] = u32(x.y); g(/*2*/1u);", "12", ["g(/*2*/1u)", "vec2f(/*1*/)"]),
        ("var x = f32(/*1*/); x = 2.0; g(/*2*/1u);", "12", ["f32(/*1*/)", "g(/*2*/1u)"]),
        ("let x = bitcast<u32>(/*1*/true); r[x] = x; g(/*2*/1u);", "12", ["bitcast<u32>(/*1*/true)", "g(/*2*/1u)"]),
        (
            f"let x = subgroupMatrixLoad<{MATRIX}>(/*1*/true); let y = x; g(/*2*/1u);",
            "12",
            ["g(/*2*/1u)", f"subgroupMatrixLoad<{MATRIX}>(/*1*/true)"],
        ),
        ("let x = r[/*1*/true]; g(/*2*/1u);", "12", ["g(/*2*/1u)", "r[/*1*/true]"]),
        ("let x = max(/*1*/); g(/*2*/1u);", "12", ["g(/*2*/1u)", "max(/*1*/)"]),
        ("if (/*1*/true) { g(/*2*/1u); } else if (/*3*/true) { }", "123", ["(/*1*/true)", "(/*3*/true)", "g(/*2*/1u)"]),
        ("for (var i = 0u; i < 3u; i += (/*1*/1u)) { g(/*2*/1u); }", "12", ["g(/*2*/1u)", "i += (/*1*/1u)"]),
        ("if r[0] > 1u { return vec2f(/*1*/); } g(/*2*/1u); return vec2f();", "12", ["g(/*2*/1u)", "vec2f(/*1*/)"]),
        # What our own front end knows is left out with the first of the function.
        ("g(/*1*/1u); g(missing); g(/*2*/1u);", "12", ["g(/*1*/1u)", "g(/*2*/1u)", "g(missing)"]),
        # Nothing can stand for these alone.
        ("let x = max(/*1*/); r[0] = x; g(/*2*/1u);", "1", None),
        (f"let x = subgroupMatrixScalarAdd<{MATRIX}>(/*1*/); let y = x; g(/*2*/1u);", "1", None),
        ("const x: u32 = u32(/*1*/); g(/*2*/1u);", "1", None),
        ("while (/*1*/true) { } g(/*2*/1u);", "1", None),
        ("var x: vec2</*1*/f32>; g(/*2*/1u);", "1", None),
        ("var x: vec2</*1*/f32> = vec2f(); g(/*2*/1u);", "1", None),
        ("let x: vec2</*1*/f32> = vec2f(); g(/*2*/1u);", "1", None),
        ("g(/*1*/1u); g(; g(/*2*/1u);", "1", None),
        ("g(/*1*/1u); const c = r[0]; g(/*2*/1u);", "1", None),
        # After these looks at statements, bodies are left out, for the sake of the functions behind.
        ("g(/*1*/1u); g(/*2*/1u); g(/*3*/1u); g(/*4*/1u); g(/*5*/1u);", "1234", None),
    ],
)
def test_errors_of_one_function(body: str, said: str, unread: list[str] | None) -> None:
    result = "-> vec2<f32>" if "return" in body else ""
    text = f"{HEAD}fn f() {result} {{ {body} }}\n"
    found, _ = looked(text, by=strict)
    assert "".join(one.text for one in found.messages) == said
    assert found.unread is not None
    assert sorted(text[start:end] for start, end in found.unread) == (unread or [f"{{ {body} }}"])


def test_a_statement_that_stays_wrong_is_not_left_out_twice() -> None:
    found, n_jobs = looked(HEAD + "fn f() { let x = 1u; let x = 2u; }\n", by=strict)
    assert (len(found.messages), n_jobs) == (1, 2)


def test_a_function_whose_body_is_left_out_returns_what_it_promises() -> None:
    texts = []

    def by(job: CompileJob) -> CompileResult:
        texts.append(job.text)
        return compile(job)

    looked(functions("bad1", "good") + "fn g() { bad2 }\n", by=by)
    left_out = "var nothing: vec2<f32>; return nothing;"
    assert texts[1:] == [
        functions(left_out, "good") + "fn g() { bad2 }\n",
        functions(left_out, "good") + "fn g() {}\n",
    ]


def test_an_extension_is_missing_once_and_so_is_each_other() -> None:
    def lacking(job: CompileJob) -> CompileResult:
        found = compile(job)
        if not isinstance(found, Rejected):
            return found
        subject = "f16" if found.messages[0].text in ("bad1", "bad3") else "subgroups"
        kind = "type" if found.messages[0].text == "bad4" else "extension"
        return Rejected((replace(found.messages[0], kind=kind, subject=subject),))

    found, _ = looked(functions("bad1", "bad2", "bad3", "bad4"), by=lacking)
    assert [one.text for one in found.messages] == ["bad1", "bad2", "bad4"]


def functions(*bodies: str) -> str:
    return "".join(f"fn f{index}() -> vec2<f32> {{ {body} }}\n" for index, body in enumerate(bodies))


@pytest.mark.parametrize(
    ("bodies", "expected", "is_known"),
    [
        (["bad1"], ["bad1"], True),
        (["bad1", "good", "bad2"], ["bad1", "bad2"], True),
        (["bad1; bad2", "bad3"], ["bad1", "bad3"], True),  # the second is in a body that was left out
        # What our own front end knows to be wrong is left out at the last look, however much it is.
        ([f"bad{index}" for index in range(9)], None, True),
        ([f"let bad{index} = 1; return vec2f();" for index in range(9)], None, False),
    ],
)
def test_errors_of_other_functions(bodies: list[str], expected: list[str] | None, is_known: bool) -> None:
    text = functions(*bodies)
    found, n_jobs = looked(text)
    words = [text[one.spans[0].start : one.spans[0].end] for one in found.messages]
    assert words == [one.text for one in found.messages]
    assert expected is None or words == expected
    assert (found.unread is not None) == is_known
    assert n_jobs <= 6
    if found.unread is not None:
        unread = sorted(text[start:end] for start, end in found.unread)
        assert unread == [f"{{ {body} }}" for body in bodies if "bad" in body]


@pytest.mark.parametrize(
    ("text", "said", "unread"),
    [
        (
            "const_assert u32(/*1*/) > 1u;\nfn f() { g(/*2*/1u); }\n",
            "12",
            ["const_assert u32(/*1*/) > 1u", "g(/*2*/1u)"],
        ),
        # Nobody calls an entry point; a statement in one goes with it.
        ("@compute @workgroup_size(/*1*/1) fn f() { }\nfn h() { g(/*2*/1u); }\n", "12", None),
        (
            "@compute @workgroup_size(1) fn f() { g(/*1*/1u); }\nfn h() { g(/*2*/1u); }\n",
            "12",
            ["g(/*1*/1u)", "g(/*2*/1u)"],
        ),
        ("struct S { a: vec2</*1*/f32> }\nconst c = u32(/*2*/);\n", "12", None),
        # Others need it.
        ("const c = u32(/*1*/);\nfn f() { g(c); g(/*2*/1u); }\n", "1", []),
        ("fn f(x: vec2</*1*/f32>) { }\nfn h() { f(vec2f()); g(/*2*/1u); }\n", "1", []),
    ],
)
def test_errors_outside_of_functions(text: str, said: str, unread: list[str] | None) -> None:
    text = HEAD + text
    found, _ = looked(text, by=strict)
    assert "".join(one.text for one in found.messages) == said
    assert (found.unread is None) == (unread == [])
    if unread:
        assert sorted(text[start:end] for start, end in found.unread or ()) == unread


def test_what_only_this_machine_lacks_is_no_error_behind() -> None:
    def small(job: CompileJob) -> CompileResult:
        found = compile(job)
        return (
            found if isinstance(found, Rejected) else Rejected((EngineMessage("error", "too much", (), kind="limit"),))
        )

    text = functions("bad1", "good")
    found, _ = looked(text, by=small)
    assert [one.text for one in found.messages] == ["bad1"]
    assert [text[start:end] for start, end in found.unread or ()] == ["{ bad1 }"]


def test_an_engine_that_lists_its_errors_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    specs = tuple(replace(spec, lists_errors=True) for spec in engine_specs.ENGINES)
    monkeypatch.setattr(engine_specs, "ENGINES", specs)
    found, n_jobs = looked(functions("bad1", "bad2"))
    assert ([one.text for one in found.messages], n_jobs) == (["bad1"], 0)


def test_the_budget_ends_it() -> None:
    found, n_jobs = looked(functions("bad1", "bad2", "bad3"), n_looks=1)
    assert ([one.text for one in found.messages], found.unread, n_jobs) == (["bad1", "bad2"], None, 1)


@pytest.mark.parametrize("text", ["fn f%() { g(1.5 /*%*/); }\n", "fn f%() { g(1.5); g(2u); }\n"])
def test_what_many_functions_have_wrong_costs_in_proportion(text: str) -> None:
    """Each is wrong for our own front end; an engine says the first, then all of the first half."""

    def by(job: CompileJob) -> CompileResult:
        found = re.search(r"1\.5", job.text)
        assert found is not None or "g(1.5" not in job.text
        return Rejected((EngineMessage("error", "", (MessageSpan(*found.span()),)),)) if found else Accepted()

    def look(n: int) -> None:
        looked(HEAD + "".join(text.replace("%", str(i)) for i in range(n)), by=by)

    assert is_linear(growth(look, 40))
