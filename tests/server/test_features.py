"""Handlers of editor features: what LSP gets of what the analysis found, by functions over a server in this process."""

from __future__ import annotations

import inspect
import shutil
from collections import namedtuple
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from lsprotocol import types

from tests.analysis.fixture import refusing
from tests.server.in_process import Desk
from wgsl_ls.project.host_code import HostCode
from wgsl_ls.server.app import RequestFailed, answering
from wgsl_ls.server.handlers.call_hierarchy import incoming_calls, outgoing_calls, prepare
from wgsl_ls.server.handlers.code_action import code_action
from wgsl_ls.server.handlers.code_lens import code_lens
from wgsl_ls.server.handlers.completion import completion, resolve
from wgsl_ls.server.handlers.define_state import define_state
from wgsl_ls.server.handlers.definition import definition, type_definition
from wgsl_ls.server.handlers.did_close import did_close
from wgsl_ls.server.handlers.did_open import did_open
from wgsl_ls.server.handlers.document_link import document_link
from wgsl_ls.server.handlers.document_symbol import document_symbol, workspace_symbol
from wgsl_ls.server.handlers.expanded_document import document_symbol as expanded_symbols
from wgsl_ls.server.handlers.expanded_document import folding_range as expanded_folds
from wgsl_ls.server.handlers.expanded_document import semantic_tokens as expanded_tokens
from wgsl_ls.server.handlers.explain import covered, explain
from wgsl_ls.server.handlers.folding_range import folding_range
from wgsl_ls.server.handlers.formatting import formatting, range_formatting
from wgsl_ls.server.handlers.hover import on_hover
from wgsl_ls.server.handlers.inlay_hint import on_inlay_hint
from wgsl_ls.server.handlers.references import document_highlight, find_references
from wgsl_ls.server.handlers.rename import prepare as prepare_rename
from wgsl_ls.server.handlers.rename import rename_name
from wgsl_ls.server.handlers.selection_range import selection_range
from wgsl_ls.server.handlers.semantic_tokens import delta, full, in_range
from wgsl_ls.server.handlers.signature_help import on_signature_help
from wgsl_ls.server.handlers.variants import variants
from wgsl_ls.server.messages import (
    DocumentParams,
    PlaceParams,
    PositionParams,
    VariantEntry,
    VariantList,
    VerdictsChanged,
)
from wgsl_ls.server.settings import HintSettings, LensSettings, Settings
from wgsl_ls.server.uris import expanded_uri
from wgsl_ls.server.variant_list import _runs

CONFIG = '[[shader]]\nfiles = ["a.wgsl", "b.wgsl"]\naxes = { N = [{ N = 1 }, { N = 2 }] }\n'
FILES = {
    "wgsl-ls.toml": CONFIG,
    "h.tmpl": "// Adds.\nfn add(one: u32, two: u32) -> u32 { return one + two; }\n",
    "a.wgsl": '#include "h.tmpl"\nstruct Params { rows: u32 }\nvar<private> p: Params;\n'
    "#if N == 2\nfn more() { let x = add(1u, 2u); }\n#endif\n"
    "@compute @workgroup_size(1)\nfn main() { let y = add(p.rows, N); }\n",
    "b.wgsl": '#include "h.tmpl"\nfn other() { _ = add(3u, N); }\n',
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, FILES)


# Expanded documents


def _in_expansion(desk: Desk, variant: str, text: str) -> tuple[types.TextDocumentIdentifier, types.Position]:
    """The expanded document of a.wgsl, and where `text` stands in it."""
    uri = expanded_uri(str(desk.folder / "a.wgsl"), variant)
    lines = _expanded(desk, variant).splitlines()
    line = next(number for number, one in enumerate(lines) if text in one)
    return types.TextDocumentIdentifier(uri), types.Position(line, lines[line].index(text))


def _expanded(desk: Desk, variant: str) -> str:
    view, index = desk.server.session.expanded(expanded_uri(str(desk.folder / "a.wgsl"), variant))
    return view.expansion(index).text


async def test_an_expansion_leads_to_what_was_written(desk: Desk) -> None:
    document, at = _in_expansion(desk, "N=2", "add(1u")
    (place,) = await definition(desk.server, types.DefinitionParams(document, at))
    assert desk.words(place) == "h.tmpl:2 'add'"
    found = await find_references(desk.server, types.ReferenceParams(types.ReferenceContext(False), document, at))
    assert [desk.words(one) for one in found] == ["a.wgsl:5 'add'", "a.wgsl:8 'add'", "b.wgsl:2 'add'"]
    shown = await on_hover(desk.server, types.HoverParams(document, at))
    assert shown is not None and "fn add" in str(shown.contents) and shown.range is None
    # The number was written as the macro's name, and the variant is that of the document, not the active one.
    document, at = _in_expansion(desk, "N=2", "2); }")
    shown = await on_hover(desk.server, types.HoverParams(document, at))
    assert shown is not None and "#define N 2" in str(shown.contents)
    state = define_state(desk.server, PositionParams(document, at))
    assert [(one.name, one.value) for one in state.macros] == [("N", "2")] and state.variant == "N=2"


