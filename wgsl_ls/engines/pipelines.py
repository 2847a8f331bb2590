"""From a module to a verdict: which pipelines to ask for, where a complaint without a place belongs, and what
counts as a rejection. Shared by both engines.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

from wgsl_ls.engines.entry_points import EntryPoint, Override, find_entry_points, find_overrides
from wgsl_ls.engines.naga_messages import expression_end
from wgsl_ls.engines.rewriting import ToOriginal
from wgsl_ls.wire.jobs import Accepted, CompileJob, EngineMessage, MessageSpan, Rejected

# (entry point, constants by API key, stage) -> what the engine says against this pipeline.
MakePipeline = Callable[[str, dict[str, float], str], list[EngineMessage]]

_SEVERITY_ORDER = {"error": 0, "warning": 1, "info": 2}


def pipeline_messages(bare: str, job: CompileJob, make: MakePipeline) -> list[EngineMessage]:
    """Make a compute pipeline for every compute entry point of `bare`, a text without comments. Vertex and
    fragment entry points are left to the module's check: their pipelines need the host's vertex layouts and
    targets."""
    overrides = find_overrides(bare)
    given = dict(job.overrides)
    constants = {
        override.key: given.get(override.name, given.get(override.key, 0.0))
        for override in overrides
        if override.name in given or override.key in given
    }
    messages: list[EngineMessage] = []
    for entry_point in find_entry_points(bare):
        if entry_point.stage != "compute":
            continue
        for message in make(entry_point.name, constants, f"pipeline:{entry_point.name}"):
            messages.append(_placed(message, entry_point, overrides, constants))
    return messages


def _placed(
    message: EngineMessage,
    entry_point: EntryPoint,
    overrides: Sequence[Override],
    constants: dict[str, float],
) -> EngineMessage:
    """A message without a place goes to the name of its entry point. An override without a value is nobody's
    mistake: the host has to give it, and only this check lacks it."""
    if message.kind == "override-value":
        missing = [item for item in overrides if not item.has_default and item.key not in constants]
        return dataclasses.replace(
            message,
            severity="info",
            text=f"the pipeline of '{entry_point.name}' was not checked: no value for the override constant "
            + ", ".join(f"'{item.name}'" for item in missing),
            spans=tuple(MessageSpan(item.start, item.end) for item in missing),
        )
    if message.spans:
        return message
    return dataclasses.replace(message, spans=(MessageSpan(entry_point.start, entry_point.end),))


def mapped(messages: Iterable[EngineMessage], to_original: ToOriginal, text: str) -> list[EngineMessage]:
    """The messages with their spans in `text`, that of the job; a span of generated text is dropped. A span
    that shrinks to nothing, because it lay in rewritten text, gets the expression that stands there."""
    return [
        dataclasses.replace(
            message,
            spans=tuple(
                MessageSpan(start, end if end > start else expression_end(text, start), span.label)
                for span in message.spans
                if (start := to_original(span.start)) is not None and (end := to_original(span.end)) is not None
            ),
        )
        for message in messages
    ]


def judge(messages: Iterable[EngineMessage], lowered: tuple[str, ...] = ()) -> Accepted | Rejected:
    """The verdict. Limits of the adapter at hand are told as information and never reject: which devices a
    shader must fit is the profiles' question. The same message for several entry points is told once, with
    all their places."""
    # A note of another stage about the same text and place says nothing new.
    unique: dict[tuple[str, str, str, object], EngineMessage] = {}
    for message in messages:
        if message.kind == "limit" and message.severity != "info":
            message = dataclasses.replace(message, severity="info")
        place = None if message.stage.startswith("pipeline:") else message.spans
        key = (message.severity, message.kind, message.text, place)
        earlier = unique.get(key)
        if earlier is None:
            unique[key] = message
        else:
            spans = tuple(dict.fromkeys(earlier.spans + message.spans))
            unique[key] = dataclasses.replace(earlier, spans=spans)
    told = tuple(sorted(unique.values(), key=lambda message: _SEVERITY_ORDER[message.severity]))
    if any(message.severity == "error" for message in told):
        return Rejected(told, lowered)
    return Accepted(told, lowered)


def compilable(text: str) -> str:
    """`text` as a runtime can take it, every character in its place: a lone surrogate has no UTF-8 form, and
    wgpu-py takes a text that begins with "#version " for GLSL."""
    if text.lstrip().startswith("#version "):
        text = text.replace("#version ", "#version\t", 1)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return text
