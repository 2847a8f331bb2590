"""`wgsl-ls variants`: which variants a shader has, and where they come from."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from wgsl_ls.analysis.variant_labels import labels_of
from wgsl_ls.cli.composition import Session, UserError, chosen_roots, open_session, take_profiles
from wgsl_ls.cli.shown_path import relative_path, shown_path
from wgsl_ls.cli.speech import folded, remark, say, terminal
from wgsl_ls.project.variants import Variant, plan_for
from wgsl_ls.text.harmless import one_line
from wgsl_ls.text.listing import counted

EXAMPLES = """\
wgsl-ls variants flash_attn.wgsl
wgsl-ls variants --count shaders"""


_READABLE = 24
"""Variants that are listed one by one on a terminal."""
_FEW = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="FILE", help="shaders, or folders of them (default: here)")
    parser.add_argument("--variant", metavar="V", help="only those of this name, a glob for names, or words of them")
    parser.add_argument("--count", action="store_true", help="only how many there are, and how many the axes allow")
    take_profiles(parser, "only for this device (repeatable)")
    parser.add_argument("--json", action="store_true", help="one JSON object per line, as `import` reads it")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="json: one list of all, with origins"
    )


def run(arguments: argparse.Namespace) -> int:
    try:
        session = open_session(arguments.paths, profiles=arguments.profile, variant_glob=arguments.variant)
        roots = chosen_roots(session, arguments.paths)
    except UserError as problem:
        remark(str(problem))
        return 2
    if arguments.format == "json":
        listed = [
            _plain(variant)
            for root in roots
            if not (arguments.profile and _not_asked_for(session, root))
            for variant in session.workspace.settings(root).variants
        ]
        print(json.dumps(listed))
        return session.ended(0 if listed else 1)
    shown = terminal()
    for root in roots:
        settings = session.workspace.settings(root)
        if arguments.count:
            plans = plan_for(session.workspace.configuration(root)[0], root)
            allowed = sum(plan.count.value for plan in plans)
            more = f" (of {allowed} that the axes allow)" if allowed > len(settings.variants) else ""
            say(f"{shown_path(root)}: {counted(len(settings.variants), 'variant')}{more}")
            continue
        if not arguments.json:
            say(f"{shown_path(root)}: {counted(len(settings.variants), 'variant')}")
        if not arguments.json and shown.width and len(settings.variants) > _READABLE:
            say(folded("\n".join(_overview(tuple(settings.variants))), shown.width))
            continue
        for variant in settings.variants:
            if arguments.json:
                entry = {"shader": relative_path(root), "name": variant.name, "defines": list(variant.define_list)}
                print(json.dumps(entry))
            else:
                defines = " ".join(f"-D{define}" for define in variant.define_list)
                origin = f" ({variant.origin})" if variant.origin != "declared" else ""
                lines = f"  {one_line(variant.name)}{origin}" + (f"\n    {one_line(defines)}" if defines else "")
                say(folded(lines, shown.width))
    return session.ended(0)


def _overview(variants: tuple[Variant, ...]) -> Iterator[str]:
    """Of a list that nobody reads: what all have, in what they differ, and the first by what tells them apart."""
    common = [one for one in variants[0].define_list if all(one in other.define_list for other in variants)]
    if common:
        yield f"  in all: {one_line(' '.join(f'-D{one}' for one in common))}"
    labels = labels_of(variants)
    for number, (axis, _) in enumerate(labels[0].axes):
        counts = Counter(label.axes[number][1] for label in labels)
        if set(counts) == {axis, ""}:
            yield f"  {one_line(axis)}: in {counts[axis]:,}"
            continue
        each = (f"{one_line(value.removeprefix(f'{axis}=')) or 'none'} ({n:,})" for value, n in counts.items())
        yield f"  {one_line(axis)}: {', '.join(each)}"
    yield from (f"    {one_line(label.text)}" for label in labels[:_FEW])
    yield f"    and {len(variants) - _FEW:,} more; --variant chooses by words, a pipe or --json gets all"


def _not_asked_for(session: Session, root: str) -> bool:
    """Is there a host that never asks for this shader on the devices that were named?"""
    reading = session.workspace.host_reading(root)
    undeclared = all(variant.origin in ("default", "inferred") for variant in session.workspace.settings(root).variants)
    return undeclared and reading is not None and not reading.gaps


def _plain(variant: Variant) -> dict[str, Any]:
    """A variant as other programs read it."""
    entry: dict[str, Any] = {
        "shader": shown_path(variant.root),
        "name": variant.name,
        "defines": list(variant.define_list),
        "origin": variant.origin,
    }
    if variant.profiles:
        entry["profile"] = variant.profiles[0]
        entry["profiles"] = list(variant.profiles)
    if variant.asked_by is not None:
        entry["inputs"] = {one.name: one.value for one in variant.asked_by.inputs}
        entry["chosen"] = [one.name for one in variant.asked_by.inputs if one.chosen]
    return entry
