"""`wgsl-ls explain FILE:LINE`: in which variants a line is active, which condition decided, which macros hold."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any, Final

from wgsl_ls.analysis.across import MacroValue
from wgsl_ls.analysis.presence import LinePresence, explain_line, macros_at_line
from wgsl_ls.cli.composition import Session, UserError, chosen_roots, open_session
from wgsl_ls.cli.shown_path import relative_path, shown_path
from wgsl_ls.cli.speech import folded, remark, say, terminal
from wgsl_ls.host.model import HostDefine
from wgsl_ls.text.harmless import one_line
from wgsl_ls.text.listing import counted, first_of
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location

_PLACES_SHOWN: Final = 2

EXAMPLES = """\
wgsl-ls explain flash_attn.wgsl:32             # in which variants is this line active, and why
wgsl-ls explain flash_attn.wgsl:32 --macros    # with the values of all macros there"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "place", metavar="FILE:LINE", help="a line of a shader or of what it includes (FILE:LINE:COLUMN too)"
    )
    parser.add_argument("--variant", metavar="V", help="only those of this name, a glob for names, or words of them")
    parser.add_argument("--macros", action="store_true", help="print the macro table of each variant too")
    parser.add_argument("--json", action="store_true", help="the same as one JSON object")


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
        remark(str(problem))
        return 2
    found = []
    for root in roots:
        with session.boundary(root):
            for view in session.snapshot.views([root]):
                macros = {}
                if arguments.macros or arguments.json:
                    macros = macros_at_line(session.snapshot, view, path, line - 1)
                found.append((explain_line(session.snapshot, view, path, line - 1), macros))
    if arguments.json:
        print(json.dumps([_as_json(session, *item) for item in found], indent=1))
    else:
        say(source.text[source.lines.line_start(line - 1) : source.lines.line_end(line - 1)])
        for item in found:
            say(folded(_as_text(session, *item).removesuffix("\n"), terminal().width))
    return session.ended(0)


def _place(text: str) -> tuple[str, int]:
    file, _, line = text.rpartition(":")
    head, _, middle = file.rpartition(":")
    if head and middle.isdigit() and line.isdigit():
        file, line = head, middle  # FILE:LINE:COLUMN, as messages print it
    if not (file and line.isascii() and line.isdigit() and len(line) < 10 and int(line)):
        raise UserError(f"'{text}' is no place; write FILE:LINE, for example flash_attn.wgsl:120")
    return file, int(line)


def _line(session: Session, location: Location) -> str:
    source = session.snapshot.read(location.path)
    line = source.lines.line_of(location.span.start) + 1 if isinstance(source, SourceFile) else 0
    return f"{shown_path(location.path)}:{line}"


def _origins(session: Session, item: LinePresence) -> Callable[[str, MacroValue], str]:
    """Where a value of a macro comes from: a line of the shader, or of the host's code with the host's conditions."""
    view = session.snapshot.root(item.root)
    given: dict[str, dict[HostDefine, int]] = {}
    for index, variant in enumerate(view.variants if view is not None else ()):
        for define in variant.asked_by.defines if variant.asked_by is not None else ():
            places = given.setdefault(define.name, {})
            places[define] = places.get(define, 0) | 1 << index

    def origin(name: str, one: MacroValue) -> str:
        if one.location is not None:
            return _line(session, one.location)
        found: dict[str, None] = {}
        for define, variants in given.get(name, {}).items():
            common = variants & one.variants
            if common and view is not None:
                first = view.variants[(common & -common).bit_length() - 1]
                found.setdefault(f"{first.given_words(define)} ({_line(session, define.location)})")
        return first_of(list(found), _PLACES_SHOWN) if found else "given by the variant"

    return origin


def _as_text(session: Session, item: LinePresence, macros: dict[str, list[MacroValue]]) -> str:
    of = counted(len(item.names), "variant")
    lines = [f"{shown_path(item.root)}: active in {item.active.bit_count():,} of {of}"]
    if item.condition:
        lines.append(f"  when {item.condition}")
    for reason, variants in item.reasons:
        state = "active" if variants & item.active else "inactive"
        lines.append(f"  {state}: {reason}\n      in {item.named(variants)}")
    if not macros:
        return "\n".join(lines) + "\n"
    lines.append("  macros here:")
    origin = _origins(session, item)
    for name, values in macros.items():
        for one in values:
            n_variants = one.variants.bit_count()
            share = "" if n_variants == len(item.names) else f"   (in {counted(n_variants, 'variant')})"
            lines.append(f"    {name} = {one.value or '(empty)'}   {one_line(origin(name, one))}{share}")
    return "\n".join(lines) + "\n"


def _as_json(session: Session, item: LinePresence, macros: dict[str, list[MacroValue]]) -> dict[str, Any]:
    origin = _origins(session, item)
    shown = [
        (name, one.variants, {"value": one.value, "origin": origin(name, one)})
        for name, values in macros.items()
        for one in values
    ]
    return {
        "root": relative_path(item.root),
        "presence": item.condition,
        "variants": [
            {
                "name": variant,
                "active": active,
                "reason": reason,
                "macros": {name: value for name, variants, value in shown if variants >> index & 1},
            }
            for index, (variant, active, reason) in enumerate(item.by_variant())
        ],
    }
