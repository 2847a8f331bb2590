"""Variant, VariantSet, and which variants a root file has: declared in wgsl-ls.toml, imported from a host
program's trace, or (nothing said about the file) its own defaults, to which inferred ones may be added.

The size of every set is known before it is expanded. Nothing here reads files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from wgsl_ls.host.model import HostDefine, HostVariant
from wgsl_ls.preprocess.dialect import Dialect
from wgsl_ls.project.axes import define_text
from wgsl_ls.project.drafts import AlternativeUses, Draft, Plan, drafts_of
from wgsl_ls.project.effort import MOST_STEPS_OF_ROOT
from wgsl_ls.project.inheritance import merged_defines, merged_tables
from wgsl_ls.project.model import MOST_VARIANTS, Define, Includes, ProjectConfig, ShaderEntry
from wgsl_ls.project.paths import absolute, matches, relative, unmatched
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.listing import first_of
from wgsl_ls.text.located import Located
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import Steps, finished, gathered
from wgsl_ls.wire.engine_specs import default_engines, with_builds

_INPUTS_SHOWN = 5
_AT_ONCE = 256

VariantOrigin = Literal["declared", "imported", "host", "inferred", "default"]


@dataclass(frozen=True, slots=True)
class Variant:
    """One set of macros for one root file. `defines`: (name, value), each name once; `engines` and
    `profiles`: what it must pass; `overrides`: pipeline constants; `axes`: (axis, label of the alternative
    chosen; for a host's, inputs and their values); `entry`: index of its `[[shader]]` in the configuration, -1
    without one. `asked_by`: what was read in the host's code, with the places that give the macros."""

    name: str
    root: str
    defines: tuple[Define, ...]
    engines: tuple[str, ...] = field(default_factory=default_engines)
    profiles: tuple[str, ...] = ()
    overrides: tuple[tuple[str, float], ...] = ()
    origin: VariantOrigin = "default"
    axes: tuple[tuple[str, str], ...] = ()
    declared_at: Location | None = None
    entry: int = -1
    asked_by: HostVariant | None = None

    @property
    def judges(self) -> tuple[str, ...]:
        """The engines that it must pass, with the builds of them that the user has."""
        return with_builds(self.engines)

    def given(self, name: str) -> HostDefine | None:
        """What in the host's code gives the macro `name`; None where that is not known."""
        asked = self.asked_by.defines if self.asked_by is not None else ()
        return next((define for define in asked if define.name == name), None)

    def given_words(self, given: HostDefine) -> str:
        """ "given by FUNCTION, when CONDITION", in the host's words."""
        by = f" by {self.asked_by.function}" if self.asked_by is not None and self.asked_by.function else ""
        return f"given{by}" + (f", when {' '.join(given.when.split())}" if given.when else "")

    @property
    def asked_with(self) -> str:
        """Inputs of the host that lead to this variant, "k_type Q8_0, has_mask true"; others may lead to it as well."""
        inputs = self.asked_by.inputs if self.asked_by is not None else ()
        return first_of([f"{one.name} {one.value}" for one in inputs], _INPUTS_SHOWN)

    @property
    def define_list(self) -> tuple[str, ...]:
        """The macros as host programs and command lines write them: "NAME" or "NAME=VALUE"."""
        return tuple(map(define_text, self.defines))


@dataclass(frozen=True)
class VariantSet:
    """The variants of `root` and how it is preprocessed. `n_possible`: how many the axes allow, of which
    `variants` are those picked (`exact` False: at most that many). `all_of_host`: those of origin "host" are all that
    the host asks for on the devices known."""

    root: str
    dialect: Dialect
    includes: Includes
    include_dirs: tuple[str, ...]
    variants: tuple[Variant, ...]
    n_possible: int
    exact: bool = True
    all_of_host: bool = False

    @property
    def complete(self) -> bool:
        """These are all there are: none was left out, and none is a guess."""
        certain = ("declared", "imported", "host") if self.all_of_host else ("declared", "imported")
        known = all(variant.origin in certain for variant in self.variants)
        return known and len(self.variants) >= self.n_possible

    def __len__(self) -> int:
        return len(self.variants)

    @cached_property
    def by_name(self) -> dict[str, Variant]:
        return {variant.name: variant for variant in self.variants}


@dataclass(frozen=True, slots=True)
class ImportedVariant:
    """One line of a trace: `shader` is an absolute path, or the bare file name that was written when no file
    there has it. `path`, `start`, `end`: of the line, in plain numbers, for a list may have a million of them."""

    shader: str
    name: str | None
    defines: tuple[Define, ...]
    path: str
    start: int
    end: int

    @property
    def declared_at(self) -> Location:
        return Location(self.path, Span(self.start, self.end))


def entries_for(config: ProjectConfig, root: str) -> tuple[tuple[int, ShaderEntry], ...]:
    """The `[[shader]]`s (with their indexes) whose globs name the file `root` (absolute). A pattern that
    begins with `!` takes out what those before it let in."""
    name = relative(root, config.directory)
    found: list[tuple[int, ShaderEntry]] = []
    for index, entry in enumerate(config.shaders):
        chosen = False
        for pattern in entry.files:
            if pattern.text.startswith("!"):
                chosen = chosen and not matches(pattern.text[1:], name)
            else:
                chosen = chosen or matches(pattern.text, name)
        if chosen:
            found.append((index, entry))
    # An entry that only brings settings gives way to those that bring variants.
    if any(entry.has_variants for _, entry in found):
        settings_only = [entry for _, entry in found if not entry.has_variants]
        found = [(index, entry) for index, entry in found if entry not in settings_only]
    return tuple(found)


def plan_for(config: ProjectConfig, root: str) -> tuple[Plan, ...]:
    """The axes of each `[[shader]]` of `root`, not yet expanded; `plan.count` tells their size."""
    uses = AlternativeUses(config)
    return tuple(Plan(config, index, entry, uses) for index, entry in entries_for(config, root))


def variants_for(
    config: ProjectConfig,
    root_path: str,
    imported: Sequence[ImportedVariant] = (),
) -> tuple[VariantSet, tuple[Diagnostic, ...]]:
    """All variants of a root file, and what is wrong with their declarations. A file about which nothing is
    declared or imported has one variant, "default"; `with_inferred` adds to it."""
    root = absolute(root_path)
    plans = plan_for(config, root)
    drafts: list[Draft] = []
    diagnostics: list[Diagnostic] = []
    n_possible, exact, n_steps = 0, True, 0
    for number, plan in enumerate(plans):
        if len(drafts) >= MOST_VARIANTS or n_steps > MOST_STEPS_OF_ROOT:
            diagnostics.append(_left(plan, len(plans) - number, len(drafts)))
            exact = False
            break
        found, problems, count = drafts_of(plan)
        n_steps += plan.n_steps
        drafts.extend(found)
        diagnostics.extend(problems)
        n_possible, exact = n_possible + count.value, exact and count.exact
    variants = [_variant(config, root, draft) for draft in drafts]
    theirs = [
        one for one in imported if one.shader == root or ("/" not in one.shader and root.endswith("/" + one.shader))
    ]
    variants.extend(_imported_variant(config, root, one, plans) for one in theirs)
    n_possible += len(theirs)
    if not plans and not theirs:
        variants = [Variant("default", root, config.define, config.engines, config.profiles, config.overrides)]
        n_possible = 1
    whole = VariantSet(
        root=root,
        dialect=config.dialect,
        includes=next((plan.entry.includes for plan in reversed(plans) if plan.entry.includes), config.includes),
        include_dirs=next(
            (plan.entry.include_dirs for plan in reversed(plans) if plan.entry.include_dirs is not None),
            config.include_dirs,
        ),
        variants=_distinct(variants),
        n_possible=n_possible,
        exact=exact,
    )
    return whole, tuple(diagnostics)


def _left(plan: Plan, n_left: int, n_made: int) -> Diagnostic:
    """The limits are for each `[[shader]]`; somebody may write many of them for one file."""
    message = f"this and all later [[shader]] of the same file, {n_left:,}, are left out: those before make {n_made:,} "
    message += "variants, and working out more would take too long. Use fewer [[shader]], axes or rules"
    return Diagnostic(plan.config.path or "", plan.entry.span, Severity.ERROR, "config/too-complex", message)


def with_inferred(variant_set: VariantSet, define_sets: Iterable[Sequence[Define]]) -> VariantSet:
    """`variant_set` with a variant of origin "inferred" for each set of defines that is not there yet; they
    come on top of the defines of its first variant."""
    if not variant_set.variants:
        return variant_set
    base = variant_set.variants[0]
    inferred = [
        replace(
            base,
            name="+".join(map(define_text, defines)) or "default",
            defines=merged_defines(base.defines, defines, ()),
            origin="inferred",
            axes=(),
            declared_at=None,
        )
        for defines in define_sets
    ]
    variants = _distinct([*variant_set.variants, *inferred])
    return replace(variant_set, variants=variants, n_possible=max(variant_set.n_possible, len(variants)))


def with_host_steps(
    variant_set: VariantSet, asked: Sequence[HostVariant], config: ProjectConfig, exact: bool = False
) -> Steps[VariantSet]:
    """`variant_set` with the variants that the host asks for instead of its own. Equal macros on several devices
    are one variant that must fit all of them. `exact`: they were read without a gap or a guess, for every device
    that is known; a number that was chosen is a guess."""
    # Thousands of variants share some hundred defines: those are compared once, the lists by their numbers.
    numbers: dict[int, int] = {}
    distinct_defines: dict[HostDefine, int] = {}
    merged: dict[tuple[int, ...], list[HostVariant]] = {}
    for number, one in enumerate(asked):
        if not number % _AT_ONCE:
            yield
        for define in one.defines:
            if id(define) not in numbers:
                numbers[id(define)] = distinct_defines.setdefault(define, len(distinct_defines))
        merged.setdefault(tuple([numbers[id(define)] for define in one.defines]), []).append(one)
    firsts = [found[0] for found in merged.values()]
    names = yield from host_name_steps(firsts)
    variants = yield from gathered(
        Variant(
            name=name,
            root=variant_set.root,
            defines=tuple((define.name, define.value or "") for define in first.defines),
            engines=config.engines,
            profiles=tuple(dict.fromkeys(one.profile for one in found if one.profile)) or config.profiles,
            overrides=config.overrides,
            origin="host",
            axes=tuple((one.name, one.value) for one in first.inputs),
            asked_by=first,
        )
        for name, first, found in zip(names, firsts, merged.values(), strict=True)
    )
    if not variants:
        return variant_set
    chosen = any(one.chosen for first in firsts for one in first.inputs)
    distinct = yield from _distinct_steps(variants)
    return replace(variant_set, variants=distinct, n_possible=len(distinct), all_of_host=exact and not chosen)


def host_name_steps(asked: Sequence[HostVariant]) -> Steps[list[str]]:
    """The host's own label of each; where several have one label, with the macros in which these differ."""
    texts: dict[int, str] = {}  # by identity: thousands of lists share some hundred defines
    by_label: dict[str, list[list[str]]] = {}
    of_each: list[list[str]] = []
    for number, one in enumerate(asked):
        if not number % _AT_ONCE:
            yield
        for define in one.defines:
            if id(define) not in texts:
                texts[id(define)] = define.text
        of_each.append([texts[id(define)] for define in one.defines])
        by_label.setdefault(one.label, []).append(of_each[-1])
    common = {label: set(found[0]).intersection(*found[1:]) for label, found in by_label.items() if len(found) > 1}
    names = []
    for number, (one, given) in enumerate(zip(asked, of_each, strict=True)):
        if not number % _AT_ONCE:
            yield
        shared = common.get(one.label)
        own = [text for text in given if text not in shared] if shared is not None else ()
        names.append("+".join((one.label, *own)))
    return names


def smoke_table(config: ProjectConfig, root: str, variant: Variant) -> Located | None:
    """The smoke settings of a variant: those of its `[[shader]]` over those of the project. A variant that no entry
    declares takes them from the first entry with any that rules its file."""
    if 0 <= variant.entry < len(config.shaders):
        own = config.shaders[variant.entry].smoke
    else:
        own = next((entry.smoke for _, entry in entries_for(config, root) if entry.smoke is not None), None)
    return merged_tables(config.smoke, own)


def match_diagnostics(config: ProjectConfig, file_list: Iterable[str]) -> tuple[Diagnostic, ...]:
    """A warning for every glob in `files` that names none of the (absolute) files."""
    if config.path is None:
        return ()
    names = [relative(path, config.directory) for path in file_list]
    found: dict[tuple[int, int], Diagnostic] = {}
    for entry in config.shaders:
        for pattern in entry.files:
            if not any(matches(pattern.text.removeprefix("!"), name) for name in names):
                message = unmatched(pattern.text, "no file here matches")
                found[pattern.span.start, pattern.span.end] = Diagnostic(
                    config.path, pattern.span, Severity.WARNING, "config/no-match", message
                )
    return tuple(found.values())


def _variant(config: ProjectConfig, root: str, draft: Draft) -> Variant:
    entry = config.shaders[draft.entry]
    return Variant(
        name=draft.name,
        root=root,
        defines=draft.defines,
        engines=_first(draft.engines, entry.engines, config.engines),
        profiles=_first(draft.profiles, entry.profiles, config.profiles),
        overrides=tuple((dict(config.overrides) | dict(entry.overrides) | dict(draft.overrides)).items()),
        origin="declared",
        axes=draft.axes,
        declared_at=None if config.path is None else Location(config.path, draft.span),
        entry=draft.entry,
    )


def _imported_variant(config: ProjectConfig, root: str, imported: ImportedVariant, plans: Sequence[Plan]) -> Variant:
    """The host's list of macros is complete, so nothing is added to it; engines, profiles and overrides are
    those of the file."""
    entry = plans[-1].entry if plans else None
    return Variant(
        name=imported.name or "+".join(map(define_text, imported.defines)) or "default",
        root=root,
        defines=imported.defines,
        engines=_first(entry.engines if entry else None, None, config.engines),
        profiles=_first(entry.profiles if entry else None, None, config.profiles),
        overrides=tuple((dict(config.overrides) | dict(entry.overrides if entry else ())).items()),
        origin="imported",
        declared_at=imported.declared_at,
        entry=plans[-1].index if plans else -1,
    )


def _first(own: tuple[str, ...] | None, inherited: tuple[str, ...] | None, project: tuple[str, ...]) -> tuple[str, ...]:
    if own is not None:
        return own
    return project if inherited is None else inherited


def _distinct(variants: Iterable[Variant]) -> tuple[Variant, ...]:
    """See _distinct_steps."""
    return finished(_distinct_steps(variants))


def _distinct_steps(variants: Iterable[Variant]) -> Steps[tuple[Variant, ...]]:
    """Variants with the same macros and overrides are one, which must pass what each of them must; names are
    made unique."""
    merged: dict[tuple[tuple[Define, ...], tuple[tuple[str, float], ...]], Variant] = {}
    for position, variant in enumerate(variants):
        if not position % _AT_ONCE:
            yield
        content = (tuple(sorted(variant.defines)), variant.overrides)  # a set would take ten times as much
        first = merged.get(content)
        if first is None:
            merged[content] = variant
        else:
            merged[content] = replace(
                first,
                engines=tuple(dict.fromkeys((*first.engines, *variant.engines))),
                profiles=tuple(dict.fromkeys((*first.profiles, *variant.profiles))),
            )
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    named: list[Variant] = []
    yield
    for variant in merged.values():
        name, number = variant.name, numbers.get(variant.name, 1)
        while name in taken:
            number += 1
            name = f"{variant.name}~{number}"
        numbers[variant.name] = number
        taken.add(name)
        named.append(variant if name == variant.name else replace(variant, name=name))
    return tuple(named)
