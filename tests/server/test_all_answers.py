"""Everything that the server answers about two small shaders and their configuration, as one text: each request of the
protocol as a client sends it, in JSON. After a change that is meant, `python -m tests.server.test_all_answers` writes
it anew; read the difference.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from lsprotocol import types

from tests.analysis.features.test_all_of_a_shader import COMPLETED, EVERY_KIND, FILES
from tests.analysis.fixture import CONFIG
from tests.server.in_process import Desk
from wgsl_ls.server.codec import decode, encode
from wgsl_ls.server.handlers.did_open import did_open
from wgsl_ls.server.uris import expanded_uri

SAID = Path(__file__).with_name("all_answers.txt")
WORKSPACE = {
    **FILES,
    **EVERY_KIND,
    CONFIG: FILES[CONFIG] + EVERY_KIND[CONFIG],
    "wrong.wgsl": "fn f() { let x = wrong; }\n//! reject 1:18 no such name\n#define UNUSED 1\n#if A\n#endif\n#endif\n",
}
_RANGE = re.compile(r'\{"start":\{"line":(\d+),"character":(\d+)\},"end":\{"line":(\d+),"character":(\d+)\}\}')
_RESULT_ID = re.compile(r'(?<="resultId":)"\w+"')
"""Made of what is said, with the folder's name in it."""
_KEY = re.compile(r'"(\w+)":')
OF_A_DOCUMENT = (
    "textDocument/documentSymbol", "textDocument/foldingRange", "textDocument/documentLink", "textDocument/codeLens",
    "textDocument/semanticTokens/full", "textDocument/formatting", "textDocument/inlayHint",
    "textDocument/semanticTokens/range", "textDocument/rangeFormatting", "textDocument/diagnostic", "wgsl/contexts",
    "wgsl/variants", "wgsl/inactiveRegions", "wgsl/coverage", "wgsl/expansion", "wgsl/diffVariants",
)  # fmt: skip
OF_A_PLACE = (
    "textDocument/hover", "textDocument/definition", "textDocument/declaration", "textDocument/typeDefinition",
    "textDocument/references", "textDocument/documentHighlight", "textDocument/prepareRename", "textDocument/rename",
    "textDocument/signatureHelp", "textDocument/prepareCallHierarchy",
)  # fmt: skip
OF_FEW_PLACES = ("textDocument/selectionRange", "wgsl/defineState", "wgsl/explain", "wgsl/mapPosition")
OF_THE_WORKSPACE = ("workspace/symbol", "workspace/diagnostic", "wgsl/roots")


CAPABLE = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(
        completion=types.CompletionClientCapabilities(
            completion_item=types.ClientCompletionItemOptions(snippet_support=True),
            completion_list=types.CompletionListCapabilities(item_defaults=["data", "editRange"]),
        ),
        hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
    ),
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(
            document_changes=True, change_annotation_support=types.ChangeAnnotationsSupportOptions()
        )
    ),
)


