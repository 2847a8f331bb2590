"""Cover: few variants that together make every changed line active, and the changed lines that no variant reaches.

A line of an include is to be active in every root that reaches it: what it needs may be there in one and missing in
another. Variants in which the same of the lines are active are one class, so that it is quick with thousands of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from wgsl_ls.analysis.across import across, indices
from wgsl_ls.analysis.presence import coverage, first_offset
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.project.picking import fewest
from wgsl_ls.text.span import Location, Span

Macro = tuple[str, str | None]
"""(name, value); None: not defined."""
Together = tuple[Macro, ...]
"""Macros as one variant has them; values that are numbers are left out ("#") where there are several macros."""
Line = tuple[str, int]
"""(path, line from 0)."""


@dataclass(frozen=True, slots=True)
class Cover:
    """`chosen`: root -> names of variants; `n_lines`: changed lines with code or a directive, of which no variant
    reaches those in `unreached`; `n_values`: new values of macros and new pairs of them, all of which are covered."""

    chosen: Mapping[str, Collection[str]]
    n_lines: int
    unreached: tuple[Location, ...]
    n_values: int

    @property
    def n_chosen(self) -> int:
        return sum(map(len, self.chosen.values()))


def cover(
    snapshot: Snapshot,
    views: Sequence[RootView],
    changed: Mapping[str, Collection[int]],
    given: Mapping[str, Collection[Together]],
    touched: Collection[tuple[str, str]],
) -> Cover:
    """`changed`: path -> lines from 0; `given`: root -> macros as no variant had them together before;
    `touched`: (root, name) of the variants whose texts differ: of equals these are taken."""
    wanted: dict[Line, bool] = {}
    values: set[object] = set()
    chosen: dict[str, list[str]] = {}
    for view in views:
        masks: dict[int, list[object]] = {}
        for line, mask in _active(snapshot, view, changed):
            wanted[line] = wanted.get(line, False) or mask != 0
            masks.setdefault(mask, []).append(line)
        for macro, mask in _given(view, given.get(view.path, ())):
            values.add((view.path, macro))
            masks.setdefault(mask, []).append(macro)
        classes = list(_classes(len(view.variants), masks))
        chosen[view.path] = []
        for members, _ in (classes[index] for index in fewest([held for _, held in classes])):
            names = [view.variants[index].name for index in indices(members)]
            chosen[view.path].append(next((name for name in names if (view.path, name) in touched), names[0]))
    unreached = sorted(line for line, is_reached in wanted.items() if not is_reached)
    return Cover(chosen, len(wanted), tuple(_place(snapshot, *line) for line in unreached), len(values))


def _active(snapshot: Snapshot, view: RootView, changed: Mapping[str, Collection[int]]) -> Iterator[tuple[Line, int]]:
    """Each changed line with code or a directive in the files of a root -> the variants in which it is active."""
    found = across(view)
    for file in coverage(snapshot, view):
        source = snapshot.text(file.path)
        for line in changed.get(file.path, ()):
            mask = file.lines[line]
            offset = first_offset(snapshot, file.path, line)
            if mask is None and source.text.startswith("#", offset):
                mask = found.active(file.path, offset)
            if mask is not None:
                yield (file.path, line), mask


def _given(view: RootView, given: Collection[Together]) -> Iterator[tuple[Together, int]]:
    wanted = dict.fromkeys(given, 0)
    names = {name for one in given for name, value in one if len(one) > 1 or value is None}
    shapes: dict[tuple[Macro, ...], int] = {}
    for index, variant in enumerate(view.variants):
        for macro in variant.defines:
            if (macro,) in wanted:
                wanted[(macro,)] |= 1 << index
        shape = macros_without_numbers(variant.defines, names)
        shapes[shape] = shapes.get(shape, 0) | 1 << index
    for shape, mask in shapes.items():
        for one in (*((macro,) for macro in shape if macro[1] is None), *combinations(shape, 2)):
            if one in wanted:
                wanted[one] |= mask
    yield from wanted.items()


def macros_without_numbers(defines: Collection[tuple[str, str]], names: Collection[str]) -> tuple[Macro, ...]:
    """Of each of `names`, in the order of the alphabet, how it is defined."""
    values = dict(defines)
    return tuple((name, _word(values.get(name))) for name in sorted(names))


def _word(value: str | None) -> str | None:
    return "#" if value is not None and is_number(value) else value


def is_number(value: str) -> bool:
    """By the looks of it: a variant with another one is compiled alike."""
    return value[:1].isdecimal()


def _classes(n_variants: int, masks: Mapping[int, list[object]]) -> Iterator[tuple[int, frozenset[object]]]:
    """Variants -> what holds in them."""
    found: list[tuple[int, list[object]]] = [((1 << n_variants) - 1, [])]
    for mask, parts in masks.items():
        split = []
        for members, held in found:
            if inside := members & mask:
                split.append((inside, [*held, *parts]))
            if outside := members & ~mask:
                split.append((outside, held))
        found = split
    for members, held in found:
        if held:
            yield members, frozenset(held)


def _place(snapshot: Snapshot, path: str, line: int) -> Location:
    return Location(path, Span(first_offset(snapshot, path, line), snapshot.text(path).lines.line_end(line)))
