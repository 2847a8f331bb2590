"""The host's code in the server: read in a process of its own, its variants as fresh as what is typed, in the table of
edits below. A client's side of it is in test_stories.py and tests/e2e."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest
from lsprotocol import types
from lsprotocol.converters import get_converter

from wgsl_ls.project.host_code import HostCode
from wgsl_ls.server.app import WgslServer, make_server
from wgsl_ls.server.handlers import (
    code_lens,
    commands,
    define_state,
    diagnostic,
    did_change,
    did_change_watched_files,
    did_close,
    did_open,
    did_save,
    roots,
    variants,
)
from wgsl_ls.server.messages import PositionParams
from wgsl_ls.text.steps import finished
from wgsl_ls.wire.host_jobs import HostAnswer, HostJob
from wgsl_ls.workers.host_reader import HostReader

SECOND = Path(__file__).parents[1] / "host" / "second"
PACKED = 'macros.emplace("PACKED", "");'


class FakeClient:
    """Keeps what the server tells."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self.published: dict[str, list[types.Diagnostic]] = {}
        lenses = types.CodeLensWorkspaceClientCapabilities(refresh_support=True)
        self.client_capabilities = types.ClientCapabilities(types.WorkspaceClientCapabilities(code_lens=lenses))
        self.n_lenses = 0
        self.asked: list[tuple[str, Any]] = []
        self.work: list[asyncio.Task[None]] = []

    def spawn(self, work: Any) -> None:
        self.work.append(asyncio.ensure_future(work))

    async def client_register_capability_async(self, params: types.RegistrationParams) -> None:
        self.asked.append(("register", params))

    async def client_unregister_capability_async(self, params: types.UnregistrationParams) -> None:
        self.asked.append(("unregister", params))

    def workspace_code_lens_refresh(self, params: None) -> None:
        self.n_lenses += 1

    def tell_user(self, text: str, kind: types.MessageType = types.MessageType.Warning) -> None:
        self.told.append(("shown", text))

    def tell(self, spec: Any, params: Any) -> None:
        self.told.append((spec.method, params))

    def text_document_publish_diagnostics(self, params: types.PublishDiagnosticsParams) -> None:
        self.published[params.uri] = list(params.diagnostics)

    @property
    def states(self) -> list[str]:
        return [params.state for method, params in self.told if method == "wgsl/status"]


class Project:
    """A copy of the second host project in a server whose message loop is the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(SECOND, folder, dirs_exist_ok=True)
        self.engine = folder / "engine.cpp"
        self.tone = folder / "kernels" / "tone.wgsl"
        self.code = self.engine.read_text("utf-8")
        self.server: WgslServer = make_server()
        self.client = FakeClient()
        self.server.session.client = self.client
        self.server.protocol.client_capabilities = self.client.client_capabilities
        self.server.views.lens_pause = 0.0
        self.server.session.set_folders([str(folder)])
        self.version = 1

    async def open(self, path: Path) -> None:
        text = path.read_text("utf-8")
        document = types.TextDocumentItem(path.as_uri(), "wgsl", 1, text)
        did_open.did_open(self.server, types.DidOpenTextDocumentParams(document))
        await self.settled()

    async def type(self, path: Path, text: str) -> None:
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(self.version, path.as_uri())
        whole = types.TextDocumentContentChangeWholeDocument(text)
        did_change.did_change(self.server, types.DidChangeTextDocumentParams(document, [whole]))
        await self.settled()

    async def settled(self) -> None:
        await asyncio.wait_for(self.server.host_watch.settled(), 60)
        assert self.server.host_watch.is_idle is True

    def variants(self, path: Path | None = None) -> list[tuple[str, str, frozenset[str]]]:
        document = types.TextDocumentIdentifier((path or self.tone).as_uri())
        found = finished(variants.listed_steps(self.server, document.uri)).variants
        return [(one.name, one.origin, frozenset(one.defines or ())) for one in found]

    def findings(self, path: Path) -> list[tuple[int, str, str]]:
        """(line, rule, message) of the host's rules."""
        document = types.TextDocumentIdentifier(path.as_uri())
        report = diagnostic.diagnostic(self.server, types.DocumentDiagnosticParams(document))
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        return [
            (item.range.start.line + 1, str(item.code), item.message)
            for item in report.items
            if str(item.code).startswith("host/")
        ]

    def lens(self) -> str:
        """Above the first line of the shader."""
        document = types.TextDocumentIdentifier(self.tone.as_uri())
        first = code_lens.code_lens(self.server, types.CodeLensParams(document))[0]
        return first.command.title if first.command is not None else ""

    def line(self, text: str, part: str) -> int:
        return text.count("\n", 0, text.index(part)) + 1


