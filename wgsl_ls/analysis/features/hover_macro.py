"""Hover on a macro: its value here, where from, what it hides, and its values over all variants."""

from __future__ import annotations

from wgsl_ls.analysis.across import Across, indices
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.rich_text import Link, Page, Text, place, shortened
from wgsl_ls.analysis.variant_labels import brief, labels_of
from wgsl_ls.preprocess.macros import MacroDefinition
from wgsl_ls.text.harmless import inline_code

_MOST_ROWS = 12
_MOST_SHADOWS = 5
_LONGEST_VALUE = 400


def macro_page(cursor: Cursor, name: str, found: Across) -> Page:
    """`name` at the cursor; `found`: the variants of the cursor's root."""
    page = Page()
    definition = cursor.macros.get(name)
    variant = cursor.view.variants[cursor.context.variant_index].name
    many = len(cursor.view.variants) > 1
    if definition is None:
        page.add(f"`{name}` is not defined here", f" in {inline_code(variant)}" if many else "", ": 0 in conditions")
    else:
        _value(cursor, page, definition)
        page.add(*_origin(cursor, definition, variant if many else ""))
    _shadows(cursor, page, name)
    if many:
        _table(cursor, page, found, found.expansions(cursor.path, cursor.offset, name), name)
    return page


def _value(cursor: Cursor, page: Page, definition: MacroDefinition) -> None:
    value = shortened(definition.value, _LONGEST_VALUE)
    head = f"#define {definition.name} {value}".rstrip()
    expanded = cursor.macros.expanded(definition.name)
    if expanded is None:
        page.code(head)
        page.add("Its expansion never ends: the macro comes back to itself")
        return
    if expanded != definition.value:
        head += f"\n// one step: {value}\n// expands to: {shortened(expanded, _LONGEST_VALUE)}"
    page.code(head)


def _origin(cursor: Cursor, definition: MacroDefinition, variant: str) -> Text:
    if definition.location is None:
        asked = cursor.view.variants[cursor.context.variant_index].asked_by
        told = cursor.view.variants[cursor.context.variant_index].given(definition.name)
        if told is not None and asked is not None:
            when = f", when {inline_code(shortened(told.when, 160))}" if told.when else ""
            return (f"Given by {inline_code(asked.function)} at ", place(cursor.snapshot.read, told.location), when)
        given = f" {inline_code(variant)}" if variant else ""
        return ("Given by the variant", given, "; no #define or #undef can change it")
    parts: list[str | Link] = ["Defined at ", place(cursor.snapshot.read, definition.location)]
    for number, site in enumerate(definition.through):
        parts.append(", included at " if not number else ", from ")
        parts.append(place(cursor.snapshot.read, site))
    return tuple(parts)


def _shadows(cursor: Cursor, page: Page, name: str) -> None:
    shadows = cursor.macros.shadowed(name)
    rows: list[Text] = []
    for shadow in shadows[:_MOST_SHADOWS]:
        row: list[str | Link] = [f"hides {inline_code(shortened(shadow.value))}"]
        if shadow.location is not None:
            row += [" at ", place(cursor.snapshot.read, shadow.location)]
        if shadow.ignored:
            row.append(" (ignored: the variant's value wins)")
        rows.append(tuple(row))
    if len(shadows) > _MOST_SHADOWS:
        rows.append((f"and {len(shadows) - _MOST_SHADOWS} more",))
    if rows:
        page.items(rows)


def _table(cursor: Cursor, page: Page, found: Across, grouped: dict[str | None, int], name: str) -> None:
    """What the macro expands to over all variants; only when that differs."""
    if len(grouped) < 2:
        return
    entries = sorted(grouped.items(), key=lambda entry: (-entry[1].bit_count(), entry[0] is None, entry[0] or ""))
    total = len(cursor.view.variants)
    now = 1 << cursor.context.variant_index
    rows: list[tuple[Text, ...]] = []
    devices = [_devices(found, mask) for _, mask in entries[:_MOST_ROWS]]
    by_device = len(set(devices)) > 1
    are_examples = True
    for (value, mask), on in zip(entries[:_MOST_ROWS], devices, strict=True):
        shown = "not defined" if value is None else inline_code(shortened(value, 40))
        if mask & now:
            shown = f"**{shown}**"
        when = _exactly(found, mask, without=name)
        are_examples = are_examples and when is None
        row = ((shown,), (f"{mask.bit_count():,} of {total:,}",), (when or _for_example(found, mask),))
        rows.append((*row, (", ".join(map(inline_code, on)),)) if by_device else row)
    which = "for example" if are_examples else "when"
    page.table(("value", "variants", which, *(("on",) if by_device else ())), rows)
    if len(entries) > _MOST_ROWS:
        page.add(f"and {len(entries) - _MOST_ROWS} more values")


def _devices(found: Across, mask: int) -> tuple[str, ...]:
    """The devices that a host asks for these variants on; none for variants of other origin."""
    variants = [found.view.variants[index] for index in indices(mask)]
    return tuple(dict.fromkeys(name for one in variants if one.origin == "host" for name in one.profiles))


def set_in_words(found: Across, mask: int, thorough: bool = False, without: str = "") -> str:
    """The shortest condition of a set of variants (one that does not speak of the macro `without`), or the label of
    one of them."""
    return _exactly(found, mask, thorough, without) or _for_example(found, mask)


def _exactly(found: Across, mask: int, thorough: bool = False, without: str = "") -> str | None:
    """Words that are true for this set alone; None where they would be long."""
    condition = found.condition(mask, thorough, without)
    if condition == "":
        return "always"
    if condition is not None and len(condition) <= 120:
        return inline_code(condition)
    if not mask:
        return "never"
    return _first(found, mask) if mask.bit_count() == 1 else None


def _for_example(found: Across, mask: int) -> str:
    return f"{_first(found, mask)} and {mask.bit_count() - 1:,} more"


def _first(found: Across, mask: int) -> str:
    return inline_code(brief(labels_of(found.view.variants)[indices(mask)[0]].text))
