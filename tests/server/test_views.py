"""Through which root and variant documents are looked at, and that nothing shown of them is stale."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve
from lsprotocol import types

from tests.server.in_process import Desk
from wgsl_ls.server.app import ContentModified, answering
from wgsl_ls.server.handlers.code_action import code_action
from wgsl_ls.server.handlers.code_lens import code_lens
from wgsl_ls.server.handlers.completion import completion
from wgsl_ls.server.handlers.contexts import activate, contexts, set_context
from wgsl_ls.server.handlers.define_state import define_state
from wgsl_ls.server.handlers.definition import definition
from wgsl_ls.server.handlers.did_change import did_change
from wgsl_ls.server.handlers.did_change_watched_files import did_change_watched_files
from wgsl_ls.server.handlers.did_close import did_close
from wgsl_ls.server.handlers.did_open import did_open
from wgsl_ls.server.handlers.hover import on_hover
from wgsl_ls.server.handlers.initialized import apply_settings
from wgsl_ls.server.handlers.inlay_hint import on_inlay_hint
from wgsl_ls.server.handlers.references import document_highlight, find_references
from wgsl_ls.server.handlers.rename import prepare, rename_name
from wgsl_ls.server.handlers.variants import set_active_variant
from wgsl_ls.server.messages import (
    ActivateArgument,
    DocumentParams,
    PositionParams,
    SetActiveVariantParams,
    SetContextParams,
)
from wgsl_ls.server.settings import Settings, read_settings
from wgsl_ls.server.uris import expanded_uri

CONFIG = '[[shader]]\nfiles = ["a.wgsl", "b.wgsl", "c.wgsl"]\naxes = { A = ["", "A"], B = ["", "B"] }\n'
HEADER = (
    "#ifdef A\nfn one() { let in_a = 1; }\n#endif\n#ifdef DEEP\nfn two() { let in_deep = 2; }\nfn three() {}\n#endif\n"
)
FILES = {
    "wgsl-ls.toml": CONFIG,
    "a.wgsl": '#include "h.tmpl"\n#ifdef A\nfn f() { one(); }\n#endif\n',
    "b.wgsl": '#ifdef B\n#define DEEP\n#endif\n#include "h.tmpl"\n//! reject 1:1 no\n',
    "c.wgsl": '#include "h.tmpl"\n#ifdef DEEP\n#endif\n',
    "h.tmpl": HEADER,
}
REFRESHING = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        inlay_hint=types.InlayHintWorkspaceClientCapabilities(refresh_support=True),
        semantic_tokens=types.SemanticTokensWorkspaceClientCapabilities(refresh_support=True),
        code_lens=types.CodeLensWorkspaceClientCapabilities(refresh_support=True),
    )
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, FILES, capabilities=REFRESHING)


def seen(desk: Desk, name: str = "h.tmpl") -> str:
    """`root [variant]` through which a file is looked at."""
    context = desk.session.snapshot.context(desk.path(name))
    assert context is not None
    view = desk.session.snapshot.root(context.root)
    assert view is not None
    return f"{Path(context.root).name} [{view.variants[context.variant_index].name}]"


async def settled(desk: Desk) -> None:
    await asyncio.gather(*desk.server.background)


# How an include opens


async def test_by_itself_as_those_see_it_who_activate_most_of_it(desk: Desk) -> None:
    desk.open("h.tmpl")
    await settled(desk)
    assert seen(desk) == "b.wgsl [A+B]"
    listed = contexts(desk.server, DocumentParams(desk.document("h.tmpl")))
    assert (listed.contexts[listed.active].label, len(listed.contexts)) == ("b.wgsl > line 4 [A+B]", 4), (
        "and the active ones"
    )
    did_close(desk.server, types.DidCloseTextDocumentParams(desk.document("h.tmpl")))
    assert seen(desk) == "a.wgsl [default]"


async def test_from_a_root_that_is_open(desk: Desk) -> None:
    desk.open("a.wgsl")
    desk.open("c.wgsl")
    set_active_variant(desk.server, SetActiveVariantParams(desk.document("c.wgsl"), "B"))
    desk.open("h.tmpl")
    assert seen(desk) == "c.wgsl [B]"
    set_active_variant(desk.server, SetActiveVariantParams(desk.document("c.wgsl"), "A"))
    assert seen(desk) == "c.wgsl [A]"


async def test_from_the_answer_that_led_there_and_its_variant(desk: Desk) -> None:
    desk.open("a.wgsl")
    desk.open("c.wgsl")
    set_active_variant(desk.server, SetActiveVariantParams(desk.document("a.wgsl"), "A"))
    found = await definition(desk.server, types.DefinitionParams(desk.document(), desk.at("one")))
    assert [desk.words(one) for one in found] == ["h.tmpl:2 'one'"]
    desk.open("h.tmpl")
    assert seen(desk) == "a.wgsl [A]"
    for name in ("A+B", "B"):  # who is looked through takes its includes along
        set_active_variant(desk.server, SetActiveVariantParams(desk.document("a.wgsl"), name))
        assert seen(desk) == f"a.wgsl [{name}]"
        did_close(desk.server, types.DidCloseTextDocumentParams(desk.document("h.tmpl")))


async def test_from_the_finding_in_it(tmp_path: Path) -> None:
    header = "#ifdef B\n//! reject 1:1 wrong\nconst bad = 1;\n#endif\n"
    desk = Desk(tmp_path, {**FILES, "h.tmpl": header})
    desk.server.checker.want([desk.path("a.wgsl")])  # which has it too, first, and is not open
    await desk.check()
    desk.open("c.wgsl")
    await desk.check()
    assert desk.shown("h.tmpl") == ["2 wgsl/validation: wrong"]
    desk.open("h.tmpl")
    assert seen(desk) == "c.wgsl [B]"
    did_close(desk.server, types.DidCloseTextDocumentParams(desk.document("h.tmpl")))
    set_active_variant(desk.server, SetActiveVariantParams(desk.document("c.wgsl"), "A+B"))
    desk.open("h.tmpl")
    assert seen(desk) == "c.wgsl [A+B]", "which has it too, and is looked at"


async def test_a_chosen_context_stays(desk: Desk) -> None:
    desk.open("h.tmpl")
    set_context(desk.server, SetContextParams(desk.document("h.tmpl"), desk.uri("c.wgsl"), 1, "A"))
    await settled(desk)
    desk.open("a.wgsl")
    assert seen(desk) == "c.wgsl [A]"
    did_close(desk.server, types.DidCloseTextDocumentParams(desk.document("h.tmpl")))
    desk.open("h.tmpl")
    assert seen(desk) == "c.wgsl [A]"


async def test_the_lens_of_an_include_names_what_it_is_seen_from(desk: Desk) -> None:
    desk.open("a.wgsl")
    desk.open("h.tmpl")
    found = code_lens(desk.server, types.CodeLensParams(desk.document("h.tmpl")))
    assert [one.command.title for one in found if one.command] == ["seen from a.wgsl [default]"]
    assert [one.command.command for one in found if one.command] == ["wgsl.showContexts"]


async def test_an_include_has_one_information_for_all_its_roots(tmp_path: Path) -> None:
    files = dict.fromkeys(("a.wgsl", "b.wgsl", "c.wgsl"), '#include "h.tmpl"\nconst own = 1;\n')
    desk = Desk(
        tmp_path,
        {**files, "h.tmpl": "const n = TILE;\nconst m = WIDTH;\n", "b.wgsl": '#include "h.tmpl"\nconst o = DEPTH;\n'},
    )
    desk.open("h.tmpl")
    await desk.check()
    assert [line.partition(":")[0] for line in desk.shown("h.tmpl")] == ["1 variants/undeclared"]


# Inactive code


@pytest.mark.parametrize("word", ["in_deep", "two"])
async def test_names_in_inactive_code_are_answered_from_where_it_is_active(desk: Desk, word: str) -> None:
    desk.open("b.wgsl")
    desk.open("h.tmpl")
    assert seen(desk) == "b.wgsl [default]"
    at = types.TextDocumentPositionParams(desk.document("h.tmpl"), desk.at(word, "h.tmpl"))
    found = await definition(desk.server, types.DefinitionParams(at.text_document, at.position))
    assert [desk.words(one) for one in found] == [f"h.tmpl:5 '{word}'"]
    context = types.ReferenceContext(True)
    uses = await find_references(desk.server, types.ReferenceParams(context, at.text_document, at.position))
    assert [desk.words(one) for one in uses] == [f"h.tmpl:5 '{word}'"]
    assert await on_hover(desk.server, types.HoverParams(at.text_document, at.position)) is not None


async def test_macros_in_inactive_code_too(tmp_path: Path) -> None:
    text = "#ifdef A\n#define SIZE 4\n#define SIZES 5\nconst a = SIZE;\n#else\n#define SIZE 8\n#endif\n"
    desk = Desk(tmp_path, {**FILES, "a.wgsl": text})
    desk.open("a.wgsl")
    at = desk.at("SIZE;")
    (first, *rest) = await definition(desk.server, types.DefinitionParams(desk.document(), at))
    assert desk.words(first) == "a.wgsl:2 'SIZE'" and [desk.words(one) for one in rest] == ["a.wgsl:6 'SIZE'"]
    shown = await on_hover(desk.server, types.HoverParams(desk.document(), at))
    assert shown is not None and "#define SIZE 4" in str(shown.contents)
    listed = await completion(desk.server, types.CompletionParams(desk.document(), types.Position(3, 13)))
    assert listed is not None
    assert [(one.label, one.detail) for one in listed.items] == [("SIZE", "= 4"), ("SIZES", "= 5")]


async def test_a_code_action_looks_at_a_variant_in_which_the_line_is_active(desk: Desk) -> None:
    desk.open("b.wgsl")
    desk.open("h.tmpl")

    async def offered(word: str) -> list[types.CodeAction]:
        at = desk.at(word, "h.tmpl")
        context = types.CodeActionContext([])
        params = types.CodeActionParams(desk.document("h.tmpl"), types.Range(at, at), context)
        return await code_action(desk.server, params)

    (action,) = await offered("three")
    assert action.title == "Look at variant B, in which this code is active"
    assert action.command is not None and action.command.command == "wgsl.activate"
    (argument,) = action.command.arguments or []
    activate(desk.server, ActivateArgument(**argument))
    assert seen(desk) == "b.wgsl [B]" and seen(desk, "b.wgsl") == "b.wgsl [B]"
    assert await offered("three") == []
    assert len(await offered("one")) == 1
    with pytest.raises(LookupError, match="no variant 'none'"):
        activate(desk.server, ActivateArgument(**{**argument, "variant": "none"}))


# Told again


async def test_a_client_is_asked_to_ask_again_only_for_what_it_can(tmp_path: Path) -> None:
    can = types.WorkspaceClientCapabilities()
    hints = types.InlayHintWorkspaceClientCapabilities(refresh_support=True)
    tokens = types.SemanticTokensWorkspaceClientCapabilities(refresh_support=True)
    for given, expected in (
        (None, {"hints": 0, "tokens": 0}),
        (can, {"hints": 0, "tokens": 0}),
        (evolve(can, inlay_hint=hints), {"hints": 1, "tokens": 0}),
        (evolve(can, semantic_tokens=tokens), {"hints": 0, "tokens": 1}),
        (evolve(can, inlay_hint=types.InlayHintWorkspaceClientCapabilities()), {"hints": 0, "tokens": 0}),
        (evolve(can, semantic_tokens=types.SemanticTokensWorkspaceClientCapabilities()), {"hints": 0, "tokens": 0}),
    ):
        desk = Desk(tmp_path, {"a.wgsl": ""}, capabilities=types.ClientCapabilities(workspace=given))
        desk.server.views.refresh()
        assert {one: desk.sent.refreshes[one] for one in expected} == expected


async def test_documents_that_are_looked_at_otherwise_are_told_of(desk: Desk) -> None:
    desk.open("a.wgsl")
    desk.open("h.tmpl")
    await desk.check()
    assert desk.told("wgsl/viewsChanged") == []

    async def changed() -> list[str]:
        n_refreshes = dict(desk.sent.refreshes)
        n_told = len(desk.told("wgsl/viewsChanged"))
        await desk.check()
        news = desk.told("wgsl/viewsChanged")[n_told:]
        assert all(desk.sent.refreshes[kind] > n for kind, n in n_refreshes.items()) or not news
        return sorted(desk.name(uri) for one in news for uri in one.uris)

    set_active_variant(desk.server, SetActiveVariantParams(desk.document(), "A"))
    assert await changed() == ["a.wgsl", "h.tmpl"]
    assert await changed() == []
    desk.change(desk.text("h.tmpl").replace("in_a", "in_b"), "h.tmpl")
    assert await changed() == ["a.wgsl"], "who edits h.tmpl asks for it again"
    desk.change(f"{desk.text()}// more\n")
    assert await changed() == ["h.tmpl"], "which is seen from a.wgsl"
    (desk.folder / "wgsl-ls.toml").write_text(CONFIG.replace('"B"]', '"B", "C"]'), encoding="utf-8")
    change = types.FileEvent(desk.uri("wgsl-ls.toml"), types.FileChangeType.Changed)
    did_change_watched_files(desk.server, types.DidChangeWatchedFilesParams([change]))
    assert await changed() == ["a.wgsl", "h.tmpl"]


async def test_lenses_follow_verdicts(desk: Desk) -> None:
    desk.open("b.wgsl")
    desk.sent.refreshes.clear()
    await desk.check()
    assert desk.sent.refreshes["lenses"] > 0
    titles = [
        one.command.title
        for one in code_lens(desk.server, types.CodeLensParams(desk.document("b.wgsl")))
        if one.command
    ]
    assert titles[0] == "4 variants · 0 pass · 4 fail"
    desk.sent.refreshes.clear()
    await desk.check()
    assert desk.sent.refreshes["lenses"] == 0


async def test_the_macros_of_a_place_follow_the_configuration(desk: Desk) -> None:
    desk.open("c.wgsl")
    at = PositionParams(desk.document("c.wgsl"), types.Position(1, 0))
    set_active_variant(desk.server, SetActiveVariantParams(desk.document("c.wgsl"), "A"))
    assert [one.name for one in define_state(desk.server, at).macros] == ["A"]
    desk.open("wgsl-ls.toml", CONFIG.replace('A = ["", "A"]', 'A = ["", { A = "", DEEP = "7" }]'))
    state = define_state(desk.server, at)
    names = {one.name: one.value for one in state.macros}
    assert state.variant in ("default", "A") and (names == {} or names == {"A": "", "DEEP": "7"})


async def test_a_closed_expansion_takes_its_findings_along(desk: Desk) -> None:
    desk.open("b.wgsl")
    uri = expanded_uri(desk.path("b.wgsl"), "default")
    view = desk.session.view(desk.uri("b.wgsl"))
    did_open(
        desk.server, types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "wgsl", 1, view.expansion(0).text))
    )
    await desk.check()
    assert [one.code for one in desk.sent.shown[uri]] == ["wgsl/validation"]
    did_close(desk.server, types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    assert desk.sent.shown[uri] == []


async def test_settings_of_the_start_survive_an_empty_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_settings(
        {"engines": ["dawn"], "debounceMs": 7, "profiles": ["p"], "rules": {"lint/unused-macro": "off"}}
    )
    desk.session.settings = desk.session.first_settings = first
    restarts: list[None] = []

    async def restart() -> None:
        restarts.append(None)

    monkeypatch.setattr(desk.server.checker, "restart_engines", restart)
    await apply_settings(desk.server, {})
    assert desk.session.settings == first and restarts == []
    await apply_settings(desk.server, {"debounceMs": 9})
    assert desk.session.settings.debounce_ms == 9 and desk.session.settings.engines == ("dawn",)
    await apply_settings(desk.server, {"engines": ["wgpu"]})
    assert desk.session.settings.engines == ("wgpu",) and desk.session.settings.debounce_ms == 7 and restarts == [None]


async def test_hints_and_lenses_that_are_switched_are_asked_for_again(desk: Desk) -> None:
    desk.open("a.wgsl")
    await desk.check()
    before = desk.sent.refreshes.copy()
    await apply_settings(desk.server, {"inlayHints": {"types": False}, "lens": {"variants": False}})
    assert all(desk.sent.refreshes[what] > before[what] for what in ("hints", "lenses"))


async def test_engines_are_switched_at_run_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path, {**FILES, "b.wgsl": "//! reject 1:1 no\n"})

    async def restart() -> None:
        pass

    monkeypatch.setattr(desk.server.checker, "restart_engines", restart)
    desk.session.settings = Settings(engines=("wgpu", "dawn"))
    desk.open("b.wgsl")
    await desk.check()
    assert _of(desk) == ["no\nin all 4 variants (wgpu, dawn)"]
    for engines in (["wgpu"], ["dawn", "wgpu"], ["dawn"]):
        await apply_settings(desk.server, {"engines": engines})
        await desk.check()
        assert _of(desk) == [f"no\nin all 4 variants ({', '.join(sorted(engines, reverse=True))})"]


def _of(desk: Desk) -> list[str]:
    return [one.message for one in desk.sent.shown[desk.uri("b.wgsl")] if one.code != "inactive"]


ASKED = (find_references, document_highlight, definition, rename_name, prepare, on_hover, on_inlay_hint, code_action)


@pytest.mark.parametrize("ask", ASKED)
async def test_an_answer_overtaken_by_an_edit_is_content_modified(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, ask: Callable[..., Any]
) -> None:
    monkeypatch.setattr("wgsl_ls.server.session.SLICE", -1.0)
    desk.open("a.wgsl")
    at = desk.at("one")
    context, place = types.ReferenceContext(True), types.Range(at, at)
    if ask is code_action:
        context = types.CodeActionContext([])
    document = desk.document()
    params = SimpleNamespace(text_document=document, position=at, context=context, new_name="two", range=place)
    task = asyncio.ensure_future(answering(ask, desk.server)(desk.server, params))
    await asyncio.sleep(0)
    desk.change(f"// {desk.text()}")
    with pytest.raises(ContentModified):
        await task


async def test_an_answer_overtaken_by_other_variants_is_given_of_those(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client asks again after its own edits, not after what it does not know of."""
    monkeypatch.setattr("wgsl_ls.server.session.SLICE", -1.0)
    desk.open("a.wgsl")
    place = types.Range(types.Position(0, 0), types.Position(99, 0))
    hints = answering(on_inlay_hint, desk.server)
    task = asyncio.ensure_future(hints(desk.server, types.InlayHintParams(desk.document(), place)))
    await asyncio.sleep(0)
    (desk.folder / "wgsl-ls.toml").write_text(CONFIG.replace('"B"]', '"B", "C"]'), encoding="utf-8")
    change = types.FileEvent(desk.uri("wgsl-ls.toml"), types.FileChangeType.Changed)
    did_change_watched_files(desk.server, types.DidChangeWatchedFilesParams([change]))
    labels = [hint.label for hint in await task]
    assert labels and all("/6" in str(label) for label in labels)


