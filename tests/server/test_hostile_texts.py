"""Texts that somebody made to be dear, at n, 2n and 4n: opening, checking, every request and an edit take steps in
proportion to the text. Whatever grows faster freezes an editor with a few kilobytes."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.server.hostile_texts import MAIN, MANY_AT_ONCE, TEXTS
from tests.server.in_process import Desk
from tests.steps import steps_of
from wgsl_ls.preprocess.chunks import LONGEST_TEXT
from wgsl_ls.preprocess.directives import _Parser
from wgsl_ls.server.app import WgslServer, make_server
from wgsl_ls.server.codec import decode

N = 100
MOST = 6.5
"""Times the steps of n that 4n may take; a square takes sixteen times as many."""


def requests(desk: Desk) -> Iterator[tuple[str, Any]]:
    """Every request about the document, at its beginning, middle and end."""
    document, whole = desk.document(), desk.range()
    lines = desk.text().split("\n")
    options = types.FormattingOptions(4, True)
    yield types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, types.DocumentSymbolParams(document)
    yield types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensParams(document)
    yield types.TEXT_DOCUMENT_DOCUMENT_LINK, types.DocumentLinkParams(document)
    yield types.TEXT_DOCUMENT_FOLDING_RANGE, types.FoldingRangeParams(document)
    yield types.TEXT_DOCUMENT_FORMATTING, types.DocumentFormattingParams(document, options)
    yield types.TEXT_DOCUMENT_RANGE_FORMATTING, types.DocumentRangeFormattingParams(document, whole, options)
    yield types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, types.SemanticTokensParams(document)
    yield types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, types.SemanticTokensRangeParams(document, whole)
    yield types.TEXT_DOCUMENT_INLAY_HINT, types.InlayHintParams(document, whole)
    yield types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionParams(document, whole, types.CodeActionContext([]))
    yield types.TEXT_DOCUMENT_DIAGNOSTIC, types.DocumentDiagnosticParams(document)
    yield types.WORKSPACE_SYMBOL, types.WorkspaceSymbolParams("c")
    middle, end = len(lines) // 2, max(0, len(lines) - 2)
    places = [(0, min(7, len(lines[0]))), (middle, len(lines[middle]) // 2), (end, len(lines[end]) // 2)]
    # What is repeated may take three lines; at the last word of each, whatever stands in the middle.
    last_words = [(line, lines[line].rfind(" ") + 1) for line in range(middle, min(middle + 3, len(lines)))]
    for at in (types.Position(*place) for place in dict.fromkeys((*places, *last_words))):
        yield types.TEXT_DOCUMENT_HOVER, types.HoverParams(document, at)
        yield types.TEXT_DOCUMENT_COMPLETION, types.CompletionParams(document, at)
        yield types.TEXT_DOCUMENT_DEFINITION, types.DefinitionParams(document, at)
        yield types.TEXT_DOCUMENT_TYPE_DEFINITION, types.TypeDefinitionParams(document, at)
        yield types.TEXT_DOCUMENT_REFERENCES, types.ReferenceParams(types.ReferenceContext(True), document, at)
        yield types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, types.DocumentHighlightParams(document, at)
        yield types.TEXT_DOCUMENT_SIGNATURE_HELP, types.SignatureHelpParams(document, at)
        yield types.TEXT_DOCUMENT_PREPARE_RENAME, types.PrepareRenameParams(document, at)
        yield types.TEXT_DOCUMENT_RENAME, types.RenameParams(document, at, "renamed")
        yield types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY, types.CallHierarchyPrepareParams(document, at)
        yield types.TEXT_DOCUMENT_SELECTION_RANGE, types.SelectionRangeParams(document, [at])
    place = {"textDocument": {"uri": document.uri}, "position": {"line": len(lines) // 2, "character": 0}}
    for method in OURS:
        yield method, decode(desk.server.served[method].params, place)  # type: ignore[union-attr, arg-type]


OURS = (
    "wgsl/variants", "wgsl/coverage", "wgsl/inactiveRegions", "wgsl/contexts", "wgsl/expansion", "wgsl/defineState",
    "wgsl/explain",
)  # fmt: skip


def steps_by_request(folder: Path, text: str) -> dict[str, int]:
    """Steps of the dearest request of each kind, what came before it being done."""
    loop = asyncio.new_event_loop()
    desk = Desk(folder, {"a.wgsl": text})
    steps = {"open": steps_of(desk.open)}
    steps["open"] += steps_of(lambda: loop.run_until_complete(desk.check()))  # what is left after a slice goes on there

    def ask(method: str, params: Any) -> None:
        try:
            answer = desk.server.protocol.fm.features[method](params)
            if inspect.isawaitable(answer):
                loop.run_until_complete(answer)
        except Exception as refused:  # noqa: BLE001 - whatever is no refusal fails the test
            assert type(refused).__name__ == "RequestFailed", (method, refused)

    for method, params in requests(desk):
        spent = steps_of(lambda method=method, params=params: ask(method, params))  # type: ignore[misc]
        steps[method] = max(steps.get(method, 0), spent)
    steps["change"] = steps_of(lambda: desk.change(desk.text() + "// more\n"))
    loop.close()
    return steps


@pytest.fixture
def near_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds of a search and of conditions within reach; they have tests of their own."""
    monkeypatch.setattr("wgsl_ls.project.inference.MAX_STEPS", 2000)
    monkeypatch.setattr("wgsl_ls.preprocess.resolution._ASKED", LONGEST_TEXT // 2000)


@pytest.mark.usefixtures("near_bounds")
@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_costs_steps_in_proportion(tmp_path: Path, kind: str) -> None:
    small, large = (steps_by_request(tmp_path, TEXTS[kind](n)) for n in (N, 4 * N))
    grown = {what: (small[what], large[what]) for what in large if large[what] > MOST * small[what] + 4000}
    assert not grown


@pytest.mark.parametrize("kind", ["branches", "defines", "a chain of calls", "names declared nowhere", "one line"])
def test_a_text_beyond_our_own_limits_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """With steps that do not grow with what is not read."""
    monkeypatch.setattr("wgsl_ls.wgsl.parser.LONGEST_READ", 1000)
    small, large = (steps_by_request(tmp_path, TEXTS[kind](n)) for n in (N, 4 * N))
    grown = {what: (small[what], large[what]) for what in large if large[what] > MOST * small[what] + 4000}
    assert not grown


def test_a_text_is_cut_into_directives_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the workspace, the host's code, the search for variants and every view; what the search tries is its own."""
    read: Counter[str] = Counter()
    parse = _Parser.parse

    def counted(parser: _Parser) -> Any:
        read[parser.text] += 1
        return parse(parser)

    monkeypatch.setattr(_Parser, "parse", counted)
    plain, asking, part = "#bogus\n" + MAIN, '#include "c.tmpl"\n#ifdef A\n#endif\n' + MAIN, "#define C 1\n"
    host = 'void f() { preprocess(b_wgsl, {"A"}); }\n'
    desk = Desk(tmp_path, {"a.wgsl": plain, "b.wgsl": asking, "c.tmpl": part, "host.cpp": host})
    desk.open("a.wgsl")
    desk.open("b.wgsl")
    loop = asyncio.new_event_loop()
    loop.run_until_complete(desk.check())
    loop.close()
    assert {plain: 1, asking: 2, part: 2} == read


@pytest.mark.slow
@pytest.mark.usefixtures("near_bounds")
@pytest.mark.parametrize("kind", TEXTS)
def test_a_thousand_is_answered_too(tmp_path: Path, kind: str) -> None:
    """Nothing recurses, and nothing is far from proportion at a size that hurts."""
    steps_by_request(tmp_path, TEXTS[kind](500 if kind in MANY_AT_ONCE else 1000))


def test_every_request_about_a_document_is_asked(tmp_path: Path) -> None:
    asked = {method for method, _ in requests(Desk(tmp_path, {"a.wgsl": MAIN}))}
    server: WgslServer = make_server()
    ours = {method for method in server.protocol.fm.features if method.startswith(("textDocument/", "wgsl/"))}
    left_out = {
        "textDocument/didOpen", "textDocument/didChange", "textDocument/didSave", "textDocument/didClose",
        "textDocument/declaration",  # as definition
        "textDocument/semanticTokens/full/delta",  # needs an earlier answer
        "wgsl/diffVariants", "wgsl/mapPosition", "wgsl/roots", "wgsl/setActiveVariant", "wgsl/setContext",
    }  # fmt: skip
    assert ours - asked == left_out


LONG_WORDS = {
    "a number": "const a = " + "9" * 100_000 + ";\n",
    "a name and no more": "fn f() { let " + "a" * 100_000 + " !\n",
    "a name in a condition": "#if " + "a" * 100_000 + " !\n#endif\n",
}


@pytest.mark.parametrize("kind", LONG_WORDS)
def test_patterns_look_at_a_long_word_once(tmp_path: Path, kind: str) -> None:
    """Steps within a pattern are not counted: where they grow with the square, this does not come to its end."""
    loop = asyncio.new_event_loop()
    desk = Desk(tmp_path, {"a.wgsl": LONG_WORDS[kind]})
    desk.open()
    loop.run_until_complete(desk.check())
    at = types.Position(0, len(LONG_WORDS[kind].partition("\n")[0]))
    for method, params in (
        (types.TEXT_DOCUMENT_COMPLETION, types.CompletionParams(desk.document(), at)),
        (types.TEXT_DOCUMENT_HOVER, types.HoverParams(desk.document(), at)),
        (types.TEXT_DOCUMENT_SIGNATURE_HELP, types.SignatureHelpParams(desk.document(), at)),
    ):
        answer = desk.server.protocol.fm.features[method](params)
        if inspect.isawaitable(answer):
            loop.run_until_complete(answer)
    loop.close()


MARKDOWN = frozenset({"value", "markdown"})
FOR_PEOPLE = MARKDOWN | {"message", "title", "name", "detail", "label", "summary", "reason", "tooltip"}
NAMED = frozenset({"name", "value"})
"""In answers of our own methods, names and values as they are: a client asks with them."""
HOSTILE = "\x1b]0;T\x07\x9b2J\u202e\u2028 ![p](http://x/p.png) [l](command:x) <img src=x>"
"""In Markdown it may stand within code only."""


@pytest.mark.parametrize("place", ["#bogus", "#include ", "#define M ", "#define N ", "#error ", "#if M "])
def test_words_of_a_workspace_are_harmless_where_people_read_them(tmp_path: Path, place: str) -> None:
    name, define = json.dumps(f"v{HOSTILE}"), json.dumps(f"M={HOSTILE}")
    toml = f'[[shader]]\nfiles = ["*.wgsl"]\n[[shader.variant]]\nname = {name}\ndefines = [{define}]\n'
    quoted = f'"{HOSTILE.replace(" ", "")}"' if "include" in place else HOSTILE
    text = f"{place}{quoted}\n// {HOSTILE}\nfn f(a: i32) -> i32 {{ return nope{HOSTILE}; }}\n{place}{quoted}\n"
    loop = asyncio.new_event_loop()
    desk = Desk(tmp_path, {"a.wgsl": text, "wgsl-ls.toml": toml})
    desk.open()
    loop.run_until_complete(desk.check())
    for method, params in requests(desk):
        try:
            answer = desk.server.protocol.fm.features[method](params)
            if inspect.isawaitable(answer):
                answer = loop.run_until_complete(answer)
        except Exception as refused:  # noqa: BLE001
            answer = {"message": str(refused)}
        assert not raw(answer, FOR_PEOPLE - NAMED if method.startswith("wgsl/") else FOR_PEOPLE), method
    loop.close()
    assert not raw(desk.sent.shown, FOR_PEOPLE) and any(desk.sent.shown.values())


def raw(answer: Any, fields: frozenset[str], field: str = "") -> list[str]:
    """Texts in `fields` that command what shows them."""
    if isinstance(answer, str):
        commands = re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e]", answer)
        markdown = re.sub(r"(`+).*?\1", "", answer, flags=re.S) if field in MARKDOWN else ""
        is_markup = re.search(r"(?<!\\)!\[p|(?<!\\)\[l\]\(|(?<!\\)<img", markdown)
        return [f"{field}: {answer}"] if field in fields and (commands or is_markup) else []
    if isinstance(answer, list | tuple):
        return [found for one in answer for found in raw(one, fields, field)]
    if isinstance(answer, dict):
        return [found for name, one in answer.items() for found in raw(one, fields, name)]
    parts = getattr(answer, "__attrs_attrs__", None) or getattr(answer, "__dataclass_fields__", {}).values()
    return [found for one in parts for found in raw(getattr(answer, one.name), fields, one.name)]