@pytest.fixture
async def project(tmp_path: Path) -> AsyncIterator[Project]:
    made = Project(tmp_path / "a" / "b")
    await made.server.host_watch.start()
    yield made
    await made.server.stop_work()
    assert "host code" not in {task.get_name() for task in asyncio.all_tasks()}


async def test_before_and_after_reading(project: Project) -> None:
    assert {origin for _, origin, _ in project.variants()} <= {"default", "inferred"}
    project.server.session.changed(listing=False)
    snapshot = project.server.session.snapshot
    await project.settled()
    grain = snapshot.root(str(project.folder / "kernels" / "grain.wgsl"))
    assert grain is not None and not grain.settings.declared, "a snapshot keeps its moment"
    assert {origin for _, origin, _ in project.variants()} == {"host"} and len(project.variants()) == 22
    lists = [params.uris for method, params in project.client.told if method == "wgsl/viewsChanged"]
    assert () in lists, "of shaders that are not open, too, the lists are new"
    files = [params.files for method, params in project.client.told if method == "wgsl/hostFiles"]
    assert files == [(project.engine.as_uri(), (project.folder / "include" / "tuning.hpp").as_uri())]
    packed = next(name for name, _, defines in project.variants() if "PACKED" in defines)
    place = PositionParams(types.TextDocumentIdentifier(project.tone.as_uri()), types.Position(99, 0), packed)
    (given,) = [one.location for one in define_state.define_state(project.server, place).macros if one.name == "PACKED"]
    assert given is not None and given.uri == project.engine.as_uri(), "where the host gives it"
    assert given.range.start.line + 1 == project.line(project.code, PACKED)


class Kept:
    """Stands for the cache of an earlier process."""

    def __init__(self) -> None:
        self.notes: dict[str, Any] = {}

    def get_note(self, key: str) -> Any | None:
        return self.notes.get(key)

    def put_note(self, key: str, note: Any) -> None:
        self.notes[key] = note

    def flush(self) -> None:
        pass


async def test_what_an_earlier_process_read_is_not_read_again(project: Project) -> None:
    kept = project.server.session.readings.notes = Kept()
    await project.open(project.tone)
    await asyncio.gather(*project.server.host_watch._aside)
    assert len(project.variants()) == 22 and kept.notes
    later = Project(project.folder)
    later.server.session.readings.notes = kept
    await later.server.host_watch.start()
    await later.open(later.tone)
    assert later.variants() == project.variants() and later.server.host_watch.reader.n_starts == 0
    assert later.findings(later.engine) == []
    await later.server.stop_work()


