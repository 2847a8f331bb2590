"""Params of any form for every method: one answer each, and never an internal error. Through the protocol, but without
pipes."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pygls.workspace import Workspace

from tests.server.in_process import Desk
from wgsl_ls.server.app import make_server

TEXT = """#include "h.tmpl"
#ifdef A
fn f(a: u32) -> u32 { return a; }
#endif
@compute @workgroup_size(1) fn main() { _ = H; }
"""
FILES = {"a.wgsl": TEXT, "h.tmpl": "#define H 1\n", "wgsl-ls.toml": "[[shader]]\nfiles=['*.wgsl']\naxes={A=['','A']}\n"}
GONE = object()
URIS = (
    "", ":", "//", "%", "x", "C:\\a.wgsl", "file:", "file:///", "file:///%00", "file:a.wgsl", "FILE:///a.wgsl",
    "file://host/share/a.wgsl", "file://[::1/a.wgsl", "file:///proc/self/mem", "file:///dev/zero", "file:///a.wgsl#b?c",
    f"file:///{'a' * 5000}.wgsl", "untitled:x", "untitled:", "http://x/y.wgsl", "http://[/", "git:/a.wgsl?HEAD",
    "vscode-notebook-cell:/a.wgsl#b", "zipfile:///a.zip::b.wgsl", "data:text/plain,a", "wgsl-expanded:",
    "wgsl-expanded:/a.wgsl?variant=%ff", "wgsl-expanded://[/a?variant", "wgsl-ls-rule:/x.md",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    GONE, GONE, GONE, None, True, False, 0, 1, -1, -0.5, 1e308, 2**31 - 1, 2**31, 2**64, -(2**63), 10**30,
    "a" * 5000, "\0", "\ud800", [], [[]], [None], [1, "a"], {}, {"a": 1}, {"uri": 3}, {"line": -1, "character": -1},
    *URIS,
)  # fmt: skip
NOT_ASKED = {
    "initialize",
    "shutdown",
    "exit",
    "wgsl.doctor",
    "wgsl.restartEngines",
    "wgsl.smokeRun",
    "wgsl.addVariant",
    "wgsl.checkAll",
}
"""The life of the server; commands that start processes, or wait for the client or the checking loop."""
METHODS = sorted({*make_server().protocol.fm.features, "workspace/executeCommand"} - NOT_ASKED)
N_EACH = 25


def good(desk: Desk, method: str, choice: random.Random) -> Any:
    """Params with everything that some method asks for."""
    uri = desk.uri("a.wgsl")
    document, position = {"uri": uri}, {"line": 2, "character": 3}
    span = {"start": position, "end": {"line": 3, "character": 0}}
    if method == "workspace/executeCommand":
        commands = sorted(set(desk.server.protocol.fm.commands) - NOT_ASKED)
        return {"command": choice.choice(commands), "arguments": [{"uri": uri, "variant": "A", "name": "A"}]}
    return {
        "textDocument": {**document, "version": 2, "languageId": "wgsl", "text": TEXT},
        "position": position, "positions": [position], "range": span, "options": {"tabSize": 4, "insertSpaces": True},
        "context": {"includeDeclaration": True, "diagnostics": []}, "newName": "z", "query": "f", "label": "f",
        "item": {"name": "f", "kind": 12, "uri": uri, "range": span, "selectionRange": span}, "uri": uri,
        "previousResultId": "1", "previousResultIds": [{"uri": uri, "value": "1"}], "root": desk.path("a.wgsl"),
        "variant": "A", "left": "A", "right": "", "direction": "toExpanded", "changes": [{"uri": uri, "type": 2}],
        "settings": {"wgsl": {"engines": [], "rules": {"lint/unused-macro": "off"}}},
        "event": {"added": [], "removed": []}, "contentChanges": [{"text": TEXT}],
    }  # fmt: skip


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield way
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*way, key))


def changed(value: Any, choice: random.Random) -> Any:
    """With another value at one place."""
    way, new = choice.choice(list(places(value))), choice.choice(VALUES)
    if not way:
        return None if new is GONE else new
    value = copy.deepcopy(value)
    at = value
    for key in way[:-1]:
        at = at[key]
    if new is GONE:
        del at[way[-1]]
    else:
        at[way[-1]] = new
    return value


class Wire:
    def __init__(self) -> None:
        self.answers: list[Any] = []

    def write(self, data: bytes) -> None:
        self.answers.append(json.loads(data.partition(b"\r\n\r\n")[2]))

    def close(self) -> None:
        pass


@pytest.mark.parametrize("method", METHODS)
async def test_every_request_gets_one_answer_and_no_internal_error(
    tmp_path: Path, method: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("wgsl_ls", "pygls", "asyncio"):
        # Half a surrogate pair in a log cannot be sent from one process of the tests to another: caplog alone hears it.
        monkeypatch.setattr(logging.getLogger(name), "propagate", False)
        monkeypatch.setattr(logging.getLogger(name), "handlers", [caplog.handler])
    desk = Desk(tmp_path, FILES)
    protocol, wire, choice = desk.server.protocol, Wire(), random.Random(method)
    protocol._workspace = Workspace(None)
    protocol.set_writer(wire)
    for name in ("a.wgsl", "wgsl-ls.toml"):
        document = {"uri": desk.uri(name), "version": 1, "languageId": "wgsl", "text": FILES[name]}
        opened = {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}}
        protocol.handle_message(protocol.structure_message(opened))
    await desk.check()
    for number in range(1, N_EACH + 1):
        params = good(desk, method, choice)
        for _ in range(choice.choice((1, 1, 2, 3))):
            params = changed(params, choice)
        wants_answer = not method.rpartition("/")[2].startswith(("did", "initialized"))
        sent = {"jsonrpc": "2.0", "method": method, "params": params, **({"id": number} if wants_answer else {})}
        caplog.clear()
        message = protocol.structure_message(json.loads(json.dumps(sent)))
        if message is not None:
            protocol.handle_message(message)
        for _ in range(500):
            await asyncio.sleep(0)
            answers = [one for one in wire.answers if one.get("id") == number and "method" not in one]
            if answers or not wants_answer:
                break
        assert len(answers) == wants_answer, params
        for one in answers:
            assert one.get("error", {}).get("code") in (None, -32602, -32803, -32801), (params, one)
        assert "please report" not in caplog.text, ascii((params, caplog.text))
