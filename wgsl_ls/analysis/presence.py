"""Presence: in which variants written code is active, which directive decides, and coverage. Asked of `Across`, so that
hundreds of variants cost about as much as one. A set of variants is one integer, bit i for variant i.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wgsl_ls.analysis.across import Across, MacroValue, across, indices
from wgsl_ls.analysis.features.symbols import blanked
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.analysis.variant_labels import labels_of
from wgsl_ls.text.listing import first_of
from wgsl_ls.text.span import Location
from wgsl_ls.wgsl.lexer import tokenize


@dataclass(frozen=True, slots=True)
class LinePresence:
    """About one place. `labels`: what tells the variants apart; `active`: the variants; `condition`: the shortest macro
    condition under which it is active; "" when always, None when never or when no short one exists. `reasons`: (words,
    the variants they hold in), most variants first; `deciders`: the directives that these speak of."""

    root: str
    names: tuple[str, ...]
    labels: tuple[str, ...]
    active: int
    condition: str | None
    reasons: tuple[tuple[str, int], ...]
    deciders: tuple[Location, ...] = ()

    def labels_of(self, variants: int) -> list[str]:
        return [self.labels[index] for index in indices(variants)]

    def named(self, variants: int, marked: Callable[[str], str] = str) -> str:
        """Some of these variants by their labels, each `marked`, as a part of a sentence."""
        if variants.bit_count() == len(self.names):
            return "all of them"
        # Whole labels: two of which the same is left out would look alike.
        return first_of([marked(label) for label in self.labels_of(variants)], 3, 80)

    def by_variant(self) -> Iterator[tuple[str, bool, str]]:
        """(name, whether it is active there, why) of each variant, in order."""
        for index, name in enumerate(self.names):
            bit = 1 << index
            yield name, bool(self.active & bit), next(words for words, mask in self.reasons if mask & bit)


def explain_line(snapshot: Snapshot, view: RootView, path: str, line: int) -> LinePresence:
    """About line `line` (from 0) of a file that `view` reads."""
    found = across(view)
    offset = first_offset(snapshot, path, line)
    unread = found.everything & ~found.readings.get(path, 0)
    deciders: dict[tuple[Location, ...], int] = {(): found.everything & ~unread}
    active = 0
    for reading in found.deciders(path, offset):
        active |= reading[None]
        split: dict[tuple[Location, ...], int] = {}
        for known, mask in deciders.items():
            for decider, variants in reading.items():
                more = known if decider is None else (*known, decider)
                split[more] = split.get(more, 0) | mask & variants
                mask &= ~variants
            split[known] = split.get(known, 0) | mask  # those that do not come to this reading
        deciders = split
    reasons: dict[str, int] = {"no condition is in its way": active}
    for locations, mask in deciders.items():
        words = " and ".join(dict.fromkeys(directive_at(snapshot, one) for one in locations))
        reasons[words] = reasons.get(words, 0) | mask & ~active
    reasons[f"{path.rpartition('/')[2]} is not included"] = unread & ~active
    ordered = sorted(((words, mask) for words, mask in reasons.items() if mask), key=lambda one: -one[1].bit_count())
    names = tuple(variant.name for variant in view.variants)
    labels = tuple(label.text for label in labels_of(view.variants))
    places = tuple(sorted({one for locations, mask in deciders.items() if mask & ~active for one in locations}))
    return LinePresence(view.path, names, labels, active, found.condition(active), tuple(ordered), places)


def macros_at_line(snapshot: Snapshot, view: RootView, path: str, line: int) -> dict[str, list[MacroValue]]:
    """Every macro that is in force at the beginning of a line in some variant that reads it, by name."""
    found = across(view)
    offset = first_offset(snapshot, path, line)
    readers = found.readings.get(path, 0)
    macros = {}
    for name in sorted(found.macro_names()):
        values = [value for value in found.values(path, offset, name) if value.value is not None]
        if any(value.variants & readers for value in values):
            macros[name] = values
    return macros


def first_offset(snapshot: Snapshot, path: str, line: int) -> int:
    """Where the first visible character of a line stands."""
    source = snapshot.text(path)
    start, end = source.lines.line_start(line), source.lines.line_end(line)
    text = source.text[start:end]
    return start + len(text) - len(text.lstrip())


def directive_at(snapshot: Snapshot, location: Location) -> str:
    """`'#if X' (a.tmpl:12) was not taken`-like words for a branch that was not taken."""
    source = snapshot.text(location.path)
    line = source.lines.line_of(location.span.start) + 1
    text = " ".join(source.text[location.span.start : location.span.end].split())
    return f"'{text}' ({location.path.rpartition('/')[2]}:{line}) was not taken"


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """`lines[i]`: the variants in which line i is active; None for lines without code (directives, empty lines,
    comments by themselves)."""

    path: str
    lines: tuple[int | None, ...]


def coverage(snapshot: Snapshot, view: RootView) -> Iterator[FileCoverage]:
    """For every file that some variant of a root reads."""
    found: Across = across(view)
    for path in sorted(found.readings):
        source, tree = snapshot.text(path), snapshot.tree(path)
        lines: list[int | None] = [None] * source.lines.n_lines
        for token in tokenize(blanked(tree)).starts[:-1]:
            line = source.lines.line_of(token)
            if lines[line] is None:
                lines[line] = found.active(path, token)
        yield FileCoverage(path, tuple(lines))
