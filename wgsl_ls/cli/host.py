"""`wgsl-ls host`: what was understood of the host program that asks for the shaders."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from wgsl_ls.cli.composition import Session, UserError, chosen_roots, open_session, take_profiles
from wgsl_ls.cli.host_compare import compare
from wgsl_ls.cli.in_place import InPlace, wrong_in_place
from wgsl_ls.cli.shown_path import shown_path
from wgsl_ls.cli.speech import folded, remark, say, terminal
from wgsl_ls.host.model import HostReading
from wgsl_ls.project.imports import read_list
from wgsl_ls.project.paths import absolute
from wgsl_ls.text.harmless import one_line
from wgsl_ls.text.listing import counted

EXAMPLES = """\
wgsl-ls host shaders                    # what was understood of the host program beside them
wgsl-ls host shaders --format json
wgsl-ls host shaders --compare variants.jsonl   # against what was captured at run time"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="folders or shaders (default: this folder)")
    take_profiles(parser, "only this device (repeatable)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(default: text)")
    parser.add_argument(
        "--compare", metavar="FILE", help="a list captured at run time (*.jsonl), against what was read"
    )
    parser.add_argument("--no-cache", action="store_true", help="read again, and keep nothing")


def run(arguments: argparse.Namespace) -> int:
    try:
        session = open_session(arguments.paths, profiles=arguments.profile, cache=not arguments.no_cache)
        roots = chosen_roots(session, arguments.paths)
    except UserError as problem:
        remark(str(problem))
        return 2
    readings = readings_of(session, roots)
    aliases = wrong_in_place(session, roots) if arguments.compare is None else []
    if not readings:
        remark(
            "no host program found near these shaders (C++ that calls a preprocessor with their names);"
            " name its files in [host] of wgsl-ls.toml"
        )
        return session.ended(1)
    if arguments.compare is not None:
        return _compare(session, roots, readings, arguments)
    if arguments.format == "json":
        print(json.dumps([_plain(session, reading, aliases) for reading in readings], indent=2))
    else:
        for reading in readings:
            _show(session, _of_named(reading, arguments.paths))
        for one in aliases:
            say(f"{session.shown_place(one.location)}: {one.words} [alias]" if one.location is not None else one.words)
    return session.ended(1 if any(reading.gaps for reading in readings) else 0)


def _of_named(reading: HostReading, paths: list[str]) -> HostReading:
    """What concerns the shaders that were named one by one, where none of the paths is a folder."""
    stems = {Path(path).stem for path in paths}
    if not paths or any(Path(path).is_dir() for path in paths):
        return reading
    functions = tuple(one for one in reading.functions if stems & set(one.shaders) or one.gaps)
    return replace(
        reading,
        functions=functions,
        shaders=tuple(one for one in reading.shaders if one.stem in stems),
        findings=tuple(one for one in reading.findings if one.shader in stems),
    )


def _compare(session: Session, roots: list[str], readings: list[HostReading], arguments: argparse.Namespace) -> int:
    """0: everything in the list was read, be it with other numbers."""
    path = absolute(arguments.compare)
    loaded = read_list(session.files, path, roots)
    if isinstance(loaded, str):
        remark(f"{arguments.compare}: {loaded}")
        return 2
    seen, problems = loaded
    for problem in problems:
        remark(f"{session.shown_place(problem.location)}: {problem.message}")
    found = compare(readings, seen)
    if arguments.format == "json":
        say(
            json.dumps(
                [
                    {
                        "shader": one.shader,
                        "both": one.n_both,
                        "other_numbers": [sorted(defines) for defines in one.other_numbers],
                        "not_read": [sorted(defines) for defines in one.not_read],
                        "never_seen": [sorted(defines) for defines in one.never_seen],
                    }
                    for one in found
                ],
                indent=1,
            )
        )
    else:
        for one in found:
            say(
                f"{one.shader}: {one.n_both} seen and read, {len(one.other_numbers)} seen with other numbers than were"
                f" chosen, {len(one.not_read)} seen but not read, {len(one.never_seen)} read but never seen"
            )
            for defines in one.not_read:
                say(f"  not read: {one_line(' '.join(sorted(defines)))}")
    return session.ended(1 if problems or any(one.not_read for one in found) else 0)


