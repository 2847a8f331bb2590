"""`wgsl-ls explain FILE:LINE`: in which variants a line is active, which condition decided, which macros hold."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from wgsl_ls.analysis.presence import LinePresence, explain_line
from wgsl_ls.cli.composition import Session, UserError, chosen_roots, open_session
from wgsl_ls.cli.run_report import shown_path
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("place", metavar="FILE:LINE")
    parser.add_argument("--variant", metavar="GLOB", help="only variants whose name matches")
    parser.add_argument("--macros", action="store_true", help="print the macro table of each variant too")
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    try:
        file, line = _place(arguments.place)
        session = open_session([file], variant_glob=arguments.variant)
        roots = chosen_roots(session, [file])
        path = session.files.read(file).path
        source = session.snapshot.read(path)
        if not isinstance(source, SourceFile):
            raise UserError(source)
        if line > source.lines.n_lines:
            raise UserError(f"{file} has only {source.lines.n_lines} lines")
    except UserError as problem:
        print(f"wgsl-ls: {problem}", file=sys.stderr)
        return 2
    found = []
    for root in roots:
        view = session.snapshot.root(root)
        if view is not None and view.variants:
            found.append(explain_line(session.snapshot, view, path, line - 1))
    if arguments.json:
        print(json.dumps([_as_json(session, item) for item in found], indent=1))
    else:
        print(source.text[source.lines.line_start(line - 1) : source.lines.line_end(line - 1)])
        for item in found:
            sys.stdout.write(_as_text(session, item, arguments.macros))
    return 0


def _place(text: str) -> tuple[str, int]:
    file, _, line = text.rpartition(":")
    head, _, middle = file.rpartition(":")
    if head and middle.isdigit() and line.isdigit():
        file, line = head, middle  # FILE:LINE:COLUMN, as messages print it
    if not file or not line.isdigit() or int(line) < 1:
        raise UserError(f"'{text}' is no place; write FILE:LINE, for example flash_attn.wgsl:120")
    return file, int(line)


def _where(session: Session, location: Location | None) -> str:
    if location is None:
        return "given by the variant"
    source = session.snapshot.read(location.path)
    line = source.lines.line_of(location.span.start) + 1 if isinstance(source, SourceFile) else 0
    return f"{shown_path(location.path)}:{line}"


def _as_text(session: Session, item: LinePresence, macros: bool) -> str:
    n_active = sum(1 for entry in item.variants if entry.active)
    lines = [f"{shown_path(item.root)}: active in {n_active} of {len(item.variants)} variants"]
    if item.presence:
        lines.append(f"  when {item.presence}")
    reasons: dict[str, list[str]] = {}
    for entry in item.variants:
        reasons.setdefault(("active" if entry.active else "inactive") + f": {entry.reason}", []).append(entry.name)
    for reason, names in reasons.items():
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        lines.append(f"  {reason}\n      in {shown}")
    differing: dict[str, dict[tuple[str, Location | None], list[str]]] = {}
    for entry in item.variants:
        for name, definition in entry.macros.items():
            differing.setdefault(name, {}).setdefault((definition.value, definition.location), []).append(entry.name)
    if macros:
        lines.append("  macros here:")
        for name, values in sorted(differing.items()):
            for (value, location), names in values.items():
                share = "" if len(names) == len(item.variants) else f"   (in {len(names)} variants)"
                lines.append(f"    {name} = {value or '(empty)'}   {_where(session, location)}{share}")
    return "\n".join(lines) + "\n"


def _as_json(session: Session, item: LinePresence) -> dict[str, Any]:
    return {
        "root": shown_path(item.root),
        "presence": item.presence,
        "variants": [
            {
                "name": entry.name,
                "active": entry.active,
                "reason": entry.reason,
                "macros": {
                    name: {"value": definition.value, "origin": _where(session, definition.location)}
                    for name, definition in entry.macros.items()
                },
            }
            for entry in item.variants
        ],
    }
