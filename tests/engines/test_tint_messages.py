from __future__ import annotations

import pytest

from wgsl_ls.engines.tint_messages import RawMessage, parse_module_messages, parse_pipeline_error


def test_offsets_in_bytes_become_code_points() -> None:
    text = "fn f() { /*😀é*/ let x = é漢𝒳y; }"
    name = "é漢𝒳y"
    start = len(text[: text.index(name)].encode())
    (message,) = parse_module_messages(
        [RawMessage("error", start, len(name.encode()), f"unresolved value '{name}'")], text
    )
    assert text[message.spans[0].start : message.spans[0].end] == name
    assert (message.kind, message.severity) == ("name", "error")


def test_lines_behind_the_first_are_notes_and_an_empty_range_gets_one_character() -> None:
    (message,) = parse_module_messages(
        [RawMessage("error", 7, 0, "expected extension\nDid you mean 'f16'?")], "enable foo;"
    )
    assert message.text == "expected extension"
    assert message.notes == ("Did you mean 'f16'?",)
    assert (message.spans[0].start, message.spans[0].end) == (7, 8)


def test_a_message_without_a_place() -> None:
    (message,) = parse_module_messages([RawMessage("warning", None, 0, "something")], "x")
    assert message.spans == ()
    assert message.severity == "warning"


@pytest.mark.parametrize(
    ("said", "severity", "kind"),
    [
        ("missing initializer for 'let' declaration", "error", "parse"),
        ("cannot convert value of type 'abstract-float' to type 'u32'", "error", "type"),
        ("no matching overload for 'operator + (u32, f32)'", "error", "type"),
        ("unresolved type 'X'", "error", "name"),
        ("redeclaration of 'a'", "error", "validation"),
        ("use of deprecated builtin", "warning", "deprecated"),
        ("code is unreachable", "warning", "lint"),
    ],
)
def test_kinds(said: str, severity: str, kind: str) -> None:
    raw = RawMessage("error" if severity == "error" else "warning", 0, 1, said)
    assert parse_module_messages([raw], "x")[0].kind == kind


def test_what_tint_says_while_it_is_lost_behind_a_syntax_error_is_left_out() -> None:
    lost = [
        "module-scope 'let' is invalid, use 'const'",
        "statement found outside of function body",
        "unexpected token",
    ]
    said = [
        "expected ')' for if statement",
        *lost,
        "expected ';' for return statement",
        "module-scope 'var' must",
    ]
    raw = [RawMessage("error", 0, 1, words) for words in said]
    messages = parse_module_messages(raw, "x")
    assert [one.text for one in messages] == [said[0], said[4]]
    assert {one.kind for one in messages} == {"parse"}
    for first in lost:  # alone it is the mistake
        (message,) = parse_module_messages([RawMessage("error", 0, 1, first), RawMessage("error", 0, 1, lost[1])], "x")
        assert (message.text, message.kind) == (first, "parse")
    name = RawMessage("error", 0, 1, "unresolved value 'a'")
    assert len(parse_module_messages([name, RawMessage("error", 0, 1, lost[0])], "x")) == 2


QUOTED = """An error occurred while running Null writer
:3:3 error: var: invalid storage size (16 bytes) when used with subgroupMatrixLoad (512 bytes required)
  var<workgroup> w: array<f32, 4>;
  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

:2:8 note: used here
/*é*/  f(x)
       ^^^^

 - While initializing [ComputePipeline (unlabeled)]
 - While calling [Device].CreateComputePipeline([ComputePipelineDescriptor])."""


def test_a_quotation_of_tint_in_a_pipeline_error_has_its_place_and_its_notes() -> None:
    text = "one\u2028/*é*/ f(x)\n  var<workgroup> w: array<f32, 4>;"
    (message,) = parse_pipeline_error(QUOTED, text, "pipeline:main")
    assert message.text.startswith("var: invalid storage size")
    assert [text[span.start : span.end] for span in message.spans] == ["var<workgroup> w: array<f32, 4>", "f(x)"]
    assert message.spans[1].label == "used here"
    assert (message.kind, message.stage) == ("pipeline", "pipeline:main")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Entry-point uses workgroup_size(2000, 1, 1) that exceeds the maximum allowed (256, 256, 64).", "limit"),
        ("The total use of workgroup storage (40000 bytes) is larger than the maximum allowed (16384 bytes).",
         "limit"),
        ("The number of storage buffers (12) in the Compute stage exceeds the maximum per-stage limit (8).",
         "limit"),
        ("There are uninitialized pipeline overridable constants, their identifiers:[X]", "override-value"),
        ("Something else is wrong", "pipeline"),
    ],
)  # fmt: skip
def test_what_dawn_says_itself(said: str, kind: str) -> None:
    error = (
        said
        + '\n - While validating compute stage ([ShaderModule (unlabeled)], entryPoint: "main").\n'
        + " - While calling [Device].CreateComputePipeline([ComputePipelineDescriptor])."
    )
    (message,) = parse_pipeline_error(error, "", "pipeline:main")
    assert (message.text, message.kind, message.spans) == (said, kind, ())


def test_a_note_belongs_to_the_message_in_front_of_it() -> None:
    raws = [
        RawMessage("error", 0, 1, "redeclaration of 'a'"),
        RawMessage("info", 2, 1, "'a' previously declared here"),
        RawMessage("info", None, 0, "somewhere"),
        RawMessage("error", 4, 1, "unresolved value 'c'"),
    ]
    first, second = parse_module_messages(raws, "a b c")
    assert [(span.start, span.label) for span in first.spans] == [(0, ""), (2, "'a' previously declared here")]
    assert (first.notes, second.spans[0].start) == (("somewhere",), 4)


def test_a_note_without_a_message_in_front_stands_for_itself() -> None:
    (message,) = parse_module_messages([RawMessage("info", 0, 1, "control flow is uniform")], "x")
    assert (message.severity, message.text) == ("info", "control flow is uniform")


@pytest.mark.parametrize(
    ("text", "said", "at", "expected"),
    [
        ("let a = 1 // one\nlet b = 2;", "expected ';' for variable declaration", "let b", "1"),
        ("struct S {\n  a: u32 /* ; */\n\n  b: u32 }", "expected '}' for struct declaration", "b:", "2"),
        ("if (a)\n  g();", "expected '{' for if statement", "g()", ")"),
        ("let a = b +\n return c;", "unable to parse right side of + expression", "return", "+"),
        # The same line, the end of a block, and what is no missing token stay.
        ("let a = (1;", "expected ')'", ";", ";"),
        ("fn f() {\n else", "expected '}' for function body", "else", "e"),
        ("let a =\n ;", "unable to parse right side of expression", ";", "="),
        (";", "expected ';'", ";", ";"),
    ],
)
def test_a_missing_token_is_told_at_the_line_that_lacks_it(text: str, said: str, at: str, expected: str) -> None:
    start = text.index(at) if at != "let b" else text.rindex(at)
    (message,) = parse_module_messages([RawMessage("error", start, 1, said)], text)
    assert text[message.spans[0].start : message.spans[0].end] == expected
