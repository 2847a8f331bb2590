"""Tint's and Dawn's messages -> EngineMessage.

A module's messages are a list: type, offset and length in UTF-8 bytes, text. (Its line and column are not
read: Tint ends lines at U+2028 and other characters where nobody else does.) A pipeline's error is one text
of Dawn's, a chain of "- While ..." lines below it, and sometimes a quotation of Tint's with
":LINE:COLUMN error:", the column in UTF-8 bytes from 1.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from wgsl_ls.engines.missing_tokens import at_the_line_that_lacks_it
from wgsl_ls.wire.jobs import EngineMessage, MessageSpan

_QUOTED = re.compile(r"^:(\d+):(\d+) (error|warning|note): (.*)$")
_LIMIT = re.compile(
    r"exceeds? the max|larger than the max|greater than the (?:max|supported)|exceeds the limit"
    r"|exceeds? .*\blimit\b|than or equal to max[A-Z]|maximum allowed|max[A-Z]\w+\b"
)
# Tint's last stage in Dawn's words; what matters is what it says.
_WRITER = re.compile(r"^(?:Error: )?An error occurred while running \w+ writer:?\s*(?:error: )?")
_LINE_BREAK = re.compile(b"\r\n|[\n\x0b\x0c\r]|\xc2\x85|\xe2\x80[\xa8\xa9]")
# Said of the rest of a function that Tint, behind a syntax error in it, takes for what stands outside.
_LOST = re.compile(r"module-scope '(?:let|var|const)'|statement found outside of function body|unexpected token$")
_PARSER = re.compile(
    r"^(expected |missing (?!return)|\w+ declaration requires a type|unable to parse |unexpected |invalid character"
    r"|unmatched|reserved|mixing )"
)
_UNRESOLVED = re.compile(r"^unresolved (?:value|call target|type|identifier|name) '(\w+)'")
_NOT_ENABLED = re.compile(r"without (?:extension )?'(\w+)'(?: extension)?(?: enabled)?|enabling extension '(\w+)'")
_TYPES = re.compile(r"type|convert|overload|operator|no matching")


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One entry of Dawn's list; `offset` is None when the message has no place."""

    severity: Literal["error", "warning", "info"]
    offset: int | None
    length: int
    text: str


def parse_module_messages(raw_messages: Iterable[RawMessage], text: str) -> list[EngineMessage]:
    """All messages of a module, their spans in code points of `text`. Tint's notes stand behind the message that
    they explain, and become further places of it."""
    encoded = text.encode("utf-8")
    messages: list[EngineMessage] = []
    for raw in raw_messages:
        said, *notes = raw.text.strip().split("\n")
        if raw.severity == "info" and messages and messages[-1].severity != "info":
            places = tuple(MessageSpan(span.start, span.end, said) for span in _span(raw, encoded))
            more = tuple(notes) if places else (said, *notes)
            messages[-1] = dataclasses.replace(
                messages[-1],
                spans=(*messages[-1].spans, *places),
                notes=(*messages[-1].notes, *(note for note in more if note.strip())),
            )
            continue
        kind, subject = _kind(said, raw.severity)
        messages.append(
            EngineMessage(
                severity=raw.severity,
                text=said,
                spans=_span(raw, encoded),
                notes=tuple(note for note in notes if note.strip()),
                kind=kind,
                subject=subject,
            )
        )
    return [at_the_line_that_lacks_it(message, text) for message in _without_lost(messages)]


def _without_lost(messages: Iterable[EngineMessage]) -> Iterable[EngineMessage]:
    is_behind = False
    for message in messages:
        if not (is_behind and _LOST.match(message.text)):
            yield message
        is_behind = is_behind or (message.severity == "error" and message.kind == "parse")


def _span(raw: RawMessage, encoded: bytes) -> tuple[MessageSpan, ...]:
    if raw.offset is None:
        return ()
    start = _n_code_points(encoded[: raw.offset])
    length = _n_code_points(encoded[raw.offset : raw.offset + raw.length])
    return (MessageSpan(start, start + max(1, length)),)


def _n_code_points(encoded: bytes) -> int:
    return len(encoded) if encoded.isascii() else len(encoded.decode("utf-8", "ignore"))


def _line_starts(encoded: bytes) -> list[int]:
    """Byte offsets of the lines as Tint counts them (WGSL 3.2 names the line breaks)."""
    return [0, *(match.end() for match in _LINE_BREAK.finditer(encoded))]


def _kind(said: str, severity: str) -> tuple[str, str]:
    """(kind, subject) of a message."""
    if severity != "error":
        return ("deprecated" if "deprecated" in said else "lint"), ""
    if (enable := _NOT_ENABLED.search(said)) is not None:
        return "extension", enable[1] or enable[2]
    if _PARSER.match(said) or _LOST.match(said):
        return "parse", ""
    if said.startswith("unresolved"):
        name = _UNRESOLVED.match(said)
        return "name", name[1] if name is not None else ""
    return ("type" if _TYPES.search(said) else "validation"), ""


def parse_pipeline_error(error: str, text: str, stage: str) -> list[EngineMessage]:
    """What Dawn says against a pipeline; the place is Tint's if it quotes one, else none."""
    lines = error.split("\n")
    messages = _quoted_messages(lines, text, stage)
    if messages:
        return messages
    said = " ".join(line.strip() for line in lines if line.strip() and not line.startswith(" - While"))
    said = _WRITER.sub("", said)
    where = tuple(line.strip(" -") for line in lines if line.startswith(" - While valid"))
    if "uninitialized pipeline overridable constants" in said:
        kind = "override-value"
    elif _LIMIT.search(said):
        kind = "limit"
    else:
        kind = "pipeline"
    return [EngineMessage("error", said, notes=where, stage=stage, kind=kind)]


def _quoted_messages(lines: list[str], text: str, stage: str) -> list[EngineMessage]:
    """Tint's own messages within a text of Dawn's; notes become further places of the error above them."""
    encoded = text.encode("utf-8")
    starts = _line_starts(encoded)
    messages: list[EngineMessage] = []
    for index, line in enumerate(lines):
        match = _QUOTED.match(line)
        if match is None or int(match[1]) > len(starts):
            continue
        carets = [row.count("^") for row in lines[index + 1 : index + 3] if row and not row.strip(" ^")]
        offset = starts[int(match[1]) - 1] + int(match[2]) - 1
        spans = _span(RawMessage("error", offset, max([1, *carets]), match[4]), encoded)
        if match[3] == "error":
            messages.append(EngineMessage("error", match[4], spans, stage=stage, kind="pipeline"))
        elif match[3] == "note" and messages:
            place = MessageSpan(spans[0].start, spans[0].end, match[4])
            messages[-1] = dataclasses.replace(messages[-1], spans=(*messages[-1].spans, place))
    return messages
