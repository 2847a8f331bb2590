"""Presence: in which variants written code is active, the shortest macro condition that says so, and coverage."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wgsl_ls.analysis.minimise import shortest_condition
from wgsl_ls.analysis.snapshot import RootView, Snapshot
from wgsl_ls.preprocess.macros import MacroDefinition
from wgsl_ls.preprocess.replay import Replay
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span, joined


@dataclass(frozen=True, slots=True)
class VariantPresence:
    """`reason`: the condition that decided, in words; `macros`: those in force there."""

    name: str
    active: bool
    reason: str
    macros: Mapping[str, MacroDefinition]


@dataclass(frozen=True, slots=True)
class LinePresence:
    """`presence`: the shortest macro condition under which the line is active; "" when always, None when never or
    when no short one exists."""

    root: str
    presence: str | None
    variants: tuple[VariantPresence, ...]


def explain_line(snapshot: Snapshot, view: RootView, path: str, line: int) -> LinePresence:
    """About line `line` (from 0) of a file that `view` reads."""
    source = snapshot.read(path)
    lines = source.lines if isinstance(source, SourceFile) else LineIndex("")
    start, end = lines.line_start(line), lines.line_end(line)
    text = source.text[start:end] if isinstance(source, SourceFile) else ""
    offset = start + len(text) - len(text.lstrip())
    entries = []
    for index, variant in enumerate(view.variants):
        replay = view.replay(index)
        instances = [instance.index for instance in replay.instances if instance.path == path]
        active, reason = _presence(snapshot, replay, path, offset)
        macros = replay.table_at(instances[0], offset) if instances else {}
        entries.append(VariantPresence(variant.name, active, reason, dict(macros)))
    active_in = [index for index, entry in enumerate(entries) if entry.active]
    condition = shortest_condition([dict(variant.defines) for variant in view.variants], active_in)
    return LinePresence(view.path, condition, tuple(entries))


def _presence(snapshot: Snapshot, replay: Replay, path: str, offset: int) -> tuple[bool, str]:
    instances = [instance for instance in replay.instances if instance.path == path]
    if not instances:
        return False, f"{path.rsplit('/', 1)[-1]} is not included"
    reasons = []
    for instance in instances:
        deciding = [
            entry
            for entry in replay.inactive
            if entry.instance == instance.index and entry.location.span.contains(offset)
        ]
        if not deciding:
            return True, "no condition is in its way"
        reasons.append(directive_at(snapshot, deciding[0].decided_by))
    return False, " and ".join(dict.fromkeys(reasons))


def directive_at(snapshot: Snapshot, location: Location) -> str:
    """`#if X (line 12) is false`-like words for a branch that was not taken."""
    source = snapshot.read(location.path)
    if not isinstance(source, SourceFile):
        return "its branch was not taken"
    line = source.lines.line_of(location.span.start) + 1
    text = " ".join(source.text[location.span.start : location.span.end].split())
    return f"'{text}' in line {line} was not taken"


def active_spans(replay: Replay, path: str, length: int) -> list[Span]:
    """Parts of a file that a variant uses in at least one reading of it; directives count as active where the code
    round them is."""
    result: list[Span] = []
    for instance in (one for one in replay.instances if one.path == path):
        position = 0
        spans = sorted(entry.location.span for entry in replay.inactive if entry.instance == instance.index)
        for span in spans:
            if span.start > position:
                result.append(Span(position, span.start))
            position = max(position, span.end)
        if position < length:
            result.append(Span(position, length))
    return joined(result)


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """`lines[i]`: indices (into the variants of the root) in which line i is active; None for lines without code
    (directives, empty lines, comments by themselves)."""

    path: str
    lines: tuple[frozenset[int] | None, ...]


def coverage(snapshot: Snapshot, view: RootView) -> Iterator[FileCoverage]:
    """For every file that some variant of a root reads."""
    files = sorted({one.path for index in range(len(view.variants)) for one in view.replay(index).instances})
    spans = {path: [] for path in files}  # type: dict[str, list[list[Span]]]
    lengths = {}
    for path in files:
        source = snapshot.read(path)
        lengths[path] = len(source.text) if isinstance(source, SourceFile) else 0
    for index in range(len(view.variants)):
        replay = view.replay(index)
        for path in files:
            spans[path].append(active_spans(replay, path, lengths[path]))
    for path in files:
        source = snapshot.read(path)
        if not isinstance(source, SourceFile):
            continue
        per_line: list[frozenset[int] | None] = []
        for line in range(source.lines.n_lines):
            start, end = source.lines.line_start(line), source.lines.line_end(line)
            text = source.text[start:end].strip()
            if not text or text.startswith(("#", "//")):
                per_line.append(None)
                continue
            at = start + len(source.text[start:end]) - len(source.text[start:end].lstrip())
            per_line.append(frozenset(index for index, own in enumerate(spans[path]) if _inside(own, at)))
        yield FileCoverage(path, tuple(per_line))


def _inside(spans: list[Span], offset: int) -> bool:
    index = bisect_right(spans, Span(offset, 1 << 60)) - 1
    return index >= 0 and spans[index].contains(offset)
