"""The text of a first wgsl-ls.toml, and of a variant that is added to one.

Only variants that somebody judged right are written (whoever calls says which those are), so that what is declared
works. Nothing here reads or writes files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import Literal

from wgsl_ls.project.axes import define_text
from wgsl_ls.project.globs import exactly
from wgsl_ls.project.model import Define
from wgsl_ls.text.harmless import one_line
from wgsl_ls.text.listing import counted

Defines = tuple[Define, ...]

_ALL_UP_TO = 64
"""More combinations of axes than this are taken pairwise."""


@dataclass(frozen=True, slots=True)
class ShaderDraft:
    """One shader. `file`: relative to the configuration; `passing`: (name, macros) of the variants that are right;
    `refused`: macros of those that are not; `from_host`: how many its host program asks for (then nothing is
    declared); `why_not`: what keeps its variants from being right, for a comment."""

    file: str
    passing: tuple[tuple[str, Defines], ...] = ()
    refused: tuple[Defines, ...] = ()
    from_host: int = 0
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class DraftAxis:
    """`alternatives`: "", NAME or NAME=VALUE; of a macro with values, the values (None: absent)."""

    name: str
    alternatives: tuple[str | None, ...]
    kind: Literal["macros", "values", "switch"]


def first_config(drafts: Iterable[ShaderDraft], explicit: frozenset[str] = frozenset()) -> str:
    """The whole text. `explicit`: files whose variants are written out, because axes would declare others too."""
    plain: list[ShaderDraft] = []
    parts: list[str] = [_HEAD]
    hosted: list[ShaderDraft] = []
    lacking: list[ShaderDraft] = []
    entries: list[str] = []
    for draft in drafts:
        if draft.from_host:
            hosted.append(draft)
        elif not draft.passing:
            lacking.append(draft)
        elif all(not defines for _, defines in draft.passing):
            plain.append(draft)
        else:
            entries.append(shader_entry(draft, draft.file not in explicit))
    if hosted:
        count = sum(draft.from_host for draft in hosted)
        parts.append(
            f"# {counted(len(hosted), 'shader')} here: {counted(count, 'variant')}, read from the host program's code\n"
            "# (see `wgsl-ls host`); an entry for such a shader would replace them.\n"
        )
    if plain:
        parts.append(f"[[shader]]\nfiles = {_list(_text(exactly(draft.file)) for draft in plain)}\n")
    parts.extend(entries)
    if lacking:
        lines = ["# No variant of these was found to be right, so none is declared. Say what the host defines:"]
        for draft in lacking:
            lines += [f"#   {one_line(draft.file)}" + (f": {one_line(draft.why_not)}" if draft.why_not else "")]
        example = one_line(_text(exactly(lacking[0].file)))
        lines += ["# [[shader]]", f"# files = [{example}]", '# defines = ["NAME", "NAME=VALUE"]']
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


_HEAD = """\
# Which shaders there are, and in which variants they must compile. Everything declared here passed when it was written.
# An editor completes and explains the keys.
"""


def shader_entry(draft: ShaderDraft, with_axes: bool) -> str:
    """`[[shader]]` with axes where they say what `passing` says (their other combinations are for the caller to try),
    else with its variants written out."""
    lines = ["[[shader]]", f"files = [{_text(exactly(draft.file))}]"]
    axes = axes_of(draft) if with_axes else ()
    if not axes:
        return "\n".join(lines) + "\n" + "".join(f"\n{variant_entry(*one)}" for one in draft.passing)
    if prod(len(axis.alternatives) for axis in axes) > _ALL_UP_TO:
        lines.append('pick = "pairwise"')
    lines += ["", "[shader.axes]", *(f"{axis.name} = {_alternatives(axis)}" for axis in axes)]
    return "\n".join(lines) + "\n"


def variant_entry(name: str, defines: Defines) -> str:
    """`[[shader.variant]]` of the last `[[shader]]`."""
    return f"[[shader.variant]]\nname = {_text(name)}\ndefines = {_list(_text(define_text(one)) for one in defines)}\n"


def axes_of(draft: ShaderDraft) -> tuple[DraftAxis, ...]:
    """Axes in which every macro of the passing variants may be there or not. Macros of one family (K_F16, K_Q8_0) that
    no variant has together are one axis. A shader that does not pass without macros has axes where each passing variant
    has a macro of one of them; then what fails alone, perhaps for the lack of that one, may be there too."""
    sets = [dict(defines) for _, defines in draft.passing]
    axes: list[DraftAxis] = []
    values = _values_of(sets)
    for family in _families(values, sets):
        absent = not all(set(family) & defines.keys() for defines in sets)
        if len(family) > 1:
            chosen = [define_text((name, value)) for name in family for value in values[name]]
            axes.append(DraftAxis(family[0].partition("_")[0], (*[""] * absent, *chosen), "macros"))
        else:
            axes.append(_axis(family[0], values[family[0]], absent))
    if {} in sets:
        return tuple(axes)
    if all(axis.alternatives[0] in ("", None) for axis in axes):
        return ()
    others = _values_of([dict(defines) for defines in draft.refused])
    axes += [_axis(name, given, True) for name, given in others.items() if name not in values]
    return tuple(axes)


def _values_of(sets: Iterable[dict[str, str]]) -> dict[str, tuple[str, ...]]:
    values: dict[str, dict[str, None]] = {}
    for defines in sets:
        for name, value in defines.items():
            values.setdefault(name, {})[value] = None
    return {name: tuple(given) for name, given in values.items()}


def _families(names: Iterable[str], sets: Iterable[dict[str, str]]) -> list[list[str]]:
    together = {pair for defines in sets for pair in combinations(sorted(defines), 2)}
    by_word: dict[str, list[str]] = {}
    for name in names:
        by_word.setdefault(name.partition("_")[0], []).append(name)
    families: list[list[str]] = []
    for alike in by_word.values():
        apart = not any(pair in together for pair in combinations(sorted(alike), 2))
        families += [alike] if apart else [[name] for name in alike]
    return families


def _axis(name: str, given: tuple[str, ...], absent: bool) -> DraftAxis:
    switch = given == ("",) and absent
    return DraftAxis(name, (*[None] * absent, *given), "switch" if switch else "values")


def _alternatives(axis: DraftAxis) -> str:
    if axis.kind == "switch":
        return "[false, true]"
    if axis.kind == "macros":
        return _list(_text(one or "") for one in axis.alternatives)
    return _list("false" if one is None else _value(axis.name, one) for one in axis.alternatives)


def _value(name: str, value: str) -> str:
    """A number as such; anything else as the macro it is."""
    return value if value.isascii() and value.isdigit() and str(int(value)) == value else _text(f"{name}={value}")


def _list(items: Iterable[str]) -> str:
    """On one line, or one item a line where that would be long."""
    shown: Sequence[str] = list(items)
    line = f"[{', '.join(shown)}]"
    return line if len(line) <= 100 else "[\n" + "".join(f"  {one},\n" for one in shown) + "]"


def _text(text: str) -> str:
    """A basic string: JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