async def test_what_has_no_definition_leads_back_to_the_source_from_an_expansion_only(desk: Desk) -> None:
    nothing = await definition(desk.server, types.DefinitionParams(desk.document(), desk.at("{ let y")))
    assert nothing == []
    document, at = _in_expansion(desk, "N=2", "{ let y")
    (place,) = await definition(desk.server, types.DefinitionParams(document, at))
    assert desk.words(place) == "a.wgsl:8 '{'"


@pytest.mark.parametrize(
    "method", ["semanticTokens/full", "hover", "definition", "documentSymbol", "inlayHint", "foldingRange", "codeLens"]
)
async def test_what_an_editor_asks_of_a_variant_that_is_gone_is_no_error(desk: Desk, method: str) -> None:
    """It would show one as a message: a list that is read from the host's code takes the place of what was guessed."""
    gone = types.TextDocumentIdentifier(expanded_uri(desk.path("a.wgsl"), "default"))
    params = SimpleNamespace(
        text_document=gone, position=types.Position(0, 0), range=types.Range(*[types.Position(0, 0)] * 2)
    )
    answer = desk.server.protocol.fm.features[f"textDocument/{method}"](params)
    assert (await answer if inspect.isawaitable(answer) else answer) is None


async def test_an_expansion_has_outline_colours_and_folds_of_its_own(desk: Desk) -> None:
    document, at = _in_expansion(desk, "N=2", "fn more")
    found = expanded_symbols(desk.server, types.DocumentSymbolParams(document))
    assert [one.name for one in found] == ["add", "Params", "p", "more", "main"]
    assert found[3].selection_range.start == types.Position(at.line, at.character + 3)
    without, _ = _in_expansion(desk, "N=1", "fn main")
    assert "more" not in [one.name for one in expanded_symbols(desk.server, types.DocumentSymbolParams(without))]
    data = expanded_tokens(desk.server, types.SemanticTokensParams(document)).data
    plain = (await full(desk.server, types.SemanticTokensParams(desk.document("h.tmpl")))).data
    assert list(data[:15]) == [1, *plain[1:15]]  # the include's first line of code is the second line here too
    assert expanded_folds(desk.server, types.FoldingRangeParams(document)) == []


async def test_an_expansion_shows_what_holds_in_its_variant_and_is_told_when_it_changes(tmp_path: Path) -> None:
    names = "#if N == 2\n#define NAME wrong\n#else\n#define NAME right\n#endif\n"
    files = {"a.wgsl": '#include "h.tmpl"\n' * 6, "h.tmpl": f"{names}fn NAME() {{}}\n"}
    desk = Desk(tmp_path, {"wgsl-ls.toml": f'includes = "native"\n{CONFIG}', **files}, compile=refusing("wrong"))
    desk.open("a.wgsl")
    uris = [expanded_uri(desk.path("a.wgsl"), name) for name in ("N=1", "N=2")]
    for uri, name in zip(uris, ("N=1", "N=2"), strict=True):
        item = types.TextDocumentItem(uri, "wgsl", 1, _expanded(desk, name))
        did_open(desk.server, types.DidOpenTextDocumentParams(item))
    await desk.check()
    shown = {
        uri: [
            one.range.start.line for one in desk.sent.shown.get(uri, []) if one.message.startswith("wrong is refused")
        ]
        for uri in uris
    }
    lines = [number for number, line in enumerate(_expanded(desk, "N=2").split("\n")) if "wrong" in line]
    assert shown == {uris[0]: [], uris[1]: lines[:4]}
    assert desk.told("wgsl/expansionChanged") == []
    desk.change('const other = 1;\n#if N == 2\n#include "h.tmpl"\n#endif\n')
    desk.change('const other = 1;\n#if N == 2\n#include "h.tmpl"\nconst two = 2;\n#endif\n')
    told = [one.variant for one in desk.told("wgsl/expansionChanged")]
    assert told == ["N=1", "N=2", "N=2"]
    await desk.check()
    assert len(desk.sent.shown[uris[1]]) == 1
    did_close(desk.server, types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uris[1])))
    assert desk.sent.shown[uris[1]] == []
    desk.change("const last = 1;\n")
    assert [one.variant for one in desk.told("wgsl/expansionChanged")] == [*told, "N=1"]


async def test_lines_are_covered_by_so_many_variants(desk: Desk) -> None:
    found = await covered(desk.server, DocumentParams(desk.document()))
    assert found.total == 2 and [desk.name(one.uri) for one in found.files] == ["a.wgsl", "h.tmpl"]
    assert found.files[0].lines == ((1, 2), (2, 2), (4, 1), (6, 2), (7, 2)) and found.files[1].lines == ((1, 2),)


def test_an_explanation_leads_to_the_directive_that_decides(desk: Desk) -> None:
    found = explain(desk.server, PlaceParams(desk.document(), desk.at("fn more")))
    assert found.markdown.endswith(f"Decided at [a.wgsl:4]({desk.document().uri}#L4)")
    everywhere = explain(desk.server, PlaceParams(desk.document(), desk.at("fn main")))
    assert "Decided" not in everywhere.markdown


