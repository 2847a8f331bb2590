"""Code lenses: what a kernel author wants above a root and above its entry points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.report import RootReport
from wgsl_ls.analysis.root_view import Context, RootView
from wgsl_ls.analysis.variant_labels import brief, labels_of
from wgsl_ls.text.listing import counted
from wgsl_ls.text.span import Span
from wgsl_ls.wire.verdicts import State

_MOST_NAMED = 3
"""Of so many failing variants the first is named."""

LensKind = Literal["variants", "context", "expansion", "smoke", "storage", "bindings"]


@dataclass(frozen=True, slots=True)
class Lens:
    """`span`: in the written file; `title`: what it shows; `variant`: what its command works on."""

    kind: LensKind
    span: Span
    title: str
    variant: str


def root_lenses(
    view: RootView, report: RootReport | None, active: int, is_reading: bool = False, unfinished: str = ""
) -> list[Lens]:
    """Above the first line of a root: the verdict of all variants, and the expansion of the active one. `is_reading`:
    the host's code is being read, which may bring others; `unfinished`: where it is half written, so that they are
    those of before."""
    top = Span(0, 0)
    name = view.variants[active].name
    title = verdict_title(view, report)
    if is_reading and not view.settings.declared:
        title = f"reading the host's code · until then {title}"
    elif unfinished:
        title = f"half written at {unfinished} · until then {title}"
    label = brief(labels_of(view.variants)[active].text)
    return [Lens("variants", top, title, name), Lens("expansion", top, f"show expansion of {label}", name)]


def include_lens(view: RootView, context: Context) -> Lens:
    """Above the first line of an included file: through which root and variant it is looked at."""
    name = view.variants[context.variant_index].name
    return Lens("context", Span(0, 0), f"seen from {view.path.rpartition('/')[2]} [{name}]", name)


def verdict_title(view: RootView, report: RootReport | None) -> str:
    """ "3,200 variants · 352 structures · 3,199 pass · 1 fails: K_Q4_0  MASK"."""
    total = len(view.variants)
    noun = "variant" if view.settings.declared or total == 1 else "inferred variant"
    size = report.size(noun) if report is not None else counted(total, noun)
    if not view.settings.declared and total == 1:
        size += " (nothing declared)"
    if report is None:
        return f"{size} · not checked yet"
    counts = report.counts
    words = [size]
    if counts["pending"]:
        words.append(f"checking, {total - counts['pending']:,} done")
    words.append(f"{counts['pass']:,} pass")
    if counts["fail"]:
        words.append(_failing(view, report, counts["fail"]))
    if counts["unjudged"]:
        words.append(f"{counts['unjudged']:,} not judged")
    return " · ".join(words)


def _failing(view: RootView, report: RootReport, n_failing: int) -> str:
    """ "1 fails: K_Q4_0". One of very many would say little and take the room of the lenses behind it."""
    words = f"{n_failing:,} {'fails' if n_failing == 1 else 'fail'}"
    if n_failing > _MOST_NAMED:
        return words
    first = next(entry.name for entry in report.verdicts if entry.state == State.FAIL)
    label = labels_of(view.variants)[view.index_by_name[first]].text if first in view.index_by_name else first
    return f"{words}: {brief(label)}" + (f" and {n_failing - 1} more" if n_failing > 1 else "")


def entry_point_lenses(view: RootView, front_end: FrontEnd, context: Context, path: str) -> list[Lens]:
    """Above each entry point that the file spells: smoke run, workgroup storage against the profiles, bindings."""
    variant = view.variants[context.variant_index]
    expansion = view.expansion(context.variant_index)
    if expansion.failed:
        return []
    reflection = front_end.reflection(expansion, variant.overrides)
    lenses: list[Lens] = []
    for entry in reflection.entry_points:
        origin = expansion.source_map.written(entry.start, entry.end)
        if origin is None or origin.location.path != path:
            continue
        span = origin.location.span
        if entry.stage == "compute":
            lenses.append(Lens("smoke", span, "▶ smoke run", variant.name))
            lenses.append(
                Lens("storage", span, _storage(entry.workgroup_storage, view, variant.profiles), variant.name)
            )
        used = reflection.bindings_of(entry)
        if used:
            words = [f"@{binding.binding} {binding.name}" for binding in used[:8]]
            more = f" and {len(used) - 8} more" if len(used) > 8 else ""
            lenses.append(Lens("bindings", span, f"bindings: {', '.join(words)}{more}", variant.name))
    return lenses


def _storage(used: int | None, view: RootView, names: tuple[str, ...]) -> str:
    if used is None:
        return "workgroup storage: unknown"
    limits = [
        (profile.name, profile.workgroup_storage)
        for profile in view.settings.profiles
        if profile.name in names and profile.workgroup_storage
    ]
    title = f"{used:,} bytes of workgroup storage"
    if limits:
        name, limit = min(limits, key=lambda item: item[1])
        title += f" of {limit:,} ({name})"
    return title
