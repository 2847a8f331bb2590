"""Hover on directives: in how many variants a branch is taken, why, and what its macros are; files of #include."""

from __future__ import annotations

from dataclasses import dataclass

from wgsl_ls.analysis.across import Across, BranchFact
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.hover_macro import set_in_words
from wgsl_ls.analysis.features.rich_text import Link, Page, Text, place, shortened
from wgsl_ls.preprocess.conditions import evaluate
from wgsl_ls.preprocess.directives import Conditional, Directive
from wgsl_ls.text.harmless import inline_code, markdown_text
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span

_MOST_MACROS = 12

DIRECTIVE_DOCS = {
    "include": "Reads another file here. Each reading is processed anew, with the macros in force here.",
    "define": "Gives an object-like macro a value. Without effect when the variant gives the macro.",
    "undef": "Takes a macro away. Without effect when the variant gives it.",
    "ifdef": "Keeps what follows when the macro is defined.",
    "ifndef": "Keeps what follows when the macro is not defined.",
    "if": "Keeps what follows when the condition is not 0. A macro that is not defined counts as 0.",
    "elif": "Asked when no branch before was taken.",
    "else": "Kept when no branch before was taken.",
    "endif": "Ends the group of its #if.",
}


@dataclass(frozen=True, slots=True)
class Group:
    """A conditional of a file: (offset of the line, directive) of each branch, then of the #endif if there is one."""

    branches: tuple[tuple[int, Directive], ...]
    endif: tuple[int, Directive] | None


def group_at(cursor: Cursor, offset: int) -> Group | None:
    """The conditional that the directive whose line begins at `offset` belongs to."""
    for base, node, _ in cursor.tree.walk():
        if not isinstance(node, Conditional):
            continue
        branches = tuple((base + branch.offset, branch.directive) for branch in node.branches)
        endif = (base + node.endif_offset, node.endif) if node.endif is not None else None
        if any(at == offset for at, _ in branches) or (endif is not None and endif[0] == offset):
            return Group(branches, endif)
    return None


def directive_page(cursor: Cursor, offset: int, directive: Directive, found: Across) -> Page:
    if directive.kind == "include":
        return include_page(cursor, offset, directive, found)
    group = group_at(cursor, offset)
    if group is not None:
        if directive.kind == "endif":
            return _endif_page(cursor, group, found)
        return branch_page(cursor, offset, directive, group, found)
    page = Page()
    words = DIRECTIVE_DOCS.get(directive.kind)
    if words:
        page.add(f"`#{directive.kind}`: {words}")
    return page


def branch_page(cursor: Cursor, offset: int, directive: Directive, group: Group, found: Across) -> Page:
    page = Page()
    fact = found.branch_at(cursor.path, offset + directive.head_start)
    page.code(written(directive))
    if fact is None:
        page.add("No variant reads this file")
        return page
    page.add(truth_in_words(cursor, fact, found))
    if len(cursor.view.variants) > 1:
        page.add(_now_in_words(cursor, offset, directive))
    _macros(cursor, page, directive)
    if directive.kind in ("elif", "else"):
        page.add("Behind ", *_branch_link(cursor, *group.branches[0]))
    return page


def truth_in_words(cursor: Cursor, fact: BranchFact, found: Across) -> str:
    """`taken in 12 of 48 variants, when ...`."""
    total = len(cursor.view.variants)
    n_taken, n_reached = fact.taken.bit_count(), fact.reached.bit_count()
    if total == 1:
        return "Taken" if n_taken else "Not taken" if n_reached else "In code that is inactive"
    words = f"Taken in **{n_taken} of {total}** variants"
    if n_taken and n_taken < total:
        words += f", when {set_in_words(found, fact.taken, thorough=True)}"
    notes = []
    n_false = n_reached - n_taken - (fact.skipped & fact.reached & ~fact.taken).bit_count()
    n_skipped = (fact.skipped & fact.reached & ~fact.taken).bit_count()
    if n_reached < total or n_skipped:
        if n_false:
            notes.append(f"false in {n_false}")
        if n_skipped:
            notes.append(f"an earlier branch was taken in {n_skipped}")
        if n_reached < total:
            notes.append(f"inactive in {total - n_reached}")
    return words + (f" ({', '.join(notes)})" if notes else "")


