"""`wgsl-ls aliases`: per variant, the buffers that must not lie over each other, who writes them, and what the host
program asks about overlaps before it chooses a variant. And what it does when it is asked in place: an operation that
has no variant for it is a mistake, for no device runs what it dispatches."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from wgsl_ls.cli.composition import Session, UserError, chosen_roots, open_session
from wgsl_ls.cli.in_place import InPlace, in_place
from wgsl_ls.cli.shown_path import relative_path, shown_path, shown_place
from wgsl_ls.cli.speech import pass_on, remark, say
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.text.harmless import one_line
from wgsl_ls.text.listing import counted, first_of
from wgsl_ls.text.source_file import SourceFile

EXAMPLES = """\
wgsl-ls aliases shaders                 # which buffers of which variants exclude each other
wgsl-ls aliases shaders --format json   # exit code 1: the host does something in place that no device runs"""
OVERLAP = re.compile(r"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?i:overlap|alias|in[ _]?place)")
"""Where a word begins: antialiasing is about none."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: here)")
    parser.add_argument("--variant", metavar="V", help="only those of this name, a glob for names, or words of them")
    parser.add_argument("--format", choices=["human", "json"], default="human", help="(default: %(default)s)")


@dataclass(frozen=True, slots=True)
class AliasRow:
    """One entry point of some variants. `buffers`: (writable, "file:line:column" of its first write or "", those it
    must not overlap)."""

    entry: str
    buffers: tuple[tuple[str, str, tuple[str, ...]], ...]


def run(arguments: argparse.Namespace) -> int:
    try:
        session = open_session(arguments.paths, variant_glob=arguments.variant)
        roots = chosen_roots(session, arguments.paths)
        failed: dict[str, list[str]] = {root: [] for root in roots}
        found = {root: _rows(session, root, failed[root]) for root in roots}
        asked: dict[str, list[InPlace]] = {}
        for one in in_place(session, list(roots)):
            asked.setdefault(one.root, []).append(one)
    except UserError as problem:
        remark(str(problem))
        return 2
    if arguments.format == "json":
        data = [
            {
                "file": relative_path(root),
                "asked": _asked(session, root),
                "in_place": [
                    {"op": one.op, "case": one.case, "variant": one.variant or None, "problem": one.problem}
                    for one in asked.get(root, ())
                ],
                "entries": [
                    {
                        "entry": row.entry,
                        "writable": [
                            {"name": name, "written_at": where, "must_not_overlap": list(others)}
                            for name, where, others in row.buffers
                        ],
                        "variants": names,
                    }
                    for row, names in rows.items()
                ],
                "not_judged": failed[root],
            }
            for root, rows in found.items()
        ]
        pass_on(json.dumps(data, indent=1) + "\n")
    else:
        for root, rows in found.items():
            for line in (*_lines(session, root, rows, failed[root]), *map(_in_place_line, asked.get(root, ()))):
                say(line)
    is_wrong = any(one.is_wrong for some in asked.values() for one in some)
    # Variants that were guessed may fail by what only the host gives.
    is_unknown = any(failed[root] and session.workspace.settings(root).declared for root in failed)
    return session.ended(1 if is_wrong else 2 if is_unknown else 0)


def _in_place_line(one: InPlace) -> str:
    words = one.words if one.is_wrong else f"the host does {one.op} {one.case}: {one.problem or one.variant}"
    return one_line(f"  {words}")


def _lines(session: Session, root: str, rows: dict[AliasRow, list[str]], failed: list[str]) -> Iterator[str]:
    n_variants = len({name for names in rows.values() for name in names})
    yield f"{shown_path(root)}: {counted(n_variants, 'variant')} with buffers that exclude each other"
    if failed:
        named = first_of(failed, 3)
        yield one_line(f"  {counted(len(failed), 'variant')} not judged, for preprocessing fails: {named}")
    for row, names in rows.items():
        yield f"  {one_line(row.entry)} in {len(names)}: {one_line(first_of(names, 3))}"
        for name, where, others in row.buffers:
            written = f"written at {where}" if where else "no write found"
            yield one_line(f"    {name} ({written}) must not overlap {', '.join(others)}")
    asked = _asked(session, root)
    if rows and asked is not None:
        words = "; ".join(asked) if asked else "nothing: an operation in place, or on views of one buffer, is refused"
        yield one_line(f"  the host asks about overlaps: {words}")


def _asked(session: Session, root: str) -> list[str] | None:
    """What the host's variants of this shader rest on that is about overlaps; None without a host."""
    reading = session.workspace.host_reading(root)
    if reading is None:
        return None
    stem = root.rsplit("/", 1)[-1].partition(".")[0]
    variants = reading.of_shader(stem)
    names = {one.name for variant in variants for one in variant.inputs}
    return sorted(name for name in names if OVERLAP.search(name)) if variants else None


def _rows(session: Session, root: str, failed: list[str]) -> dict[AliasRow, list[str]]:
    """`failed` gets the variants of which nothing is known."""
    from wgsl_ls.wgsl.aliasing import exclusive_bindings

    view = session.snapshot.root(root)
    rows: dict[AliasRow, list[str]] = {}
    for index, variant in enumerate(view.variants if view is not None else ()):
        assert view is not None
        expansion = view.expansion(index)
        if expansion.failed:
            failed.append(variant.name)
            continue
        analysis = session.front_end.analysis(expansion)
        for entry in session.front_end.reflection(expansion, variant.overrides).entry_points:
            buffers = tuple(
                (one.written.name, _place(session, expansion, one.writes), tuple(other.name for other in one.others))
                for one in exclusive_bindings(analysis, entry)
            )
            if buffers:
                rows.setdefault(AliasRow(entry.name, buffers), []).append(variant.name)
    return rows


def _place(session: Session, expansion: Expansion, writes: tuple[tuple[int, int], ...]) -> str:
    for start, end in writes:
        origin = expansion.source_map.written(start, end)
        if origin is not None:
            source = session.snapshot.read(origin.location.path)
            if isinstance(source, SourceFile):
                return shown_place(origin.location, source)
    return ""