async def test_code_that_is_opened_is_known_to_the_process_before_it_is_edited(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an earlier process kept says what the host gives; to read an edit as one the new process has to know it."""
    kept = project.server.session.readings.notes = Kept()
    await project.open(project.tone)
    later = Project(project.folder)
    later.server.session.readings.notes = kept
    reader, texts = later.server.host_watch.reader, []
    read = reader.read

    async def noted(job: HostJob) -> Any:
        texts.append(dict(job.texts)[str(later.engine)])
        return await read(job)

    monkeypatch.setattr(reader, "read", noted)
    await later.server.host_watch.start()
    await later.open(later.tone)
    assert texts == []
    await later.open(later.engine)
    assert texts == [later.code]
    edited = later.code.replace(PACKED, "")
    await later.type(later.engine, edited)
    assert texts == [later.code, edited] and reader.n_starts == 1
    assert len(later.variants()) == 16
    await later.server.stop_work()


class Shown:
    """The client's side of $/progress."""

    def __init__(self) -> None:
        self.tokens: dict[str, asyncio.Future[None]] = {}
        self.said: list[Any] = []

    async def create_async(self, token: str) -> None:
        self.tokens[token] = asyncio.get_running_loop().create_future()

    def begin(self, token: str, value: types.WorkDoneProgressBegin) -> None:
        assert token in self.tokens, "created first"
        self.said.append(value.title)

    def report(self, token: str, value: types.WorkDoneProgressReport) -> None:
        self.said.append(value.message)

    def end(self, token: str, value: types.WorkDoneProgressEnd) -> None:
        self.said.append("end")


async def test_a_long_reading_is_shown_while_it_lasts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = project.client.work_done_progress = Shown()  # type: ignore[attr-defined]
    project.client.client_capabilities.window = types.WindowClientCapabilities(work_done_progress=True)
    read = project.server.host_watch.reader.read

    async def slowly(job: HostJob) -> Any:
        while not any(str(one).endswith(" s") for one in shown.said):
            await asyncio.sleep(0.05)
        return await read(job)

    monkeypatch.setattr(project.server.host_watch.reader, "read", slowly)
    await project.open(project.tone)
    assert shown.said[0] == "Reading the host's code" and shown.said[-1] == "end"
    assert not shown.tokens and shown.said.count("end") == 1


EDITS = [
    # (what is typed, instead of what, macros that some variant has then, macros that none has, variants)
    ('macros.emplace("PACKED", ""); macros.emplace("NEW", "");', PACKED, {"PACKED", "NEW"}, set(), 22),
    ('macros.emplace("PACKING", "");', PACKED, {"PACKING"}, {"PACKED"}, 22),
    ("", PACKED, {"TILE=8"}, {"PACKED"}, 16),
    ("gpu.maxThreads >= 1024 ? 32 : 8", "gpu.maxThreads >= 1024 ? kWidest : 8", {"TILE=32", "TILE=8"}, {"TILE=16"}, 22),
    ('{ "DITHER", "2" }', '{ "DITHER", request.dither ? "1" : "0" }', {"DITHER=2"}, {"DITHER=0"}, 11),
]


async def test_what_is_typed_is_read(project: Project) -> None:
    await project.open(project.tone)
    await project.open(project.engine)
    for typed, instead, given, gone, count in EDITS:
        assert instead in project.code
        await project.type(project.engine, project.code.replace(instead, typed))
        found: set[str] = set().union(*(defines for _, _, defines in project.variants()))
        assert given <= found and not gone & found, typed
        assert len(project.variants()) == count, typed
    await project.type(project.engine, project.code)
    assert len(project.variants()) == 22
    assert project.server.host_watch.reader.n_starts == 1


HALF = [
    "m",
    "macros.",
    "macros.emplace",
    "macros.emplace(",
    'macros.emplace("',
    'macros.emplace("NEW',
    'macros.emplace("NEW",)',
]
HALF_WRITTEN = "this is no C++ yet: until it is, the shaders keep the variants that were read before"


async def test_while_a_line_is_half_written_the_variants_of_before_hold(project: Project) -> None:
    await project.open(project.tone)
    await project.open(project.engine)
    known, reader = project.variants(), project.server.host_watch.reader
    project.server.host_watch.reader = None  # type: ignore[assignment]
    for typed in HALF:
        text = project.code.replace(PACKED, f"{PACKED}\n    {typed}")
        await project.type(project.engine, text)
        assert project.variants() == known, typed
        ((line, rule, message),) = project.findings(project.engine)
        assert (rule, message) == ("host/gap", HALF_WRITTEN), typed
        assert 0 <= line - project.line(project.code, PACKED) <= 2, "where it is written"
        assert project.lens().startswith(f"half written at engine.cpp:{line} · until then 22 variants"), typed
    await project.type(project.engine, project.code)
    assert project.findings(project.engine) == [] and "half written" not in project.lens(), "taken back"
    await project.type(project.engine, text)
    project.server.host_watch.reader = reader
    # Who saves wants it read; what is lost by that is kept.
    saved = types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(project.engine.as_uri()))
    n_told = len(project.client.told)
    did_save.did_save(project.server, saved)
    await project.settled()
    assert project.variants() == known and "half written" in project.lens()
    assert "wgsl/viewsChanged" not in {method for method, _ in project.client.told[n_told:]}, "no list is new"
    await project.type(project.engine, project.code.replace(PACKED, f'{PACKED}\n    macros.emplace("NEW", "");'))
    assert sum("NEW" in defines for _, _, defines in project.variants()) == 6
    assert "half written" not in project.lens()
    # What nobody is writing is read as it is, and so is whole C++ that is not understood.
    await project.type(project.engine, project.code.replace(PACKED, f"{PACKED} macros[other()];"))
    assert len(project.variants()) < 22 and "half written" not in project.lens()


