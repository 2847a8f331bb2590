"""naga's drawings, read back. The texts are what wgpu-native 29 says about the shaders beside them."""

from __future__ import annotations

import pytest

from wgsl_ls.engines.naga_messages import parse_naga
from wgsl_ls.wgsl.lexer import operand_end
from wgsl_ls.wire.jobs import EngineMessage

MODULE = "Validation Error\n\nCaused by:\n  In wgpuDeviceCreateShaderModule\n\n"
PIPELINE = "Validation Error\n\nCaused by:\n  In wgpuDeviceCreateComputePipeline\n"


def places(message: EngineMessage, text: str) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.label) for span in message.spans]


def test_one_label_behind_wide_characters_and_a_tab() -> None:
    text = "fn f() {\n\tlet 漢é😀 = 1;\n}"
    message = parse_naga(
        MODULE
        + "Shader '' parsing error: expected operation (`=`), found \"😀\"\n  ┌─ wgsl:2:8\n  │\n"
        + "2 │     let 漢é😀 = 1;\n  │            ^^ expected operation (`=`)\n\n\n",
        text,
    )
    assert message.text == 'expected operation (`=`), found "😀"'
    assert (message.kind, message.severity, message.stage) == ("parse", "error", "module")
    assert places(message, text) == [("😀", "expected operation (`=`)")]


def test_two_labels_on_one_line_and_the_later_place_comes_first() -> None:
    text = "struct S { a: i32, a: i32 }\nalias X = Y;"
    message = parse_naga(
        MODULE
        + "Shader '' parsing error: redefinition of `a`\n  ┌─ wgsl:1:12\n  │\n1 │ struct S { a: i32, a: i32 }\n"
        + "  │            ^       ^ redefinition of `a`\n  │            │\n"
        + "  │            previous definition of `a`\n\n\n",
        text,
    )
    assert [(span.start, span.end, span.label) for span in message.spans] == [
        (19, 20, "redefinition of `a`"),
        (11, 12, "previous definition of `a`"),
    ]


@pytest.mark.parametrize(
    ("said", "text", "place"),
    [
        ("workgroup size is missing on compute shader entry point", "@compute fn main() { if true { } }\n", "main"),
        ("Function 'f' is invalid: The `return` expression None does not match", "@compute fn f() { if x { } }\n", "}"),
    ],
)
def test_what_a_function_lacks_is_told_at_its_name_or_end(said: str, text: str, place: str) -> None:
    error = MODULE + f"Shader '' parsing error: {said}\n  ┌─ wgsl:1:2\n  │\n1 │ {text}  │  ^^^^^^^ here\n\n\n"
    (span,) = parse_naga(error, text).spans
    assert (span.start, text[span.start : span.end]) == (text.rindex(place), place)


def test_labels_on_several_lines() -> None:
    text = "fn f() {}\nfn f() {}"
    message = parse_naga(
        MODULE
        + "Shader '' parsing error: redefinition of `f`\n  ┌─ wgsl:1:4\n  │\n1 │ fn f() {}\n"
        + "  │    ^ previous definition of `f`\n2 │ fn f() {}\n  │    ^ redefinition of `f`\n\n\n",
        text,
    )
    assert [(span.start, span.label) for span in message.spans] == [
        (13, "redefinition of `f`"),
        (3, "previous definition of `f`"),
    ]


def test_overlapping_labels_of_a_validation_error() -> None:
    text = "fn f() -> i32 { var t = 3i; return t + 1u; }"
    message = parse_naga(
        MODULE
        + "Shader validation error: Function [0] 'f' is invalid\n  ┌─ :1:1\n  │\n"
        + "1 │ fn f() -> i32 { var t = 3i; return t + 1u; }\n"
        + "  │ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        + "  │ │                                  │\n"
        + "  │ │                                  naga::ir::Expression [4]\n"
        + "  │ naga::ir::Function [0]\n  │\n"
        + "  = Expression [4] is invalid\n  = Operation Add can't work with [2] and [3]\n\n\n"
        + "      Expression [4] is invalid\n        Operation Add can't work with [2] and [3]",
        text,
    )
    assert message.text == "Function 'f' is invalid: '+' can't work with i32 and u32"
    assert message.notes == ()
    assert message.kind == "validation"
    assert places(message, text) == [("t", ""), (text, "")]


