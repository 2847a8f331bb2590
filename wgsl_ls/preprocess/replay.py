"""Replay: a resolution walked once more, this time with positions.

The Resolver's outcomes know no place, so that edits and variants share them. Walking them from the root gives every
answer with one: segments, problems, taken branches, inactive code, the order of #defines. It costs about a
millisecond and is done only for variants that someone asks about.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from wgsl_ls.preprocess.directives import CodeChunk, Conditional, Directive, Item, Problem
from wgsl_ls.preprocess.instances import Instance, Layout, single_layout
from wgsl_ls.preprocess.macros import MacroDefinition, MacroHistory, MacroTable
from wgsl_ls.preprocess.outcomes import Child, Outcome
from wgsl_ls.preprocess.resolution import RawResolution, Run, drive
from wgsl_ls.preprocess.source_map import SourceMap, Stretch
from wgsl_ls.text.span import Location, Span

BranchState = Literal["taken", "false", "skipped", "inactive"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one #if, #ifdef, #ifndef, #elif or #else: "taken"; "false"; "skipped" because an earlier branch
    was taken; "inactive" because the code round it is."""

    instance: int
    location: Location
    directive: Directive
    state: BranchState
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


@dataclass(slots=True)
class _Frame:
    """One parsed text being run. `log_end`: the log's length when it was done. `own`: (place
    of a #define's `#`, its index in the log); `entered`: (place of an #include's `#`, the log's length then)."""

    layout: Layout
    log_end: int = 0
    own: list[tuple[int, int]] = field(default_factory=list)
    entered: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Logged:
    """A #define or #undef that was reached, in order."""

    frame: _Frame
    offset: int
    directive: Directive


