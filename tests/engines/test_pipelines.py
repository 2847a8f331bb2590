from __future__ import annotations

from wgsl_ls.engines.entry_points import without_comments
from wgsl_ls.engines.pipelines import compilable, judge, mapped, pipeline_messages
from wgsl_ls.wire.jobs import Accepted, CompileJob, EngineMessage, MessageSpan, Rejected

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
    assert pipeline_messages(without_comments(TEXT), job, make) == []
    constants = {"7": 8.0, "DEPTH": 3.0}
    assert asked == [("first", constants, "pipeline:first"), ("second", constants, "pipeline:second")]


def test_a_complaint_without_a_place_goes_to_the_name_of_its_entry_point() -> None:
    def make(name: str, constants: dict[str, float], stage: str) -> list[EngineMessage]:
        return [EngineMessage("error", "no", stage=stage)] if name == "second" else []

    (message,) = pipeline_messages(TEXT, CompileJob("x", TEXT), make)
    assert message.spans == (at("second"),)


def test_an_override_without_a_value_is_named_where_it_is_declared() -> None:
    def make(name: str, constants: dict[str, float], stage: str) -> list[EngineMessage]:
        return [EngineMessage("error", "no value", stage=stage, kind="override-value")]

    first, _ = pipeline_messages(TEXT, CompileJob("x", TEXT, (("SIZE", 8.0),)), make)
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


def test_places_in_generated_text_are_dropped_and_empty_ones_widened() -> None:
    message = EngineMessage("error", "no", (MessageSpan(0, 4, "a"), MessageSpan(4, 5), MessageSpan(90, 95)))
    (back,) = mapped([message], lambda offset: None if offset > 50 else 10 if offset < 5 else 11, "x" * 10 + "ab(c) d")
    assert back.spans == (MessageSpan(10, 15, "a"), MessageSpan(10, 11))


def test_a_text_is_made_compilable_without_moving_anything() -> None:
    assert compilable("fn f() {}") == "fn f() {}"
    assert compilable("a\ud800b\udfffc😀") == "a\ufffdb\ufffdc😀"
    assert compilable(" \n#version 450\n#version 450") == " \n#version\t450\n#version 450"