async def test_only_variants_of_which_something_is_new_are_told(desk: Desk) -> None:
    desk.open()
    await desk.check()
    listed = await variants(desk.server, DocumentParams(desk.document()))
    assert [(one.name, one.state) for one in listed.variants] == [("N=1", "pass"), ("N=2", "pass")]
    told = len(desk.told("wgsl/verdictsChanged"))
    good = desk.text()
    desk.change(good.replace("let x", "\n//! reject 3:1 nothing\nlet x"))
    await desk.check()
    *_, last = desk.told("wgsl/verdictsChanged")[told:]
    ((change,), counts) = last.changes, last.counts
    assert (change.runs, change.state) == ((1, 1), "fail") and change.reason is not None
    assert (last.edition, counts.total, counts.pass_) == (listed.edition, 2, 1)
    told = len(desk.told("wgsl/verdictsChanged"))
    await desk.check()
    assert len(desk.told("wgsl/verdictsChanged")) == told
    desk.change(good.replace("let x", "\n//! reject 3:1 something\nlet x"))
    await desk.check()
    reason = laid_over(listed, desk.told("wgsl/verdictsChanged"))[1].reason
    assert reason is not None and "something" in reason, "the state is the same, its reason is not"
    desk.change(good)
    await desk.check()
    assert [one.state for one in laid_over(listed, desk.told("wgsl/verdictsChanged"))] == ["pass", "pass"]


async def test_what_the_fast_phase_found_by_content_is_told_too(desk: Desk) -> None:
    desk.open()
    await desk.check()
    listed = await variants(desk.server, DocumentParams(desk.document()))
    good, told = desk.text(), len(desk.told("wgsl/verdictsChanged"))
    desk.change(good.replace("let y", "\n//! reject 8:1 nothing\nlet y"))
    await desk.check()
    assert {one.state for one in laid_over(listed, desk.told("wgsl/verdictsChanged")[told:])} == {"fail"}
    desk.change(good)
    desk.server.checker.fast()
    await desk.check()
    assert {one.state for one in laid_over(listed, desk.told("wgsl/verdictsChanged")[told:])} == {"pass"}


async def test_of_a_new_list_no_more_is_told_than_that_it_is_new(desk: Desk) -> None:
    desk.open()
    await desk.check()
    edition = (await variants(desk.server, DocumentParams(desk.document()))).edition
    n_told = len(desk.told("wgsl/verdictsChanged"))
    config = desk.folder / "wgsl-ls.toml"
    for values in ([1, 5, 6, 7], [1], [2]):
        axis = ", ".join(f'"N={value}"' for value in values)
        config.write_text(f'[[shader]]\nfiles = ["a.wgsl"]\naxes = {{ N = [{axis}] }}\n', encoding="utf-8")
        desk.server.session.files.invalidate()
        desk.server.session.changed()
        await desk.check()
        first = desk.told("wgsl/verdictsChanged")[n_told]
        assert (first.changes, first.counts.total) == ((), len(values)), values
        assert first.edition == edition + 1
        edition = first.edition
        n_told = len(desk.told("wgsl/verdictsChanged"))


async def test_a_root_that_is_looked_at_again_is_told_anew(desk: Desk) -> None:
    desk.open()
    await desk.check()
    listed = await variants(desk.server, DocumentParams(desk.document()))
    n_told = len(desk.told("wgsl/verdictsChanged"))
    desk.server.publisher.news.forget(desk.server.session.view(desk.document().uri).path)
    await desk.check()
    (told,) = desk.told("wgsl/verdictsChanged")[n_told:]
    assert [(one.runs, one.state) for one in told.changes] == [((0, 2), "pass")]
    assert told.edition == listed.edition


def laid_over(listed: VariantList, told: Iterable[VerdictsChanged]) -> list[VariantEntry]:
    """What a client shows."""
    entries = list(listed.variants)
    for news in told:
        assert news.edition == listed.edition
        for change in news.changes:
            row = 0
            for number, length in enumerate(change.runs):
                for place in range(row, row + length if number % 2 else row):
                    known = {name: getattr(change, name) for name in ("state", "verdicts", "problems", "why", "reason")}
                    entries[place] = replace(entries[place], **known)
                row += length
    return entries


@pytest.mark.parametrize(
    ("rows", "runs"),
    [([0], [0, 1]), ([2, 3, 4], [2, 3]), ([0, 2, 5], [0, 1, 1, 1, 2, 1]), ([0, 1, 2], [0, 3]), ([1, 3], [1, 1, 1, 1])],
)
def test_runs(rows: list[int], runs: list[int]) -> None:
    assert _runs(rows) == runs


async def test_only_what_an_expansion_can_answer_is_answered_there(desk: Desk) -> None:
    document, at = _in_expansion(desk, "N=2", "add(1u")
    answers = desk.server.protocol.fm.features
    params = types.DefinitionParams(document, at)
    assert len(await answers[types.TEXT_DOCUMENT_DEFINITION](params)) == 1
    assert len(await answers[types.TEXT_DOCUMENT_DOCUMENT_SYMBOL](types.DocumentSymbolParams(document))) == 5
    assert await answers[types.TEXT_DOCUMENT_PREPARE_RENAME](types.PrepareRenameParams(document, at)) is None


# Names