def test_contexts_are_listed_with_the_one_that_is_looked_at(desk: Desk) -> None:
    desk.open("b.wgsl")
    set_active_variant(desk.server, SetActiveVariantParams(desk.document("b.wgsl"), "B"))
    desk.open("h.tmpl")
    listed = contexts(desk.server, DocumentParams(desk.document("h.tmpl")))
    assert listed.contexts[listed.active].label == "b.wgsl > line 4 [B]"


# Documents without a file


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "untitled:/home/x/new%20kernel.wgsl"])
async def test_a_document_that_was_never_saved_is_a_shader_of_its_own(desk: Desk, uri: str) -> None:
    text = "#define N 4\nconst a = N;\n#endif\nfn f() { let b = a; }\n"
    did_open(desk.server, types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "wgsl", 1, text)))
    document = types.TextDocumentIdentifier(uri)
    await desk.check()
    assert [one.code for one in desk.sent.shown[uri]] == ["preprocess/endif-without-if"]
    assert len(code_lens(desk.server, types.CodeLensParams(document))) == 2
    found = await definition(desk.server, types.DefinitionParams(document, types.Position(3, 17)))
    assert [(one.uri, one.range.start.line) for one in found] == [(uri, 1)]
    edit = await rename_name(desk.server, types.RenameParams(document, types.Position(3, 17), "renamed"))
    assert edit.changes is not None and list(edit.changes) == [uri]
    change = types.TextDocumentContentChangeWholeDocument("const a = 1;\n")
    versioned = types.VersionedTextDocumentIdentifier(2, uri)
    did_change(desk.server, types.DidChangeTextDocumentParams(versioned, [change]))
    await desk.check()
    assert desk.sent.shown[uri] == []
    did_close(desk.server, types.DidCloseTextDocumentParams(document))
    assert uri not in desk.session.open_documents


