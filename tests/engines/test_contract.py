"""What both runtimes must do, asked of the real ones: places, gaps, pipelines, limits."""

from __future__ import annotations

from typing import Protocol

import pytest

from wgsl_ls.engines.wgpu_native import WgpuEngine
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineMessage, Rejected, Unsupported


class Compiler(Protocol):
    name: str

    def compile(self, job: CompileJob) -> CompileResult: ...


@pytest.fixture(params=[pytest.param("wgpu", marks=pytest.mark.gpu), "dawn"])
def engine(request: pytest.FixtureRequest) -> Compiler:
    found: Compiler = request.getfixturevalue(f"{request.param}_engine")
    return found


def run(engine: Compiler, text: str, **options: float) -> CompileResult:
    return engine.compile(CompileJob(engine.name, text, tuple(options.items())))


def first_error(result: CompileResult) -> EngineMessage:
    assert isinstance(result, Rejected), result
    error = result.messages[0]
    assert error.severity == "error"
    return error


def place(result: CompileResult, text: str) -> str:
    span = first_error(result).spans[0]
    return text[span.start : span.end]


def test_a_correct_module_is_accepted_without_a_word(engine: Compiler) -> None:
    result = run(engine, "@compute @workgroup_size(64) fn main() {}")
    assert isinstance(result, Accepted)
    assert (result.messages, result.lowered) == ((), ())
    assert result.seconds > 0


@pytest.mark.parametrize("text", ["", "\n", "// only é😀", "fn unused() {}"])
def test_a_text_without_entry_points_is_accepted(engine: Compiler, text: str) -> None:
    assert isinstance(run(engine, text), Accepted)


@pytest.mark.parametrize(
    "before",
    ["", "/* 😀 */ ", "/* é漢𝒳 */\t", "\t\t", "/* \u2028 */ ", "\r\n\r\n  ", "/* e\u0301 */ ", "/*\x0c*/"],
)
def test_columns_are_code_points_whatever_stands_before(engine: Compiler, before: str) -> None:
    text = f"fn f() -> u32 {{\n{before}let x = missing_é; return x; }}"
    result = run(engine, text)
    assert place(result, text) == "missing_é"
    assert "missing_é" in first_error(result).text


def test_a_parse_error(engine: Compiler) -> None:
    text = "fn f() {\n  let x = ;\n}"
    error = first_error(run(engine, text))
    assert error.kind == "parse"
    assert text[error.spans[0].start :].startswith(";")


def test_every_independent_parse_error_of_tint(dawn_engine: Compiler) -> None:
    result = run(dawn_engine, "fn f() { let x: u32 = ; let y: i32 = ); }")
    assert isinstance(result, Rejected)
    assert [message.spans[0].start for message in result.messages] == [22, 37]


def test_warnings_do_not_reject(dawn_engine: Compiler) -> None:
    text = "fn f() -> u32 { return 1u; let x = 2; }"
    result = run(dawn_engine, text)
    assert isinstance(result, Accepted)
    assert [(m.severity, m.text) for m in result.messages] == [("warning", "code is unreachable")]


def test_an_error_that_only_a_pipeline_shows_names_its_entry_point(engine: Compiler) -> None:
    text = "override N: i32;\nvar<workgroup> w: array<f32, N>;\n@compute @workgroup_size(1) fn main() { w[0] = 1; }"
    assert isinstance(run(engine, text, N=4), Accepted)
    error = first_error(run(engine, text, N=-4))
    assert error.stage == "pipeline:main"
    assert error.spans


def test_override_constants_reach_every_entry_point_that_has_them(engine: Compiler) -> None:
    text = "@id(3) override N: u32;\n@compute @workgroup_size(N) fn a() {}\n@compute @workgroup_size(N) fn b() {}"
    result = run(engine, text, N=8, UNKNOWN=1)
    assert isinstance(result, Accepted)
    assert result.messages == ()


def test_an_override_without_a_value_is_told_and_is_no_error(engine: Compiler) -> None:
    text = "override N: u32;\n@compute @workgroup_size(N) fn main() {}"
    result = run(engine, text)
    assert isinstance(result, Accepted)
    (message,) = result.messages
    assert (message.severity, message.kind) == ("info", "override-value")
    assert [text[span.start : span.end] for span in message.spans] == ["N"]


def test_limits_of_the_adapter_are_told_and_reject_nothing(engine: Compiler) -> None:
    text = "@compute @workgroup_size(4096) fn a() {}\n@compute @workgroup_size(4096) fn b() {}"
    result = run(engine, text)
    assert isinstance(result, Accepted)
    (message,) = result.messages
    assert (message.severity, message.kind) == ("info", "limit")
    assert [text[span.start : span.end] for span in message.spans] == ["a", "b"]