def readings_of(session: Session, roots: Iterable[str]) -> list[HostReading]:
    """One reading per folder of shaders that has a host."""
    found: dict[str, HostReading] = {}
    for root in roots:
        folder = str(Path(root).parent)
        if folder not in found:
            reading = session.workspace.host_findings(root)
            if reading is not None:
                found[folder] = reading
    return list(found.values())


def _show(session: Session, reading: HostReading) -> None:
    shown = terminal()
    say(folded("read: " + ", ".join(map(shown_path, reading.files)), shown.width))
    n_functions, n_gaps = len(reading.functions), len(reading.gaps)
    n_sets = sum(shader.n_variants for shader in reading.shaders)
    say(
        f"{reading.n_read} of {n_functions} functions read, {counted(n_gaps, 'gap')}; {counted(n_sets, 'variant')} of"
        f" {sum(shader.n_variants > 0 for shader in reading.shaders)} of {counted(len(reading.shaders), 'shader')}"
    )
    for profile, lacking in reading.refused:
        say(f"not read for {profile}: the host does not take a device without {lacking}")
    for function in reading.functions:
        say(f"\n{session.shown_place(function.location)}: {function.name}")
        say(f"  {counted(function.n_variants, 'variant')} of {', '.join(function.shaders) or 'no shader'}")
        if function.inputs:
            say(folded(f"  rests on {', '.join(function.inputs)}", shown.width))
        for gap in function.gaps:
            say(folded(f"  gap: {session.shown_place(gap.location)}: {gap.what}", shown.width))
    own = {gap for function in reading.functions for gap in function.gaps}
    for gap in reading.gaps:
        if gap not in own:
            say(folded(f"\ngap: {session.shown_place(gap.location)}: {gap.what}", shown.width))
    say("")
    for shader in reading.shaders:
        say(
            f"{shader.stem}: {counted(shader.n_variants, 'variant')}, {shader.status}"
            + (f" ({shader.why})" if shader.why else "")
        )
    for finding in reading.findings:
        say(folded(f"{session.shown_place(finding.location)}: {finding.message} [{finding.kind}]", shown.width))


def _plain(session: Session, reading: HostReading, aliases: Iterable[InPlace]) -> dict[str, Any]:
    per_profile = Counter(variant.profile for variant in reading.variants if variant.profile)
    return {
        "files": list(map(shown_path, reading.files)),
        "functions": [
            {
                "name": function.name,
                "location": session.shown_place(function.location),
                "shaders": list(function.shaders),
                "inputs": list(function.inputs),
                "n_variants": function.n_variants,
                "gaps": [{"location": session.shown_place(gap.location), "what": gap.what} for gap in function.gaps],
            }
            for function in reading.functions
        ],
        "shaders": [
            {"shader": one.stem, "status": one.status, "why": one.why, "n_variants": one.n_variants}
            for one in reading.shaders
        ],
        "profiles": dict(per_profile),
        "refused": [{"profile": profile, "lacks": lacking} for profile, lacking in reading.refused],
        "gaps": [{"location": session.shown_place(gap.location), "what": gap.what} for gap in reading.gaps],
        "findings": [
            {
                "kind": one.kind,
                "location": session.shown_place(one.location),
                "shader": one.shader,
                "message": one.message,
            }
            for one in reading.findings
        ]
        + [
            {
                "kind": "alias",
                "location": session.shown_place(one.location),
                "shader": Path(one.root).stem,
                "message": one.words,
            }
            for one in aliases
            if one.location is not None and one.location.path in reading.files
        ],
    }
