"""The `[host]` table of wgsl-ls.toml -> HostSettings. CONFIG.md is the reference for users."""

from __future__ import annotations

from wgsl_ls.project.fields import Table
from wgsl_ls.project.keys import HOST
from wgsl_ls.project.model import HostSettings
from wgsl_ls.project.problems import Problems
from wgsl_ls.text.located import Located


def read_host_settings(problems: Problems, item: Located | None) -> HostSettings:
    if item is None:
        return HostSettings()
    if isinstance(item.value, bool):
        return HostSettings(enabled=item.value)
    if not item.is_table:
        problems.wrong_type(item, "a table, or false to not read the host's code")
        return HostSettings()
    table = Table(problems, item, HOST)
    settings = HostSettings(
        files=table.strings("files") or (),
        library=table.choice("library"),
        preprocess=_texts(table, "preprocess"),
        gate=table.text("gate"),
        dispatch=table.text("dispatch"),
        shader_names=table.text("shader-names"),
        opaque=_pairs(table, "opaque"),
        numbers=_texts(table, "numbers"),
        same=_pairs(table, "same"),
        device=_pairs(table, "device"),
        aborts=_texts(table, "aborts"),
        values=_values(table),
    )
    table.finish()
    return settings


def _texts(table: Table, key: str) -> tuple[str, ...]:
    return tuple(pattern.text for pattern in table.strings(key) or ())


def _pairs(table: Table, key: str) -> tuple[tuple[str, str], ...]:
    """A table of texts by name, or (then they stand for themselves) a list of names."""
    item = table.take(key)
    if item is None:
        return ()
    if item.is_table:
        found = []
        for name, value in item.entries():
            if isinstance(value.value, str):
                found.append((name, value.value))
            else:
                table.problems.wrong_type(value, "a text")
        return tuple(found)
    found = []
    for element in item.elements() if item.is_list else (item,):
        if isinstance(element.value, str):
            found.append((element.value, ""))
        else:
            table.problems.wrong_type(element, "a name")
    return tuple(found)


def _values(table: Table) -> tuple[tuple[tuple[str, ...], tuple[object, ...]], ...]:
    item = table.take("values")
    if item is None:
        return ()
    if not item.is_table:
        table.problems.wrong_type(item, "a table of input = list of values")
        return ()
    found: list[tuple[tuple[str, ...], tuple[object, ...]]] = []
    for name, value in item.entries():
        inputs = tuple(part.strip() for part in name.split(",") if part.strip())
        listed: list[object] = []
        for element in value.elements() if value.is_list else (value,):
            parts = tuple(one.value for one in element.elements()) if element.is_list else (element.value,)
            if len(parts) != len(inputs) or not all(isinstance(part, (int, float, str)) for part in parts):
                what = "a number" if len(inputs) == 1 else f"a list of {len(inputs)} numbers"
                table.problems.wrong_type(element, what)
                continue
            listed.append(parts if len(inputs) > 1 else parts[0])
        if listed:
            found.append((inputs, tuple(listed)))
    return tuple(found)
