"""ValueWalk: which #define of one macro holds at a place of a file, in all variants at once."""

from __future__ import annotations

from wgsl_ls.analysis.overlay import Frame, OverlayItem
from wgsl_ls.preprocess.directives import CodeChunk, Conditional, Directive
from wgsl_ls.text.span import Location, Span


class ValueWalk:
    """`now`: what the macro is -> variants, for those that have not come to the place; `pasted_offset`: the place in a
    pasted text; `paths`: file of each include name."""

    def __init__(self, name: str, path: str, offset: int, pasted_offset: int, paths: dict[str, str]) -> None:
        self.path = path
        self.offset = offset
        self.name = name
        self.now: dict[tuple[str | None, Location | None], int] = {}
        self.answered: dict[tuple[str | None, Location | None], int] = {}
        self.pasted_offset = pasted_offset
        self.paths = paths

    def begin(self, items: list[OverlayItem], frame: Frame, free: int) -> None:
        """Walk a root in the variants in `free`, which do not give the macro themselves."""
        if free:
            self.now[None, None] = free
            self.run(items, frame)

    def answer(self) -> dict[tuple[str | None, Location | None], int]:
        self.settle(-1)
        return self.answered

    def settle(self, mask: int) -> None:
        """These variants have come to the place."""
        for key in list(self.now):
            both = self.now[key] & mask
            if both:
                self.answered[key] = self.answered.get(key, 0) | both
                self.now[key] &= ~both
                if not self.now[key]:
                    del self.now[key]

    def assign(self, value: str | None, location: Location | None, mask: int) -> None:
        moved = 0
        for key in list(self.now):
            moved |= self.now[key] & mask
            self.now[key] &= ~mask
            if not self.now[key]:
                del self.now[key]
        if moved:
            self.now[value, location] = self.now.get((value, location), 0) | moved

    def is_here(self, frame: Frame, start: int, end: int) -> bool:
        """Whether the place lies in [start, end) of the frame's text."""
        if frame.layout is None:
            return frame.path == self.path and start <= self.offset < end
        return start <= self.pasted_offset < end

    def run(self, items: list[OverlayItem], frame: Frame, mask: int = -1) -> None:
        for item in items:
            if not self.now:
                return
            node = item.node
            reached = item.mask & mask
            if isinstance(node, CodeChunk):
                if self.is_here(frame, item.at, item.at + node.length):
                    self.settle(reached)
            elif isinstance(node, Directive):
                self.directive(item, node, frame, reached)
            else:
                self.conditional(item, node, frame, reached)

    def directive(self, item: OverlayItem, node: Directive, frame: Frame, reached: int) -> None:
        # A directive has its effect behind its `#`, so that a #define's own name shows what it sets.
        if self.is_here(frame, item.at, item.at + node.head_start + 1):
            self.settle(reached)
        if node.kind in ("define", "undef") and node.name == self.name:
            if node.kind == "undef":
                self.assign(None, None, reached)
            else:
                span = node.name_span.shifted(item.at)
                path, start = frame.place(span.start)
                self.assign(node.value, Location(path, Span(start, start + len(span))), reached)
        if item.inner:
            mask, inside = item.inner[0]
            path = self.paths.get(node.name, node.name)
            self.run(inside, Frame(path, None), mask & reached)
            if path == self.path:
                self.settle(mask & reached)
        if self.is_here(frame, item.at + node.head_start + 1, item.at + node.length):
            self.settle(reached)

    def conditional(self, item: OverlayItem, node: Conditional, frame: Frame, reached: int) -> None:
        ends = [branch.offset for branch in node.branches[1:]] + [node.endif_offset]
        for number, (branch, end) in enumerate(zip(node.branches, ends, strict=True)):
            mask, inside = item.inner.get(number, (0, []))
            start = item.at + branch.offset
            body = start + branch.directive.length
            if self.is_here(frame, start, body):
                self.settle(reached)
            if self.is_here(frame, body, item.at + end):
                self.settle(reached & ~mask)
            self.run(inside, frame, mask & reached)
        if node.endif is not None and self.is_here(frame, item.at + node.endif_offset, item.at + node.length):
            self.settle(reached)