async def test_what_is_half_written_elsewhere_is_read_when_it_is_saved(project: Project) -> None:
    """Where no variant is lost by it."""
    await project.open(project.tone)
    await project.open(project.engine)
    text = project.code.replace(PACKED, PACKED + ' macros.emplace("NEW", "");') + "\nint unused = ;\n"
    await project.type(project.engine, text)
    assert not any("NEW" in defines for _, _, defines in project.variants()) and "half written" in project.lens()
    saved = types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(project.engine.as_uri()))
    did_save.did_save(project.server, saved)
    await project.settled()
    assert any("NEW" in defines for _, _, defines in project.variants()) and "half written" not in project.lens()


async def test_half_written_code_of_the_disk_is_read_as_it_is(project: Project) -> None:
    project.engine.write_text(project.code.replace(PACKED, f"{PACKED} macros."), "utf-8")
    await project.open(project.tone)
    assert len(project.variants()) < 22 and "half written" not in project.lens()


async def test_closing_without_saving_reads_the_disk_again(project: Project) -> None:
    await project.open(project.tone)
    await project.open(project.engine)
    await project.type(project.engine, project.code.replace(PACKED, ""))
    assert len(project.variants()) == 16
    closed = types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(project.engine.as_uri()))
    did_close.did_close(project.server, closed)
    await project.settled()
    assert len(project.variants()) == 22


async def test_a_change_on_the_disk(project: Project) -> None:
    await project.open(project.tone)
    project.engine.write_text(project.code.replace(PACKED, ""), "utf-8")
    changed = types.FileEvent(project.engine.as_uri(), types.FileChangeType.Changed)
    did_change_watched_files.did_change_watched_files(project.server, types.DidChangeWatchedFilesParams([changed]))
    await project.settled()
    assert len(project.variants()) == 16


@pytest.mark.parametrize("declared", ["", '[[shader]]\nfiles = ["kernels/*.wgsl"]\nvariant = [{ name = "own" }]\n'])
async def test_only_the_cpp_is_open(project: Project, declared: str) -> None:
    config = project.folder / "wgsl-ls.toml"
    more = '[[shader]]\nfiles = ["far/**/*.wgsl"]\nvariant = [{ name = "far" }]\n'
    config.write_text(config.read_text("utf-8") + declared + more, "utf-8")
    far = project.folder / "far" / "from" / "it" / "k.wgsl"
    far.parent.mkdir(parents=True)
    far.write_text("const a = 1;\n", "utf-8")
    project.server.session.changed()
    await project.open(project.engine)
    assert set(project.server.session.readings.wanted) == {str(project.tone.parent)}
    typed = project.code.replace(PACKED, PACKED + ' macros.emplace("TYPO", "");')
    await project.type(project.engine, typed)
    at = project.line(typed, "TYPO")
    assert project.findings(project.engine) == [
        (at, "host/define-not-read", "TYPO is given to tone, where nothing reads it")
    ]
    assert [one.code for one in project.client.published[project.engine.as_uri()]] == ["host/define-not-read"]