async def test_an_expansion_answers_and_leads_back_to_the_source(desk: Desk) -> None:
    text = '#include "h.tmpl"\n#define CALL one\n#ifdef A\nfn f() { CALL(); let x = 1.5; }\n#endif\n'
    desk.open("a.wgsl", text)
    view = desk.session.view(desk.uri("a.wgsl"))
    uri = expanded_uri(desk.path("a.wgsl"), "A")
    expansion = view.expansion(view.index_by_name["A"]).text
    did_open(desk.server, types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "wgsl", 1, expansion)))
    document = types.TextDocumentIdentifier(uri)

    def at(word: str) -> types.Position:
        before = expansion[: expansion.index(word)]
        return types.Position(before.count("\n"), len(before) - before.rfind("\n") - 1)

    async def ask(method: str, params: object) -> Any:
        answer = desk.server.protocol.fm.features[method](params)
        return await answer if asyncio.iscoroutine(answer) else answer

    found = await ask("textDocument/definition", types.DefinitionParams(document, at("one();")))
    assert [desk.words(one) for one in found] == ["a.wgsl:2 'CALL'", "h.tmpl:2 'one'"], "into the include"
    found = await ask("textDocument/definition", types.DefinitionParams(document, at("1.5")))
    assert [(desk.name(one.uri), one.range.start.line) for one in found] == [("a.wgsl", 3)]
    shown = await ask("textDocument/hover", types.HoverParams(document, at("one();")))
    assert (
        "fn one()" in shown.contents.value
        and "Written at" in shown.contents.value
        and "a.wgsl:4" in shown.contents.value
    )
    assert shown.range is None, "the written word's place is none of this document"
    tokens = await ask("textDocument/semanticTokens/full", types.SemanticTokensParams(document))
    assert tokens.data
    symbols = await ask("textDocument/documentSymbol", types.DocumentSymbolParams(document))
    assert [one.name for one in symbols] == ["one", "f"]
    context = types.CodeActionContext([])
    actions = types.CodeActionParams(document, types.Range(at("one"), at("one")), context)
    assert not await ask("textDocument/codeAction", actions)
    assert not await ask("textDocument/codeLens", types.CodeLensParams(document))
    assert not await ask("textDocument/rename", types.RenameParams(document, at("one"), "two"))
    await desk.check()
    assert list(desk.server.publisher.reports) == [desk.path("a.wgsl")], "no shader of the project"
    desk.change(text.replace("1.5", "2.5"))
    expansion = expansion.replace("1.5", "2.5")
    found = await ask("textDocument/definition", types.DefinitionParams(document, at("x =")))
    assert [desk.words(one) for one in found] == ["a.wgsl:4 'x'"]
    did_close(desk.server, types.DidCloseTextDocumentParams(document))


