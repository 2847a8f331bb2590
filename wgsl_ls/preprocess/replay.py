"""Replay: a resolution walked once more, this time with positions.

The Resolver's outcomes know no place, so that edits and variants share them. Walking them from the root gives every
answer with one: segments, problems, taken branches, inactive code, the order of #defines. It costs about a
millisecond and is done only for variants that someone asks about.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from wgsl_ls.preprocess.directives import CodeChunk, Conditional, Directive, DirectiveTree, Problem
from wgsl_ls.preprocess.instances import Instance, Layout, single_layout
from wgsl_ls.preprocess.macros import MacroDefinition, MacroTable
from wgsl_ls.preprocess.resolution import LOCK, RawResolution
from wgsl_ls.preprocess.source_map import Segment, SourceMap
from wgsl_ls.text.span import Location, Span

State = Literal["taken", "false", "skipped", "inactive"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one #if, #ifdef, #ifndef, #elif or #else: "taken"; "false"; "skipped" because an earlier branch
    was taken; "inactive" because the code round it is."""

    instance: int
    location: Location
    directive: Directive
    state: State
    order: int


@dataclass(frozen=True, slots=True)
class InactiveSpan:
    """Code that this variant does not use. `decided_by`: the directive whose branch was not taken."""

    instance: int
    location: Location
    decided_by: Location


@dataclass(frozen=True, slots=True)
class MacroUse:
    instance: int
    location: Location
    name: str
    order: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """One parsed text being run: its layout, and the frame's place in the log when it was entered."""

    index: int
    layout: Layout


@dataclass(frozen=True, slots=True)
class _Logged:
    """A #define or #undef that was reached, in order."""

    frame: int
    offset: int
    directive: Directive