def test_a_limit_does_not_hide_what_override_expressions_get_wrong(dawn_engine: Compiler) -> None:
    """12 storage buffers are too many for the null adapter, and that is found first."""
    buffers = "".join(f"@group(0) @binding({n}) var<storage, read_write> b{n}: array<f32>;\n" for n in range(12))
    uses = " + ".join(f"b{n}[0]" for n in range(12))
    text = (
        f"{buffers}override N: i32;\nvar<workgroup> w: array<f32, N>;\n"
        f"@compute @workgroup_size(1) fn main() {{ w[0] = {uses}; }}"
    )
    accepted = run(dawn_engine, text, N=4)
    assert isinstance(accepted, Accepted)
    assert [message.kind for message in accepted.messages] == ["limit"]
    assert "array count (-4)" in first_error(run(dawn_engine, text, N=-4)).text


def test_without_pipelines_only_the_module_is_judged(engine: Compiler) -> None:
    text = "@compute @workgroup_size(4096) fn main() {}"
    result = engine.compile(CompileJob(engine.name, text, pipelines=False))
    assert isinstance(result, Accepted)
    assert result.messages == ()


def test_an_extension_that_only_the_other_engine_knows_is_no_error(dawn_engine: Compiler) -> None:
    assert isinstance(run(dawn_engine, "enable wgpu_cooperative_matrix;"), Unsupported)


@pytest.mark.gpu
def test_an_extension_that_naga_lacks_is_no_error(wgpu_engine: Compiler) -> None:
    result = run(wgpu_engine, "enable chromium_experimental_framebuffer_fetch;")
    assert isinstance(result, Unsupported)
    assert result.extension == "chromium_experimental_framebuffer_fetch"


def test_an_extension_that_nobody_knows_is_an_error_at_its_place(engine: Compiler) -> None:
    text = "enable f16;\nenable subgrups;\nfn f() {}"
    assert place(run(engine, text), text) == "subgrups"


SUBGROUPS = """enable f16, subgroups;
diagnostic(off, subgroup_uniformity);
@group(0) @binding(0) var<storage, read_write> out: array<f16>;
@compute @workgroup_size(32) fn main(@builtin(subgroup_invocation_id) lane: u32) {
  out[lane] = subgroupAdd(f16(lane));
}
"""


def test_subgroups_are_compiled_by_both(engine: Compiler) -> None:
    assert isinstance(run(engine, SUBGROUPS), Accepted)
    wrong = SUBGROUPS.replace("f16(lane)", "f32(lane)")
    assert first_error(run(engine, wrong)).spans[0].start >= wrong.index("out[lane]") - 2


BITCASTS = """enable f16;
@group(0) @binding(0) var<storage, read_write> words: array<u32>;
@compute @workgroup_size(1) fn main() {
  let two = bitcast<vec2<f16>>(words[0]);
  let four = bitcast<vec4<f16>>(vec2<u32>(words[1], words[2]));
  words[3] = bitcast<u32>(two + four.xy);
  words[4] = bitcast<vec2<u32>>(four).y;
  let plain = bitcast<f32>(words[5]);
  words[6] = bitcast<u32>(plain);
}
"""


def test_bitcasts_of_f16_vectors_are_compiled_by_both(engine: Compiler) -> None:
    assert isinstance(run(engine, BITCASTS), Accepted)


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("words[3] =", "wrods[3] =", "wrods"),
        ("bitcast<f32>(words[5])", "bitcast<f32>(words[5] > 1u)", None),
        ("words[6] = bitcast<u32>(plain)", "words[6] = bitcast<u32>(four)", None),
        ("(words[0])", "(words[0] > 1u)", "bitcast<vec2<f16>>(words[0] > 1u)"),
        ("let plain = bitcast<f32>(words[5])", "let plain: u32 = bitcast<f32>(words[5])", None),
    ],
)
def test_bridging_the_bitcasts_hides_no_mistake(engine: Compiler, right: str, wrong: str, where: str | None) -> None:
    text = BITCASTS.replace(right, wrong)
    assert text != BITCASTS
    found = place(run(engine, text), text)
    line_of_mistake = text[: text.index(wrong)].count("\n")
    error = first_error(run(engine, text))
    assert text[: error.spans[0].start].count("\n") == line_of_mistake
    if where is not None:
        assert found == where


ATTRIBUTES = """@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(32)
fn main(@builtin(local_invocation_index) i: u32) @diagnostic(warning, subgroup_uniformity) {
  if (i < 4u) @diagnostic(off, derivative_uniformity) { out[i] = 1.0; }
  switch i @diagnostic(off, derivative_uniformity) { default @diagnostic(off, derivative_uniformity) { } }
  loop @diagnostic(off, derivative_uniformity) { break; continuing @diagnostic(off, derivative_uniformity) { } }
  @diagnostic(off, derivative_uniformity) { out[1] = 2.0; }
}
"""