async def test_findings_on_both_sides_follow_the_texts(project: Project) -> None:
    await project.open(project.tone)
    await project.open(project.engine)
    shader = project.tone.read_text("utf-8")
    await project.type(project.tone, shader.replace("#ifdef PACKED", "#ifdef PACKD"))
    at = project.line(project.code, PACKED)
    assert project.findings(project.engine) == [
        (at, "host/define-not-read", "PACKED is given to tone, where nothing reads it")
    ]
    asked = project.line(shader, "PACKED")
    assert project.findings(project.tone) == [
        (asked, "host/macro-not-given", "nothing the host does gives PACKD to tone")
    ]
    assert {str(project.engine), str(project.tone)} <= project.server.publisher.paths()
    # Before anything is read again the finding stands where its text stands.
    project.server.session.files.open_text(str(project.engine), f"{'/' * 90}\n\n{project.code}", 7)
    project.server.session.changed(listing=False)
    assert [line for line, _, _ in project.findings(project.engine)] == [at + 2]
    await project.type(project.tone, shader)
    assert project.findings(project.tone) == [] and project.findings(project.engine) == []


async def test_a_gap_stands_at_its_line(project: Project) -> None:
    await project.open(project.tone)
    await project.open(project.engine)
    typed = project.code.replace(PACKED, 'macros[someOtherName()] = "1";')
    await project.type(project.engine, typed)
    lines = [(line, rule) for line, rule, _ in project.findings(project.engine) if rule == "host/gap"]
    assert lines == [(project.line(typed, "someOtherName"), "host/gap")]
    assert project.findings(project.tone) == [], "behind a gap PACKED may be given"


async def test_rules_are_the_configurations(project: Project) -> None:
    config = project.folder / "wgsl-ls.toml"
    config.write_text(
        'rules = { "host/define-not-read" = { severity = "off", reason = "known" } }\n' + config.read_text()
    )
    await project.open(project.engine)
    await project.type(project.engine, project.code.replace(PACKED, PACKED + ' macros.emplace("TYPO", "");'))
    assert project.findings(project.engine) == []


async def test_reading_is_switched_off(project: Project) -> None:
    await project.open(project.tone)
    await project.type(project.tone, project.tone.read_text("utf-8").replace("#ifdef PACKED", "#ifdef PACKD"))
    assert project.findings(project.tone)
    config = project.folder / "wgsl-ls.toml"
    await project.open(config)
    await project.type(config, "host = false\n")
    assert {origin for _, origin, _ in project.variants()} <= {"default", "inferred"}
    assert project.findings(project.tone) == []
    await project.type(config, config.read_text())
    assert {origin for _, origin, _ in project.variants()} == {"host"}
    await project.open(project.engine)
    await project.type(project.engine, project.code.replace(PACKED, "macros."))
    assert "half written" in project.lens()
    await project.type(config, "host = false\n")
    assert "half written" not in project.lens()