class Replay:
    """`paths`: file of each include name (native includes). `layout` and `instances`: of a pasted root."""

    def __init__(
        self,
        raw: RawResolution,
        root_path: str,
        paths: dict[str, str],
        pasted: tuple[Layout, tuple[Instance, ...]] | None,
    ) -> None:
        self._raw = raw
        self._paths = paths
        self._instances: list[Instance] = list(pasted[1]) if pasted else [Instance(0, root_path, raw.root_key)]
        layout = pasted[0] if pasted else single_layout(0, raw.tree.length)
        self._frames: list[_Frame] = []
        self._frame_ends: dict[int, int] = {}
        self._log: list[_Logged] = []
        self._segments: list[Segment] = []
        self._length = 0
        self.decisions: list[Decision] = []
        self.inactive: list[InactiveSpan] = []
        self.uses: list[MacroUse] = []
        self.includes: list[tuple[Location, int]] = []
        self.problems: list[tuple[int, Location, Problem]] = []
        frame = self._enter(layout)
        self._problems(raw.problems, 0, frame)
        self._visit(raw.children, 0, frame)
        self._frame_ends[frame.index] = len(self._log)
        self.instances = tuple(self._instances)

    @cached_property
    def source_map(self) -> SourceMap:
        return SourceMap(tuple(self._segments), self.instances, self._length)

    def table_at(self, instance: int, offset: int) -> MacroTable:
        """The macros in force at `offset` of the instance's file, before a directive that begins there."""
        end = len(self._log)
        start = 0
        for frame in self._frames:
            at = frame.layout.inverse(instance, offset)
            if at is None:
                continue
            end = self._frame_ends[frame.index]
            start = self._frame_starts[frame.index]
            for index in range(start, end):
                logged = self._log[index]
                if logged.frame == frame.index and logged.offset + logged.directive.head_span.start >= at:
                    end = index
                    break
            else:
                end = self._cut_children(frame, at, end)
            end = min(end, self._cut_children(frame, at, end))
            break
        return self._table(end)

    def table_at_end(self) -> MacroTable:
        return self._table(len(self._log))

    # Walking

    def _enter(self, layout: Layout) -> _Frame:
        frame = _Frame(len(self._frames), layout)
        self._frames.append(frame)
        if not hasattr(self, "_frame_starts"):
            self._frame_starts: dict[int, int] = {}
            self._entered_at: dict[int, tuple[int, int]] = {}
        self._frame_starts[frame.index] = len(self._log)
        return frame

    def _cut_children(self, frame: _Frame, at: int, end: int) -> int:
        """Included files that were entered behind `at` have not been read yet there."""
        for child, (parent, offset) in self._entered_at.items():
            if parent == frame.index and offset >= at:
                end = min(end, self._frame_starts[child])
        return end

    def _location(self, frame: _Frame, start: int, end: int) -> tuple[int, Location]:
        instance, begin = frame.layout.place(start)
        if end > start:
            last_instance, last = frame.layout.place(end - 1)
            stop = last + 1 if last_instance == instance and last >= begin else begin
        else:
            stop = begin
        return instance, Location(self._instances[instance].path, Span(begin, stop))

    def _problems(self, problems: tuple[Problem, ...], base: int, frame: _Frame) -> None:
        for problem in problems:
            span = problem.span.shifted(base)
            instance, location = self._location(frame, span.start, span.end)
            self.problems.append((instance, location, problem))

    def _visit(self, children: tuple[tuple[int, Any, Any], ...], base: int, frame: _Frame) -> None:
        for offset, node, outcome in children:
            at = base + offset
            if isinstance(node, CodeChunk):
                self._problems(outcome.problems, at, frame)
                self._chunk(node, outcome, at, frame)
            elif isinstance(node, Conditional):
                self._problems(outcome.problems, at, frame)
                self._conditional(node, outcome, at, frame)
            elif node.kind in ("define", "undef"):
                self._log.append(_Logged(frame.index, at, node))
            elif node.kind == "include" and outcome is not None:
                self._include(node, outcome, at, frame)

    def _include(self, directive: Directive, outcome: Any, at: int, frame: _Frame) -> None:
        name = directive.name
        parent, site = self._location(frame, at + directive.name_span.start, at + directive.name_span.end)
        instance = Instance(len(self._instances), self._paths.get(name, name), name, parent, site.span)
        self._instances.append(instance)
        self.includes.append((site, instance.index))
        length = max((offset + node.length for offset, node, _ in outcome.children), default=0)
        inner = self._enter(single_layout(instance.index, max(length, 1 << 40)))
        self._entered_at[inner.index] = (frame.index, at)
        self._problems(outcome.problems, 0, inner)
        self._visit(outcome.children, 0, inner)
        self._frame_ends[inner.index] = len(self._log)

    def _conditional(self, conditional: Conditional, outcome: Any, base: int, frame: _Frame) -> None:
        taken = outcome.taken
        for index, branch in enumerate(conditional.branches):
            state: State = "taken"
            if index != taken:
                state = "skipped" if 0 <= taken < index else "false"
            head = branch.directive.head_span.shifted(base + branch.offset)
            instance, location = self._location(frame, head.start, head.end)
            self.decisions.append(Decision(instance, location, branch.directive, state, len(self._log)))
            start = base + branch.offset + branch.directive.length
            if index == taken:
                self._visit(outcome.children, base, frame)
                continue
            if index + 1 < len(conditional.branches):
                end = base + conditional.branches[index + 1].offset
            else:
                end = base + conditional.endif_offset
            for run, run_instance, begin in frame.layout.spans(start, end) if end > start else ():
                piece_end = next((piece.end for piece in frame.layout.pieces if piece.start <= run < piece.end), run)
                length = min(end, piece_end) - run
                if length > 0:
                    span = Span(begin, begin + length)
                    path = self._instances[run_instance].path
                    self.inactive.append(InactiveSpan(run_instance, Location(path, span), location))
            self._inactive_decisions(branch.items, base, frame)

    def _inactive_decisions(self, items: tuple[tuple[int, Any], ...], base: int, frame: _Frame) -> None:
        for offset, node in items:
            if not isinstance(node, Conditional):
                continue
            for branch in node.branches:
                head = branch.directive.head_span.shifted(base + offset + branch.offset)
                instance, location = self._location(frame, head.start, head.end)
                self.decisions.append(Decision(instance, location, branch.directive, "inactive", len(self._log)))
                self._inactive_decisions(branch.items, base + offset, frame)

    def _chunk(self, chunk: CodeChunk, outcome: Any, base: int, frame: _Frame) -> None:
        done = 0
        for start, end, out_start, out_end, name in outcome.uses:
            self._copy(frame, base + done, base + start)
            instance, location = self._location(frame, base + start, base + end)
            length = out_end - out_start
            span = location.span
            self._segments.append(Segment(self._length, self._length + length, instance, span.start, span.end, name))
            self._length += length
            self.uses.append(MacroUse(instance, location, name, len(self._log)))
            done = end
        self._copy(frame, base + done, base + len(chunk.text))
        if not chunk.text.endswith("\n"):
            instance, place = frame.layout.place(base + len(chunk.text))
            self._segments.append(Segment(self._length, self._length + 1, instance, place, place))
            self._length += 1

    def _copy(self, frame: _Frame, start: int, end: int) -> None:
        if end <= start:
            return
        runs = frame.layout.spans(start, end)
        for index, (begin, instance, source) in enumerate(runs):
            stop = runs[index + 1][0] if index + 1 < len(runs) else end
            length = stop - begin
            self._segments.append(Segment(self._length, self._length + length, instance, source, source + length))
            self._length += length

    # Macro tables

    def _table(self, end: int) -> MacroTable:
        definitions = {name: MacroDefinition(name, value, "variant") for name, value in self._raw.predefined}
        shadows: dict[str, tuple[MacroDefinition, ...]] = {}
        for logged in self._log[:end]:
            directive = logged.directive
            name = directive.name
            current = definitions.get(name)
            if directive.kind == "undef":
                if current is not None and not current.locked:
                    shadows[name] = (current, *shadows.get(name, ()))
                    del definitions[name]
                continue
            definition = self._definition(logged, ignored=current is not None and current.locked)
            if current is not None and current.locked:
                shadows[name] = (definition, *shadows.get(name, ()))
                continue
            if current is not None:
                shadows[name] = (current, *shadows.get(name, ()))
            definitions[name] = definition
        return MacroTable(definitions, shadows, self._raw.tree.dialect)

    def _definition(self, logged: _Logged, ignored: bool) -> MacroDefinition:
        directive, frame = logged.directive, self._frames[logged.frame]
        name_span = directive.name_span.shifted(logged.offset)
        value_span = directive.value_span.shifted(logged.offset)
        instance, location = self._location(frame, name_span.start, name_span.end)
        _, value_location = self._location(frame, value_span.start, value_span.end)
        through = []
        at = self._instances[instance]
        while at.parent is not None and at.site is not None:
            parent = self._instances[at.parent]
            through.append(Location(parent.path, at.site))
            at = parent
        return MacroDefinition(
            directive.name, directive.value, "source", location, value_location, tuple(through), ignored
        )


__all__ = ["LOCK", "Decision", "DirectiveTree", "InactiveSpan", "MacroUse", "Replay"]
