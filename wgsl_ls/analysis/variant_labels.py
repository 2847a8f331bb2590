"""What tells the variants of a list apart, for people who read the list: an axis for each choice, derived from the
macros where no axes were declared, and a label of each variant that says only the difference.

An axis is a macro, or flags of which each variant has at most one and whose names begin alike (K_F16, K_Q4_0: axis
K) or of which each has exactly one. What all variants share is no axis, and neither is what the others tell already.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from wgsl_ls.project.variants import Variant
from wgsl_ls.text.memo import AboutLists
from wgsl_ls.text.steps import Steps, finished, gathered

_SHORT = 28
"""Names of at most so many characters are their own labels."""

Column = tuple[str, ...]
"""What an axis says of each variant; "" for nothing."""


@dataclass(frozen=True, slots=True)
class VariantLabel:
    """`text`: the difference, unique in the list; `axes`: (axis, label of the alternative, "" for none of them)."""

    text: str
    axes: tuple[tuple[str, str], ...]


_KNOWN: AboutLists[Variant, tuple[VariantLabel, ...]] = AboutLists()
"""Edits of a shader keep the list."""


def labels_of(variants: tuple[Variant, ...]) -> tuple[VariantLabel, ...]:
    """See labels_steps."""
    return finished(labels_steps(variants))


def labels_steps(variants: tuple[Variant, ...]) -> Steps[tuple[VariantLabel, ...]]:
    """One for each of `variants`, in their order; kept for as long as the list stays the same object."""
    known = _KNOWN.get(variants)
    return known if known is not None else _KNOWN.put(variants, (yield from _label_steps(variants)))


def brief(label: str, most: int = 44) -> str:
    """A label of at most so many characters: whole parts from both ends, dots for those between."""
    parts = label.split("  ")
    if len(label) <= most or len(parts) < 3:
        return label if len(label) <= most else f"{label[: most // 2]}…{label[most // 2 + 1 - most :]}"
    ends: tuple[list[str], list[str]] = ([parts[0]], [])
    for number in range(1, len(parts)):
        place = (number - 1) // 2
        part, kept = (parts[-1 - place], ends[1]) if number % 2 else (parts[1 + place], ends[0])
        if len("  ".join([*ends[0], "…", *ends[1], part])) + 2 > most:
            break
        kept.append(part)
    return "  ".join([*ends[0], "…", *reversed(ends[1])])


def _label_steps(variants: Sequence[Variant]) -> Steps[tuple[VariantLabel, ...]]:
    axes = _declared(variants)
    if not axes:
        axes = yield from _flags_joined((yield from _macros(variants)))
    axes = yield from _needed(axes)
    rows = yield from gathered(
        tuple((name, column[index]) for name, column in axes.items()) for index in range(len(variants))
    )
    texts = [variant.name for variant in variants]
    if any(len(name) > _SHORT for name in texts):
        differences = ["  ".join(label for _, label in row if label) for row in rows]
        differences = [text or name for text, name in zip(differences, texts, strict=True)]
        if len(set(differences)) == len(differences) > 1:
            texts = differences
    return tuple(VariantLabel(text, row) for text, row in zip(texts, rows, strict=True))


def _declared(variants: Sequence[Variant]) -> dict[str, Column]:
    """The axes of the configuration, where all variants have the same."""
    names = [tuple(name for name, _ in variant.axes) for variant in variants if variant.origin == "declared"]
    if len(names) < len(variants) or len(set(names)) != 1:
        return {}
    return {name: tuple(variant.axes[number][1] for variant in variants) for number, name in enumerate(names[0])}


def _macros(variants: Sequence[Variant]) -> Steps[dict[str, Column]]:
    tables = yield from gathered(
        {name: text for (name, _), text in zip(variant.defines, variant.define_list, strict=True)}
        for variant in variants
    )
    names = dict.fromkeys(name for table in tables for name in table)
    found: dict[str, Column] = {}
    for name in names:
        found[name] = tuple([table.get(name, "") for table in tables])
        yield
    return found


def _flags_joined(columns: dict[str, Column]) -> Steps[dict[str, Column]]:
    """`columns` with each family of flags as one axis, in the place of its first flag."""
    flags = yield from gathered((name for name, column in columns.items() if set(column) <= {"", name}), at_once=8)
    family_of: dict[str, str] = {}
    families = _one_of(flags, columns, 3)
    yield
    for alike in _alike(flags):
        # Another flag may begin like those of an axis: V_F16, V_F32, and V_DIRECT beside them.
        families += _one_of(alike, columns, 2) or [alike]
        yield
    for family in families:
        title = _common_words(family) or f"{family[0]} or other"
        if title in columns or any(name in family_of for name in family) or not _exclusive(family, columns):
            continue
        family_of.update(dict.fromkeys(family, title))
        yield
    joined: dict[str, Column] = {}
    for name, column in columns.items():
        title = family_of.get(name, name)
        before = joined.get(title)
        joined[title] = column if before is None else tuple(map("".join, zip(before, column, strict=True)))
        yield
    return joined


def _common_words(names: Sequence[str]) -> str:
    first, last = min(names), max(names)
    n_common = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[:n_common].rpartition("_")[0]


def _alike(flags: Sequence[str]) -> list[list[str]]:
    """Flags by the first word of their names."""
    found: dict[str, list[str]] = {}
    for name in flags:
        found.setdefault(name.partition("_")[0], []).append(name)
    return [family for family in found.values() if len(family) > 1]


def _one_of(flags: Sequence[str], columns: dict[str, Column], least: int) -> list[list[str]]:
    """At least so many of `flags` of which every variant has exactly one."""
    varying = [name for name in flags if "" in columns[name]]
    if not varying:
        return []
    family = varying[:1]
    taken = list(map(bool, columns[family[0]]))
    for name in varying[1:]:
        column = columns[name]
        if not any(label and held for label, held in zip(column, taken, strict=True)):
            family.append(name)
            taken = [bool(label) or held for label, held in zip(column, taken, strict=True)]
    return [family] if all(taken) and len(family) >= least else []


def _exclusive(family: Sequence[str], columns: dict[str, Column]) -> bool:
    return all(sum(map(bool, row)) < 2 for row in zip(*(columns[name] for name in family), strict=True))


def _needed(columns: dict[str, Column]) -> Steps[dict[str, Column]]:
    """Without what all share, and without what the others already tell apart."""
    left = {name: column for name, column in columns.items() if len(set(column)) > 1}
    n_classes = _count(left)
    for name in reversed(list(left)):
        yield
        others = {other: column for other, column in left.items() if other != name}
        if others and _count(others) == n_classes:
            left = others
    return left


def _count(columns: dict[str, Column]) -> int:
    rows: set[Hashable] = set(zip(*columns.values(), strict=True))
    return len(rows)
