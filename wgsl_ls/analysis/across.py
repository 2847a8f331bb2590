"""Across: what all variants of one root do with every line, as sets of variants.

Variants share the outcomes of most nodes (see preprocess/outcomes.py). Here their trees are laid over each other:
each node once, with the set of variants that reach it. So "in how many variants is this #if true" or "which values
has this macro here" costs about as much for 500 variants as for one. A set of variants is one integer, bit i for
variant i. Places are offsets in written files; a file read several times counts where any reading says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from wgsl_ls.analysis.macro_walk import ValueWalk
from wgsl_ls.analysis.minimise import Minimiser, list_facts
from wgsl_ls.analysis.overlay import Frame, OverlayItem, Rows, merged
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.preprocess.dialect import IDENTIFIER
from wgsl_ls.preprocess.directives import Conditional, Directive, Node
from wgsl_ls.preprocess.values import ValueProblem, expand_value
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import finished


@dataclass(slots=True)
class BranchFact:
    """One #if, #elif, #else ... of a file. Sets of variants: `reached`: the code round it is active; `taken`: so is
    what it guards; `skipped`: an earlier branch was taken, so that its condition was not asked. `head`: the
    directive's span in its file."""

    directive: Directive
    head: Span
    number: int
    reached: int = 0
    taken: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class MacroValue:
    """`location`: the name in the #define that gives it; None when the variants give it, or for no macro at all
    (then `value` is None). `variants`: a set."""

    value: str | None
    location: Location | None
    variants: int