async def test_lenses_are_told_of_now_and_then_and_at_last(desk: Desk) -> None:
    views = desk.server.views
    told = desk.sent.refreshes["lenses"]
    views.refresh_lenses()
    views.lens_pause = views.longest_lens_pause = 0.5
    for _ in range(20):
        views.refresh_lenses()
    assert desk.sent.refreshes["lenses"] == told + 1, "not with every verdict"
    for _ in range(1000):
        if desk.sent.refreshes["lenses"] > told + 1:
            break
        await asyncio.sleep(0.01)
    assert desk.sent.refreshes["lenses"] == told + 2, "the last word is not lost"


async def test_what_a_watcher_saw_is_read_again_whatever_its_stamp(tmp_path: Path) -> None:
    """A file that was written twice within a tick of the clock has the size and the time that are known."""
    desk = Desk(tmp_path, {"a.wgsl": '#include "h.tmpl"\n', "h.tmpl": "const a = 1;\n"})
    desk.open("a.wgsl")
    include = tmp_path / "h.tmpl"
    assert desk.text("h.tmpl") == "const a = 1;\n"
    stamp = include.stat()
    include.write_text("const b = 2;\n", encoding="utf-8")
    os.utime(include, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    event = types.FileEvent(desk.uri("h.tmpl"), types.FileChangeType.Changed)
    did_change_watched_files(desk.server, types.DidChangeWatchedFilesParams([event]))
    assert desk.text("h.tmpl") == "const b = 2;\n"


async def test_who_has_not_asked_for_lenses_yet_is_not_told_again(desk: Desk) -> None:
    """An editor asks a while after the last word, the longer the slower answers are: it would never ask."""
    views = desk.server.views
    views.longest_lens_pause = 1e6
    views.refresh_lenses()
    desk.sent.refreshes.clear()
    for _ in range(5):
        views.refresh_lenses()
        await asyncio.sleep(0.01)
    assert desk.sent.refreshes["lenses"] == 0
    code_lens(desk.server, types.CodeLensParams(desk.document()))
    for _ in range(1000):
        if desk.sent.refreshes["lenses"]:
            break
        await asyncio.sleep(0.01)
    assert desk.sent.refreshes["lenses"] == 1, "what came before it asked may have been of another document"