class Client:
    """Asks as JSON over a pipe would."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.converter = desk.server.protocol._converter

    async def ask(self, method: str, **params: Any) -> Any:
        served = self.desk.server.served.get(method)
        try:
            if served is not None:
                given: Any = decode(served.params, params) if served.params is not None else None  # type: ignore[union-attr]
            else:
                given = self.converter.structure(params, types.METHOD_TO_TYPES[method][2] or type(None))
            answer = self.desk.server.protocol.fm.features[method](given)
            answer = await answer if inspect.isawaitable(answer) else answer
        except Exception as failure:  # noqa: BLE001 - what a client would be told
            return f"{type(failure).__name__}: {failure}"
        return encode(answer) if served is not None else self.converter.unstructure(answer)


async def answers(folder: Path) -> AsyncIterator[str]:
    desk = Desk(folder, WORKSPACE, capabilities=CAPABLE)
    client = Client(desk)

    def shown(asked: str, answer: Any) -> str:
        words = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        words = _RANGE.sub(r"\1:\2-\3:\4", words.replace(folder.as_uri(), "").replace(str(folder), ""))
        return f"{asked}: " + _KEY.sub(r"\1:", _RESULT_ID.sub("…", words))

    for name in WORKSPACE:
        desk.open(name)
    await desk.check()
    for name, text in WORKSPACE.items():
        document = {"uri": desk.uri(name)}
        whole = {"start": _position(text, 0), "end": _position(text, len(text))}
        pushed = desk.sent.shown.get(desk.uri(name), [])
        yield f"== {name}"
        for item in client.converter.unstructure(pushed):
            yield shown("pushed", item)
        for method in OF_A_DOCUMENT:
            more = {"options": {"tabSize": 2, "insertSpaces": True}} if "ormatting" in method else {}
            if method == "wgsl/diffVariants":
                more = {"left": "F32+TILE=8", "right": "F16+SCALED+TILE=16"}
            yield shown(method, await client.ask(method, textDocument=document, range=whole, **more))
        context = {"diagnostics": client.converter.unstructure(pushed)}
        actions = await client.ask("textDocument/codeAction", textDocument=document, range=whole, context=context)
        yield shown("codeAction", actions)
        for number, at in enumerate(_places(text) if name not in EVERY_KIND or name == CONFIG else ()):
            position = _position(text, at)
            yield f"-- {text[at : at + 20]!r}"
            for method in (*OF_A_PLACE, *(OF_FEW_PLACES if not number % 5 else ())):
                more = {"newName": "renamed"} if method.endswith("/rename") else {}
                if method.endswith("/references"):
                    more = {"context": {"includeDeclaration": False}}
                if method == "wgsl/mapPosition":
                    more = {"direction": "toExpanded"}
                if method.endswith("/selectionRange"):
                    more = {"positions": [position]}
                answer = await client.ask(method, textDocument=document, position=position, **more)
                if answer not in (None, []) and not (name == CONFIG and method.startswith("wgsl/")):
                    yield shown(method.partition("/")[2], answer)
                for item in (answer or ()) if method.endswith("/prepareCallHierarchy") else ():
                    for calls in ("callHierarchy/incomingCalls", "callHierarchy/outgoingCalls"):
                        yield shown(calls, await client.ask(calls, item=item))
    async for line in _expanded(client, shown):
        yield line
    async for line in _of_what_is_not_there(client, shown):
        yield line
    document = {"uri": desk.uri("kernel.wgsl")}
    for words in COMPLETED:
        text = WORKSPACE["kernel.wgsl"]
        position = _position(text, text.index(words) + len(words))
        found = await client.ask("textDocument/completion", textDocument=document, position=position)
        yield f"-- {words!r}"
        kinds: set[int] = set()
        for item in found["items"] if found else ():
            if item["kind"] not in kinds:
                kinds.add(item["kind"])
                yield shown("completion", item)
                yield shown("resolve", await client.ask("completionItem/resolve", **item))
    desk.server.protocol.client_capabilities = types.ClientCapabilities()
    yield "== a plain client"
    for words in ("    return value;\n", "}\n\n", "@compute @work"):
        position = _position(text, text.index(words) + len(words))
        found = await client.ask("textDocument/completion", textDocument=document, position=position)
        for item in found["items"][::25]:
            yield shown("completion", item)
        yield shown("resolve", await client.ask("completionItem/resolve", **found["items"][0]))
    for word in ("tile", "WG_SIZE"):
        position = _position(text, text.index(word))
        yield shown("hover", await client.ask("textDocument/hover", textDocument=document, position=position))
        answer = await client.ask("textDocument/rename", textDocument=document, position=position, newName="renamed")
        yield shown("rename", answer)
    for method in OF_THE_WORKSPACE:
        yield shown(method, await client.ask(method, query="", previousResultIds=[]))


async def _of_what_is_not_there(client: Client, shown: Callable[[str, Any], str]) -> AsyncIterator[str]:
    """Of a file that nobody has, a text that was never saved, an included file that no root reads, host code, and
    expansions of none of them."""
    desk, here = client.desk, {"line": 0, "character": 1}
    desk.session.files.open_text(desk.path("lone.tmpl"), "#ifdef A\nfn f() {}\n#endif\n", 1)
    desk.session.changed()
    of_none = expanded_uri(desk.path("none.wgsl"), "default"), expanded_uri(desk.path("kernel.wgsl"), "none")
    for uri in (*map(desk.uri, ("none.wgsl", "lone.tmpl", "host.cpp")), "untitled:one", *of_none):
        document = {"uri": uri}
        yield f"== {uri.replace(desk.folder.as_uri(), '').replace(str(desk.folder), '')}"
        for method in (*OF_A_DOCUMENT, *OF_A_PLACE, *OF_FEW_PLACES):
            more = {
                "options": {"tabSize": 2, "insertSpaces": True}, "range": {"start": here, "end": here}, "left": "",
                "right": "", "newName": "renamed", "positions": [here], "direction": "toExpanded", "position": here,
            } | ({"context": {"includeDeclaration": True}} if method.endswith("/references") else {})  # fmt: skip
            answer = await client.ask(method, textDocument=document, **more)
            if answer not in (None, []):
                yield shown(method, answer)
        for method in ("didOpen", "didChange", "didClose", "didSave"):
            text = {"uri": uri, "languageId": "wgsl", "version": 2, "text": "const a = 1;"}
            more = {"textDocument": text, "contentChanges": [{"text": "const b = 1;"}]}
            answer = await client.ask(f"textDocument/{method}", **more)
            yield f"{method}: {answer} {uri in desk.session.open_documents}"


async def _expanded(client: Client, shown: Callable[[str, Any], str]) -> AsyncIterator[str]:
    """Of an expansion that is open, and what is told of it before and after an edit."""
    desk, text = client.desk, "#ifndef N\nfn f() { let x = wrong; }\n//! reject 1:18 no\n#endif\n"
    desk.open("new.wgsl", text)
    uri = expanded_uri(desk.path("new.wgsl"), "default")
    content = (await client.ask("workspace/textDocumentContent", uri=uri))["text"]
    yield shown("== an expansion", [content])
    opened = types.TextDocumentItem(uri, "wgsl", 1, content)
    did_open(desk.server, types.DidOpenTextDocumentParams(opened))
    desk.sent.told.clear()
    for edit in (text, text, text.replace("wrong", "wronger")):
        if edit != text:
            desk.change(edit, "new.wgsl")
        before = desk.sent.n_pushes
        await desk.check()
        yield shown("pushed", client.converter.unstructure(desk.sent.shown.get(uri, [])))
        yield f"{desk.sent.n_pushes - before} pushes"
    for method, params in desk.sent.told:
        yield shown(method, encode(params))
    whole = {"start": _position(content, 0), "end": _position(content, len(content))}
    for method in OF_A_DOCUMENT:
        answer = await client.ask(method, textDocument={"uri": uri}, range=whole, left="", right="")
        if not isinstance(answer, str):
            yield shown(method, answer)
    for at in _places(content):
        yield f"-- {content[at : at + 20]!r}"
        position = _position(content, at)
        for method in ("textDocument/hover", "textDocument/definition", "textDocument/references"):
            more = {"context": {"includeDeclaration": True}} if method.endswith("/references") else {}
            yield shown(method, await client.ask(method, textDocument={"uri": uri}, position=position, **more))
        more = {"direction": "toSource"}
        answer = await client.ask("wgsl/mapPosition", textDocument={"uri": uri}, position=position, **more)
        yield shown("wgsl/mapPosition", answer)


def _places(text: str) -> Iterator[int]:
    """Where each third word stands first."""
    first: dict[str, int] = {}
    for match in re.finditer(r"\w+", text):
        first.setdefault(match[0], match.start())
    yield from [*first.values()][::3]


def _position(text: str, offset: int) -> dict[str, int]:
    return {"line": text.count("\n", 0, offset), "character": offset - text.rfind("\n", 0, offset) - 1}


async def everything(folder: Path) -> list[str]:
    return [line async for line in answers(folder)]


async def test_all_that_is_answered(tmp_path: Path) -> None:
    assert await everything(tmp_path) == SAID.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        SAID.write_text("\n".join(asyncio.run(everything(Path(made)))) + "\n", encoding="utf-8")
