"""naga's error text -> EngineMessage.

wgpu-native hands out one formatted text per error: a header, a source excerpt drawn by the crate
`codespan-reporting`, and a chain of causes. There is no structured form, so the drawing is read back: the
rows of numbers give lines, the rows of carets give columns in *display cells* (a tab reaches the next
multiple of four, a wide character takes two), and connected lines at the left edge give ranges over several
lines. Where two labels overlap the drawing does not say where the inner one ends; then it ends where the
expression that begins there ends. Columns in the `wgsl:L:C` line count code points from 1. Offsets in the
result are code points of the text that was compiled.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from wgsl_ls.engines.missing_tokens import at_the_line_that_lacks_it
from wgsl_ls.engines.naga_words import in_words, places_in_our_words
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.lexer import operand_end
from wgsl_ls.wire.jobs import EngineMessage, MessageSpan

_ARROW = re.compile(r"^\s*┌─ [^\n]*?:(\d+):(\d+)$")
_ROW = re.compile(r"^ *(\d+)? +[│·](?: (.*))?$")
_CARETS = re.compile(r"\^+|-+")
_HEADER = re.compile(r"^Shader '[^']*' parsing error: |^Shader validation error: ")
_INTERNAL_LABEL = re.compile(r"^naga::ir::(\w+) \[\d+\]$")
_INDEX_IN_HEADER = re.compile(r"\b(Function|Constant|Override|Global variable|Type) \[\d+\] ")
_ONLY_NUMBERS = re.compile(r"^Expression \[\d+\] is invalid$")
_QUOTED = re.compile(r"`[^`]*`")
_SYNTAX = re.compile(
    r"declaration of `` needs a type|expected (?!type)|unexpected |unknown (?:enable|language)"
    r"|invalid (?:identifier|number)|.*extension"
)
_NAMES = re.compile(r"no definition in scope|unknown (?:type|identifier|builtin|attribute|function|scalar)")
_UNRESOLVED = re.compile(r"no definition in scope for identifier: `(\w+)`|unknown type: `(\w+)`")
_NOT_ENABLED = re.compile(r"the `(\w+)` enable extension")
_TYPES = re.compile(r"\btypes?\b|\bconver|\bcast\b|overload|operand|argument")
_LIMIT = re.compile(r"Limits::|\bmax_[a-z_]+\b|limit is \d+|exceeds the \S* ?limit")
_TAB_WIDTH = 4


@dataclass(slots=True)
class _Label:
    """`end` is None while the drawing does not say it."""

    start: int
    end: int | None
    text: str = ""


def parse_naga(error: str, text: str, stage: str = "module") -> EngineMessage:
    """The message in `error`, which naga or wgpu said about `text`."""
    lines = error.split("\n")
    arrow_index = next((index for index, line in enumerate(lines) if _ARROW.match(line)), None)
    if arrow_index is None:
        return _without_excerpt(lines, text, stage)
    header = next((line for line in reversed(lines[:arrow_index]) if line.strip()), "").strip()
    parsing = " parsing error: " in header
    header = _INDEX_IN_HEADER.sub(lambda match: match[1] + " ", _HEADER.sub("", header))
    excerpt_end = arrow_index + 1
    while excerpt_end < len(lines) and _ROW.match(lines[excerpt_end]):
        excerpt_end += 1
    causes, notes = _causes_and_notes(lines[excerpt_end:])
    index = LineIndex(text, only_lf=True)
    labels = _read_excerpt(lines[arrow_index + 1 : excerpt_end], text, index)
    if not labels:
        match = _ARROW.match(lines[arrow_index])
        assert match is not None
        start = index.offset(int(match[1]) - 1, int(match[2]) - 1)
        labels = [_Label(start, None)]
    message = f"{header}: {causes[-1]}" if causes else header
    # Quoted names are the user's: a member `max_bias` is no limit.
    if _LIMIT.search(_QUOTED.sub("", message)):
        kind = "limit"
    else:
        kind = _kind_of_parsing_error(header) if parsing else "validation"
    subject = ""
    if parsing and (enable := _NOT_ENABLED.search(message)) is not None:
        kind, subject = "extension", enable[1]
    elif kind == "name" and (name := _UNRESOLVED.search(message)) is not None:
        subject = name[1] or name[2]
    spans = _spans(labels, text)
    said = EngineMessage(
        severity="error",
        text=in_words(message, [Span(span.start, span.end) for span in spans], text),
        spans=spans,
        notes=tuple(in_words(note, (), text) for note in causes[:-1] + notes if not _ONLY_NUMBERS.match(note)),
        stage=stage,
        kind=kind,
        subject=subject,
    )
    return at_the_line_that_lacks_it(said, text)


def _kind_of_parsing_error(said: str) -> str:
    """Naga calls every error of its front end a parsing error; these are the words that Tint's get, too."""
    said = _QUOTED.sub("``", said)
    if _SYNTAX.match(said):
        return "parse"
    if _NAMES.match(said):
        return "name"
    return "type" if _TYPES.search(said) else "validation"


