"""Handlers as functions over a server that no client is connected to: what they answer, without pipes or engines."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from lsprotocol import types

from wgsl_ls.analysis.features.rich_text import Link
from wgsl_ls.analysis.fix import Edit, Fix
from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.analysis.report import RootReport, VariantVerdict
from wgsl_ls.server.app import WgslServer, make_server
from wgsl_ls.server.codec import encode
from wgsl_ls.server.handlers import (
    add_variant,
    code_action,
    contexts,
    define_state,
    document_link,
    expansion,
    initialize,
    open_document,
    roots,
    variants,
)
from wgsl_ls.server.handlers.initialized import WATCHED
from wgsl_ls.server.markdown import markdown, markup
from wgsl_ls.server.messages import (
    AddVariantArgument,
    DocumentParams,
    ExpansionParams,
    MapPositionParams,
    OpenDocumentArgument,
    PositionParams,
    SetActiveVariantParams,
    SetContextParams,
)
from wgsl_ls.server.to_lsp import plain_diagnostic, to_diagnostic
from wgsl_ls.server.uris import expanded_uri, parse_expanded_uri, path_of
from wgsl_ls.text.diagnostic import Diagnostic, Related, Severity
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import finished
from wgsl_ls.wire.engine_specs import ENGINES
from wgsl_ls.wire.verdicts import State, Verdict

CONFIG = '[[shader]]\nfiles = ["a.wgsl"]\naxes = { N = [{ N = 1 }, { N = 2 }] }\n'
SHADER = '#include "h.tmpl"\nconst a = N;\n#define UNUSED 1\n'
HEADER = "const h = N;\n"


@pytest.fixture
def server(tmp_path: Path) -> WgslServer:
    for name, text in (("wgsl-ls.toml", CONFIG), ("a.wgsl", SHADER), ("h.tmpl", HEADER)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    made = make_server()
    made.session.set_folders([str(tmp_path)])
    return made


def document(tmp_path: Path, name: str = "a.wgsl") -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier((tmp_path / name).as_uri())


async def test_variants_before_anybody_judged(server: WgslServer, tmp_path: Path) -> None:
    assert roots.roots(server, None).roots == ((tmp_path / "a.wgsl").as_uri(),)
    found = await variants.variants(server, DocumentParams(document(tmp_path)))
    assert [(one.name, one.state) for one in found.variants] == [("N=1", State.PENDING), ("N=2", State.PENDING)]
    assert set(found.variants[0].verdicts.values()) == {Verdict.PENDING}
    assert (found.active, found.counts.total, found.counts.pending, found.counts.pass_) == ("N=1", 2, 2, 0)
    assert found.variants[1].defines == ("N=2",)
    assert (found.variants[1].label, found.variants[1].axes) == ("N=2", {"N": "N=2"})
    assert found.configuration == (tmp_path / "wgsl-ls.toml").as_uri()


PULLS = types.DiagnosticClientCapabilities()
CAN = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
CANNOT = types.DiagnosticWorkspaceClientCapabilities(refresh_support=False)
CONTENT = types.TextDocumentContentClientCapabilities()


@pytest.mark.parametrize(
    ("pulls", "refresh", "content", "expected"),
    [
        (None, None, None, (False, False, False)),
        (PULLS, CAN, CONTENT, (True, True, True)),
        (PULLS, CANNOT, None, (False, False, False)),
        (PULLS, None, None, (False, False, False)),
        (None, CAN, None, (False, True, False)),
    ],
)
def test_what_the_client_can_is_looked_at(
    server: WgslServer, monkeypatch: pytest.MonkeyPatch, pulls: Any, refresh: Any, content: Any, expected: Any
) -> None:
    """Whether it pulls diagnostics (it has to be told when to pull again), and shows pages of rules."""
    monkeypatch.setattr("wgsl_ls.server.handlers.initialize.watch_parent", lambda process: None)
    monkeypatch.setattr("wgsl_ls.server.handlers.initialize.DiskCache", Mock)
    monkeypatch.setattr(type(server), "workspace", Mock(position_encoding="utf-32"))
    capabilities = types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(diagnostic=pulls),
        workspace=types.WorkspaceClientCapabilities(diagnostics=refresh, text_document_content=content),
    )
    initialize.initialize(server, types.InitializeParams(capabilities, process_id=None))
    session = server.session
    assert (session.pull, session.refresh_diagnostics, session.rule_pages) == expected
    assert (session.encoding, session.client) == ("utf-32", server)
    initialize.initialize(server, types.InitializeParams(types.ClientCapabilities(), process_id=None))
    assert (session.pull, session.refresh_diagnostics, session.rule_pages) == (False, False, False)


@pytest.mark.parametrize("can", [True, False, None])
async def test_a_document_is_shown_where_the_client_can(
    server: WgslServer, monkeypatch: pytest.MonkeyPatch, can: bool | None
) -> None:
    asked: list[types.ShowDocumentParams] = []

    async def show(params: types.ShowDocumentParams) -> None:
        asked.append(params)

    shows = types.ShowDocumentClientCapabilities(support=can) if can is not None else None
    window = types.WindowClientCapabilities(show_document=shows)
    server.protocol.client_capabilities = types.ClientCapabilities(window=window)
    monkeypatch.setattr(server, "window_show_document_async", show)
    await open_document.open_document(server, OpenDocumentArgument("file:///a"))
    assert asked == ([types.ShowDocumentParams("file:///a", take_focus=True)] if can else [])


def test_another_variant_is_looked_at(server: WgslServer, tmp_path: Path) -> None:
    server.session.host.set_active_variant(str(tmp_path / "a.wgsl"), "N=2")
    text = expansion.expansion(server, ExpansionParams(document(tmp_path))).text
    assert "const a = 2;" in text and "const h = 2;" in text
    given = expansion.expansion(server, ExpansionParams(document(tmp_path), "N=1"))
    assert "const a = 1;" in given.text and given.variant == "N=1"
    assert [(one[0], one[-1]) for one in given.segments if one[-1]] == [(0, 1), (1, 1)], "N, twice"
    assert given.files == ((tmp_path / "h.tmpl").as_uri(), (tmp_path / "a.wgsl").as_uri())
    with pytest.raises(LookupError, match="there is no variant 'N=3'"):
        variants.set_active_variant(server, SetActiveVariantParams(document(tmp_path), "N=3"))


def test_the_macros_at_a_place(server: WgslServer, tmp_path: Path) -> None:
    state = define_state.define_state(server, PositionParams(document(tmp_path), types.Position(1, 0), "N=2"))
    assert [(one.name, one.value, one.origin, one.locked, one.location) for one in state.macros] == [
        ("N", "2", "variant", True, None)
    ]


def test_contexts_of_an_include(server: WgslServer, tmp_path: Path) -> None:
    found = contexts.contexts(server, DocumentParams(document(tmp_path, "h.tmpl")))
    assert [one.label for one in found.contexts] == ["a.wgsl > line 1 [N=1]"] and found.active == 0
    with pytest.raises(LookupError, match="is no shader"):
        root = (tmp_path / "none.wgsl").as_uri()
        contexts.set_context(server, SetContextParams(document(tmp_path, "h.tmpl"), root, 1))
    with pytest.raises(LookupError, match="there is no variant 'N=9'"):
        root = document(tmp_path).uri
        contexts.set_context(server, SetContextParams(document(tmp_path, "h.tmpl"), root, 1, "N=9"))


def test_a_place_there_and_back(server: WgslServer, tmp_path: Path) -> None:
    there = MapPositionParams(document(tmp_path, "h.tmpl"), types.Position(0, 6), "toExpanded")
    (place,) = expansion.map_position(server, there).locations
    assert place.range.start == types.Position(0, 6)
    back = MapPositionParams(types.TextDocumentIdentifier(place.uri), place.range.start, "toSource")
    found = expansion.map_position(server, back)
    (written,) = found.locations
    assert (written.uri, written.range.start) == (document(tmp_path, "h.tmpl").uri, types.Position(0, 6))
    assert [(one.kind, one.name) for one in found.stack] == [("include", "a.wgsl")]
    # A macro of the variant is written nowhere: the way leads over its use.
    back = MapPositionParams(types.TextDocumentIdentifier(place.uri), types.Position(0, 10), "toSource")
    found = expansion.map_position(server, back)
    steps = [(one.kind, one.name, one.location.uri, one.location.range.start) for one in found.stack]
    header = document(tmp_path, "h.tmpl").uri
    assert steps[0] == ("macro", "N", header, types.Position(0, 10)) and len(steps) == 2


@pytest.mark.parametrize(
    ("line", "column", "columns"),
    [(0, 0, []), (1, 6, [(0, 6)]), (1, 12, [(0, 12)]), (2, 0, [(1, 0)]), (2, 3, [])],
)
def test_a_place_behind_the_last_that_is_left(
    tmp_path: Path, line: int, column: int, columns: list[tuple[int, int]]
) -> None:
    (tmp_path / "a.wgsl").write_text("#define A 1\nconst a = 1;\n#define B 1\n", encoding="utf-8")
    server = make_server()
    server.session.set_folders([str(tmp_path)])
    there = MapPositionParams(document(tmp_path), types.Position(line, column), "toExpanded")
    found = [one.range.start for one in expansion.map_position(server, there).locations]
    assert [(one.line, one.character) for one in found] == columns


def test_of_an_empty_expansion_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.wgsl").write_text("", encoding="utf-8")
    server = make_server()
    server.session.set_folders([str(tmp_path)])
    uri = expanded_uri(str(tmp_path / "a.wgsl"), "default")
    back = MapPositionParams(types.TextDocumentIdentifier(uri), types.Position(0, 0), "toSource")
    found = expansion.map_position(server, back)
    assert (found.locations, found.stack) == ((), ())


def test_a_fix_creates_a_file_once(server: WgslServer, tmp_path: Path) -> None:
    place = Location(str(tmp_path / "new.toml"), Span(0, 0))
    fix = Fix("t", (Edit(place, "one\n"), Edit(place, "two\n")))
    made = code_action.workspace_edit(server, fix).document_changes or ()
    assert [type(one) for one in made] == [types.CreateFile, types.TextDocumentEdit]
    assert [one.new_text for one in made[1].edits] == ["one\n", "two\n"]  # type: ignore[union-attr]


def test_verdicts_that_are_equal_are_no_news(server: WgslServer, tmp_path: Path) -> None:
    view = server.session.view(document(tmp_path).uri)
    news = server.publisher.news

    def verdicts() -> tuple[VariantVerdict, ...]:
        unknown = VariantVerdict("N=2", (("wgpu", Verdict.UNSUPPORTED),), 0, obstacles=("wgpu lacks f16",))
        return VariantVerdict("N=1", (("wgpu", Verdict.ACCEPTED),), 0), unknown

    finished(news.whole_steps(view, None))
    first = finished(news.changes_steps(view, RootReport(view.path, (), verdicts())))
    assert first is not None and [(one.state, one.why) for one in first.changes] == [
        (State.PASS, None),
        (State.NOT_JUDGED, "wgpu lacks f16"),
    ]
    assert finished(news.changes_steps(view, RootReport(view.path, (), verdicts()))) is None


async def test_links_and_fixes(server: WgslServer, tmp_path: Path) -> None:
    (link,) = document_link.document_link(server, types.DocumentLinkParams(document(tmp_path)))
    assert link.target == (tmp_path / "h.tmpl").as_uri()
    view = server.session.view(document(tmp_path).uri)
    server.session.reporter.report(server.session.snapshot, view)
    whole = types.Range(types.Position(0, 0), types.Position(9, 0))
    params = types.CodeActionParams(document(tmp_path), whole, types.CodeActionContext([]))
    assert [one.title for one in await code_action.code_action(server, params)] == ["Remove the unused #define UNUSED"]


async def test_a_variant_has_the_state_of_the_report_whatever_engines_said(server: WgslServer, tmp_path: Path) -> None:
    view = server.session.view(document(tmp_path).uri)
    unfit = VariantVerdict("N=1", (("wgpu", Verdict.ACCEPTED),), 1)
    unknown = VariantVerdict("N=2", (("wgpu", Verdict.UNSUPPORTED),), 0, obstacles=("wgpu lacks f16",))
    server.session.reporter.reports[view.path] = RootReport(view.path, (), (unfit, unknown))
    found = encode(await variants.variants(server, DocumentParams(document(tmp_path))))
    assert [(one["state"], one["problems"], one.get("why")) for one in found["variants"]] == [
        ("fail", 1, None),
        ("unjudged", 0, "wgpu lacks f16"),
    ]
    assert found["counts"] == {"total": 2, "pass": 0, "fail": 1, "pending": 0, "unjudged": 1}


async def test_a_variant_says_its_first_error(server: WgslServer, tmp_path: Path) -> None:
    view = server.session.view(document(tmp_path).uri)
    place = Location(view.path, Span(0, 1))
    hint, *errors = (
        MergedDiagnostic(place, severity, "c", message, (), (), view.path, names, 2, None)
        for severity, message, names in (
            (Severity.HINT, "a hint", ("N=1",)),
            (Severity.ERROR, "first\nmore", ("N=1",)),
            (Severity.ERROR, "second", ("N=1", "N=2")),
        )
    )
    verdicts = tuple(VariantVerdict(name, (), 1) for name in ("N=1", "N=2"))
    server.session.reporter.reports[view.path] = RootReport(view.path, (hint, *errors), verdicts)
    found = await variants.variants(server, DocumentParams(document(tmp_path)))
    assert [one.reason for one in found.variants] == ["first", "second"]


async def test_only_what_passes_is_declared_and_the_file_is_shown(tmp_path: Path) -> None:
    shader = "#ifdef K_WIDE\nconst w = nothing;\n#endif\n#ifdef K_DEEP\nconst d = 1;\n#endif\n"
    (tmp_path / "a.wgsl").write_text(shader, encoding="utf-8")
    server = make_server()
    server.session.set_folders([str(tmp_path)])
    view = server.session.view(document(tmp_path).uri)
    names = [one.name for one in view.variants]
    verdicts = tuple(
        VariantVerdict(name, (("dawn", Verdict.REJECTED if "WIDE" in name else Verdict.ACCEPTED),), int("WIDE" in name))
        for name in names
    )
    item = MergedDiagnostic(
        Location(view.path, Span(0, 6)), Severity.WARNING, "wgsl/name", "m", (), (), view.path,
        tuple(name for name in names if "WIDE" in name), len(names), None,
    )  # fmt: skip
    server.publisher.reports[view.path] = RootReport(view.path, (item, replace(item, code="wgsl/type")), verdicts)
    whole = types.Range(types.Position(0, 0), types.Position(9, 0))
    found = await code_action.code_action(
        server, types.CodeActionParams(document(tmp_path), whole, types.CodeActionContext([]))
    )
    (declare,) = [one for one in found if "Declare" in one.title]
    created, written = declare.edit.document_changes  # type: ignore[union-attr, misc]
    text = written.edits[0].new_text
    assert "DEEP" in text and "WIDE" not in text and 'files = ["a.wgsl"]' in text
    assert declare.command is not None and declare.command.arguments == [{"uri": created.uri}]
    server.publisher.reports[view.path] = RootReport(view.path, (item,), verdicts[:0])
    assert not await code_action.code_action(
        server, types.CodeActionParams(document(tmp_path), whole, types.CodeActionContext([]))
    )


@pytest.mark.parametrize("config", [None, 'dialect = "ggml"\n'])
async def test_a_variant_is_written_behind_what_the_configuration_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str | None
) -> None:
    (tmp_path / "a.wgsl").write_text("#ifdef WIDE\nconst w = 1;\n#endif\n")
    server = make_server()
    asked: list[types.ApplyWorkspaceEditParams] = []

    async def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        asked.append(params)
        return types.ApplyWorkspaceEditResult(len(asked) == 1)

    monkeypatch.setattr(server, "workspace_apply_edit_async", apply)
    if config is not None:
        (tmp_path / "wgsl-ls.toml").write_text(config)
    server.session.set_folders([str(tmp_path)])
    wide = AddVariantArgument(document(tmp_path).uri, "WIDE")
    assert (await add_variant.add_variant(server, wide)).applied
    assert not (await add_variant.add_variant(server, wide)).applied, "as the client says"
    made = asked[0].edit.document_changes or ()
    (edit,) = (asked[0].edit.changes or {}).get((tmp_path / "wgsl-ls.toml").as_uri()) or made[1].edits  # type: ignore[union-attr]
    assert (config is None) == bool(made), "only then it is created"
    assert edit.range.start.line == (config or "").count("\n") and 'defines = ["WIDE"]' in edit.new_text
    with pytest.raises(LookupError, match="there is no variant 'none'"):
        await add_variant.add_variant(server, AddVariantArgument(document(tmp_path).uri, "none"))


def test_a_finding_as_lsp_has_it(server: WgslServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "a.wgsl")
    related = tuple(Related(Location(path, Span(number, number + 1)), f"note {number}") for number in range(20))
    item = MergedDiagnostic(
        Location(path, Span(26, 27)), Severity.WARNING, "wgsl/name", "words", ("wgpu", "dawn"), related, path,
        ("N=1",), 2, "N == 1", n_judged=2,
    )  # fmt: skip
    made = to_diagnostic(server.session.snapshot.read, item, "utf-16", rule_pages=True)
    assert made.range == types.Range(types.Position(1, 8), types.Position(1, 9))
    assert made.message == "words\nin 1 of 2 variants (wgpu, dawn): only when N == 1"
    assert (made.severity, made.code, made.source, made.tags) == (2, "wgsl/name", "wgpu+dawn", None)
    assert made.code_description is not None and made.code_description.href == "wgsl-ls-rule:/wgsl/name.md"
    assert [one.message for one in made.related_information or ()] == [f"note {number}" for number in range(12)]
    assert isinstance(made.data, dict) and (made.data["condition"], made.data["variants"]) == ("N == 1", ["N=1"])
    (spec,) = (one for one in ENGINES if one.name == "dawn")
    monkeypatch.setattr("wgsl_ls.wire.engine_specs._builds", [spec.build("dawn-next", "/x/python")])
    built = replace(item, engines=("dawn-next",), accepted_once=("dawn",))
    for one, since in ((item, None), (built, "dawn")):
        data = to_diagnostic(server.session.snapshot.read, one, "utf-16").data
        assert isinstance(data, dict) and data["newSince"] == since
    tags = types.DiagnosticTag
    for change, tag in (({"code": "wgsl/deprecated"}, tags.Deprecated), ({"unnecessary": True}, tags.Unnecessary)):
        one = to_diagnostic(server.session.snapshot.read, replace(item, **change), "utf-16")
        assert (one.tags, one.code_description) == ([tag], None)
    plain = Diagnostic(path, Span(0, 1), Severity.HINT, "c", "m", unnecessary=True)
    assert plain_diagnostic(LineIndex(SHADER), plain, "utf-16").tags == [tags.Unnecessary]


EXPANDED = ("/w/a b.wgsl", "N=1+K")


@pytest.mark.parametrize(
    ("uri", "meant"),
    [
        (expanded_uri(*EXPANDED), EXPANDED),
        ("wgsl-expanded:/w/a b.wgsl?variant=N=1+K", EXPANDED),
        ("wgsl-expanded://w/a%20b.wgsl?variant%3DN%3D1%2BK", EXPANDED),
        ("wgsl-expanded:/w/./a%20b.wgsl?variant=N%3D1%2BK", EXPANDED),
        ("file:///w/a.wgsl", None),
    ],
)
def test_addresses_of_expansions_as_clients_write_them(uri: str, meant: tuple[str, str] | None) -> None:
    assert parse_expanded_uri(uri) == meant


def test_patterns_of_watched_files_are_plain() -> None:
    """Eglot of Emacs 28 fails at a star within braces, and then says so to the user."""
    assert "**/wgsl-ls.toml" in WATCHED and "**/*.wgsl" in WATCHED and "**/*.tmpl" in WATCHED
    assert not any(sign in pattern for pattern in WATCHED for sign in "{}[]")


def test_a_link_leads_to_its_line_and_plain_text_has_none() -> None:
    source = SourceFile("/w/a(1).wgsl", "const a = 1;\nconst b = 2;\n")
    there = (Link("b", Location(source.path, Span(13, 18))), " is two")
    assert markdown(lambda path: source, there) == "[b](file:///w/a%281%29.wgsl#L2) is two"
    assert markdown(lambda path: None, there) == "[b](file:///w/a%281%29.wgsl#L1) is two"  # type: ignore[arg-type, return-value]
    for formats, kind in (
        ([types.MarkupKind.PlainText], types.MarkupKind.PlainText),
        ([types.MarkupKind.PlainText, types.MarkupKind.Markdown], types.MarkupKind.PlainText),
        ([types.MarkupKind.Markdown], types.MarkupKind.Markdown),
        (None, types.MarkupKind.Markdown),
    ):
        found = markup(lambda path: source, there, formats)
        assert found.kind == kind and ("](" in found.value) == (kind == types.MarkupKind.Markdown)


@pytest.mark.skipif(os.name == "nt", reason="there a drive has a letter")
def test_a_folder_that_looks_like_a_drive_is_a_folder() -> None:
    assert path_of("file:///c:/a.wgsl") == "/c:/a.wgsl"
