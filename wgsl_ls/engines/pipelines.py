"""From a text to a verdict: which pipelines to ask for, where a complaint without a place belongs, and what
counts as a rejection or as no answer. Shared by both engines.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

from wgsl_ls.engines.entry_points import EntryPoint, Override, entry_points, overrides
from wgsl_ls.engines.lowering import Lowered
from wgsl_ls.wgsl.module import Module
from wgsl_ls.wire.jobs import Accepted, Bridged, CompileJob, EngineMessage, MessageSpan, Rejected, Unsupported

# (entry point, constants by API key, stage) -> what the engine says against this pipeline.
MakePipeline = Callable[[str, dict[str, float], str], list[EngineMessage]]

_SEVERITY_ORDER = {"error": 0, "warning": 1, "info": 2}


def pipeline_messages(module: Module, job: CompileJob, make: MakePipeline) -> list[EngineMessage]:
    """Make a compute pipeline for every compute entry point of `module`, an outline of the text that is compiled.
    Vertex and fragment entry points are left to the module's check: their pipelines need the host's vertex layouts
    and targets."""
    declared = overrides(module)
    given = dict(job.overrides)
    constants = {
        override.key: given.get(override.name, given.get(override.key, 0.0))
        for override in declared
        if override.name in given or override.key in given
    }
    messages: list[EngineMessage] = []
    for entry_point in entry_points(module):
        if entry_point.stage != "compute":
            continue
        for message in make(entry_point.name, constants, f"pipeline:{entry_point.name}"):
            messages.append(_placed(message, entry_point, declared, constants))
    return messages


def _placed(
    message: EngineMessage,
    entry_point: EntryPoint,
    declared: Sequence[Override],
    constants: dict[str, float],
) -> EngineMessage:
    """A message without a place goes to the name of its entry point. An override without a value is nobody's
    mistake: the host has to give it, and only this check lacks it."""
    if message.kind == "override-value":
        missing = [item for item in declared if not item.has_default and item.key not in constants]
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


def judge_lowered(lowered: Lowered, messages: Iterable[EngineMessage], name: str) -> Accepted | Rejected | Unsupported:
    """The verdict on the user's text from what the engine `name` says about the lowered one."""
    told: list[EngineMessage] = []
    for message in messages:
        if lowered.blames_inserted_text(message):
            if message.severity != "error":
                continue
            kinds = dict.fromkeys(one.kind for one in lowered.bridged)
            return Unsupported(", ".join(kinds), f"{name} refuses what was written in its place: {message.text}")
        told.append(lowered.mapped(message))
    return judge(told, lowered.said, lowered.bridged)


def judge(
    messages: Iterable[EngineMessage], lowered: tuple[str, ...] = (), bridged: tuple[Bridged, ...] = ()
) -> Accepted | Rejected:
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
        return Rejected(told, lowered, bridged=bridged)
    return Accepted(told, lowered, bridged=bridged)


def compilable(text: str) -> str:
    """`text` as a runtime can take it, every character in its place: a lone surrogate has no UTF-8 form, what follows a
    NUL would not be read, and wgpu-py takes a text that begins with "#version " for GLSL."""
    text = text.replace("\0", "\ufffd")
    if text.lstrip().startswith("#version "):
        text = text.replace("#version ", "#version\t", 1)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return text