def test_ranges_over_several_lines_drawn_inside_each_other() -> None:
    text = (
        "fn g(a: vec2<f32>) -> f32 {\n return a.x;\n}\nfn f() -> f32 {\n  var t = 3i;\n"
        "\tvar é: u32 = 3u; return g(\n    vec3<f32>(\n 1.0)) + f32(t);\n}"
    )
    message = parse_naga(
        MODULE
        + "Shader validation error: Function [1] 'f' is invalid\n  ┌─ :4:1\n  │\n"
        + "4 │ ╭     fn f() -> f32 {\n"
        + "5 │ │       var t = 3i;\n"
        + "6 │ │         var é: u32 = 3u; return g(\n"
        + "  │ │ ╭───────────────────────────────^\n"
        + "7 │ │ │ ╭     vec3<f32>(\n"
        + "8 │ │ │ │  1.0)) + f32(t);\n"
        + "  │ │ ╰─│──────^ invalid function call\n"
        + "  │ │   ╰─────^ naga::ir::Expression [4]\n"
        + "9 │ │     }\n"
        + "  │ ╰─────^ naga::ir::Function [1]\n  │\n"
        + "  = Call to [0] is invalid\n  = Argument 0 value [4] doesn't match the type [1]\n\n\n"
        + "      Call to [0] is invalid\n        Argument 0 value [4] doesn't match the type [1]",
        text,
    )
    assert places(message, text) == [
        ("g(\n    vec3<f32>(\n 1.0))", "invalid function call"),
        ("vec3<f32>(\n 1.0)", ""),
        (text[text.index("fn f") :], ""),
    ]


def test_a_note_is_a_note() -> None:
    text = "enable subgroups;"
    message = parse_naga(
        MODULE
        + "Shader '' parsing error: the `subgroups` enable-extension is not yet supported\n  ┌─ wgsl:1:8\n  │\n"
        + "1 │ enable subgroups;\n  │        ^^^^^^^^^ not implemented\n  │\n"
        + "  = note: Let Naga maintainers know\n\n\n",
        text,
    )
    assert message.notes == ("Let Naga maintainers know",)
    assert message.text == "the `subgroups` enable-extension is not yet supported"


def test_a_note_says_no_numbers_of_types() -> None:
    message = parse_naga(
        MODULE
        + "Shader '' parsing error: bad\n  ┌─ wgsl:1:1\n  │\n1 │ x\n  │ ^ here\n  │\n"
        + "  = Alignment requirements for address space Uniform are not met by [3]\n  = The last cause\n\n\n",
        "x",
    )
    assert message.notes == ("Alignment requirements for address space Uniform are not met",)


def test_an_error_without_a_place() -> None:
    message = parse_naga(
        MODULE + "Shader '' parsing error: Invalid access into expression [1], indexed: true\n\n\n", "fn f() {}"
    )
    assert message.text == "Invalid access into expression, indexed: true"
    assert message.spans == ()


@pytest.mark.parametrize(
    ("said", "words", "text"),
    [
        (
            "Entry point main at Compute is invalid\n = The `if` condition [2] is not a boolean scalar\n",
            "Entry point main at Compute is invalid: The `if` condition is not a boolean scalar",
            "fn main() { let z: u32 = 1.5; var k = 3u; if true { } while «k» { } }",
        ),
        (
            "Function [0] 'h' is invalid\n"
            " = The `return` expression Some([2]) does not match the declared return type\n",
            "Function 'h' is invalid: The `return` expression does not match the declared return type",
            "fn h() -> u32 { var k = 3.0f; return «k»; }",
        ),
        (
            "Incompatible operands: LogicalAnd(f32, _)",
            "Incompatible operands: LogicalAnd(f32, _)",
            "fn h() { var k = 3.0f; let z = «k && true»; }",
        ),
        (
            "Entry point two at Compute is invalid\n = Argument 0 varying error\n",
            "Entry point two at Compute is invalid: Argument 0 varying error",
            "fn two_() { } @compute @workgroup_size(1) fn «two»(x: u32) { }",
        ),
        ("The `if` condition [2] is not a boolean scalar", "The `if` condition is not a boolean scalar", "fn h() { }"),
    ],
)
def test_a_place_that_naga_lost(said: str, words: str, text: str) -> None:
    """It has none for reading a variable; our own front end knows where such a mistake stands. Else the function is."""
    start, end = text.find("«"), text.find("»") - 1
    message = parse_naga(MODULE + "Shader validation error: " + said, text.replace("«", "").replace("»", ""))
    assert message.text == words
    assert [(span.start, span.end) for span in message.spans[:1]] == ([(start, end)] if start >= 0 else [])
    heads = [text[span.start : span.end + 2] for span in message.spans[1:]]
    assert heads == (["@compute @workgroup_size(1) fn «two»(x: u32) "] if "two" in text else [])