class Across:
    """Complete once `steps` has run to its end; `across` does that at once."""

    def __init__(self, view: RootView) -> None:
        self.view = view
        self.everything = (1 << len(view.variants)) - 1
        self.is_ready = False
        self._work: Iterator[None] | None = None
        self._items: list[OverlayItem] = []
        self._frame = Frame(view.path, None)
        self._paths: dict[str, str] = {}
        self._spans: dict[str, dict[tuple[int, int], int]] = {}
        self.branches: dict[str, dict[int, BranchFact]] = {}
        """Per file and offset of a directive's `#`."""
        self.readings: dict[str, int] = {}
        """Per file the variants that read it."""
        self._defined: set[str] = set()
        self.sites: dict[Location, int] = {}
        """Where an #include names a file -> the variants that read it there."""

    def steps(self) -> Iterator[None]:
        """Do the work in small steps, for callers that share their thread; several may do it in turns."""
        if self._work is None:
            self._work = self._find()
        for _ in self._work:  # whoever stops leaves it to the others
            yield

    def _find(self) -> Iterator[None]:
        rows: Rows = []
        for index, expansion in self.view.expansions():
            rows.append((expansion.raw.tree.items, expansion.raw.outcomes, 1 << index))
            if index % 4 == 3:
                yield
        if not rows:
            return
        last = self.view.expansion(0)
        if last.layout is not None:
            self._frame = Frame(self.view.path, last.layout, tuple(one.path for one in last.instances))
            for instance in last.instances:
                self.readings[instance.path] = self.everything
                if instance.parent is not None and instance.site is not None:
                    parent = last.instances[instance.parent]
                    self.sites[Location(parent.path, instance.site)] = self.everything
        self._paths = last.paths
        self.readings[self.view.path] = self.everything
        self._items = yield from merged(rows, 0)
        yield
        yield from self._visit(self._items, self._frame)
        if last.layout is not None:
            self._limit_sites()
        self.is_ready = True

    def _visit(self, items: list[OverlayItem], frame: Frame) -> Iterator[None]:
        for item in items:
            yield
            node = item.node
            for path, start, end in frame.runs(item.at, item.at + node.length):
                if not isinstance(node, Conditional):
                    self._cover(path, start, end, item.mask)
            if isinstance(node, Conditional):
                yield from self._conditional(node, item, frame)
            elif isinstance(node, Directive) and node.kind == "define":
                self._defined.add(node.name)
            elif isinstance(node, Directive) and item.inner:
                mask, inside = item.inner[0]
                path = self._paths.get(node.name, node.name)
                self.readings[path] = self.readings.get(path, 0) | mask
                site = Location(frame.path, node.name_span.shifted(item.at))
                self.sites[site] = self.sites.get(site, 0) | mask
                yield from self._visit(inside, Frame(path, None))

    def walk(self) -> Iterator[tuple[str, int, int, Node, int]]:
        """(path, start, end, node, variants) of every chunk and directive that some variant reaches, in order of
        reading; a pasted chunk in pieces. Once complete."""
        yield from self._walk(self._items, self._frame)

    def _walk(self, items: list[OverlayItem], frame: Frame) -> Iterator[tuple[str, int, int, Node, int]]:
        for item in items:
            node = item.node
            if isinstance(node, Conditional):
                for mask, inside in (item.inner[number] for number in sorted(item.inner)):
                    if mask:
                        yield from self._walk(inside, frame)
                continue
            for path, start, end in frame.runs(item.at, item.at + node.length):
                yield path, start, end, node, item.mask
            if isinstance(node, Directive) and item.inner:
                yield from self._walk(item.inner[0][1], Frame(self._paths.get(node.name, node.name), None))

    def _conditional(self, node: Conditional, item: OverlayItem, frame: Frame) -> Iterator[None]:
        earlier = 0
        for number, branch in enumerate(node.branches):
            at = item.at + branch.offset
            head = branch.directive.head_span.shifted(at)
            path, start = frame.place(head.start)
            self._cover(path, start, start + branch.directive.length, item.mask)
            facts = self.branches.setdefault(path, {})
            fact = facts.get(start)
            if fact is None:
                span = Span(start, start + len(head))
                fact = facts[start] = BranchFact(branch.directive, span, number)
            mask, inside = item.inner.get(number, (0, []))
            fact.reached |= item.mask
            fact.skipped |= earlier
            fact.taken |= mask
            earlier |= mask
            yield from self._visit(inside, frame)
            if not mask:
                yield from self._blank_facts(branch.items, item.at, frame)
        if node.endif is not None:
            path, start = frame.place(item.at + node.endif_offset)
            self._cover(path, start, start + node.endif.length, item.mask)

    def _blank_facts(self, items: Sequence[tuple[int, Node]], base: int, frame: Frame) -> Iterator[None]:
        """Conditionals that no variant reaches are known all the same."""
        for offset, node in items:
            if isinstance(node, Conditional):
                yield from self._conditional(node, OverlayItem(base + offset, node, 0), frame)

    def _cover(self, path: str, start: int, end: int, mask: int) -> None:
        spans = self._spans.setdefault(path, {})
        spans[start, end] = spans.get((start, end), 0) | mask

    def _limit_sites(self) -> None:
        """Pasted files are there in every variant, but what counts is where the code round them is active."""
        layout = self._frame.layout
        assert layout is not None
        for gap in layout.gaps:
            path = self._frame.instance_paths[gap.instance]
            mask = self._mask_in(self._items, gap.start)
            self._cover(self._frame.instance_paths[gap.instance], gap.source_start, gap.source_end, mask)
            for site in self.sites:
                if site.path == path and gap.source_start <= site.span.start < gap.source_end:
                    self.sites[site] = mask

    def _mask_in(self, items: list[OverlayItem], offset: int) -> int:
        """The variants for which the code at `offset` of the frame's text is active."""
        return self._deciders_in(items, self._frame, offset, self.everything)[None]

    def _deciders_in(
        self, items: list[OverlayItem], frame: Frame, offset: int, reached: int
    ) -> dict[Location | None, int]:
        """The directive that keeps the code at `offset` of the frame's text out (None: nothing does) -> variants, of
        those in `reached`."""
        deciders: dict[Location | None, int] = {}
        inside: list[OverlayItem] | None = items
        while inside is not None:
            item = next((one for one in inside if one.at <= offset < one.at + one.node.length), None)
            inside = None
            if item is not None and isinstance(item.node, Conditional):
                node = item.node
                number = max(0, sum(1 for branch in node.branches if item.at + branch.offset <= offset) - 1)
                directive, at = node.branches[number].directive, item.at + node.branches[number].offset
                behind = node.endif is not None and offset >= item.at + node.endif_offset
                if not behind and offset >= at + directive.length:
                    mask, inside = item.inner.get(number, (0, None))
                    head = directive.head_span.shifted(at)
                    path, start = frame.place(head.start)
                    if kept_out := reached & ~mask:
                        deciders[Location(path, Span(start, start + len(head)))] = kept_out
                    reached &= mask
        deciders[None] = reached
        return deciders

    # Questions

    @cached_property
    def _minimiser(self) -> Minimiser:
        return finished(list_facts(self.view.variants, self.view.settings.dialect)).conditions

    def condition(self, variants: int, thorough: bool = True, without: str = "") -> str | None:
        """The shortest macro condition that names a set of variants; see Minimiser."""
        return self._minimiser.condition(variants, thorough, without=without)

    @cached_property
    def _intervals(self) -> dict[str, tuple[list[int], list[tuple[int, int, int]]]]:
        found = {}
        for path, spans in self._spans.items():
            entries = sorted((start, end, mask) for (start, end), mask in spans.items())
            found[path] = ([start for start, _, _ in entries], entries)
        return found

    def active(self, path: str, offset: int) -> int:
        """The variants in which the character at `offset` of a file is active (a directive: the code round it)."""
        starts, entries = self._intervals.get(path, ([], []))
        index = bisect_right(starts, offset) - 1
        mask = 0
        # Pieces of one file overlap only when it was cut differently by different readings.
        while index >= 0 and index > bisect_right(starts, offset) - 9:
            start, end, found = entries[index]
            if start <= offset < end or (offset == end and index + 1 == len(entries)):
                mask |= found
            index -= 1
        return mask

    def n_active(self, path: str) -> list[int]:
        """Per variant, how many characters of a file are active."""
        by_mask: dict[int, int] = {}
        for (start, end), mask in self._spans.get(path, {}).items():
            by_mask[mask] = by_mask.get(mask, 0) + end - start
        found = [0] * len(self.view.variants)
        for mask, length in by_mask.items():
            for index in indices(mask):
                found[index] += length
        return found

    def deciders(self, path: str, offset: int) -> list[dict[Location | None, int]]:
        """For every reading of a file: the directive that keeps the code at `offset` out (the outermost one; None:
        the code is active) -> variants."""
        layout = self._frame.layout
        if layout is not None:
            numbers = [number for number, one in enumerate(self._frame.instance_paths) if one == path]
            places = [layout.inverse(number, offset) for number in numbers]
            return [self._deciders_in(self._items, self._frame, at, self.everything) for at in places if at >= 0]
        found: list[dict[Location | None, int]] = []
        todo = [(self._items, self._frame, self.everything)]
        while todo:
            items, frame, reached = todo.pop()
            if frame.path == path:
                found.append(self._deciders_in(items, frame, offset, reached))
            todo.extend(reversed(list(_readings_in(items, self._paths))))
        return found

    def macro_names(self) -> set[str]:
        """Every macro that some variant gives or some reached #define names."""
        return self._defined | {name for variant in self.view.variants for name, _ in variant.defines}

    def branch_at(self, path: str, offset: int) -> BranchFact | None:
        """The branch whose directive has its `#` at `offset`."""
        return self.branches.get(path, {}).get(offset)

    def values(self, path: str, offset: int, name: str) -> list[MacroValue]:
        """The values of a macro at a place of a file (its first reading in each variant), most variants first."""
        given: dict[str, int] = {}
        for index, variant in enumerate(self.view.variants):
            for macro, value in variant.defines:
                if macro == name:
                    given[value] = given.get(value, 0) | 1 << index
        locked = 0
        for mask in given.values():
            locked |= mask
        walk = ValueWalk(name, path, offset, self._pasted_offset(path, offset), self._paths)
        walk.begin(self._items, self._frame, self.everything & ~locked)
        found = [MacroValue(value, None, mask) for value, mask in given.items()]
        found.extend(MacroValue(value, location, mask) for (value, location), mask in walk.answer().items())
        found.sort(key=lambda one: (-one.variants.bit_count(), one.value is None, one.value or ""))
        return found

    def expansions(self, path: str, offset: int, name: str) -> dict[str | None, int]:
        """What a macro becomes at a place of a file, fully expanded (None: it is no macro) -> variants: macros that its
        value names may differ where its own does not. A value that never ends stands as it is."""
        classes: list[tuple[dict[str, str], int]] = [({}, self.everything)]
        waiting, seen = [name], {name}
        while waiting:
            word = waiting.pop()
            split = [(one.value, one.variants) for one in self.values(path, offset, word)]
            classes = [
                (known if value is None else {**known, word: value}, both)
                for known, mask in classes
                for value, variants in split
                if (both := mask & variants)
            ]
            named = {inner for value, _ in split if value for inner in IDENTIFIER.findall(value)} - seen
            seen |= named
            waiting.extend(sorted(named if self.view.settings.dialect.recursive else ()))
        found: dict[str | None, int] = {}
        for bodies, mask in classes:
            value = bodies.get(name)
            if value is not None and self.view.settings.dialect.recursive:
                with suppress(ValueProblem):
                    value = expand_value(name, bodies)
            found[value] = found.get(value, 0) | mask
        return found

    def _pasted_offset(self, path: str, offset: int) -> int:
        """Where in the pasted text a place of a file is (its first reading); -1 for native includes."""
        layout = self._frame.layout
        if layout is None or path not in self._frame.instance_paths:
            return -1
        return layout.inverse(self._frame.instance_paths.index(path), offset)


def _readings_in(items: list[OverlayItem], paths: dict[str, str]) -> Iterator[tuple[list[OverlayItem], Frame, int]]:
    """(items, frame, variants) of every file that an #include among `items` reads."""
    for item in items:
        for mask, inside in item.inner.values():
            if isinstance(item.node, Directive):
                yield inside, Frame(paths.get(item.node.name, item.node.name), None), mask
            else:
                yield from _readings_in(inside, paths)


def across_steps(view: RootView) -> Iterator[None]:
    """The work behind `across`, in small steps; nothing when it is done."""
    known = _of(view)
    if not known.is_ready:
        yield from known.steps()


def across(view: RootView) -> Across:
    """All variants of a view laid over each other; kept as long as the view is the latest of its root."""
    for _ in across_steps(view):
        pass
    return _of(view)


def _of(view: RootView) -> Across:
    known = view.across
    if not isinstance(known, Across):
        known = view.across = Across(view)
    return known


def indices(mask: int) -> list[int]:
    """The variants of a set, ascending."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