async def test_definition_references_and_highlights(desk: Desk) -> None:
    at = desk.at("add(p")
    (place,) = await definition(desk.server, types.DefinitionParams(desk.document(), at))
    assert desk.words(place) == "h.tmpl:2 'add'"
    (struct,) = type_definition(desk.server, types.TypeDefinitionParams(desk.document(), desk.at("p.rows")))
    assert desk.words(struct) == "a.wgsl:2 'Params'"
    for with_declaration in (True, False):
        context = types.ReferenceContext(with_declaration)
        found = await find_references(desk.server, types.ReferenceParams(context, desk.document(), at))
        declared = ["h.tmpl:2 'add'"] if with_declaration else []
        assert [desk.words(one) for one in found] == ["a.wgsl:5 'add'", "a.wgsl:8 'add'", "b.wgsl:2 'add'", *declared]
    found = await document_highlight(desk.server, types.DocumentHighlightParams(desk.document(), desk.at("p:")))
    kinds = types.DocumentHighlightKind
    assert [(one.range.start.line, one.kind) for one in found] == [(2, kinds.Write), (7, kinds.Read)]
    desk.open("b.wgsl", "#define DEEP\n" + FILES["b.wgsl"])
    desk.open("h.tmpl", FILES["h.tmpl"] + "#ifdef DEEP\nconst deep = add(1u, 2u);\n#endif\n")
    at = desk.at("add(one", "h.tmpl")
    found = await document_highlight(desk.server, types.DocumentHighlightParams(desk.document("h.tmpl"), at))
    assert [one.range.start.line for one in found] == [1, 3]


async def test_rename_in_every_root_or_words_why_not(desk: Desk) -> None:
    at = desk.at("add(p")
    asked = await prepare_rename(desk.server, types.PrepareRenameParams(desk.document(), at))
    assert asked.placeholder == "add" and asked.range.start == at
    edit = await rename_name(desk.server, types.RenameParams(desk.document(), at, "sum"))
    assert edit.changes is not None
    for name in ("a.wgsl", "b.wgsl", "h.tmpl"):
        changed = desk.applied(name, list(edit.changes[desk.uri(name)]))
        assert changed == desk.text(name).replace("add(", "sum(")
    refused = answering(rename_name, desk.server)
    with pytest.raises(RequestFailed, match="would clash"):
        await refused(desk.server, types.RenameParams(desk.document(), at, "main"))
    with pytest.raises(RequestFailed, match="belongs to WGSL"):
        await answering(prepare_rename, desk.server)(
            desk.server, types.PrepareRenameParams(desk.document(), desk.at("u32 }"))
        )


HOST = Path(__file__).parent.parent / "host" / "second"


async def test_a_macro_of_the_host_is_renamed_there_when_the_user_agrees(tmp_path: Path) -> None:
    shutil.copytree(HOST, tmp_path, dirs_exist_ok=True)
    desk = Desk(tmp_path, {})
    desk.session.workspace.host_code = HostCode(desk.session.files)
    shader = "kernels/tone.wgsl"
    desk.open(shader)
    params = types.RenameParams(desk.document(shader), desk.at("PACKED", shader), "DENSE")
    with pytest.raises(
        LookupError, match=r"given by cookTone, when .*\(engine.cpp:\d+\): rename it there too, by hand"
    ):
        await rename_name(desk.server, params)
    edit = types.WorkspaceEditClientCapabilities(
        document_changes=True, change_annotation_support=types.ChangeAnnotationsSupportOptions()
    )
    desk.server.protocol.client_capabilities = types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(workspace_edit=edit)
    )
    found = await rename_name(desk.server, params)
    documents = {
        desk.name(one.text_document.uri): one.edits
        for one in found.document_changes or ()
        if isinstance(one, types.TextDocumentEdit)
    }
    assert set(documents) == {shader, "engine.cpp"} and found.change_annotations is not None
    (there,) = documents["engine.cpp"]
    assert isinstance(there, types.AnnotatedTextEdit)
    asked = found.change_annotations[there.annotation_id]
    assert asked.needs_confirmation and "given by cookTone" in (asked.description or "")
    assert not any(isinstance(one, types.AnnotatedTextEdit) for one in documents[shader])


async def test_call_hierarchy(desk: Desk) -> None:
    (item,) = prepare(desk.server, types.CallHierarchyPrepareParams(desk.document(), desk.at("add(p")))
    assert (item.name, desk.name(item.uri), item.detail) == ("add", "h.tmpl", "a.wgsl")
    callers = await incoming_calls(desk.server, types.CallHierarchyIncomingCallsParams(item))
    assert {(one.from_.name, desk.name(one.from_.uri), one.from_ranges[0].start.line) for one in callers} == {
        ("more", "a.wgsl", 4),
        ("main", "a.wgsl", 7),
        ("other", "b.wgsl", 1),
    }
    (main,) = prepare(desk.server, types.CallHierarchyPrepareParams(desk.document(), desk.at("main(")))
    called = await outgoing_calls(desk.server, types.CallHierarchyOutgoingCallsParams(main))
    assert [(one.to.name, len(one.from_ranges)) for one in called] == [("add", 1)]
    desk.open("a.wgsl", "const main = 1;\n")
    with pytest.raises(RequestFailed, match="main is no longer there"):
        await answering(outgoing_calls, desk.server)(desk.server, types.CallHierarchyOutgoingCallsParams(main))


# Symbols