def _without_excerpt(lines: list[str], text: str, stage: str) -> EngineMessage:
    """Errors of wgpu itself: an indented chain of causes below "In wgpuDevice..."."""
    chain = [line.strip().removeprefix("= ") for line in lines if line.strip()]
    chain = [
        _HEADER.sub("", line)
        for line in chain
        if line not in ("Validation Error", "Caused by:") and not line.startswith("In wgpuDevice")
    ]
    message = ": ".join(dict.fromkeys(chain)) or "rejected without a reason"
    if _LIMIT.search(message):
        kind = "limit"
    elif "Missing value for pipeline-overridable constant" in message:
        kind = "override-value"
    elif stage.startswith("pipeline"):
        kind = "pipeline"
    else:
        kind = _kind_of_parsing_error(message) if " parsing error: " in "\n".join(lines) else "validation"
    places = zip(places_in_our_words(message, text), ("", "in the head of this function"), strict=False)
    spans = tuple(MessageSpan(place.start, place.end, label) for place, label in places)
    return EngineMessage("error", in_words(message, (), text), spans, stage=stage, kind=kind)


def _causes_and_notes(lines: list[str]) -> tuple[list[str], list[str]]:
    """The `= ...` rows below an excerpt. The indented repetition that follows them says nothing new."""
    causes: list[str] = []
    notes: list[str] = []
    for line in lines:
        stripped = line.strip()
        if not stripped.startswith("= "):
            continue
        said = stripped[2:]
        if said.startswith(("note: ", "help: ")):
            notes.append(said.partition(": ")[2])
        else:
            causes.append(said)
    return causes, notes


# ---- the drawing ----


def _read_excerpt(rows: list[str], text: str, index: LineIndex) -> list[_Label]:
    parsed: list[tuple[int | None, str]] = []
    for row in rows:
        match = _ROW.match(row)
        assert match is not None
        parsed.append((int(match[1]) - 1 if match[1] else None, match[2] or ""))
    gutter = _gutter_width(parsed, text, index)
    reader = _ExcerptReader(text, index, gutter)
    for line, content in parsed:
        reader.read(line, content)
    return reader.labels


def _gutter_width(rows: list[tuple[int | None, str]], text: str, index: LineIndex) -> int:
    """Cells at the left that belong to the connecting lines of ranges over several lines."""
    for line, content in rows:
        if line is not None and line < index.n_lines:
            source = _rendered(text[index.line_start(line) : index.line_end(line)])
            if source and content.rstrip().endswith(source):
                return len(content.rstrip()) - len(source)
    return 0


def _rendered(source: str) -> str:
    """A source line as it is drawn: tabs widened, the end trimmed."""
    cells = []
    column = 0
    for character in source:
        width = _cells(character, column)
        cells.append(" " * width if character == "\t" else character)
        column += width
    return "".join(cells).rstrip()


def _cells(character: str, column: int) -> int:
    if character == "\t":
        return _TAB_WIDTH - column % _TAB_WIDTH
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