def test_attributes_before_bodies_and_blocks_are_compiled_by_both(engine: Compiler) -> None:
    result = run(engine, ATTRIBUTES)
    assert isinstance(result, Accepted), result
    told = {ATTRIBUTES[one.start : one.start + 11] for one in result.bridged}
    assert told == ({"@diagnostic"} if engine.name == "wgpu" else set())
    assert place(run(engine, ATTRIBUTES.replace("out[1]", "uot[1]")), ATTRIBUTES.replace("out[1]", "uot[1]")) == "uot"


@pytest.mark.gpu
def test_what_is_refused_inside_inserted_text_is_no_verdict(wgpu_engine: Compiler) -> None:
    """A constant expression cannot call the helper that stands for the cast."""
    text = "enable f16;\nfn f() -> f16 { const pair = bitcast<vec2<f16>>(0x3c003c00u); return pair.x; }"
    result = run(wgpu_engine, text)
    assert isinstance(result, Unsupported)
    assert result.extension == "f16-bitcast"


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("@group(0) @binding(0) var t: texture_external; fn f() -> vec2u { return textureDimensions(t); }", "wgpu"),
        (
            "@group(0) @binding(0) var t: texture_storage_2d<rg32float, read_write>;\n"
            "@compute @workgroup_size(1) fn f() { textureStore(t, vec2u(0), vec4f(0)); }",
            "dawn",
        ),
    ],
)
def test_what_the_adapter_lacks_is_not_judged(engine: Compiler, text: str, lacking: str) -> None:
    assert isinstance(run(engine, text), Unsupported if engine.name == lacking else Accepted)


@pytest.mark.gpu
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("rows[at] = v;", "`v` (of type f32) cannot be stored in `rows[at]` (of type vec4<f32>)"),
        ("let b = vec2<f32>(v) <= vec2<u32>(at);", "'<=' can't work with vec2<f32> and vec2<u32>"),
    ],
)
def test_naga_speaks_of_types_and_not_of_its_tables(wgpu_engine: Compiler, statement: str, words: str) -> None:
    text = f"var<workgroup> rows: array<vec4<f32>, 16>;\nfn put(at: u32, v: f32) {{ {statement} }}"
    result = run(wgpu_engine, text)
    said = first_error(result).text
    assert words in said
    assert "[" not in said.replace("rows[at]", "")


def test_a_pipeline_s_error_is_told_without_the_words_around_it(dawn_engine: Compiler) -> None:
    text = "override N: u32 = 0u;\n@compute @workgroup_size(N) fn main() {}"
    assert first_error(run(dawn_engine, text)).text == "@workgroup_size values must be greater than 0"


def test_broken_unicode_is_an_error_of_the_text(engine: Compiler) -> None:
    text = "fn f() { \ud800 }"
    assert first_error(run(engine, text)).spans[0].start == 9


def test_a_text_that_looks_like_another_language_is_wgsl_all_the_same(engine: Compiler) -> None:
    text = "#version 450\nvoid main() {}"
    assert first_error(run(engine, text)).spans[0].start == 0


MATRIX = """enable f16;
enable chromium_experimental_subgroup_matrix;
var<workgroup> tile: array<f16, 256>;
@compute @workgroup_size(32) fn main(@builtin(local_invocation_index) index: u32) {
  tile[index] = f16(index);
  workgroupBarrier();
  var sum: subgroup_matrix_result<f16, 8, 8>;
  let left = subgroupMatrixLoad<subgroup_matrix_left<f16, 8, 8>>(&tile, 0u, false, 8u);
  let right = subgroupMatrixLoad<subgroup_matrix_right<f16, 8, 8>>(&tile, 64u, false, 8u);
  sum = subgroupMatrixMultiplyAccumulate(left, right, sum);
  subgroupMatrixStore(&tile, 128u, sum, false, 8u);
}
"""


def test_matrix_shaders_get_a_verdict_of_both(engine: Compiler) -> None:
    result = run(engine, MATRIX)
    assert isinstance(result, Accepted), result
    assert ("subgroup matrices emulated" in result.lowered) == (engine.name == "wgpu")


def test_a_mistake_beside_the_matrices_is_found_at_its_place(engine: Compiler) -> None:
    text = MATRIX.replace("f16(index)", "f16(indx)")
    assert place(run(engine, text), text) == "indx"


@pytest.mark.gpu
def test_many_pipelines_outlive_the_device_that_made_the_first(wgpu_engine: WgpuEngine) -> None:
    before = wgpu_engine.device
    for number in range(130):
        text = f"@compute @workgroup_size({number + 1}) fn main() {{}}"
        assert isinstance(run(wgpu_engine, text), Accepted)
    assert wgpu_engine.device is not before
    assert isinstance(run(wgpu_engine, SUBGROUPS), Accepted)


@pytest.mark.gpu
def test_a_rule_that_naga_lacks_is_not_warned_about(wgpu_engine: WgpuEngine, capfd: pytest.CaptureFixture[str]) -> None:
    assert isinstance(run(wgpu_engine, SUBGROUPS + "// once more"), Accepted)
    assert capfd.readouterr().err == ""