def _now_in_words(cursor: Cursor, offset: int, directive: Directive) -> str:
    variant = cursor.view.variants[cursor.context.variant_index].name
    states = {
        "taken": "taken",
        "false": "not taken",
        "skipped": "not asked: an earlier branch was taken",
        "inactive": "inactive: the code round it is",
    }
    at = offset + directive.head_start
    for decision in cursor.replay.decisions:
        if decision.instance == cursor.context.instance and decision.location.span.start == at:
            return f"In {inline_code(variant)}: {states[decision.state]}"
    return f"In {inline_code(variant)}: the file is not read"


def _macros(cursor: Cursor, page: Page, directive: Directive) -> None:
    """The macros of a condition with their values, and those that their values lead to."""
    names: list[str] = [directive.name] if directive.kind in ("ifdef", "ifndef") else []
    table = cursor.macros
    if directive.condition is not None:
        evaluation = evaluate(directive.condition, table.bodies, cursor.view.settings.dialect)
        names = list(dict.fromkeys((*directive.condition.names, *evaluation.reads)))
        if evaluation.error is not None:
            page.add(f"It cannot be evaluated: {markdown_text(evaluation.error)}")
    rows: list[tuple[Text, Text, Text]] = []
    for name in names[:_MOST_MACROS]:
        definition = table.get(name)
        where: Text = ("",)
        if definition is None:
            value = "not defined"
        else:
            value = inline_code(shortened(definition.value, 40)) if definition.value else "defined, empty"
            where = ("the variant",)
            if definition.location is not None:
                where = (place(cursor.snapshot.read, definition.location),)
        rows.append(((f"`{name}`",), (value,), where))
    if rows:
        page.table(("macro", "here", "from"), rows)
    if len(names) > _MOST_MACROS:
        page.add(f"and {len(names) - _MOST_MACROS} more macros")


def _endif_page(cursor: Cursor, group: Group, found: Across) -> Page:
    page = Page()
    page.add("Ends ", *_branch_link(cursor, *group.branches[0]))
    total = len(cursor.view.variants)
    rows: list[Text] = []
    for at, directive in group.branches:
        fact = found.branch_at(cursor.path, at + directive.head_start)
        n_taken = fact.taken.bit_count() if fact is not None else 0
        rows.append((*_branch_link(cursor, at, directive), f": {n_taken} of {total}"))
    page.items(rows)
    return page


def _branch_link(cursor: Cursor, offset: int, directive: Directive) -> Text:
    location = Location(cursor.path, directive.head_span.shifted(offset))
    return inline_code(written(directive)) + " at ", place(cursor.snapshot.read, location)


def written(directive: Directive) -> str:
    return shortened(directive.logical, 100)


def include_page(cursor: Cursor, offset: int, directive: Directive, found: Across) -> Page:
    """Which file an #include reads, in how many variants, and how often the file is read."""
    page = Page()
    page.code(written(directive))
    target = cursor.snapshot.include(directive.name, cursor.view.path)
    if not isinstance(target, SourceFile):
        page.add(markdown_text(target))
        return page
    page.add("Reads ", Link(target.path, Location(target.path, Span(0, 0))))
    total = len(cursor.view.variants)
    site = Location(cursor.path, directive.name_span.shifted(offset))
    mask = found.sites.get(site, 0)
    if total > 1:
        words = f"Active in {mask.bit_count():,} of {total:,} variants"
        if 0 < mask.bit_count() < total:
            words += f", when {set_in_words(found, mask)}"
        page.add(words)
    active = [
        (place_, instance)
        for place_, instance in cursor.replay.includes
        if cursor.replay.instances[instance].path == target.path
    ]
    if len(active) > 1:
        rows: list[Text] = [(place(cursor.snapshot.read, place_),) for place_, _ in active]
        page.add(f"This variant reads the file {len(active)} times")
        page.items(rows[:10])
    return page