class _ExcerptReader:
    """Reads one row after the other; `labels` in the order of their first caret."""

    def __init__(self, text: str, index: LineIndex, gutter: int) -> None:
        self.labels: list[_Label] = []
        self._text = text
        self._index = index
        self._gutter = gutter
        self._line = 0
        self._open: dict[int, _Label] = {}  # gutter column -> a range that still waits for its end
        self._on_line: list[_Label] = []  # labels that begin on the current line, for hanging texts

    def read(self, line: int | None, content: str) -> None:
        if line is not None:
            self._line = line
            self._on_line = []
            for column, character in enumerate(content[: self._gutter]):
                if character == "╭":
                    self._begin(column, self._first_character())
            return
        gutter, marks = content[: self._gutter], content[self._gutter :]
        for column, character in enumerate(gutter):
            if character == "╭":
                caret = len(marks) - len(marks.lstrip("─"))
                self._begin(column, self._offset(caret))
                return
            if character == "╰":
                caret = len(marks) - len(marks.lstrip("─│"))
                label = self._open.pop(column, None)
                if label is not None:
                    label.end = self._offset(caret, after=True)
                    label.text = marks[caret + 1 :].strip()
                return
        self._read_marks(marks)

    def _begin(self, column: int, offset: int) -> None:
        self._open[column] = _Label(offset, None)
        self.labels.append(self._open[column])

    def _read_marks(self, marks: str) -> None:
        stripped = marks.strip()
        if not stripped:
            return
        if stripped[0] in "^-" and not self._on_line:
            last_end = 0
            for match in _CARETS.finditer(marks):
                if marks[last_end : match.start()].strip():
                    break  # carets inside the text of a label
                label = _Label(self._offset(match.start()), self._offset(match.end()))
                self._on_line.append(label)
                self.labels.append(label)
                last_end = match.end()
            trailing = marks[last_end:].strip()
            if trailing and self._on_line:
                self._on_line[-1].text = trailing
            return
        column = len(marks) - len(marks.lstrip(" │"))
        said = marks[column:].strip()
        if said:
            self._hang(self._offset(column), said)

    def _hang(self, offset: int, said: str) -> None:
        """A label text that hangs below its place; the place may lie inside the carets of another label."""
        for label in self._on_line:
            if label.start == offset and not label.text:
                label.text = said
                return
        label = _Label(offset, None, said)
        self._on_line.append(label)
        self.labels.append(label)

    def _first_character(self) -> int:
        start, end = self._index.line_start(self._line), self._index.line_end(self._line)
        source = self._text[start:end]
        return start + len(source) - len(source.lstrip())

    def _offset(self, cell: int, after: bool = False) -> int:
        """Offset of the character drawn at `cell`; `after`: of the character behind it."""
        start, end = self._index.line_start(self._line), self._index.line_end(self._line)
        column = 0
        for offset in range(start, end):
            width = _cells(self._text[offset], column)
            if column + width > cell:
                return offset + 1 if after else offset
            column += width
        return end


def _spans(labels: list[_Label], text: str) -> tuple[MessageSpan, ...]:
    """The place to look at first, then the others: a label with words of naga's before its internal names,
    and the smallest place before the function around it."""
    spans: list[tuple[int, int, MessageSpan]] = []
    for order, label in enumerate(labels):
        end = label.end if label.end is not None else operand_end(text, label.start)
        internal = _INTERNAL_LABEL.match(label.text)
        rank = 0 if internal is None else 2 if internal[1] in ("Function", "EntryPoint") else 1
        said = "" if internal is not None else label.text
        spans.append((rank, order, MessageSpan(label.start, max(end, label.start), said)))
    if any(rank for rank, _, _ in spans):
        spans.sort(key=lambda item: (item[0], item[2].end - item[2].start, item[1]))
    elif len(spans) > 1:
        # "previous definition" is drawn first, but the later place is the mistake.
        spans.sort(key=lambda item: (item[2].label.startswith("previous "), item[1]))
    return tuple(dict.fromkeys(span for _, _, span in spans))
