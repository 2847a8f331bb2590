"""Plans from layouts and tables: bytes, uniforms, guesses, what the reference gets, and what is refused."""

from __future__ import annotations

import dataclasses
import struct
from typing import Any

import numpy as np
import pytest

from tests.steps import steps_of
from wgsl_ls.project.toml_document import read_toml
from wgsl_ls.smoke.codecs import decode_q8_0
from wgsl_ls.smoke.config import CaseConfig, SmokeConfig, StageConfig, read_smoke_config
from wgsl_ls.smoke.evaluator import Environment, ExpressionError, evaluate
from wgsl_ls.smoke.layout import BufferBinding, ComputeEntry, ShaderLayout, UniformField, layout_of
from wgsl_ls.smoke.plan import SmokePlan, StageSource, plan_smoke
from wgsl_ls.smoke.uniforms import PlanError

LAYOUT = ShaderLayout(
    (ComputeEntry("main", (64, 1, 1)),),
    (
        BufferBinding("a", 0, 0, "storage", True, "f32", None, 4),
        BufferBinding("out", 0, 1, "storage", False, "f16", None, 2),
        BufferBinding(
            "params",
            0,
            2,
            "uniform",
            True,
            "",
            None,
            16,
            (
                UniformField("n", 0, "u32"),
                UniformField("scale", 4, "f32"),
                UniformField("offset_a", 8, "u32"),
                UniformField("other", 12, "i32"),
            ),
        ),
    ),
)
TABLE = """
reference = "matrix_product"
dispatch = ["ceil_div(n, TILE)", 2]
[values]
n = 4
m = "n * 2"
scale = 0.5
[buffers.a]
shape = ["n", "n"]
strides = ["n + 1", 1]
offset = 3
input = "iota"
[buffers.out]
shape = ["n", "n"]
[uniforms.params]
other = "-m"
[tensors]
a = "a"
b = { buffer = "a", shape = ["n", "n"], strides = [0, 0] , offset = 4 }
output = "out"
[[cases]]
name = "small"
[[cases]]
name = "large"
values = { n = 8 }
"""


def config_of(text: str) -> SmokeConfig:
    document, syntax = read_toml("wgsl-ls.toml", text)
    assert not syntax
    config, problems = read_smoke_config(document)
    assert problems == ()
    return config


def stage(**changes: Any) -> StageSource:
    source = StageSource("main", "fn main() {}", LAYOUT, {"TILE": "3u"})
    return dataclasses.replace(source, **changes)


def plan(text: str = TABLE, case: int = 0, **changes: Any) -> SmokePlan:
    config = config_of(text)
    return plan_smoke("v", [stage(**changes)], config, config.cases[case])


def test_buffers_uniforms_and_dispatch() -> None:
    made = plan()
    buffers = {buffer.name: buffer for buffer in made.job.buffers}
    a = np.frombuffer(buffers["a"].data, "<f4")
    assert a.size == 3 + 3 * 5 + 4
    assert a[3:7].tolist() == [0, 1, 2, 3] and a[8:12].tolist() == [4, 5, 6, 7]
    assert np.isnan(a[[0, 1, 2, 7, 12, 17]]).all()
    assert buffers["out"].data == b"\xad\x7e" * 16
    # n by the value of its name, scale too, the offset guessed, the last one from the table.
    assert buffers["params"].data == struct.pack("<IfIi", 4, 0.5, 0, -8)
    assert made.guessed == ("params.offset_a = 0",)
    (job_stage,) = made.job.stages
    assert job_stage.workgroups == (2, 2, 1)
    assert [(item.binding, item.buffer, item.read_only) for item in job_stage.bindings] == [
        (0, "a", True),
        (1, "out", False),
        (2, "params", True),
    ]
    assert made.read_only == ("a",) and [output.buffer for output in made.outputs] == ["out"]


def test_the_reference_sees_the_tensors_of_the_device() -> None:
    made = plan()
    a = np.arange(16.0).reshape(4, 4)
    np.testing.assert_array_equal(made.expected["out"], a @ np.ones((4, 4)))


def test_a_case_replaces_values_before_they_are_used() -> None:
    made = plan(case=1)
    assert made.job.stages[0].workgroups == (3, 2, 1)
    params = next(buffer for buffer in made.job.buffers if buffer.name == "params")
    assert struct.unpack("<IfIi", params.data) == (8, 0.5, 0, -16)


def test_without_a_configuration_everything_is_guessed_and_said() -> None:
    made = plan_smoke("v", [stage()], SmokeConfig(), CaseConfig(""))
    assert made.guessed == (
        "a: 4096 elements",
        "a: normal",
        "out: 4096 elements",
        "params.n = 1",
        "params.scale = 1.0",
        "params.offset_a = 0",
        "params.other = 1",
        "dispatch of main: 1 workgroup",
    )
    assert made.expected == {}


def test_stages_share_buffers_and_have_their_own_uniforms() -> None:
    first = stage(config=StageConfig(bind=(("out", "middle"),)))
    last = stage(
        name="second",
        config=StageConfig("second.wgsl", "second", dispatch=("n",), bind=(("a", "middle"), ("out", "result")),
                           uniforms=(("params", (("n", 77),)),)),
    )  # fmt: skip
    config = config_of("[buffers.middle]\nscratch = true\ncount = 8\n[values]\nn = 4\n")
    made = plan_smoke("v", [first, last], config, config.cases[0])
    names = [buffer.name for buffer in made.job.buffers]
    assert names == ["a", "middle", "result", "main.params", "second.params"]
    assert [output.buffer for output in made.outputs] == ["result"] and made.read_only == ("a",)
    assert struct.unpack("<I", made.job.buffers[-1].data[:4]) == (77,)


