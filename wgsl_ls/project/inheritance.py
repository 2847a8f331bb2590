"""`extends`: what a `[[shader]]` takes over from the entries it names, and a `[[shader.variant]]` from its
base.

Macros, axes, overrides and smoke keys of the extending entry replace those of the same name; rules and
variants are added behind the inherited ones; other settings hold where the entry has none. A cycle or an
unknown name is a diagnostic, and that one link is ignored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeVar

from wgsl_ls.project.model import Axis, DeclaredVariant, Define, ShaderEntry
from wgsl_ls.project.problems import Problems
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.located import Located
from wgsl_ls.text.span import Span

T = TypeVar("T")

MOST_INHERITED: Final = 100_000
"""Macros, axes, rules and variants in all entries of a file, with what they inherit."""

DEEPEST_EXTENDS: Final = 100
"""Entries, or variants of one, in a chain: each is worked out inside the one that extends it."""
_TOO_DEEP: Final = f"more than {DEEPEST_EXTENDS} extend each other in a chain; this one inherits nothing"


def merged_defines(base: Sequence[Define], more: Sequence[Define], undefine: Sequence[str]) -> tuple[Define, ...]:
    """`base`, without `undefine`, with `more` replacing macros of the same name."""
    removed = set(undefine)
    merged = {name: value for name, value in base if name not in removed}
    merged.update(more)
    return tuple(merged.items())


def resolve_extends(
    problems: Problems, entries: Sequence[tuple[ShaderEntry, tuple[Located, ...]]]
) -> tuple[ShaderEntry, ...]:
    """The entries with what they inherit; templates (entries without files) are left out."""
    by_name: dict[str, int] = {}
    for index, (entry, _) in enumerate(entries):
        if entry.name is None:
            continue
        if entry.name in by_name:
            first = entries[by_name[entry.name]][0]
            message = f'another [[shader]] is named "{entry.name}" too'
            problems.add(entry.span, "duplicate-name", message, related=((first.span, "the first one"),))
        else:
            by_name[entry.name] = index
    done: dict[int, ShaderEntry] = {}
    open_entries: list[int] = []
    n_inherited = [0]

    def resolved(index: int) -> ShaderEntry:
        if index in done:
            return done[index]
        open_entries.append(index)
        entry, bases = entries[index]
        inherited: ShaderEntry | None = None
        for base in bases:
            target = by_name.get(base.value)
            if target is None:
                message = f'no [[shader]] is named "{base.value}"{problems.suggestion(base.value, by_name)}'
                problems.add(base.span, "extends", message)
            elif target in open_entries:
                names = [entries[i][0].name or "this" for i in open_entries[open_entries.index(target) :]]
                chain = " extends ".join([*names, base.value])
                places = tuple(
                    (entries[i][0].span, f'"{entries[i][0].name}" is part of the cycle')
                    for i in open_entries[open_entries.index(target) :]
                )
                problems.add(base.span, "extends", f"an entry cannot extend itself: {chain}", related=places)
            elif len(open_entries) > DEEPEST_EXTENDS:
                problems.add(base.span, "extends", _TOO_DEEP)
            elif n_inherited[0] > MOST_INHERITED:
                message = f"with what they inherit the entries here have more than {MOST_INHERITED:,} rules, macros and"
                problems.add(base.span, "extends", f"{message} variants; this one inherits nothing")
            else:
                found = resolved(target)
                n_inherited[0] += found.size
                inherited = found if inherited is None else _inherit(inherited, found)
        open_entries.pop()
        done[index] = entry if inherited is None else _inherit(inherited, entry)
        return done[index]

    complete = [resolved(index) for index in range(len(entries))]
    return tuple(_with_whole_variants(problems, entry) for entry in complete if entry.files)


def _inherit(base: ShaderEntry, entry: ShaderEntry) -> ShaderEntry:
    return replace(
        entry,
        define=merged_defines(base.define, entry.define, entry.undefine),
        undefine=tuple(dict.fromkeys((*base.undefine, *entry.undefine))),
        locals=tuple(dict.fromkeys((*base.locals, *entry.locals))),
        axes=_merged_axes(base.axes, entry.axes),
        # What comes twice from one template is there once: a template that is reached in n ways must not count 2**n.
        rules=_once(base.rules, entry.rules),
        variants=_once(base.variants, entry.variants),
        pick=_either(entry.pick, base.pick),
        engines=_either(entry.engines, base.engines),
        profiles=_either(entry.profiles, base.profiles),
        overrides=tuple((dict(base.overrides) | dict(entry.overrides)).items()),
        includes=_either(entry.includes, base.includes),
        include_dirs=_either(entry.include_dirs, base.include_dirs),
        smoke=merged_tables(base.smoke, entry.smoke),
        axes_span=_either(entry.axes_span, base.axes_span),
    )


def _once(base: Sequence[T], more: Sequence[T]) -> tuple[T, ...]:
    """Both in order, each object once."""
    return tuple({id(one): one for one in (*base, *more)}.values())


def _either(own: T | None, inherited: T | None) -> T | None:
    return inherited if own is None else own


def _merged_axes(base: Sequence[Axis], more: Sequence[Axis]) -> tuple[Axis, ...]:
    merged = {axis.name: axis for axis in base}
    merged.update({axis.name: axis for axis in more})
    return tuple(merged.values())


def merged_tables(base: Located | None, more: Located | None) -> Located | None:
    """`base` with the keys of `more` replacing those of the same name."""
    if base is None or more is None:
        return base if more is None else more
    return replace(more, value={**dict(base.entries()), **dict(more.entries())})


def _with_whole_variants(problems: Problems, entry: ShaderEntry) -> ShaderEntry:
    """The explicit variants with what they inherit from each other; their names are unique."""
    by_name: dict[str, DeclaredVariant] = {}
    kept: list[DeclaredVariant] = []
    for variant in entry.variants:
        first = by_name.setdefault(variant.name, variant)
        if first is not variant:
            if first.span != variant.span:  # else: inherited twice from one template
                related = ((first.name_span, "the first one"),)
                message = f'this shader has a variant named "{variant.name}" already'
                _add_once(problems, variant.name_span, "duplicate-name", message, related)
            continue
        kept.append(variant)
    return replace(entry, variants=tuple(_whole_variant(problems, variant, by_name, ()) for variant in kept))


def _whole_variant(
    problems: Problems,
    variant: DeclaredVariant,
    by_name: dict[str, DeclaredVariant],
    open_names: tuple[str, ...],
) -> DeclaredVariant:
    if variant.extends is None:
        return variant
    base = by_name.get(variant.extends)
    chain = (*open_names, variant.name)
    if base is None or base.name in chain or len(chain) > DEEPEST_EXTENDS:
        if base is None:
            message = f'no variant here is named "{variant.extends}"{problems.suggestion(variant.extends, by_name)}'
        elif base.name not in chain:
            message = _TOO_DEEP
        else:
            message = f"a variant cannot extend itself: {' extends '.join((*chain, base.name))}"
        _add_once(problems, variant.span, "extends", message, ())
        return variant
    whole = _whole_variant(problems, base, by_name, chain)
    return replace(
        variant,
        define=merged_defines(whole.define, variant.define, variant.undefine),
        undefine=tuple(dict.fromkeys((*whole.undefine, *variant.undefine))),
        engines=whole.engines if variant.engines is None else variant.engines,
        profiles=whole.profiles if variant.profiles is None else variant.profiles,
        overrides=tuple((dict(whole.overrides) | dict(variant.overrides)).items()),
    )


def _add_once(problems: Problems, span: Span, code: str, message: str, related: tuple[tuple[Span, str], ...]) -> None:
    """A template's problem is found again in every entry that extends it; it is said once."""
    if not any(known.span == span and known.code == f"config/{code}" for known in problems.diagnostics):
        problems.add(span, code, message, Severity.ERROR, related)