def test_a_cause_without_an_excerpt_is_told_once() -> None:
    message = parse_naga(
        MODULE
        + "Shader validation error: Type [0] '' is invalid\n = Using `i64` values requires it\n\n\n"
        + "      Using `i64` values requires it",
        "",
    )
    assert message.text == "Type '' is invalid: Using `i64` values requires it"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Pipeline constant error: Missing value for pipeline-overridable constant with identifier string: 'X'",
         "override-value"),
        ("Pipeline constant error: Division by zero", "pipeline"),
        ("Unable to derive an implicit layout\n      Too many bindings of type StorageBuffers in Stage "
         "ShaderStages(COMPUTE), limit is 32, count was 40. Check the limit "
         "`max_storage_buffers_per_shader_stage` passed to `Adapter::request_device`", "limit"),
        ("Error matching shader requirements against the pipeline\n      Shader entry point's workgroup size "
         "[2000, 1, 1] (2000 total invocations) must be less or equal to the per-dimension limit "
         "`Limits::max_compute_workgroup_size_*` of [1024, 1024, 1024]", "limit"),
        ("Something else", "pipeline"),
    ],
)  # fmt: skip
def test_complaints_about_a_pipeline(said: str, kind: str) -> None:
    message = parse_naga(PIPELINE + "    " + said, "", "pipeline:main")
    assert (message.kind, message.stage, message.spans) == (kind, "pipeline:main", ())
    assert "In wgpuDevice" not in message.text


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("abc + d", "abc"),
        ("a.b[1].c + 2", "a.b[1].c"),
        ("f(1, (2))(3) - x", "f(1, (2))(3)"),
        ("vec3<f32>(1.0) * 2", "vec3<f32>(1.0)"),
        ("a < b", "a"),
        ("(a + b).x * 2", "(a + b).x"),
        ("1.5 + 2", "1.5"),
        ("f(1, 2\nfoo", "f(1, 2"),
    ],
)
def test_where_an_operand_ends(text: str, expression: str) -> None:
    assert text[: operand_end(text, 0)] == expression


def test_nothing_is_needed_from_the_message_to_survive() -> None:
    for error in ("", "\n", "┌─ wgsl:1:1", "  ┌─ wgsl:99:99\n  │\n", "x\n  ┌─ wgsl:1:1\n  │\n1 │ other\n  │ ^^ y"):
        assert parse_naga(error, "fn f() {}").severity == "error"


def test_a_name_of_the_user_is_no_limit() -> None:
    error = (
        "Shader '' parsing error: invalid field accessor `max_bias`\n"
        "  \u250c\u2500 wgsl:1:8\n"
        "  \u2502\n"
        "1 \u2502 params.max_bias\n"
        "  \u2502        ^^^^^^^^ invalid accessor\n"
    )
    assert parse_naga(error, "params.max_bias\n").kind == "validation"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ('expected expression, found ";"', "parse"),
        ("unknown enable-extension `foo`", "parse"),
        ("no definition in scope for identifier: `x`", "name"),
        ("unknown type: `i63`", "name"),
        ("the type of `x` is expected to be `u32`, but got `{AbstractFloat}`", "type"),
        ("automatic conversions cannot convert elements of `f32` to `f16`", "type"),
        ("redefinition of `a`", "validation"),
    ],
)
def test_the_kinds_of_what_naga_calls_parsing_errors(said: str, kind: str) -> None:
    error = MODULE + f"Shader '' parsing error: {said}\n  ┌─ wgsl:1:1\n  │\n1 │ x\n  │ ^ here\n\n\n"
    assert parse_naga(error, "x").kind == kind
    assert parse_naga(MODULE + f"Shader '' parsing error: {said}\n\n\n", "x").kind == kind