def test_a_quantised_buffer_reaches_the_reference_as_the_device_decodes_it() -> None:
    layout = dataclasses.replace(
        LAYOUT, bindings=(dataclasses.replace(LAYOUT.bindings[0], component="u32"), *LAYOUT.bindings[1:])
    )
    text = """
reference = "matrix_product"
arguments = { alpha = 2.0 }
tensors = { a = "a", b = "a" }
[buffers.a]
codec = "'q8_0' if defined(TILE) else ''"
shape = [32, 32]
[buffers.out]
shape = [32, 32]
"""
    made = plan(text, layout=layout)
    a = next(buffer for buffer in made.job.buffers if buffer.name == "a")
    assert len(a.data) == 32 * 34
    decoded = decode_q8_0(a.data).reshape(32, 32)
    np.testing.assert_array_equal(made.expected["out"], 2 * decoded @ decoded)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('"matrix_product"', '"no_such"'), "unknown reference"),
        (('"ceil_div(n, TILE)"', '"ceil_div(n, UNKNOWN)"'), "UNKNOWN"),
        (('"ceil_div(n, TILE)"', "0"), "workgroups"),
        (("offset = 3", "offset = -3"), "negative"),
        (('output = "out"', 'output = "a"'), "not bound"),
        (("n = 4", "n = 4.5"), "no integer"),
        (('a = "a"', 'c = "a"'), "needs 'a'"),
        (('a = "a"', 'q = "a"'), "no argument 'q'"),
        (('strides = ["n + 1", 1]', "strides = [1]"), "strides"),
        (("n = 4", "n = 40000"), "bytes"),
        (('shape = ["n", "n"]\n[uniforms', 'shape = ["n", 3]\n[uniforms'), "shape"),
        (("offset = 4 }", "offset = 400 }"), "ends at element"),
    ],
)
def test_what_cannot_be_planned_is_explained(change: tuple[str, str], why: str) -> None:
    assert change[0] in TABLE
    with pytest.raises(PlanError, match=why):
        plan(TABLE.replace(*change))


OVERRIDES = """@group(0) @binding(0) var<storage, read_write> o: array<u32>;
override size: u32;
@id(7) override n: u32;
override known: u32 = 3;
override unused: u32;
@compute @workgroup_size(size) fn main() { o[0] = n + known; }
"""


@pytest.mark.parametrize(
    ("given", "unset"), [((), "size, n"), (("n",), "size"), (("7",), "size"), (("size", "7"), ""), (("size", "n"), "")]
)
def test_override_constants_that_nobody_gives_are_named(given: tuple[str, ...], unset: str) -> None:
    one = stage(layout=layout_of(OVERRIDES))
    config = SmokeConfig(overrides=tuple((name, 1) for name in given))
    if unset:
        with pytest.raises(PlanError, match=f"nobody says what the override constants {unset} are"):
            plan_smoke("v", [one], config, CaseConfig(""))
    else:
        assert plan_smoke("v", [one], config, CaseConfig("")).job.stages


def test_textures_are_refused() -> None:
    layout = ShaderLayout(LAYOUT.entry_points, (BufferBinding("t", 0, 0, "other", True, "", None, 0),))
    with pytest.raises(PlanError, match="textures"):
        plan_smoke("v", [stage(layout=layout)], SmokeConfig(), CaseConfig(""))


def test_array_length_keeps_the_guard_outside_the_binding() -> None:
    made = plan_smoke(
        "v", [stage(text="fn main() { let n = arrayLength(&out); }")], SmokeConfig(), CaseConfig("")
    )  # fmt: skip
    assert {buffer.name: buffer.guard_inside for buffer in made.job.buffers if buffer.use == "storage"} == {
        "a": True,
        "out": False,
    }


def test_mistakes_in_the_table_are_problems_at_their_places() -> None:
    text = 'tolerance = "x"\nunknown = 1\n[buffers.a]\nshape = 3\nout = true\n[[cases]]\nvalues = 1\n'
    document, _ = read_toml("wgsl-ls.toml", text)
    config, problems = read_smoke_config(document)
    messages = [(text[problem.span.start : problem.span.end], problem.message.split(";")[0]) for problem in problems]
    assert ('"x"', "expected a number") in messages
    assert ("unknown", "unknown key 'unknown'") in messages
    assert ("3", "expected a list of numbers or expressions") in messages
    assert ("out", "unknown key 'out'") in messages
    assert config.cases[0].name == "case 0"


def test_strides_of_zero_make_no_terabytes() -> None:
    with pytest.raises(PlanError, match="elements are more"):
        plan(TABLE.replace("n = 4", "n = 40000", 1).replace('strides = ["n + 1", 1]', "strides = [0, 0]"))


def test_macros_that_double_each_other_are_worked_out_once() -> None:
    environment = Environment({}, {f"A{i}": f"A{i - 1}+A{i - 1}" if i else "1" for i in range(40)})
    steps = steps_of(lambda: evaluate("A39", environment), 100_000)
    assert evaluate("A39", environment) == 2**39 and steps < 20_000
    deep = Environment({}, {f"B{i}": f"B{i + 1}" for i in range(2000)} | {"B2000": "1"})
    with pytest.raises(ExpressionError, match="in each other"):
        evaluate("B0", deep)