async def test_outline_has_ranges_and_members(desk: Desk) -> None:
    found = await document_symbol(desk.server, types.DocumentSymbolParams(desk.document()))
    kinds = types.SymbolKind
    assert [(one.name, one.kind, one.range.start.line) for one in found] == [
        ("h.tmpl", kinds.Module, 0),
        ("Params", kinds.Struct, 1),
        ("p", kinds.Variable, 2),
        ("more", kinds.Function, 4),
        ("main", kinds.Function, 6),
    ]
    assert found[4].selection_range.start == desk.at("main(")
    assert [(one.name, one.detail) for one in found[1].children or ()] == [("rows", "u32")]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("ma", ["main"]),
        ("m", ["main", "more", "Params"]),
        ("R", ["rows", "more", "other", "Params"]),
        ("row", ["rows"]),
        ("ADD", ["add"]),
        ("tmpl", []),
        ("zz", []),
    ],
)
async def test_workspace_symbols_those_that_begin_so_first(desk: Desk, query: str, names: list[str]) -> None:
    found = await workspace_symbol(desk.server, types.WorkspaceSymbolParams(query))
    assert [one.name for one in found] == names
    assert [one.container_name for one in found] == ["Params" if name == "rows" else None for name in names]


async def test_workspace_symbols_are_those_of_the_text_now(desk: Desk) -> None:
    desk.open("b.wgsl", "fn fresh() {}\n")
    outline = types.DocumentSymbolParams(desk.document("b.wgsl"))
    assert [one.name for one in await document_symbol(desk.server, outline)] == ["fresh"]
    desk.change("fn fresher() {}\nconst more = 1;\n", "b.wgsl")
    assert [one.name for one in await document_symbol(desk.server, outline)] == ["fresher", "more"]
    desk.change("fn fresh() {}\n", "b.wgsl")
    (found,) = await workspace_symbol(desk.server, types.WorkspaceSymbolParams("fresh"))
    assert isinstance(found.location, types.Location) and desk.words(found.location) == "b.wgsl:1 'fresh'"
    (desk.folder / "h.tmpl").unlink()  # a file that is gone, which nobody has told of
    desk.session.changed(listing=False)
    assert [one.name for one in await workspace_symbol(desk.server, types.WorkspaceSymbolParams("fresh"))] == ["fresh"]


# Text


async def test_formatting_makes_the_indent_that_is_asked_for(desk: Desk) -> None:
    desk.open("a.wgsl", "fn f() {\nlet a=1;\n}\nfn g() {\nlet b=1;\n}\n")
    options = types.FormattingOptions(2, True)
    edits = await formatting(desk.server, types.DocumentFormattingParams(desk.document(), options))
    assert desk.applied("a.wgsl", edits) == "fn f() {\n  let a = 1;\n}\nfn g() {\n  let b = 1;\n}\n"
    lines = types.Range(types.Position(3, 0), types.Position(4, 0))
    edits = await range_formatting(desk.server, types.DocumentRangeFormattingParams(desk.document(), lines, options))
    assert desk.applied("a.wgsl", edits) == "fn f() {\nlet a=1;\n}\nfn g() {\n  let b = 1;\n}\n"
    lines = types.Range(types.Position(4, 0), types.Position(4, 8))
    edits = await range_formatting(desk.server, types.DocumentRangeFormattingParams(desk.document(), lines, options))
    assert desk.applied("a.wgsl", edits) == "fn f() {\nlet a=1;\n}\nfn g() {\n  let b = 1;\n}\n"
    lines = types.Range(types.Position(0, 0), types.Position(2, 0))
    edits = await range_formatting(desk.server, types.DocumentRangeFormattingParams(desk.document(), lines, options))
    assert desk.applied("a.wgsl", edits) == "fn f() {\n  let a = 1;\n}\nfn g() {\nlet b=1;\n}\n"
    desk.change(
        desk.applied("a.wgsl", await formatting(desk.server, types.DocumentFormattingParams(desk.document(), options)))
    )
    assert await formatting(desk.server, types.DocumentFormattingParams(desk.document(), options)) == []


