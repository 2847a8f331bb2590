"""What documents show, pushed or pulled, and what is checked when. In process, with the scripted engine."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.server.in_process import Desk
from tests.server.test_progress import Window
from wgsl_ls.analysis.across import Across, across
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.server.checking import ServerChecker
from wgsl_ls.server.handlers.commands import check_all
from wgsl_ls.server.handlers.contexts import contexts, set_context
from wgsl_ls.server.handlers.diagnostic import diagnostic
from wgsl_ls.server.handlers.did_change import did_change
from wgsl_ls.server.handlers.did_change_watched_files import did_change_watched_files
from wgsl_ls.server.handlers.did_close import did_close
from wgsl_ls.server.handlers.did_save import did_save
from wgsl_ls.server.handlers.expansion import expansion
from wgsl_ls.server.handlers.explain import explain, inactive_regions
from wgsl_ls.server.handlers.variants import set_active_variant
from wgsl_ls.server.handlers.workspace_diagnostic import workspace_diagnostic
from wgsl_ls.server.messages import (
    STATUS,
    VERDICTS_CHANGED,
    CheckAllArgument,
    DocumentParams,
    ExpansionParams,
    PlaceParams,
    SetActiveVariantParams,
    SetContextParams,
)
from wgsl_ls.server.settings import Settings
from wgsl_ls.wire.frames import PROTOCOL
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineInfo, Unavailable

CONFIG = '[[shader]]\nfiles = ["a.wgsl", "b.wgsl"]\naxes = { A = ["", "A"] }\n'
BAD = "#ifdef A\n//! reject 1:1 wrong\nconst bad = 1;\n#endif\n"
FILES = {
    "wgsl-ls.toml": CONFIG,
    "a.wgsl": '#include "h.tmpl"\nconst a = 1;\n',
    "b.wgsl": '#include "h.tmpl"\nconst b = 1;\n',
    "h.tmpl": BAD,
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, FILES)


async def test_the_fast_phase_speaks_at_once_and_the_engines_later(desk: Desk) -> None:
    desk.open("b.wgsl")
    assert desk.sent.shown == {desk.uri("b.wgsl"): []}, "that nothing is wrong is said too, and of open documents alone"
    did_close(desk.server, types.DidCloseTextDocumentParams(desk.document("b.wgsl")))
    desk.open("a.wgsl", "#endif\n" + FILES["a.wgsl"])
    assert desk.shown() == ["1 preprocess/endif-without-if: #endif without #if"] and not desk.engines.jobs
    desk.change(FILES["a.wgsl"])
    assert desk.shown() == []
    await desk.check()
    assert desk.shown() == [] and [job.engine for job in desk.engines.jobs] == ["wgpu", "dawn"] * 2
    assert desk.shown("h.tmpl") == ["2 wgsl/validation: wrong"], "also of files that are not open"


async def test_a_keystroke_looks_at_the_roots_that_read_the_file_once_each(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.wgsl", "b.wgsl", "h.tmpl"):
        desk.open(name)
    reporter, roots = desk.server.session.reporter, list[str]()
    report = reporter.fast_report_steps
    monkeypatch.setattr(
        reporter,
        "fast_report_steps",
        lambda snapshot, view, index: roots.append(view.path) or report(snapshot, view, index),
    )
    for name, looked_at in (("a.wgsl", ["a.wgsl"]), ("b.wgsl", ["b.wgsl"]), ("h.tmpl", ["a.wgsl", "b.wgsl"])):
        roots.clear()
        desk.change(FILES[name] + "// x\n", name)
        assert sorted(Path(root).name for root in roots) == looked_at


async def test_the_variant_that_is_looked_at_is_judged_and_told_before_the_others(tmp_path: Path) -> None:
    axes = "axes = { A = [" + ", ".join(f'"V{n}"' for n in range(4)) + "] }"
    text = "".join(f"#ifdef V{n}\n//! accept\nconst v{n} = 1;\n#endif\n" for n in range(4))
    desk = Desk(tmp_path, {"wgsl-ls.toml": f'[[shader]]\nfiles = ["a.wgsl"]\n{axes}\n', "a.wgsl": text})
    desk.open()
    set_active_variant(desk.server, SetActiveVariantParams(desk.document(), "V2"))
    await desk.check()
    n_jobs, n_told = len(desk.engines.jobs), len(desk.told("wgsl/verdictsChanged"))
    told_after: list[int] = []
    tell = desk.sent.tell
    desk.sent.tell = lambda spec, params: (  # type: ignore[method-assign]
        told_after.append(len(desk.engines.jobs) - n_jobs) if spec is VERDICTS_CHANGED else None,
        tell(spec, params),
    )[1]
    desk.change(text.replace("accept", "reject 1:1 wrong"))
    await desk.check()
    assert ["v2" in job.text for job in desk.engines.jobs[n_jobs:]] == [True, True, *[False] * 6]
    first, *_ = desk.told("wgsl/verdictsChanged")[n_told:]
    assert told_after[0] == 2 and [one.runs for one in first.changes] == [(2, 1)]
    assert [one.state for one in first.changes] == ["fail"]


async def test_old_findings_move_with_the_text_until_there_are_new_ones(desk: Desk) -> None:
    desk.open("a.wgsl", BAD)
    await desk.check()
    desk.change(f"const first = 1;\n{BAD}")
    assert desk.shown() == ["3 wgsl/validation: wrong"]


async def test_nothing_is_sent_twice(desk: Desk) -> None:
    desk.open("a.wgsl", BAD)
    await desk.check()
    n_pushes, n_regions = desk.sent.n_pushes, len(desk.told("wgsl/inactiveRegions"))
    await desk.check()
    desk.server.publisher.publish()
    assert (desk.sent.n_pushes, len(desk.told("wgsl/inactiveRegions"))) == (n_pushes, n_regions)
    revision = desk.session.host.revision
    desk.change(BAD)
    assert desk.session.host.revision == revision, "nothing that is being answered is overtaken by the same text"


async def test_what_two_roots_say_of_one_file_is_said_once(desk: Desk) -> None:
    desk.open("h.tmpl")
    await desk.check()
    (item,) = [one for one in desk.sent.shown[desk.uri("h.tmpl")] if one.code != "inactive"]
    roots = "a.wgsl (1 of 2, only when A), b.wgsl (1 of 2, only when A)"
    assert item.message == f"wrong\nin 2 roots (wgpu, dawn): {roots}"


async def test_a_closed_document_is_the_file_again_and_shows_nothing(desk: Desk) -> None:
    desk.open("a.wgsl", "#endif\nconst other = 1;\n")
    assert desk.shown()
    did_close(desk.server, types.DidCloseTextDocumentParams(desk.document()))
    assert desk.shown() == [] and desk.text() == FILES["a.wgsl"]
    await desk.check()
    assert desk.engines.jobs == [], "nothing is open"


async def test_what_a_closed_document_showed_of_other_files_goes_with_it(desk: Desk) -> None:
    desk.open("a.wgsl")
    await desk.check()
    assert desk.shown("h.tmpl") == ["2 wgsl/validation: wrong"]
    n_pushes, desk.sent.shown[desk.uri("a.wgsl")] = desk.sent.n_pushes, []
    did_close(desk.server, types.DidCloseTextDocumentParams(desk.document()))
    assert desk.shown("h.tmpl") == [] and desk.sent.n_pushes == n_pushes + 1, "of itself nothing was shown"
    assert not desk.server.publisher.reports


async def test_what_was_found_elsewhere_is_taken_back_when_it_is_no_more(desk: Desk) -> None:
    desk.open("a.wgsl")
    await desk.check()
    desk.change("const a = 1;\n")
    await desk.check()
    assert desk.shown("h.tmpl") == []


# Pulling


async def test_who_pulls_is_asked_to_and_gets_nothing_pushed(desk: Desk) -> None:
    desk.session.pull = desk.session.refresh_diagnostics = True
    desk.open("a.wgsl", BAD)
    await desk.check()
    assert desk.sent.n_pushes == 0 and desk.sent.n_refreshes > 0
    whole = diagnostic(desk.server, types.DocumentDiagnosticParams(desk.document()))
    assert isinstance(whole, types.RelatedFullDocumentDiagnosticReport)
    assert {one.code for one in whole.items} == {"wgsl/validation", "inactive"}
    same = types.DocumentDiagnosticParams(desk.document(), previous_result_id=whole.result_id)
    assert isinstance(diagnostic(desk.server, same), types.RelatedUnchangedDocumentDiagnosticReport)
    nowhere = types.TextDocumentIdentifier("git:/a.wgsl?ref=HEAD")
    assert diagnostic(desk.server, types.DocumentDiagnosticParams(nowhere)).items == []  # type: ignore[union-attr]
    desk.change("const a = 1;\n")
    changed = diagnostic(desk.server, same)
    assert isinstance(changed, types.RelatedFullDocumentDiagnosticReport) and changed.items == []


async def test_the_workspace_is_every_file_about_which_something_is_known(desk: Desk) -> None:
    desk.session.pull = True
    desk.open("a.wgsl")
    await desk.check()
    first = workspace_diagnostic(desk.server, types.WorkspaceDiagnosticParams([]))
    known = {desk.name(one.uri): one for one in first.items}
    assert set(known) == {"a.wgsl", "h.tmpl"} and known["a.wgsl"].version == 1
    before = [types.PreviousResultId(one.uri, one.result_id or "") for one in first.items]
    again = workspace_diagnostic(desk.server, types.WorkspaceDiagnosticParams(before))
    assert [one.kind for one in again.items] == ["unchanged", "unchanged"]
    desk.change("#endif\n")
    changed = workspace_diagnostic(desk.server, types.WorkspaceDiagnosticParams(before))
    assert (desk.name(changed.items[0].uri), changed.items[0].kind) == ("a.wgsl", "full")
    did_close(desk.server, types.DidCloseTextDocumentParams(desk.document()))
    gone = workspace_diagnostic(desk.server, types.WorkspaceDiagnosticParams(before)).items
    told = {
        desk.name(one.uri): {item.code for item in one.items}
        for one in gone
        if isinstance(one, types.WorkspaceFullDocumentDiagnosticReport)
    }
    assert len(gone) == 2 and told == {"h.tmpl": set()}, "what was told and is no more is taken back"
    assert desk.sent.n_pushes == 0


# Inactive code


async def test_inactive_code_is_dimmed_or_only_told(desk: Desk) -> None:
    def dimmed() -> list[int]:
        return [one.range.start.line for one in desk.sent.shown.get(desk.uri("a.wgsl"), []) if one.code == "inactive"]

    def told() -> list[int]:
        return [one.start.line for one in desk.told("wgsl/inactiveRegions")[-1].regions]

    desk.open("a.wgsl", "#ifdef A\nconst a = 1;\n#else\nconst b = 1;\n#endif\n")
    assert dimmed() == told() == [1]
    set_active_variant(desk.server, SetActiveVariantParams(desk.document(), "A"))
    assert dimmed() == told() == [3]
    answered = inactive_regions(desk.server, DocumentParams(desk.document())).regions
    assert [one.start.line for one in answered] == [3]
    desk.server.publisher.dim = False
    desk.change("#ifdef A\nconst a = 2;\n#else\nconst b = 1;\n#endif\n")
    assert dimmed() == [] and told() == [3]


async def test_each_reading_of_an_include_has_its_own_inactive_code(tmp_path: Path) -> None:
    text = '#define FIRST\n#include "h.tmpl"\n#undef FIRST\n#include "h.tmpl"\n'
    header = "#ifdef FIRST\nconst a = 1;\n#else\nconst b = 1;\n#endif\n"
    config = 'includes = "native"\n[[shader]]\nfiles = ["a.wgsl"]\n'
    desk = Desk(tmp_path, {"a.wgsl": text, "h.tmpl": header, "wgsl-ls.toml": config})
    document = desk.document("h.tmpl")
    listed = contexts(desk.server, DocumentParams(document))
    assert [one.label.partition(" [")[0] for one in listed.contexts] == ["a.wgsl > line 2", "a.wgsl > line 4"]
    assert listed.active == 0

    def regions() -> list[int]:
        return [one.start.line for one in inactive_regions(desk.server, DocumentParams(document)).regions]

    assert regions() == [3]
    second = listed.contexts[1]
    chosen = set_context(desk.server, SetContextParams(document, second.root, second.instance))
    assert chosen.active == 1 and regions() == [1]


def test_why_a_line_is_inactive(desk: Desk) -> None:
    desk.open("a.wgsl", "const a = 1;\n#ifdef A\nconst b = 1;\n#endif\n")
    found = explain(desk.server, PlaceParams(desk.document(), types.Position(2, 0)))
    assert [(one.name, one.active) for one in found.variants] == [("default", False), ("A", True)]
    assert found.presence == "A" and "active in 1 of 2 variants" in found.markdown
    assert found.variants[0].reason == "'#ifdef A' (a.wgsl:2) was not taken"
    everywhere = explain(desk.server, PlaceParams(desk.document(), types.Position(0, 0)))
    assert [one.active for one in everywhere.variants] == [True, True]


# When


@pytest.mark.parametrize(
    ("settings", "times", "seconds"),
    [
        (Settings(debounce_ms=250), [], 0.25),
        (Settings(debounce_ms=250), [8.0], 0.25),
        (Settings(), [], 0.1),
        (Settings(), [0.8, 0.4], 0.15),
        (Settings(), [0.001], 0.05),
        (Settings(), [60.0], 0.2),
    ],
)
def test_debounce(desk: Desk, settings: Settings, times: list[float], seconds: float) -> None:
    desk.session.settings = settings
    desk.server.checker._check_times.extend(times)
    assert desk.server.checker.debounce() == pytest.approx(seconds)


async def test_the_document_opened_last_is_checked_first(desk: Desk) -> None:
    desk.open("b.wgsl")
    desk.open("a.wgsl")
    assert [desk.name(f"file://{one}") for one in desk.server.checker.wanted_roots(desk.session.snapshot)] == [
        "a.wgsl",
        "b.wgsl",
    ]
    (desk.folder / "z.wgsl").write_text('#include "h.tmpl"\n', encoding="utf-8")
    desk.session.changed()
    desk.session.host.set_context(desk.path("h.tmpl"), desk.path("z.wgsl"), None, 1)
    desk.session.changed()
    desk.open("h.tmpl")
    assert desk.server.checker.wanted_roots(desk.session.snapshot)[0] == desk.path("z.wgsl")


def _saves(desk: Desk) -> None:
    did_save(desk.server, types.DidSaveTextDocumentParams(desk.document()))


HURRIES: dict[str, Callable[[Desk], None]] = {
    "it is said with the change": lambda desk: desk.server.checker.changed(),
    "the document is saved": _saves,
    "another one is opened": lambda desk: desk.open("b.wgsl"),
    "another one is closed": lambda desk: did_close(
        desk.server, types.DidCloseTextDocumentParams(desk.document("c.wgsl"))
    ),
    "another variant is looked at": lambda desk: (
        set_active_variant(desk.server, SetActiveVariantParams(desk.document(), "A")) and None
    ),
    "a file changed on the disk": lambda desk: did_change_watched_files(
        desk.server,
        types.DidChangeWatchedFilesParams([types.FileEvent(desk.uri("h.tmpl"), types.FileChangeType.Changed)]),
    ),
}


async def test_the_active_variant_alone_does_not_wait_for_the_end_of_typing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    checker = desk.server.checker
    desk.open("a.wgsl")
    await desk.check()
    desk.engines.jobs.clear()
    monkeypatch.setattr(checker, "debounce", lambda: 3600.0)
    checking = asyncio.create_task(checker._run())
    await asyncio.wait_for(checker.idle.wait(), 10)
    desk.change("const a = 2;\n#ifdef A\nconst b = 1;\n#endif\n")
    for _ in range(1000):
        await asyncio.sleep(0.005)
        if len(desk.engines.jobs) == 2:
            break
    assert [(one.engine, "b" in one.text) for one in desk.engines.jobs] == [("wgpu", False), ("dawn", False)]
    checker.hurry()
    await asyncio.wait_for(checker.idle.wait(), 10)
    checking.cancel()
    await asyncio.gather(checking, return_exceptions=True)
    assert sorted((one.engine, "b" in one.text) for one in desk.engines.jobs[2:]) == [("dawn", True), ("wgpu", True)]


@pytest.mark.parametrize("hurry", HURRIES.values(), ids=HURRIES)
async def test_a_check_does_not_wait_for_the_end_of_typing_when(desk: Desk, hurry: Callable[[Desk], None]) -> None:
    desk.session.settings = Settings(debounce_ms=3_600_000)
    checker = desk.server.checker
    checking = asyncio.create_task(checker._run())
    try:
        desk.open()
        await asyncio.wait_for(checker.idle.wait(), 10)
        desk.change(BAD)
        hurry(desk)
        checker.changed(desk.path("a.wgsl"))  # typing goes on
        await asyncio.wait_for(checker.idle.wait(), 10)
    finally:
        checking.cancel()
    assert desk.shown() == ["2 wgsl/validation: wrong"]


async def test_at_rest_what_is_asked_of_all_roots_is_prepared(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wgsl_ls.server.checking._RESTED", 0.0)
    checker, session = desk.server.checker, desk.session

    def prepared(name: str) -> bool:
        view = session.snapshot.root(desk.path(name))
        return isinstance(view and view.across, Across) and across(view).is_ready  # type: ignore[arg-type]

    checking = asyncio.create_task(checker._run())
    try:
        for text in (FILES["a.wgsl"], "const changed = 1;\n"):
            desk.open("a.wgsl", text)
            async with asyncio.timeout(10):
                while not (checker.idle.is_set() and prepared("a.wgsl") and prepared("b.wgsl")):
                    await asyncio.sleep(0.01)
    finally:
        checking.cancel()


def test_the_last_of_several_changes_counts_and_of_closed_documents_none(desk: Desk) -> None:
    desk.open()
    changes = [types.TextDocumentContentChangeWholeDocument(text) for text in ("#endif\n", "const last = 1;\n")]
    for name in ("a.wgsl", "b.wgsl"):
        document = types.VersionedTextDocumentIdentifier(7, desk.uri(name))
        did_change(desk.server, types.DidChangeTextDocumentParams(document, list(changes)))
    assert desk.text() == "const last = 1;\n" and desk.text("b.wgsl") == FILES["b.wgsl"]
    assert desk.session.open_documents == {desk.uri("a.wgsl"): 7}


async def test_a_check_that_fails_or_whose_jobs_are_cancelled_is_not_the_last(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    checker, failures = desk.server.checker, [asyncio.CancelledError(), ValueError("ours")]

    async def check(in_hurry: bool) -> None:
        if failures:
            raise failures.pop(0)

    monkeypatch.setattr(checker, "_check", check)
    checking = asyncio.create_task(checker._run())
    for _ in range(3):
        checker.hurry()
        await asyncio.wait_for(checker.idle.wait(), 10)
    assert not failures and not checking.done() and caplog.text.count("please report this") == 1
    checking.cancel()
    await asyncio.gather(checking, return_exceptions=True)
    assert checking.cancelled()


async def test_work_beside_the_loop_is_forgotten_when_it_ends_and_its_failure_is_logged(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise ValueError("ours")

    desk.server.spawn(asyncio.sleep(0))
    desk.server.spawn(fail())
    await asyncio.gather(*desk.server.background, return_exceptions=True)
    await asyncio.sleep(0)
    assert not desk.server.background and caplog.text.count("ValueError: ours") == 1


async def test_a_mistake_in_a_configuration_is_shown_in_that_one(tmp_path: Path) -> None:
    files = {"wgsl-ls.toml": "shadder = 1\n", "sub/wgsl-ls.toml": "engins = 1\n", "sub/a.wgsl": "const a = 1;\n"}
    desk = Desk(tmp_path, {**files, "b.wgsl": "const b = 1;\n"})
    desk.open("b.wgsl")
    desk.open("sub/a.wgsl")
    for name, key in (("wgsl-ls.toml", "shadder"), ("sub/wgsl-ls.toml", "engins")):
        (item,) = desk.server.publisher.diagnostics(desk.uri(name))
        assert key in item.message and item.range.start.line == 0


async def test_an_engine_that_is_missing_is_the_state_when_a_check_has_ended(tmp_path: Path) -> None:
    def compile(job: CompileJob) -> CompileResult:
        return Unavailable("no driver", "install it") if job.engine == "wgpu" else Accepted()

    desk = Desk(tmp_path, FILES, compile=compile)
    desk.open("a.wgsl")
    await desk.check()
    last = desk.told(STATUS.method)[-1]
    assert (last.state, last.message, last.remedy) == ("engine-missing", "wgpu: no driver", "install it")


class _Starting:
    """Stands for a pool of engines that start; dawn cannot be used. `idle`: what the checker said meanwhile."""

    checker: ServerChecker
    counts: dict[str, int]
    idle: bool

    def __init__(self, counts: dict[str, int]) -> None:
        type(self).counts = counts

    async def __aenter__(self) -> None:
        type(self).idle = self.checker.idle.is_set()

    async def info(self, engine: str) -> EngineInfo | Unavailable:
        return Unavailable("no driver", "install it") if engine == "dawn" else EngineInfo(engine, "7", PROTOCOL)


@pytest.mark.parametrize(
    ("cores", "wanted", "lanes", "of_structures"),
    [(1, 0, 1, 1), (2, 0, 1, 2), (4, 0, 2, 4), (8, 0, 4, 4), (64, 0, 4, 4), (64, 7, 7, 7)],
)
async def test_engines_that_start_anew(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    cores: int,
    wanted: int,
    lanes: int,
    of_structures: int,
) -> None:
    """Only Tint judges structures: when one of each is compiled, it has the cores for itself."""
    checker = desk.server.checker
    _Starting.checker = checker
    monkeypatch.setattr("wgsl_ls.server.checking.Pool", _Starting)
    monkeypatch.setattr("wgsl_ls.server.checking.n_cores", lambda: cores)
    desk.session.settings = Settings(workers=wanted)
    checker.idle.set()
    await checker.restart_engines()
    assert _Starting.counts == {"wgpu": lanes, "dawn": of_structures}
    assert not _Starting.idle, "whoever waits for the end of a check waits for the engines too"
    assert desk.session.store.versions["wgpu"] == "7"
    last = desk.told(STATUS.method)[-1]
    assert (last.state, last.message, last.remedy) == ("engine-missing", "dawn: no driver", "install it")
    assert caplog.messages == ["dawn is not available: no driver install it"]


async def test_a_change_ends_the_check_of_what_was_there_before(tmp_path: Path) -> None:
    axes = ", ".join(f'"N={n}"' for n in range(40))
    config = f'engines = ["dawn"]\n[[shader]]\nfiles = ["a.wgsl"]\naxes = {{ N = [{axes}] }}\n'

    def compile(job: CompileJob) -> CompileResult:
        if len(desk.engines.jobs) == 3:
            desk.change("const b = 1;\n")
        return Accepted()

    desk = Desk(tmp_path, {"wgsl-ls.toml": config, "a.wgsl": ""}, settings=Settings(engines=("dawn",)), compile=compile)
    desk.open("a.wgsl", "//! reject 99:1 never\nconst a = array<u32, N + 1>();\n")
    await desk.check()
    assert desk.told(STATUS.method)[-1].state == "stale"
    assert len(desk.engines.jobs) < 15, "those that ran already"
    await desk.check()
    assert desk.told(STATUS.method)[-1].state == "idle"


async def test_what_was_found_in_a_root_that_reads_an_open_file_no_more_goes(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"a.wgsl": f'#include "h.tmpl"\n{BAD.replace("ifdef", "ifndef")}', "h.tmpl": ""})
    desk.open("h.tmpl")
    await desk.check()
    assert desk.shown("a.wgsl")
    (tmp_path / "a.wgsl").write_text(BAD.replace("ifdef", "ifndef"), encoding="utf-8")
    event = types.FileEvent(desk.uri("a.wgsl"), types.FileChangeType.Changed)
    did_change_watched_files(desk.server, types.DidChangeWatchedFilesParams([event]))
    await desk.check()
    assert desk.shown("a.wgsl") == []


async def test_check_all_counts_every_root(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_again: list[None] = []
    monkeypatch.setattr(desk.engines, "forget_failures", lambda: asked_again.append(None))
    checking = asyncio.create_task(desk.server.checker._run())
    try:
        of_one = (await check_all(desk.server, CheckAllArgument(desk.uri("a.wgsl")))).counts
        counts = (await check_all(desk.server, None)).counts
    finally:
        checking.cancel()
    assert (counts.total, counts.pass_, counts.fail) == (4, 2, 2)
    assert (of_one.total, of_one.pass_, of_one.fail) == (2, 1, 1), "of the roots that read this file"
    assert len(asked_again) == 2, "what failed by itself is tried again"


async def test_one_shader_is_checked_without_waiting_for_others(desk: Desk) -> None:
    desk.open("b.wgsl")
    answer = asyncio.Event()
    compile_at_once = desk.engines.submit

    async def submit(job: CompileJob, *, priority: float = 0.0) -> CompileResult:
        if "const b =" in job.text:
            await answer.wait()
        return await compile_at_once(job, priority=priority)

    desk.engines.submit = submit  # type: ignore[method-assign]
    checking = asyncio.create_task(desk.server.checker._run())
    try:
        async with asyncio.timeout(30):
            counts = (await check_all(desk.server, CheckAllArgument(desk.uri("a.wgsl")))).counts
        assert (counts.total, counts.pass_, counts.fail, counts.pending) == (2, 1, 1, 0)
        assert not desk.server.checker.idle.is_set(), "the other one is not judged yet"
        answer.set()
        everything = (await check_all(desk.server, None)).counts
        assert (everything.total, everything.pending) == (4, 0)
    finally:
        checking.cancel()


async def test_what_our_own_front_end_finds_in_other_variants_does_not_wait_for_engines(desk: Desk) -> None:
    """Engines that have not answered: findings of every variant are there, with what is known of how many."""
    answer = asyncio.Event()
    compile_at_once = desk.engines.submit

    async def submit(job: CompileJob, *, priority: float = 0.0) -> CompileResult:
        await answer.wait()
        return await compile_at_once(job)

    desk.engines.submit = submit  # type: ignore[method-assign]
    desk.open("a.wgsl", "#ifdef A\nfn f() -> u32 { return missing_name; }\n//! reject 1:1 no\n#endif\n")
    assert desk.shown() == []
    checking = asyncio.ensure_future(desk.check())
    for _ in range(200):
        await asyncio.sleep(0.01)
        if desk.shown():
            break
    assert desk.shown() == ["2 wgsl/name: 'missing_name' is declared nowhere"]
    assert not checking.done() and not desk.engines.jobs
    answer.set()
    await checking
    # Each engine judges two texts, and looks behind the error of the second, where this one says the same again.
    assert len(desk.engines.jobs) == 4 and len(set(desk.shown())) == 2


async def test_a_root_that_is_gone_holds_nothing_up(desk: Desk) -> None:
    desk.open("a.wgsl", BAD)
    desk.server.checker._dirty.add(desk.path("gone.wgsl"))
    desk.server.checker._roots_wanted.add(desk.path("gone.wgsl"))
    await desk.check()
    assert desk.shown("a.wgsl") == ["2 wgsl/validation: wrong"]
    last = desk.told(STATUS.method)[-1]
    assert (last.state, last.total) == ("idle", 2)


async def test_bytes_that_are_no_text_are_said_in_their_file_unless_the_rule_is_off(desk: Desk) -> None:
    (desk.folder / "h.tmpl").write_bytes(b"// caf\xe9\nconst h = 1;\n")
    desk.session.changed()
    desk.open("a.wgsl")
    assert [one.code for one in desk.server.publisher.diagnostics(desk.uri("h.tmpl"))] == ["file/encoding"]
    config = desk.folder / "wgsl-ls.toml"
    config.write_text(f'rules = {{ "file/encoding" = "off" }}\n{CONFIG}')
    desk.session.changed()
    desk.session.workspace.forget_settings()
    assert [one.code for one in desk.server.publisher.diagnostics(desk.uri("h.tmpl"))] == []


async def test_progress_counts_what_the_lists_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wgsl_ls.server.checking._LONG", 0.0)
    axes = ", ".join(f'"N={n}"' for n in range(40))
    desk = Desk(
        tmp_path, {"wgsl-ls.toml": f'[[shader]]\nfiles = ["a.wgsl"]\naxes = {{ N = [{axes}] }}\n', "a.wgsl": ""}
    )
    compile_at_once, window = desk.engines.submit, Window(can=True)
    for name in ("client_capabilities", "work_done_progress", "spawn"):
        setattr(desk.sent, name, getattr(window, name))

    def told() -> int:
        return sum(1 for method, params in desk.sent.told if method == STATUS.method and params.state == "checking")

    async def submit(job: CompileJob, *, priority: float = 0.0) -> CompileResult:
        while told() < {10: 1, 20: 2}.get(len(desk.engines.jobs), 0):
            await asyncio.sleep(0.01)  # until it was said how far the ten before have come
        return await compile_at_once(job)

    desk.engines.submit = submit  # type: ignore[method-assign]
    desk.open("a.wgsl", "const a = N;\n")
    await desk.check()
    n_judged, said = 0, []
    for method, params in desk.sent.told:
        if method == VERDICTS_CHANGED.method:
            n_judged = params.counts.total - params.counts.pending
        elif method == STATUS.method and params.state == "checking":
            said.append(params.done)
            assert (params.done, params.total) == (n_judged, 40)
    assert len(said) > 1 and said == sorted(said)
    first, *parts, last = window.said
    assert (first, last) == ("begin Checking False", "end")
    assert [part for part in parts if not re.fullmatch(r"\d+ of 40 variants \d+", part)] == []


async def test_of_very_many_variants_one_of_each_structure_is_told_before_the_others_are_asked(tmp_path: Path) -> None:
    sizes = ", ".join(f'"N={n}"' for n in range(150))
    axes = f'axes = {{ S = ["S=0", "S=1"], N = [{sizes}] }}\npick = "all"\n'
    text = "#if S\nconst s = 1;\n#else\nconst s = 1.0;\n#endif\nconst n = N;\n"
    desk = Desk(tmp_path, {"wgsl-ls.toml": f'[[shader]]\nfiles = ["a.wgsl"]\n{axes}', "a.wgsl": text})
    happened: list[str] = []
    compile_at_once, tell = desk.engines.submit, desk.sent.tell

    async def submit(job: CompileJob, *, priority: float = 0.0) -> CompileResult:
        happened.append(f"{job.engine} s = {job.text.split()[3]}")
        return await compile_at_once(job)

    def tell_and_note(spec: Any, params: Any) -> None:
        if spec is VERDICTS_CHANGED:
            happened.append(f"{params.counts.pending} pending, {params.counts.pass_} pass")
        tell(spec, params)

    desk.engines.submit = submit  # type: ignore[method-assign]
    desk.sent.tell = tell_and_note  # type: ignore[method-assign]
    desk.open("a.wgsl")
    for edit in ("", "const m = 1;\n"):
        happened.clear()
        desk.change(text + edit)
        await desk.check()
        assert sorted(happened[:2]) == ["dawn s = 1.0;", "wgpu s = 1.0;"], "the active variant"
        rest = happened[3 if "pending" in happened[2] else 2 :]
        assert rest[:2] == ["dawn s = 1;", "299 pending, 1 pass"], "the other engine has not looked at it"
        assert rest[2:].count("wgpu s = 1;") == 150 and not any(one.startswith("dawn") for one in rest[2:])
        assert happened[-1] == "0 pending, 300 pass"


async def test_answers_of_very_many_variants_are_read_while_others_are_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    axes = ", ".join(f'"N={n}"' for n in range(100))
    config = f'axes = {{ S = ["S=0", "S=1", "S=2"], N = [{axes}] }}\npick = "all"\n'
    text = "#if S == 1\nconst t = 1;\n#elif S == 2\nconst t = 1u;\n#endif\nconst n = N;\n"
    files = {"wgsl-ls.toml": f'[[shader]]\nfiles = ["a.wgsl"]\n{config}', "a.wgsl": text}
    desk = Desk(tmp_path, files, settings=Settings(engines=("dawn",)))
    read: list[int] = []
    renew, compile_at_once = desk.session.reporter.renew_steps, desk.engines.submit

    def renew_and_note(view: RootView, indices: Iterable[int]) -> Iterator[None]:
        read.extend(indices)
        return renew(view, indices)

    async def submit(job: CompileJob, *, priority: float = 0.0) -> CompileResult:
        if "1u" in job.text and not read:
            async with asyncio.timeout(20):
                while not read:
                    await asyncio.sleep(0.01)
        return await compile_at_once(job, priority=priority)

    monkeypatch.setattr(desk.session.reporter, "renew_steps", renew_and_note)
    desk.engines.submit = submit  # type: ignore[method-assign]
    desk.open("a.wgsl")
    await desk.check()
    assert read[0] == 100, "the first of the second structure, while that of the third was compiled"


@pytest.mark.parametrize("scheme", ["file://", "file://elsewhere", "wgsl-expanded:"])
async def test_the_text_of_other_files_is_not_told(tmp_path: Path, scheme: str) -> None:
    (tmp_path / "secret").write_text("top secret\n")
    (tmp_path / "w").mkdir()
    desk = Desk(tmp_path / "w", {"a.wgsl": "const a = 1;\n"})
    params = ExpansionParams(types.TextDocumentIdentifier(f"{scheme}{tmp_path / 'secret'}"), None)
    with pytest.raises(LookupError, match="is no shader, and not open"):
        expansion(desk.server, params)
    desk.open(str(tmp_path / "secret"))
    assert expansion(desk.server, params).text == "top secret\n"


async def test_the_text_of_a_shader_elsewhere_is_told_beside_an_open_one(tmp_path: Path) -> None:
    for name in ("other/.git", "other/include", "w/.git"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "other" / "b.wgsl").write_text("const b = 2;\n")
    (tmp_path / "other" / "include" / "c.wgsl").write_text("const c = 3;\n")
    desk = Desk(tmp_path / "w", {"a.wgsl": "const a = 1;\n"})
    params = ExpansionParams(desk.document(f"{tmp_path}/other/include/c.wgsl"), None)
    with pytest.raises(LookupError, match="is outside of the workspace"):
        expansion(desk.server, params)
    desk.open(f"{tmp_path}/other/b.wgsl")
    assert expansion(desk.server, params).text == "const c = 3;\n"


async def test_what_takes_long_after_a_keystroke_is_done_between_messages(desk: Desk) -> None:
    checker = desk.server.checker
    checker._first_slice = 0.0  # as on a slow machine
    desk.open("a.wgsl")
    before = desk.shown("a.wgsl")
    desk.change("const = 1;\n")
    desk.change("const = 2;\nfn = 3;\n")
    assert desk.shown("a.wgsl") == before, "nothing is told before other messages had their turn"
    assert checker._fast is not None
    await asyncio.wait([checker._fast])
    assert len([one for one in desk.shown("a.wgsl") if "wgsl/" in one]) == 2, "of the text that came last"


async def test_a_fast_phase_that_another_edit_ends_leaves_no_document_behind(desk: Desk) -> None:
    checker = desk.server.checker
    desk.open("a.wgsl")
    desk.open("b.wgsl")
    checker._first_slice = 0.0
    desk.change("const = 1;\n", "a.wgsl")
    desk.change("const = 2;\n", "b.wgsl")
    assert checker._fast is not None
    await asyncio.wait([checker._fast])
    assert all(any("wgsl/" in one for one in desk.shown(name)) for name in ("a.wgsl", "b.wgsl"))


async def test_what_lived_through_a_look_for_garbage_is_looked_at_again_when_there_is_much_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    for name in ("freeze", "unfreeze", "collect"):
        monkeypatch.setattr(f"wgsl_ls.server.checking.gc.{name}", lambda name=name: done.append(name))
    bytes_held = iter([100, 100, 200, 200, 200])
    monkeypatch.setattr("wgsl_ls.server.checking.resident_bytes", lambda: next(bytes_held))
    looks = []
    for _ in range(4):
        await desk.server.checker._collect()
        looks.append(" ".join(done))
        done.clear()
    assert looks == ["freeze collect freeze", "collect freeze", "unfreeze collect freeze", "collect freeze"]


async def test_engines_get_their_texts_while_the_fast_phase_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is worked out here comes behind it, and nobody is told before that everything is done."""
    checker, done, may_end = desk.server.checker, list[str](), asyncio.Event()
    judge_view = checker._judge_view

    async def judge(*given: Any) -> None:
        done.append("here")
        await judge_view(*given)

    async def fast() -> None:
        async with checker._reporting:
            await may_end.wait()
            done.append("fast")

    desk.open()
    monkeypatch.setattr(checker, "_judge_view", judge)
    checker._fast = asyncio.ensure_future(fast())
    checker.hurry()
    running = asyncio.ensure_future(checker._run())
    for _ in range(200):
        await asyncio.sleep(0)
    assert desk.engines.jobs and not done and not checker.idle.is_set()
    may_end.set()
    async with asyncio.timeout(10):
        await checker.idle.wait()
    assert done == ["fast", "here"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_no_step_publishes_more_than_one_document(tmp_path: Path) -> None:
    names = [f"{name}.wgsl" for name in "abcde"]
    desk = Desk(tmp_path, dict.fromkeys(names, "const a: u32 = 1.5;\n"))
    for name in names:
        desk.open(name)
    desk.server.publisher._sent.clear()
    n_pushed = []
    steps = desk.server.publisher.publish_steps()
    while True:
        before = desk.sent.n_pushes
        is_over = next(steps, steps) is steps
        n_pushed.append(desk.sent.n_pushes - before)
        if is_over:
            break
    assert sum(n_pushed) == len(names) and max(n_pushed) == 1