async def test_what_could_not_be_read_is_read_again_when_somebody_asks(
    project: Project, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await project.open(project.tone)
    await project.open(project.engine)
    watch = project.server.host_watch
    read, before = watch.reader.read, project.variants()
    for number, (answer, why) in enumerate(
        (("it ended", "it ended"), (HostAnswer("[]"), "the process that read it answered something else"))
    ):
        monkeypatch.setattr(watch.reader, "read", AsyncMock(return_value=answer))
        await project.type(project.engine, project.code.replace(PACKED, f"/* {number} */"))
        assert project.variants() == before, "what was known stays"
        ((line, rule, words),) = project.findings(project.engine)
        assert (line, rule) == (1, "host/gap") and f"({why})" in words
    monkeypatch.setattr(watch.reader, "read", read)
    watch.wake()
    await project.settled()
    assert project.variants() == before
    watch.forget_failures()
    await project.settled()
    assert len(project.variants()) == 16 and project.findings(project.engine) == []
    look, failures = watch._look, [ValueError("odd")]

    async def fails_once() -> None:
        if failures:
            raise failures.pop()
        await look()

    monkeypatch.setattr(watch, "_look", fails_once)
    watch.wake()
    await project.settled()
    assert [one.getMessage() for one in caplog.records] == ["reading host code failed; please report this"]
    await project.type(project.engine, project.code)
    assert len(project.variants()) == 22


@pytest.mark.slow
async def test_a_process_that_dies_or_hangs_is_a_gap_of_that_name(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def restart() -> None:
        pass

    monkeypatch.setattr(project.server.checker, "restart_engines", restart)
    await project.open(project.tone)
    await project.open(project.engine)
    reader = project.server.host_watch.reader
    for code, why in (
        ("import os; os.kill(os.getpid(), 9)", "the process that read it ended (SIGKILL)"),
        ("import time; time.sleep(60)", "reading it took longer than 2 seconds"),
        ("raise MemoryError('too much')", "the process that read it ended (exit 1): MemoryError: too much"),
    ):
        await project.server.host_watch.reader.close()
        project.server.host_watch.reader = HostReader(2.0, (sys.executable, "-c", code))
        await project.type(project.engine, project.code.replace(PACKED, f"/* {why} */"))
        assert len(project.variants()) == 22, "what was known stays"
        ((line, rule, message),) = project.findings(project.engine)
        assert (line, rule) == (1, "host/gap") and why in message
    project.server.host_watch.reader = reader
    await commands.restart_engines(project.server, None)
    await project.settled()
    assert len(project.variants()) == 16 and project.findings(project.engine) == []


async def test_memory_is_limited() -> None:
    reader = HostReader(environment={"WGSL_LS_HOST_BYTES": str(1 << 20)})
    answer = await reader.read(HostJob("", (), (), "{}", "[]"))
    assert isinstance(answer, str) and answer.startswith("the process that read it ended")


async def test_a_definition_that_the_host_always_hides_is_none(project: Project) -> None:
    project.tone.write_text(f"#define TILE 8\n#define PACKED\n{project.tone.read_text()}")
    await project.open(project.tone)
    document, text = types.TextDocumentIdentifier(project.tone.as_uri()), project.tone.read_text()
    definition = project.server.protocol.fm.features["textDocument/definition"]

    async def leads_to(part: str) -> list[tuple[str, int]]:
        line = project.line(text, part) - 1
        place = types.Position(line, text.splitlines()[line].index(part))
        found = await definition(types.DefinitionParams(document, place))
        return [(one.uri.rpartition("/")[2], one.range.start.line + 1) for one in found]

    assert await leads_to("TILE, TILE") == [("engine.cpp", project.line(project.code, 'macros["TILE"]'))]
    assert ("tone.wgsl", 2) in await leads_to("PACKED"), "which some variants are not given"


async def test_other_cpp_is_left_alone(project: Project) -> None:
    await project.open(project.tone)
    other = project.folder / "other.cpp"
    other.write_text("int main() { return 0; }\n")
    await project.open(other)
    assert other.as_uri() not in project.client.published
    document = types.TextDocumentIdentifier(other.as_uri())
    for method in (
        "textDocument/hover",
        "textDocument/definition",
        "textDocument/references",
        "textDocument/formatting",
    ):
        handler = project.server.protocol.fm.features[method]
        position = types.TextDocumentPositionParams(document, types.Position(0, 5))
        found = handler(position)
        assert (await found if asyncio.iscoroutine(found) else found) is None


async def test_the_client_is_asked_for_these_files_alone(project: Project) -> None:
    """A client that can be asked sends the C++ that was read, and no other."""
    synchronization = types.TextDocumentSyncClientCapabilities(dynamic_registration=True)
    text_document = types.TextDocumentClientCapabilities(synchronization=synchronization)
    project.client.client_capabilities = types.ClientCapabilities(text_document=text_document)
    await project.open(project.tone)
    await asyncio.gather(*project.client.work)
    ((method, params),) = project.client.asked
    assert method == "register"
    sent = get_converter().unstructure(params, types.RegistrationParams)["registrations"]
    assert {one["method"] for one in sent} == {
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didSave",
        "textDocument/didClose",
    }
    read = [str(project.engine), str(project.folder / "include" / "tuning.hpp")]
    for one in sent:
        assert [part["pattern"] for part in one["registerOptions"]["documentSelector"]] == read
    # Other files are read: the old registrations go.
    (project.folder / "include" / "more.hpp").write_text("#pragma once\n")
    await project.open(project.engine)
    await asyncio.gather(*project.client.work)
    assert [method for method, _ in project.client.asked] == ["register", "unregister", "register"]


async def test_a_client_that_sends_only_its_own_languages_is_asked_for_changes_on_the_disk(
    project: Project,
) -> None:
    watching = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    workspace = types.WorkspaceClientCapabilities(did_change_watched_files=watching)
    project.client.client_capabilities = types.ClientCapabilities(workspace=workspace)
    await project.open(project.tone)
    await asyncio.gather(*project.client.work)
    ((method, params),) = project.client.asked
    assert method == "register" and [one.method for one in params.registrations] == ["workspace/didChangeWatchedFiles"]
    patterns = [one.glob_pattern for one in params.registrations[0].register_options.watchers]
    assert patterns == [str(project.engine), str(project.folder / "include" / "tuning.hpp")]


async def test_the_loop_goes_on_while_it_reads(project: Project) -> None:
    """Answers come, and the status says what is going on."""
    did_open.did_open(
        project.server,
        types.DidOpenTextDocumentParams(
            types.TextDocumentItem(project.tone.as_uri(), "wgsl", 1, project.tone.read_text("utf-8"))
        ),
    )
    while not project.server.host_watch.is_reading:
        await asyncio.sleep(0.01)
    assert project.client.n_lenses == 1, "which say so"
    project.server.checker.status("idle")
    assert project.client.states[-1] == "reading"
    assert {origin for _, origin, _ in project.variants()} <= {"default", "inferred"}
    project.server.checker.idle.set()
    assert not commands.statistics(project.server, None).idle
    await project.settled()
    told = [params for method, params in project.client.told if method == "wgsl/status"]
    assert (told[-1].state, told[-1].done, told[-1].total) == ("checking", 0, 22), "what was found is checked next"
    assert roots.roots(project.server, None).roots


async def test_what_a_reading_rests_on_is_asked_shader_by_shader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path)
    workspace, root = project.server.session.workspace, str(project.tone)
    request = workspace.host_request(root)
    assert request is not None
    asked: list[str] = []
    shader = HostCode._shader

    def counted(self: HostCode, config: Any, one: str, include: Any) -> Any:
        asked.append(one)
        return shader(self, config, one, include)

    monkeypatch.setattr(HostCode, "_shader", counted)
    for work in (workspace.host_request_steps(root), workspace.host_shader_steps(root)):
        asked.clear()
        n_asked = [len(asked) for _ in work]
        assert len(asked) == len(request.shaders) > 1
        assert all(after - before <= 1 for before, after in pairwise([0, *n_asked]))


async def test_what_is_not_looked_at_for_the_host_is_said_once(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wgsl_ls.project.host_code._MOST_CHARACTERS", 10_000)
    (project.folder / "long.cpp").write_text("int a;\n" * 2000)
    config = project.folder / "wgsl-ls.toml"
    config.write_text("\n".join(line for line in config.read_text().splitlines() if not line.startswith("files")))
    await project.open(project.tone)
    await project.type(project.engine, project.code + "// more\n")
    shown = [text for method, text in project.client.told if method == "shown"]
    assert [text.partition(" is too long")[0] for text in shown] == [str(project.folder / "long.cpp")]