class Replay:
    """`paths`: file of each include name (native includes). `pasted`: layout and instances of a pasted root."""

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
        self._frames: dict[int, _Frame] = {}  # by instance
        self._log: list[_Logged] = []
        self._stretches: list[Stretch] = []
        self._length = 0
        self._decisions: list[tuple[_Frame, int, Directive, BranchState, int]] = []
        self._inactive: list[tuple[_Frame, int, int, int, Directive]] = []
        self._tables: dict[int, MacroTable] = {}
        self.includes: list[tuple[Location, int]] = []
        """The #include sites whose file was read, with the instance that it became."""
        self.problems: list[tuple[int, Location, Problem]] = []
        frame = _Frame(pasted[0] if pasted else single_layout(0, raw.tree.length))
        for instance in self._instances:
            self._frames[instance.index] = frame
            if instance.parent is not None and instance.site is not None:
                self.includes.append((Location(self._instances[instance.parent].path, instance.site), instance.index))
        self._place_problems(raw.problems, 0, frame)
        drive(self._visit(raw.children, 0, frame))
        frame.log_end = len(self._log)
        self.instances = tuple(self._instances)

    @property
    def n_places(self) -> int:
        """How many it holds, for whoever bounds memory."""
        return len(self._stretches) + len(self._log) + len(self._decisions) + len(self._inactive)

    @cached_property
    def source_map(self) -> SourceMap:
        return SourceMap(self._stretches, self.instances, self._length)

    @cached_property
    def decisions(self) -> list[Decision]:
        """What became of every branch of every conditional, in order of reading."""
        return [
            Decision(*self._head(frame, offset, directive), directive, state, order)
            for frame, offset, directive, state, order in self._decisions
        ]

    @cached_property
    def inactive(self) -> list[InactiveSpan]:
        """All code that is not used, without the directives round it."""
        found: list[InactiveSpan] = []
        for frame, start, end, decided_at, directive in self._inactive:
            _, decided_by = self._head(frame, decided_at, directive)
            for instance, span in frame.layout.written(start, end):
                found.append(InactiveSpan(instance, Location(self.instances[instance].path, span), decided_by))
        return found

    @cached_property
    def uses(self) -> list[MacroUse]:
        """Every macro use in code, in order of the expanded text."""
        found: list[MacroUse] = []
        for stretch in self._stretches:
            path = self.instances[stretch.instance].path
            for start, end, _, _, name in stretch.uses:
                if stretch.chunk_start <= start < stretch.chunk_end:
                    span = Span(stretch.written(start), stretch.written(end))
                    found.append(MacroUse(stretch.instance, Location(path, span), name, stretch.order))
        return found

    def table_at(self, instance: int, offset: int) -> MacroTable:
        """The macros in force at `offset` of the instance's file. A directive has its effect behind its `#`; an
        instance that does not exist has the macros of the end."""
        frame = self._frames.get(instance)
        if frame is None:
            return self.table_at_end()
        at = frame.layout.inverse(instance, offset)
        end = frame.log_end
        for places in (frame.own, frame.entered):
            index = bisect_left(places, (at, -1))
            if index < len(places):
                end = min(end, places[index][1])
        return self.table_at_order(end)

    def table_at_end(self) -> MacroTable:
        return self.table_at_order(len(self._log))

    def undefined(self) -> set[str]:
        """The names that were macros of the files and are none at the end."""
        names = {one.directive.name for one in self._log if one.directive.kind == "define"}
        return {name for name in names if self.table_at_end().get(name) is None}

    def table_at_order(self, order: int) -> MacroTable:
        """The macros after `order` #defines and #undefs were run; see Decision.order and MacroUse.order."""
        table = self._tables.get(order)
        if table is None:
            if len(self._tables) > 64:
                self._tables.clear()
            table = self._tables[order] = MacroTable(self._history, order)
        return table

    # Walking

    def _visit(self, children: Sequence[Child], base: int, frame: _Frame) -> Run:
        for offset, node, outcome in children:
            at = base + offset
            if outcome is not None and outcome.problems and type(node) is not Directive:
                self._place_problems(outcome.problems, at, frame)
            if type(node) is CodeChunk:
                self._chunk(node, outcome, at, frame)
            elif type(node) is Conditional:
                yield self._conditional(node, outcome, at, frame)
            elif node.kind == "define" or node.kind == "undef":
                frame.own.append((at + node.head_start, len(self._log)))
                self._log.append(_Logged(frame, at, node))
            elif node.kind == "include" and outcome is not None:
                frame.entered.append((at + node.head_start, len(self._log)))
                yield self._include(node, outcome, at, frame)

    def _include(self, directive: Directive, outcome: Outcome, at: int, frame: _Frame) -> Run:
        name = directive.name
        parent, site = self._location(frame, at + directive.name_span.start, at + directive.name_span.end)
        instance = Instance(len(self._instances), self._paths.get(name, name), name, parent, site.span)
        self._instances.append(instance)
        self.includes.append((site, instance.index))
        length = max((offset + node.length for offset, node, _ in outcome.children), default=0)
        inner = _Frame(single_layout(instance.index, length))
        self._frames[instance.index] = inner
        self._place_problems(outcome.problems, 0, inner)
        yield self._visit(outcome.children, 0, inner)
        inner.log_end = len(self._log)

    def _conditional(self, conditional: Conditional, outcome: Outcome, base: int, frame: _Frame) -> Run:
        taken = outcome.taken
        branches = conditional.branches
        for index, branch in enumerate(branches):
            at = base + branch.offset
            if index == taken:
                self._decisions.append((frame, at, branch.directive, "taken", len(self._log)))
                yield self._visit(outcome.children, base, frame)
                continue
            state: BranchState = "skipped" if 0 <= taken < index else "false"
            self._decisions.append((frame, at, branch.directive, state, len(self._log)))
            end = base + (branches[index + 1].offset if index + 1 < len(branches) else conditional.endif_offset)
            if end > at + branch.directive.length:
                self._inactive.append((frame, at + branch.directive.length, end, at, branch.directive))
            yield self._inactive_decisions(branch.items, base, frame)

    def _inactive_decisions(self, items: tuple[Item, ...], base: int, frame: _Frame) -> Run:
        for offset, node in items:
            if type(node) is Conditional:
                for branch in node.branches:
                    at = base + offset + branch.offset
                    self._decisions.append((frame, at, branch.directive, "inactive", len(self._log)))
                    yield self._inactive_decisions(branch.items, base + offset, frame)

    def _chunk(self, chunk: CodeChunk, outcome: Outcome, base: int, frame: _Frame) -> None:
        start = self._length
        layout = frame.layout
        uses = outcome.uses
        length = len(chunk.text)
        added = 0 if chunk.text.endswith("\n") else 1
        end = start + len(outcome.text) - added
        order = len(self._log)
        if layout.only is not None:
            self._stretches.append(Stretch(start, end, layout.only, base, 0, length, start, uses, order))
        else:
            at = start
            for piece in layout.runs(base, base + length):
                stop = piece.end - base
                index = bisect_left(uses, (stop,)) - 1
                out = uses[index][3] + stop - uses[index][1] if index >= 0 else stop
                self._stretches.append(
                    Stretch(
                        at,
                        start + out,
                        piece.instance,
                        piece.source_start,
                        piece.start - base,
                        stop,
                        start,
                        uses,
                        order,
                    )
                )
                at = start + out
        if added:
            instance, source = layout.place(base + length)
            self._stretches.append(Stretch(end, end + 1, instance, source, length, length, start, (), order))
        self._length = end + added

    # Places

    def _location(self, frame: _Frame, start: int, end: int) -> tuple[int, Location]:
        """(instance, location) of characters of a frame's text; what goes on in another file is left out."""
        instance, begin = frame.layout.place(start)
        stop = begin
        if end > start:
            last_instance, last = frame.layout.place(end - 1)
            stop = last + 1 if last_instance == instance and last >= begin else begin
        return instance, Location(self._instances[instance].path, Span(begin, stop))

    def _head(self, frame: _Frame, offset: int, directive: Directive) -> tuple[int, Location]:
        head = directive.head_span
        return self._location(frame, head.start + offset, head.end + offset)

    def _place_problems(self, problems: tuple[Problem, ...], base: int, frame: _Frame) -> None:
        for problem in problems:
            instance, location = self._location(frame, problem.span.start + base, problem.span.end + base)
            self.problems.append((instance, location, problem))

    # Macro tables

    @cached_property
    def _history(self) -> MacroHistory:
        given = [MacroDefinition(name, value, "variant") for name, value in self._raw.predefined]
        locked = {one.name for one in given}
        history = MacroHistory(given, self._raw.tree.dialect)
        for order, logged in enumerate(self._log, 1):
            name, is_undef = logged.directive.name, logged.directive.kind == "undef"
            history.change(order, name, None if is_undef else self._definition(logged, ignored=name in locked))
        return history

    def _definition(self, logged: _Logged, ignored: bool) -> MacroDefinition:
        directive, frame = logged.directive, logged.frame
        name_span = directive.name_span.shifted(logged.offset)
        value_span = directive.value_span.shifted(logged.offset)
        instance, location = self._location(frame, name_span.start, name_span.end)
        _, value_location = self._location(frame, value_span.start, value_span.end)
        breaks = []
        if len(directive.breaks) > 1:
            ends = [at for at, _ in directive.breaks if directive.value_start < at]
            for line_start in (directive.value_start, *ends):
                written = frame.layout.place(logged.offset + directive.at(line_start))
                breaks.append((line_start - directive.value_start, written[1]))
        through = []
        at = self._instances[instance]
        while at.parent is not None and at.site is not None:
            parent = self._instances[at.parent]
            through.append(Location(parent.path, at.site))
            at = parent
        return MacroDefinition(
            directive.name, directive.value, "source", location, value_location, tuple(through), ignored, tuple(breaks)
        )
