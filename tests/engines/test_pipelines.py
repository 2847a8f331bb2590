from __future__ import annotations

from typing import Literal

import pytest

from wgsl_ls.engines.lowering import Lowered
from wgsl_ls.engines.pipelines import compilable, judge, judge_lowered, pipeline_messages
from wgsl_ls.wgsl.parser import outline
from wgsl_ls.wgsl.rewriting import Edit, rewrite
from wgsl_ls.wire.jobs import Accepted, Bridged, CompileJob, EngineMessage, MessageSpan, Rejected, Unsupported

TEXT = """@id(7) override SIZE: u32;
override DEPTH = 2;
override UNSET: f32;
@compute @workgroup_size(SIZE) fn first() {}
@compute @workgroup_size(1) fn second() {}
@fragment fn third() {}
"""


def at(word: str) -> MessageSpan:
    start = TEXT.index(f"fn {word}") + 3 if f"fn {word}" in TEXT else TEXT.index(word)
    return MessageSpan(start, start + len(word))


def test_every_compute_entry_point_gets_the_constants_that_the_module_has() -> None:
    asked: list[tuple[str, dict[str, float], str]] = []

    def make(name: str, constants: dict[str, float], stage: str) -> list[EngineMessage]:
        asked.append((name, constants, stage))
        return []

    job = CompileJob("x", TEXT, (("SIZE", 8.0), ("OTHER", 1.0), ("DEPTH", 3.0)))
    assert pipeline_messages(outline(TEXT), job, make) == []
    constants = {"7": 8.0, "DEPTH": 3.0}
    assert asked == [("first", constants, "pipeline:first"), ("second", constants, "pipeline:second")]


def test_a_complaint_without_a_place_goes_to_the_name_of_its_entry_point() -> None:
    def make(name: str, constants: dict[str, float], stage: str) -> list[EngineMessage]:
        return [EngineMessage("error", "no", stage=stage)] if name == "second" else []

    (message,) = pipeline_messages(outline(TEXT), CompileJob("x", TEXT), make)
    assert message.spans == (at("second"),)


def test_an_override_without_a_value_is_named_where_it_is_declared() -> None:
    def make(name: str, constants: dict[str, float], stage: str) -> list[EngineMessage]:
        return [EngineMessage("error", "no value", stage=stage, kind="override-value")]

    first, _ = pipeline_messages(outline(TEXT), CompileJob("x", TEXT, (("SIZE", 8.0),)), make)
    assert (first.severity, first.spans) == ("info", (at("UNSET"),))
    assert "'UNSET'" in first.text
    assert "'SIZE'" not in first.text


def test_limits_are_information_and_one_message_holds_all_its_places() -> None:
    limits = [
        EngineMessage("error", "too much", (at(name),), stage=f"pipeline:{name}", kind="limit")
        for name in ("first", "second")
    ]
    result = judge(limits, ("rewritten",))
    assert isinstance(result, Accepted)
    assert result.lowered == ("rewritten",)
    assert result.messages == (
        EngineMessage("info", "too much", (at("first"), at("second")), stage="pipeline:first", kind="limit"),
    )


def test_errors_come_first_and_reject() -> None:
    warning = EngineMessage("warning", "hm", (at("DEPTH"),))
    error = EngineMessage("error", "no", (at("first"),))
    same_words_elsewhere = EngineMessage("error", "no", (at("second"),))
    assert judge([warning, error, same_words_elsewhere, error]) == Rejected((error, same_words_elsewhere, warning))
    assert judge([warning]) == Accepted((warning,))


ORIGINAL = "fn f() { old(c); other(d); }"


def lowered(*bridged: Bridged) -> Lowered:
    """`old` is spelled `brand_new` and something is appended."""
    start = ORIGINAL.index("old")
    edits = [Edit(start, start + 3, "brand_new"), Edit(len(ORIGINAL), len(ORIGINAL), "\nfn more() {}")]
    text = rewrite(ORIGINAL, edits)
    return Lowered(text, outline(text.text), ("respelled",), bridged)


def said(text: str, word: str, severity: Literal["error", "warning"] = "error", also: str = "") -> EngineMessage:
    words = [word, also] if also else [word]
    spans = tuple(MessageSpan(text.index(one), text.index(one) + len(one)) for one in words)
    return EngineMessage(severity, "no", spans)


def test_an_error_at_the_users_own_words_is_mapped_back_and_rejects() -> None:
    candidate = lowered()
    result = judge_lowered(candidate, [said(candidate.text, "other(d)", also="more")], "naga")
    assert isinstance(result, Rejected)
    (message,) = result.messages
    assert [ORIGINAL[span.start : span.end] for span in message.spans] == ["other(d)"]
    assert result.lowered == ("respelled",)
    across = judge_lowered(candidate, [said(candidate.text, "c); other")], "naga")
    assert isinstance(across, Rejected)
    assert [ORIGINAL[span.start : span.end] for span in across.messages[0].spans] == ["c); other"]


@pytest.mark.parametrize("word", ["brand_new", "new(c)", "more", "fn more() {}"])
def test_an_error_in_inserted_words_is_no_verdict_on_the_text(word: str) -> None:
    candidate = lowered(Bridged("f16-bitcast", 9, 12, "respelled"))
    result = judge_lowered(candidate, [said(candidate.text, word)], "naga")
    assert isinstance(result, Unsupported)
    assert (result.extension, result.detail) == ("f16-bitcast", "naga refuses what was written in its place: no")
    warned = judge_lowered(candidate, [said(candidate.text, word, "warning")], "naga")
    assert isinstance(warned, Accepted)
    assert warned.messages == ()


def test_an_error_without_a_place_tells_nothing_when_calls_were_respelled() -> None:
    nowhere = EngineMessage("error", "no")
    assert isinstance(judge_lowered(lowered(), [nowhere], "naga"), Rejected)
    respelled = lowered(Bridged("subgroup-matrix", 9, 12, "respelled"))
    assert isinstance(judge_lowered(respelled, [nowhere], "naga"), Unsupported)


def test_what_was_bridged_is_told_with_every_verdict() -> None:
    bridged = Bridged("enable", 9, 12, "left out")
    for messages in ([], [said(ORIGINAL, "fn")]):
        result = judge_lowered(lowered(bridged), messages, "naga")
        assert isinstance(result, Accepted | Rejected)
        assert result.bridged == (bridged,)


def test_a_text_is_made_compilable_without_moving_anything() -> None:
    assert compilable("fn f() {}") == "fn f() {}"
    assert compilable("a\0 fn (") == "a\ufffd fn ("
    assert compilable("a\ud800b\udfffc😀") == "a\ufffdb\ufffdc😀"
    assert compilable(" \n#version 450\n#version 450") == " \n#version\t450\n#version 450"
