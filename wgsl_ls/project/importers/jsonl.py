"""variants.jsonl: one JSON object per line, written by a host program where it calls its preprocessor:

    {"shader": "flash_attn.wgsl", "name": "optional", "defines": ["MASK", "HEAD_DIM=64"]}

`shader` is a path relative to the list, or the bare name of one of the project's shaders (with or without its
suffix). Keys that are not ours may stand beside; a host may have more to say.
"""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from wgsl_ls.project.paths import absolute
from wgsl_ls.project.problems import MOST_PROBLEMS
from wgsl_ls.project.variants import ImportedVariant
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.span import Span

SUFFIXES: Final = (".jsonl", ".ndjson")


def read(
    path: str, lines: Iterable[str], shader_files: Sequence[str]
) -> tuple[tuple[ImportedVariant, ...], tuple[Diagnostic, ...]]:
    """The variants in `lines` (duplicates once) and what is wrong in them, at its place. Never raises. Lists are long
    and their lines alike, so equal parts are one object. What has very many wrong lines is no list, and is left."""
    variants: list[ImportedVariant] = []
    seen: dict[str, set[bytes]] = {}
    macros: dict[tuple[str, str], tuple[str, str]] = {}
    names: dict[str, str] = {}
    diagnostics: list[Diagnostic] = []
    unknown: dict[str, Span] = {}
    directory = str(Path(absolute(path)).parent)
    by_name: dict[str, list[str]] = {}
    for file in shader_files:
        by_name.setdefault(Path(file).name, []).append(file)
        by_name.setdefault(Path(file).stem, []).append(file)
    known = set(shader_files)

    def problem(span: Span, message: str, severity: Severity = Severity.ERROR) -> None:
        diagnostics.append(Diagnostic(path, span, severity, "import/line", message))

    def shader_of(name: str, span: Span) -> str:
        whole = absolute(name, directory)
        if whole in known or os.path.isfile(whole):  # noqa: PTH113 - a Path raises for names that are too long
            return whole
        tail = Path(name).name
        candidates = by_name.get(tail, [])
        matching = [file for file in candidates if f"/{file}".endswith(f"/{name}")] or candidates
        if len(matching) == 1:
            return matching[0]
        if name not in unknown:
            unknown[name] = span
            if len(unknown) == MOST_PROBLEMS:
                problem(span, "more shaders that this list names are not here; they are not told", Severity.WARNING)
            if len(unknown) >= MOST_PROBLEMS:
                return name
            if matching:
                problem(span, f'{len(matching)} shaders here are called "{name}"; give the path', Severity.WARNING)
            else:
                problem(span, f'no shader here is called "{name}"', Severity.WARNING)
        return name

    offset = 0
    for line in lines:
        start, offset = offset, offset + len(line) + 1
        content = line.strip().lstrip("\ufeff")
        if not content:
            continue
        if len(diagnostics) - len(unknown) >= MOST_PROBLEMS:
            problem(Span(start, start), "so many lines of this list are wrong that the rest of it is not read")
            break
        begin = start + line.index(content)
        span = Span(begin, begin + len(content))
        try:
            item = json.loads(content)
        except (ValueError, RecursionError) as error:  # ValueError: also of numbers too long to be read
            at = min(begin + getattr(error, "pos", 0), span.end)
            place = Span(at, min(at + 1, span.end))
            problem(place, f"this line is no JSON: {getattr(error, 'msg', 'too long or nested too deeply')}")
            continue
        if not isinstance(item, dict):
            problem(span, 'expected an object {"shader": ..., "defines": [...]} on each line')
            continue
        shader, name, written = item.get("shader"), item.get("name"), item.get("defines", [])
        if not isinstance(shader, str) or not shader:
            problem(span, 'expected "shader": a path or a file name')
            continue
        if name is not None and not isinstance(name, str):
            problem(_place(content, begin, "name", span), 'expected "name": a string')
            name = None
        if not isinstance(written, list) or not all(isinstance(one, str) for one in written):
            problem(
                _place(content, begin, "defines", span),
                'expected "defines": a list of "NAME" or "NAME=VALUE"',
            )
            continue
        defines: dict[str, str] = {}
        for one in written:
            macro, _, value = one.partition("=")
            macro = names.setdefault(macro, macro).strip()
            defines[macro] = value.strip()  # the last one holds, as in the reference preprocessor
        file = shader_of(shader, _place(content, begin, "shader", span))
        file = names.setdefault(file, file)
        given = tuple([macros.setdefault(macro, macro) for macro in defines.items()])
        key = array("Q", sorted(map(id, given))).tobytes()  # equal macros are one object by now
        of_file = seen.setdefault(file, set())
        if key not in of_file:
            of_file.add(key)
            variants.append(ImportedVariant(file, name, given, path, span.start, span.end))
    if not variants and not diagnostics:
        problem(Span(0, 0), "this list has no variants", Severity.WARNING)
    return tuple(variants), tuple(diagnostics)


def _place(content: str, begin: int, key: str, fallback: Span) -> Span:
    """Where the value of `key` stands in the line `content`, which begins at `begin`."""
    at = content.find(f'"{key}"')
    colon = content.find(":", at) if at >= 0 else -1
    if colon < 0:
        return fallback
    start = colon + 1 + len(content[colon + 1 :]) - len(content[colon + 1 :].lstrip())
    try:
        _, end = json.JSONDecoder().raw_decode(content, start)
    except json.JSONDecodeError:
        return fallback
    return Span(begin + start, begin + end)
