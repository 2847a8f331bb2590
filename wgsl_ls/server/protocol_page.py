"""What is written from the message classes: the tables of PROTOCOL.md and the VS Code client's protocol.ts.

`python -m wgsl_ls.server.protocol_page` writes both anew; a test compares them.
"""

from __future__ import annotations

import dataclasses
import re
import types as python_types
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from wgsl_ls.server import messages
from wgsl_ls.server.app import make_server
from wgsl_ls.server.codec import is_optional, wire_name
from wgsl_ls.server.messages import Command, Notification, Request

PAGE = Path(__file__).with_name("PROTOCOL.md")
TYPESCRIPT = Path(__file__).parents[2] / "editors" / "vscode" / "src" / "protocol.ts"
"""Only in a checkout of the project."""

_PART = re.compile(r"(<!-- (\w+): written by protocol_page.py -->\n).*?(<!-- end -->\n)", re.DOTALL)
_WIDTH = 118


def page(text: str) -> str:
    """PROTOCOL.md, its generated parts as the classes are now."""
    parts = {"requests": _requests(), "notifications": _notifications(), "commands": _commands(), "types": _types()}
    return _PART.sub(lambda match: f"{match[1]}\n{parts[match[2]]}\n{match[3]}", text)


def typescript() -> str:
    """protocol.ts."""
    specs = _specs()
    requests = [spec for spec in specs if isinstance(spec, Request)]
    lines = [
        "/**",
        " * The protocol beyond LSP, as types. Written by `python -m wgsl_ls.server.protocol_page` from",
        " * wgsl_ls/server/messages.py: change a message there. No behaviour lives in this file.",
        " */",
        "import { NotificationType, RequestType, RequestType0 } from 'vscode-languageclient/node';",
        "import type {",
        *(f"  {name}," for name in sorted(_lsp_names())),
        "} from 'vscode-languageclient/node';",
    ]
    for message in _messages():
        lines += ["", *_declaration(message)]
    lines.append("")
    for spec in requests:
        result = _typescript_type(spec.result)
        if spec.params is None:
            lines.append(_const(f"{_short(spec.method)}Request", f"RequestType0<{result}, void>", spec.method))
        else:
            types = f"RequestType<{spec.params.__name__}, {result}, void>"
            lines.append(_const(f"{_short(spec.method)}Request", types, spec.method))
    lines.append("")
    for told in messages.NOTIFICATIONS:
        types = f"NotificationType<{told.params.__name__}>"
        lines.append(_const(f"{_short(told.method)}Notification", types, told.method))
    return "\n".join(lines) + "\n"


# What there is


def _specs() -> tuple[Request | Command, ...]:
    """What a server answers, in order of name."""
    return tuple(sorted(make_server().served.values(), key=lambda spec: spec.method))


def _messages() -> Iterator[Any]:
    """Every class and named word list that some message has, each before it is used."""
    seen: dict[Any, None] = {}
    for spec in (*_specs(), *messages.NOTIFICATIONS):
        if isinstance(spec, Command):
            roots: tuple[Any, ...] = (spec.argument, spec.result)
        elif isinstance(spec, Notification):
            roots = (spec.params,)
        else:
            roots = (spec.params, spec.result)
        for root in roots:
            _collect(root, seen)
    yield from seen


def _collect(hint: Any, seen: dict[Any, None]) -> None:
    if hint in seen:
        return
    if dataclasses.is_dataclass(hint):
        for inner in get_type_hints(hint).values():
            _collect(inner, seen)
        seen[hint] = None
    elif isinstance(hint, type) and issubclass(hint, StrEnum):
        seen[hint] = None
    else:
        for inner in get_args(hint) if get_origin(hint) is not Literal else ():
            _collect(inner, seen)


def _lsp_names() -> set[str]:
    found: set[str] = set()

    def look(hint: Any) -> None:
        if getattr(hint, "__module__", "").startswith("lsprotocol"):
            found.add(hint.__name__)
        for inner in get_args(hint) if get_origin(hint) is not Literal else ():
            look(inner)

    for message in _messages():
        if dataclasses.is_dataclass(message):
            for hint in get_type_hints(message).values():
                look(hint)
    return found