async def test_formatting_that_would_change_a_variant_is_not_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such text is known, so the check is shown a formatter that goes wrong in the second variant only."""
    from wgsl_ls.analysis.features import format_check as module
    from wgsl_ls.analysis.features.formatting import LineEdit
    from wgsl_ls.text.span import Span
    from wgsl_ls.text.steps import Steps

    def wrong(*arguments: object) -> Steps[list[LineEdit]]:
        yield
        start = desk.text().index("fn more")
        return [LineEdit(Span(start, start + len("fn more")), "fn mor")]

    monkeypatch.setattr(module, "format_steps", wrong)
    with pytest.raises(RequestFailed, match=r"would change variant N=2 of .*a\.wgsl; nothing was done"):
        await answering(formatting, desk.server)(
            desk.server, types.DocumentFormattingParams(desk.document(), types.FormattingOptions(4, True))
        )

    def wrong_in_b(*arguments: object) -> Steps[list[LineEdit]]:
        yield
        return [LineEdit(Span(0, 0), "#ifdef DEEP\n1\n#endif\n")]

    desk.open("b.wgsl", "#define DEEP\n" + FILES["b.wgsl"])
    monkeypatch.setattr(module, "format_steps", wrong_in_b)
    with pytest.raises(RequestFailed, match=r"would change variant N=1 of .*b\.wgsl"):
        await answering(formatting, desk.server)(
            desk.server, types.DocumentFormattingParams(desk.document("h.tmpl"), types.FormattingOptions(4, True))
        )


def test_links_lead_to_the_files_that_there_are(desk: Desk) -> None:
    desk.open("a.wgsl", '#include "h.tmpl"\n#include "none.tmpl"\n')
    found = document_link(desk.server, types.DocumentLinkParams(desk.document()))
    assert [(one.range.start, one.range.end.character, one.target) for one in found] == [
        (desk.at("h.tmpl"), len('#include "h.tmpl'), desk.uri("h.tmpl"))
    ]


def test_a_link_leads_where_one_of_the_roots_finds_the_file(tmp_path: Path) -> None:
    config = '[[shader]]\nfiles = ["a.wgsl"]\n[[shader]]\nfiles = ["b.wgsl"]\ninclude-dirs = ["more", "."]\n'
    files = dict.fromkeys(("a.wgsl", "b.wgsl"), '#include "h.tmpl"\n')
    desk = Desk(tmp_path, {**files, "wgsl-ls.toml": config, "h.tmpl": '#include "m.tmpl"\n', "more/m.tmpl": ""})
    (link,) = document_link(desk.server, types.DocumentLinkParams(desk.document("h.tmpl")))
    assert link.target == desk.uri("more/m.tmpl")


def test_folding_has_kinds(desk: Desk) -> None:
    desk.open("a.wgsl", "// one\n// two\n#include <a>\n#include <b>\n#if N\nfn f() {\n}\n#endif\n")
    found = folding_range(desk.server, types.FoldingRangeParams(desk.document()))
    kinds = types.FoldingRangeKind
    assert [(one.start_line, one.end_line, one.kind) for one in found] == [
        (0, 1, kinds.Comment),
        (2, 3, kinds.Imports),
        (4, 6, kinds.Region),
    ]


def test_selection_grows_from_the_inside_out(desk: Desk) -> None:
    params = types.SelectionRangeParams(desk.document(), [desk.at("rows, N"), types.Position(0, 0)])
    inner, first = selection_range(desk.server, params)
    texts = []
    at: types.SelectionRange | None = inner
    while at is not None:
        texts.append(desk.words(types.Location(desk.uri("a.wgsl"), at.range)).partition(" ")[2].strip("'"))
        at = at.parent
    assert texts[:3] == ["rows", "p.rows", "p.rows, N"] and texts[-1] == desk.text()
    assert [len(one) for one in texts] == sorted(len(one) for one in texts)
    assert first.range.start == types.Position(0, 0)


# Tokens and hints


def decoded(data: list[int]) -> list[tuple[int, int, int]]:
    """(line, column, length) of each token."""
    found = []
    line = column = 0
    for index in range(0, len(data), 5):
        line, column = line + data[index], data[index + 1] + (0 if data[index] else column)
        found.append((line, column, data[index + 2]))
    return found


async def test_semantic_tokens_whole_in_part_and_as_a_difference(desk: Desk) -> None:
    desk.open("a.wgsl", "const a = 1;\n  const b = a;\n")
    everything = await full(desk.server, types.SemanticTokensParams(desk.document()))
    tokens = [(0, 0, 5), (0, 6, 1), (0, 10, 1), (1, 2, 5), (1, 8, 1), (1, 12, 1)]
    assert decoded(list(everything.data)) == tokens
    line = types.Range(types.Position(1, 0), types.Position(2, 0))
    part = await in_range(desk.server, types.SemanticTokensRangeParams(desk.document(), line))
    assert decoded(list(part.data)) == tokens[3:]
    inside = types.Range(types.Position(1, 4), types.Position(1, 9))
    part = await in_range(desk.server, types.SemanticTokensRangeParams(desk.document(), inside))
    assert decoded(list(part.data)) == tokens[3:5]
    desk.change("const 𝒙y = 1;\n")
    wide = await full(desk.server, types.SemanticTokensParams(desk.document()))
    assert decoded(list(wide.data)) == [(0, 0, 5), (0, 6, 3), (0, 12, 1)], "in UTF-16"
    desk.change("const a = 1;\n  const b = a;\n")
    everything = await full(desk.server, types.SemanticTokensParams(desk.document()))

    data, result_id = list(everything.data), everything.result_id
    for text in ("const a = 1;\n  const b = 2;\n", "const a = 1;\n"):
        desk.change(text)
        again = await delta(desk.server, types.SemanticTokensDeltaParams(desk.document(), result_id or ""))
        assert isinstance(again, types.SemanticTokensDelta) and again.result_id != result_id
        (edit,) = again.edits
        data[edit.start : edit.start + edit.delete_count] = edit.data or []
        result_id = again.result_id
    assert data == list((await full(desk.server, types.SemanticTokensParams(desk.document()))).data)
    old = await delta(desk.server, types.SemanticTokensDeltaParams(desk.document(), everything.result_id or ""))
    assert isinstance(old, types.SemanticTokens), "not against a result that the client replaced since"


async def test_hints_that_are_switched_on(desk: Desk) -> None:
    params = types.InlayHintParams(desk.document(), desk.range())
    hints = await on_inlay_hint(desk.server, params)
    labels = [hint.label for hint in hints]
    assert labels == ["offset 0", "true in 1/2", ": u32", "one:", "= 1"]
    padded = [(hint.padding_left, hint.padding_right) for hint in hints]
    assert padded == [(True, False), (True, False), (False, False), (False, True), (True, False)]
    desk.open("a.wgsl", "fn f() { let a = array(array(array(array(vec4(1u))))); }\n")
    assert [hint.tooltip for hint in await on_inlay_hint(desk.server, params)] == [
        "array<array<array<array<vec4<u32>, 1>, 1>, 1>, 1>"
    ]
    desk.open("a.wgsl", FILES["a.wgsl"])
    desk.session.settings = Settings(hints=HintSettings(types=False, parameters=False, conditions=False))
    (offset, value) = await on_inlay_hint(desk.server, params)
    assert (offset.label, value.label, value.padding_left) == ("offset 0", "= 1", True)


async def test_hover_and_signature_have_the_words_of_the_declaration(desk: Desk) -> None:
    found = await hover_of(desk, "add(p")
    assert "fn add(one: u32, two: u32) -> u32" in found and "Adds." in found
    help = on_signature_help(desk.server, types.SignatureHelpParams(desk.document(), desk.at("N); }")))
    assert help is not None and help.active_parameter == 1
    label = help.signatures[0].label
    assert label == "add(one: u32, two: u32) -> u32"
    words = help.signatures[0].documentation
    assert isinstance(words, types.MarkupContent) and "Adds." in words.value
    places = [parameter.label for parameter in help.signatures[0].parameters or ()]
    assert [label[place[0] : place[1]] for place in places] == ["one: u32", "two: u32"]
    desk.open("a.wgsl", "const a = vec3(1, 2, 3);\n")
    help = on_signature_help(desk.server, types.SignatureHelpParams(desk.document(), desk.at("3);")))
    assert help is not None and help.active_signature
    assert len(help.signatures[help.active_signature].parameters or ()) == 3 and help.active_parameter == 2
    desk.open("a.wgsl", "fn bare(x: u32) -> u32 { return x; }\nconst a = bare(1);\n")
    help = on_signature_help(desk.server, types.SignatureHelpParams(desk.document(), desk.at("1);")))
    assert help is not None and help.signatures[0].documentation is None


async def hover_of(desk: Desk, written: str) -> str:
    found = await on_hover(desk.server, types.HoverParams(desk.document(), desk.at(written)))
    assert isinstance(found, types.Hover) and isinstance(found.contents, types.MarkupContent)
    return found.contents.value


# Completion


def capable(*, snippets: bool = False, shared: bool = False) -> types.ClientCapabilities:
    item = types.ClientCompletionItemOptions(snippet_support=snippets)
    shares = types.CompletionListCapabilities(item_defaults=["editRange"]) if shared else None
    return capable_of(types.CompletionClientCapabilities(completion_item=item, completion_list=shares))


def capable_of(completion: types.CompletionClientCapabilities) -> types.ClientCapabilities:
    return types.ClientCapabilities(text_document=types.TextDocumentClientCapabilities(completion=completion))


@pytest.mark.parametrize(
    ("capabilities", "inserted"),
    [
        (capable(snippets=True), "add($0)"),
        (capable(), "add"),
        (types.ClientCapabilities(), "add"),
        (capable_of(types.CompletionClientCapabilities()), "add"),
    ],
)
async def test_completion_inserts_what_the_client_can(
    tmp_path: Path, capabilities: types.ClientCapabilities, inserted: str
) -> None:
    desk = Desk(tmp_path, FILES, capabilities=capabilities)
    desk.open("a.wgsl", FILES["a.wgsl"].replace("add(p.rows, N)", "ad"))
    at = desk.at("ad;")
    params = types.CompletionParams(desk.document(), types.Position(at.line, at.character + 2))
    found = await completion(desk.server, params)
    assert found is not None
    (item,) = [one for one in found.items if one.label == "add"]
    assert isinstance(item.text_edit, types.TextEdit)
    assert (item.text_edit.new_text, item.text_edit.range.start) == (inserted, at)
    snippet = types.InsertTextFormat.Snippet if inserted != "add" else None
    assert item.insert_text_format == snippet
    assert isinstance(item.data, dict)
    for data in (item.data, namedtuple("Object", item.data)(**item.data)):  # as pygls reads it
        resolved = resolve(desk.server, types.CompletionItem("add", data=data))
        assert "Adds." in str(resolved.documentation)
    for other in (None, {}, 5, "words", [1]):
        assert resolve(desk.server, types.CompletionItem("add", data=other)).documentation is None


async def test_what_was_typed_asks_only_where_it_begins_something(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"a.wgsl": "fn f() { let a = 1 < 2; }\n"})
    desk.open()
    at = types.Position(0, 20)
    typed = types.CompletionContext(types.CompletionTriggerKind.TriggerCharacter, "<")
    for context, answers in (
        (typed, False),
        (types.CompletionContext(types.CompletionTriggerKind.Invoked), True),
        (None, True),
    ):
        params = types.CompletionParams(desk.document(), at, context=context)
        assert (await completion(desk.server, params) is not None) == answers


async def test_completion_says_its_order_and_shares_the_range(tmp_path: Path) -> None:
    desk = Desk(tmp_path, FILES, capabilities=capable(shared=True))
    desk.open("a.wgsl", '#include "\n')
    at = desk.at("\n")
    found = await completion(desk.server, types.CompletionParams(desk.document(), at))
    assert found is not None and found.item_defaults is not None and found.item_defaults.edit_range is not None
    ordered = sorted(found.items, key=lambda one: one.sort_text or "")
    assert [one.label for one in ordered] == ["h.tmpl", "b.wgsl"]
    assert all(one.text_edit is None for one in found.items)


# Lenses and fixes


def lenses(desk: Desk) -> list[tuple[str, str]]:
    found = code_lens(desk.server, types.CodeLensParams(desk.document()))
    return [(one.command.title, one.command.command) for one in found if one.command is not None]


async def test_a_variant_puts_no_icon_into_a_lens(tmp_path: Path) -> None:
    config = "[[shader]]\nfiles = ['*.wgsl']\n[[shader.variant]]\nname = '$(pass) good'\n"
    desk = Desk(tmp_path, {**FILES, "wgsl-ls.toml": config})
    desk.open()
    titles = [title for title, _ in lenses(desk)]
    assert titles and not any("$(" in title for title in titles) and any("$ (pass) good" in title for title in titles)


async def test_lenses_have_commands_and_the_last_report(desk: Desk) -> None:
    desk.open("a.wgsl")
    await desk.check()
    assert lenses(desk) == [
        ("2 variants · 2 pass", "wgsl.showVariants"),
        ("show expansion of N=1", "wgsl.showExpansion"),
        ("▶ smoke run", "wgsl.smokeRun"),
        ("0 bytes of workgroup storage", "wgsl.showDefines"),
    ]
    arguments = [
        one.command.arguments for one in code_lens(desk.server, types.CodeLensParams(desk.document())) if one.command
    ]
    assert arguments[1] == [desk.uri("a.wgsl"), "N=1"]
    assert arguments[2] == [{"uri": desk.uri("a.wgsl"), "variant": "N=1"}]
    assert arguments[0] == [desk.uri("a.wgsl")]
    assert arguments[3] == [desk.uri("a.wgsl"), {"line": desk.at("main").line, "character": 3}]
    desk.session.settings = Settings(lens=LensSettings(variants=False, workgroup_storage=False))
    assert [title for title, _ in lenses(desk)] == ["show expansion of N=1", "▶ smoke run"]
    desk.session.settings = Settings(lens=LensSettings(False, False, False, False))
    assert lenses(desk) == []


async def actions(desk: Desk, at: types.Position, *only: str) -> list[types.CodeAction]:
    await desk.check()
    context = types.CodeActionContext([], only=[types.CodeActionKind(one) for one in only] or None)
    return await code_action(desk.server, types.CodeActionParams(desk.document(), types.Range(at, at), context))


async def test_fixes_of_what_stands_at_the_cursor(desk: Desk) -> None:
    desk.open("a.wgsl", "#define UNUSED 1\nconst a = N;\n#ifdef N\n#endif N\n")
    assert [one.title for one in await actions(desk, desk.at("UNUSED"))] == ["Remove the unused #define UNUSED"]
    at = desk.at("N\n", nth=1)
    for kinds in ((), ("quickfix",)):
        comment, remove = await actions(desk, at, *kinds)
        assert (comment.title, comment.is_preferred) == ("Make it a comment", True)
        assert (remove.title, remove.is_preferred) == ("Remove what the preprocessor does not read", None)
    assert comment.edit is not None and comment.edit.changes is not None
    changed = desk.applied("a.wgsl", list(comment.edit.changes[desk.uri("a.wgsl")]))
    assert changed == desk.text().replace("#endif N", "#endif // N")
    assert comment.diagnostics is not None and comment.diagnostics[0].code == "lint/ignored-text"
    line = types.Position(at.line, 0), types.Position(at.line + 1, 0)
    for start, end in ((line[0], at), (types.Position(at.line, at.character + 1), line[1])):
        params = types.CodeActionParams(desk.document(), types.Range(start, end), types.CodeActionContext([]))
        assert [one.title for one in await code_action(desk.server, params)] == [comment.title, remove.title]
    assert await actions(desk, at, "refactor") == []
    assert await actions(desk, desk.at("const")) == []


async def test_an_empty_line_of_inactive_code_offers_no_other_variant(desk: Desk) -> None:
    desk.open("a.wgsl", "#if N == 2\n\nconst a = 1;\n#endif\n")
    assert await actions(desk, types.Position(1, 0)) == []
    assert [one.title for one in await actions(desk, desk.at("a ="))] == [
        "Look at variant N=2, in which this code is active"
    ]


async def test_a_declared_variant_that_fails_is_not_declared_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {**FILES, "a.wgsl": "//! reject 1:1 wrong\n"})
    desk.open("a.wgsl")
    assert await actions(desk, types.Position(0, 0)) == []


async def test_one_outline_is_kept_of_each_file(desk: Desk) -> None:
    from wgsl_ls.server.handlers import document_symbol as outline

    desk.open("a.wgsl")
    text = desk.text("a.wgsl")
    before = len(outline._KNOWN)
    for number in range(20):
        desk.change(f"{text}const more{number} = 1;\n")
        params = types.DocumentSymbolParams(desk.document("a.wgsl"))
        assert f"more{number}" in [one.name for one in await outline.document_symbol(desk.server, params)]
    assert len(outline._KNOWN) <= before + 1