def _short(method: str) -> str:
    return re.split(r"[/.]", method)[-1]


# TypeScript


def _declaration(message: Any) -> Iterator[str]:
    if not dataclasses.is_dataclass(message):
        yield f"export type {_name(message)} ="
        choices = [f"  | '{word}'" for word in message]
        yield from (*choices[:-1], f"{choices[-1]};")
        return
    words = " ".join(_own_words(message).split())
    if words:
        yield from _comment(words)
    yield f"export interface {_name(message)} {{"
    hints = get_type_hints(message)
    for field in dataclasses.fields(message):
        mark = "?" if is_optional(field) else ""
        yield f"  {wire_name(field.name)}{mark}: {_typescript_type(hints[field.name])};"
    yield "}"


def _comment(words: str) -> Iterator[str]:
    lines = []
    line = ""
    for word in words.replace("text_document", "textDocument").split():
        if len(line) + len(word) > _WIDTH - 4:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    lines.append(line)
    if len(lines) == 1:
        yield f"/** {lines[0]} */"
        return
    yield "/**"
    for one in lines:
        yield f" * {one}"
    yield " */"


def _const(name: str, types: str, method: str) -> str:
    whole = f"export const {name} = new {types}('{method}');"
    if len(whole) <= _WIDTH:
        return whole
    return f"export const {name} = new {types}(\n  '{method}',\n);"


def _typescript_type(hint: Any) -> str:
    if hint is Any:
        return "unknown"
    if hint in (int, float):
        return "number"
    if hint is bool:
        return "boolean"
    if hint is str:
        return "string"
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " | ".join(f"'{word}'" for word in arguments)
    if origin is tuple:
        inner = _typescript_type(arguments[0])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if origin is dict:
        return f"Record<string, {_typescript_type(arguments[1])}>"
    if origin in (Union, python_types.UnionType):
        (one,) = (one for one in arguments if one is not type(None))
        return _typescript_type(one)
    return _name(hint)


def _name(message: Any) -> str:
    return str(message.__name__)


# The page


def _requests() -> str:
    rows = [
        (f"`{spec.method}`", _link(spec.params), _link(spec.result), spec.words)
        for spec in _specs()
        if isinstance(spec, Request)
    ]
    return _table(("method", "params", "result", "what"), rows)


def _notifications() -> str:
    rows = [(f"`{spec.method}`", _link(spec.params), spec.words) for spec in messages.NOTIFICATIONS]
    return _table(("method", "params", "when"), rows)


def _commands() -> str:
    rows = []
    for spec in _specs():
        if isinstance(spec, Command):
            mark = "" if spec.needs_argument else "?"
            argument = f"[{_name(spec.argument)}{mark}]" if spec.argument is not None else "[]"
            rows.append((f"`{spec.method}`", f"`{argument}`", _link(spec.result), spec.words))
    return _table(("command", "arguments", "result", "what"), rows)


def _types() -> str:
    """Every message class: its fields, and what they mean."""
    blocks = []
    for message in _messages():
        if not dataclasses.is_dataclass(message):
            blocks.append(f"**{_name(message)}** " + " | ".join(f'`"{word}"`' for word in message))
            continue
        hints = get_type_hints(message)
        fields = ", ".join(
            f"{wire_name(field.name)}{'?' if is_optional(field) else ''}: {_typescript_type(hints[field.name])}"
            for field in dataclasses.fields(message)
        )
        words = " ".join(_own_words(message).split()).replace("text_document", "textDocument")
        blocks.append(f"**{_name(message)}** `{{{fields}}}`" + (f"  \n{words}" if words else ""))
    return "\n\n".join(blocks) + "\n"


def _own_words(message: Any) -> str:
    """Its docstring; `dataclass` gives a signature to those without one."""
    words = str(message.__doc__ or "")
    return "" if words.startswith(f"{message.__name__}(") else words


def _link(message: type | None) -> str:
    return f"`{_name(message)}`" if message is not None else "none"


def _table(header: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    titles = list(header)
    lines = [f"| {' | '.join(titles)} |", "|" + " --- |" * len(titles)]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> None:
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    TYPESCRIPT.write_text(typescript(), encoding="utf-8")


if __name__ == "__main__":
    main()
