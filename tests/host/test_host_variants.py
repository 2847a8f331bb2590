"""Variants of undeclared shaders come from the host's code; names, places and the command line."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.host.host_fixture import body
from wgsl_ls.analysis.across import across
from wgsl_ls.analysis.features.cursor import Cursor, cursor_at
from wgsl_ls.analysis.features.hover_macro import macro_page
from wgsl_ls.analysis.features.navigation import macro_definitions, references
from wgsl_ls.analysis.features.rename import Refusal, rename_steps
from wgsl_ls.analysis.findings import Finding
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.host import AnalysisHost
from wgsl_ls.analysis.index import NameIndex
from wgsl_ls.analysis.lints import lint_steps
from wgsl_ls.analysis.merge import merge
from wgsl_ls.cli.main import main
from wgsl_ls.host.codec import from_plain, to_plain
from wgsl_ls.host.model import HostGate
from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.host_code import HostCode, is_near, named_files
from wgsl_ls.project.reach import Reach
from wgsl_ls.project.settings import RootSettings
from wgsl_ls.project.workspace import ProjectWorkspace
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import finished

FOLDER = Path(__file__).parent / "second"
TONE = str(FOLDER / "kernels" / "tone.wgsl")
GRAIN = str(FOLDER / "kernels" / "grain.wgsl")


class Notes:
    """Keeps what is put there, as JSON, and counts."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.n_found = 0

    def get_note(self, key: str) -> object | None:
        self.n_found += key in self.kept
        return json.loads(self.kept[key]) if key in self.kept else None

    def put_note(self, key: str, note: object) -> None:
        self.kept[key] = json.dumps(note)

    def flush(self) -> None:
        pass


def workspace(notes: Notes | None = None) -> ProjectWorkspace:
    files = FileSystem()
    return ProjectWorkspace(files, [str(FOLDER)], host_code=HostCode(files, notes))


def test_an_undeclared_shader_has_the_hosts_variants() -> None:
    settings = workspace().settings(TONE)
    assert settings.declared
    assert {variant.origin for variant in settings.variants} == {"host"}
    names = [variant.name for variant in settings.variants]
    assert len(names) == len(set(names)) == 22
    packed = next(variant for variant in settings.variants if variant.name == "tone u32 to u32+TILE=8+PACKED+DITHER=1")
    assert packed.profiles == ("webgpu-default",)
    assert packed.axes == (("request.source", "Rgba8"), ("request.isTiled", "false"), ("request.dither", "true"))


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        (("webgpu-core",), {("webgpu-core",)}),
        (("firefox-141", "nvidia"), {("nvidia", "firefox-141")}),
        (("webgpu-f16", "nvidia"), {("webgpu-f16",), ("nvidia",)}),
    ],
)
def test_the_host_is_asked_about_devices(named: tuple[str, ...], asked: set[tuple[str, ...]]) -> None:
    """What it makes for others does not go wrong on these; a browser is no device, but guaranteed limits are those of
    one."""
    settings = ProjectWorkspace(FileSystem(), [str(FOLDER)], named, host_code=HostCode(FileSystem())).settings(TONE)
    assert {variant.profiles for variant in settings.variants} == asked
    settings = ProjectWorkspace(
        FileSystem(), [str(FOLDER)], ("firefox-141",), host_code=HostCode(FileSystem())
    ).settings(TONE)
    assert len({variant.profiles for variant in settings.variants}) > 1


def test_what_is_all_the_host_asks_for_and_what_is_not() -> None:
    """All devices and nothing chosen; one device only; a number that was chosen."""
    project = workspace()
    assert project.settings(TONE).complete
    assert not project.settings(str(FOLDER / "kernels" / "grain.wgsl")).complete
    limited = ProjectWorkspace(FileSystem(), [str(FOLDER)], ("nvidia",), host_code=HostCode(FileSystem()))
    assert limited.settings(TONE).variants and not limited.settings(TONE).complete


class Picked(ProjectWorkspace):
    """Only variants without PACKED are looked at. `claims`: and these are said to be all."""

    claims = False

    def settings(self, root: str) -> RootSettings:
        settings = super().settings(root)
        picked = tuple(one for one in settings.variants if "PACKED" not in dict(one.defines))
        return replace(settings, variants=picked, complete=self.claims)


class Claimed(Picked):
    claims = True


@pytest.mark.parametrize(
    ("kind", "told"), [(ProjectWorkspace, False), (Picked, False), (Claimed, True)], ids=["all", "some", "some as all"]
)
def test_what_is_never_true_is_told_of_all_variants_only(kind: type[ProjectWorkspace], told: bool) -> None:
    project = kind(FileSystem(), [str(FOLDER)], host_code=HostCode(FileSystem()))
    snapshot = AnalysisHost(project).snapshot()
    view = snapshot.root(TONE)
    assert view is not None
    never = [finding.message for finding in finished(lint_steps(snapshot, view)) if finding.code == "lint/never-true"]
    assert bool(never) is told
    assert all("that get here, all that the host asks for on the devices known" in message for message in never)


def test_a_second_process_does_not_read_again() -> None:
    notes = Notes()
    first = workspace(notes).host_reading(TONE)
    again = workspace(notes).host_reading(TONE)
    assert notes.n_found == 1 and len(notes.kept) == 1
    assert first == again and first is not again


def test_plain_data_keeps_everything_and_shares_what_was_shared() -> None:
    reading = workspace().host_reading(TONE)
    assert reading is not None
    back = from_plain(json.loads(json.dumps(to_plain(reading))))
    assert back == reading
    assert back is not None
    count = len({id(define) for variant in back.variants for define in variant.defines})
    assert count == len({id(define) for variant in reading.variants for define in variant.defines})
    assert from_plain({"format": -1}) is None


def test_definition_and_hover_of_a_macro_go_to_the_cpp_line() -> None:
    project = workspace()
    snapshot = AnalysisHost(project).snapshot()
    text = Path(TONE).read_text("utf-8")
    cursor = cursor_at(snapshot, FrontEnd(), TONE, text.index("DITHER"))
    assert cursor is not None
    (location,) = macro_definitions(cursor, "DITHER")
    code = (FOLDER / "engine.cpp").read_text("utf-8")
    assert location.path == str(FOLDER / "engine.cpp")
    assert code[location.span.start :].startswith('macros.insert({ "DITHER"')
    shown = "".join(str(part) for part in macro_page(cursor, "DITHER", across(cursor.view)).text)
    assert "Given by `cookTone` at " in shown and "when `request.job is Job::Tone`" in shown


def test_a_hover_says_which_devices_have_which_value() -> None:
    snapshot = AnalysisHost(workspace()).snapshot()
    text = Path(TONE).read_text("utf-8")

    def rows(name: str) -> list[str]:
        cursor = cursor_at(snapshot, FrontEnd(), TONE, text.index(name))
        assert cursor is not None
        page = "".join(str(part) for part in macro_page(cursor, name, across(cursor.view)).text)
        return [line for line in page.splitlines() if line.startswith("| ")]

    head, _, *values = rows("TILE")
    assert head == "| value | variants | for example | on |"
    assert {tuple(cell.strip(" *") for cell in row.split("|")[1:-1])[::3] for row in values} == {
        ("`8`", "`webgpu-default`"),
        ("`16`", "`nvidia`"),
    }
    assert rows("DITHER")[0].split(" | ")[-1] != "on |", "every device has both"


def test_variants_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WGSL_LS_CACHE", str(tmp_path))
    assert main(["variants", str(FOLDER), "--format", "json", "--profile", "nvidia"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {one["origin"] for one in listed} == {"host"}
    assert {Path(one["shader"]).name for one in listed} == {"tone.wgsl", "grain.wgsl"}
    grain = next(one for one in listed if one["shader"].endswith("grain.wgsl"))
    assert (grain["profile"], grain["chosen"], grain["inputs"]["radius"]) == ("nvidia", ["radius"], "1")


def test_what_was_understood(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WGSL_LS_CACHE", str(tmp_path))
    assert main(["host", str(FOLDER)]) == 0
    shown = capsys.readouterr().out
    assert "2 of 2 functions read, 0 gaps" in shown
    assert main(["host", str(FOLDER), "--format", "json"]) == 0
    (reading,) = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in reading["functions"]] == ["cookTone", "cookGrain"]
    assert main(["host", str(tmp_path)]) == 2, "no shader"
    (tmp_path / "a.wgsl").write_text("fn f() {}\n", "utf-8")
    assert main(["host", str(tmp_path)]) == 1, "no host"


def cursor_in(text: str, path: str = TONE) -> Cursor:
    files = FileSystem()
    project = ProjectWorkspace(files, [str(FOLDER)], host_code=HostCode(files))
    source = Path(path).read_text("utf-8")
    found = cursor_at(AnalysisHost(project).snapshot(), FrontEnd(), path, source.index(text))
    assert found is not None
    return found


def spelled(cursor: Cursor, place: Location) -> str:
    source = cursor.snapshot.source(place.path)
    assert source is not None
    return source.text[place.span.start : place.span.end]


@pytest.mark.parametrize(
    ("path", "name", "in_cpp"),
    [
        (TONE, "PACKED", ["PACKED"]),
        (TONE, "DITHER", ["DITHER"]),
        (TONE, "IN", ["IN"]),
        (GRAIN, "RADIUS", ["RADIUS"]),
        (GRAIN, "WITH_SEED", ['std::string("WITH_") + name']),
    ],
)
def test_references_include_the_places_in_the_cpp(path: str, name: str, in_cpp: list[str]) -> None:
    cursor = cursor_in(name, path)
    index = NameIndex(cursor.front_end)
    found = references(cursor, index, [path])
    assert [spelled(cursor, place) for place in found if place.path.endswith(".cpp")] == in_cpp
    assert {spelled(cursor, place) for place in found if place.path == path} == {name}
    uses = references(cursor, index, [path], include_declaration=False)
    assert uses and {place.path for place in uses} == {path}


def test_a_rename_goes_on_in_the_hosts_code_and_says_what_gives_the_macro() -> None:
    cursor = cursor_in("PACKED")
    edits = finished(rename_steps(cursor, NameIndex(cursor.front_end), [TONE], "DENSE"))
    assert {spelled(cursor, edit.location) for edit in edits} == {"PACKED"}
    (there,) = [edit for edit in edits if edit.location.path.endswith(".cpp")]
    line = (FOLDER / "engine.cpp").read_text("utf-8").partition('emplace("PACKED"')[0].count("\n") + 1
    words = f"PACKED is given by cookTone, when request.job is Job::Tone and tuning.packed (engine.cpp:{line})"
    assert there.given == words and [edit.given for edit in edits if edit is not there] == [""]


def test_a_macro_that_one_place_gives_to_two_shaders_is_renamed_in_both(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "film")
    engine, tone, grain = folder / "engine.cpp", folder / "kernels" / "tone.wgsl", folder / "kernels" / "grain.wgsl"
    finish = 'return finish(expander_.expandKernel("kernels/tone.wgsl", macros), title);'
    text = engine.read_text("utf-8")
    assert finish in text
    engine.write_text(text.replace(finish, f'expander_.expandKernel("kernels/grain.wgsl", macros);\n        {finish}'))
    grain.write_text(grain.read_text("utf-8") + "#ifdef PACKED\nconst packed = 1;\n#endif\n")
    files = FileSystem()
    snapshot = AnalysisHost(ProjectWorkspace(files, [str(folder)], host_code=HostCode(files))).snapshot()
    cursor = cursor_at(snapshot, FrontEnd(), str(tone), tone.read_text("utf-8").index("PACKED"))
    assert cursor is not None
    edits = finished(rename_steps(cursor, NameIndex(cursor.front_end), [str(tone)], "DENSE"))
    assert {Path(edit.location.path).name for edit in edits} == {"engine.cpp", "tone.wgsl", "grain.wgsl"}
    assert [bool(edit.given) for edit in edits if edit.location.path.endswith(".cpp")] == [True]
    assert all(spelled(cursor, edit.location) == "PACKED" for edit in edits)


def test_a_macro_that_the_host_does_not_spell_is_not_renamed() -> None:
    cursor = cursor_in("WITH_SEED", GRAIN)
    with pytest.raises(Refusal, match=r"\(engine.cpp:\d+\), which does not spell it: rename it there too, by hand"):
        finished(rename_steps(cursor, NameIndex(cursor.front_end), [GRAIN], "SEEDED"))
    cursor = cursor_in("RADIUS", GRAIN)
    edits = finished(rename_steps(cursor, NameIndex(cursor.front_end), [GRAIN], "REACH"))
    assert [spelled(cursor, edit.location) for edit in edits if edit.given] == ["RADIUS"]


def test_a_finding_leads_to_the_place_in_the_cpp() -> None:
    """Only when PACKED: the place that gives it is beside the finding, with the host's own conditions."""
    variants = workspace().settings(TONE).variants
    packed = [index for index, one in enumerate(variants) if "PACKED" in dict(one.defines)]
    finding = Finding(Location(TONE, Span(0, 6)), Severity.ERROR, "wgsl/type", "wrong", ("dawn",))
    found = [[finding] if index in packed else [] for index in range(len(variants))]
    (merged,) = finished(merge(TONE, variants, found, lambda place: 0, lambda engine: 0))
    assert merged.condition == "PACKED"
    (note,) = merged.related
    assert note.location.path == str(FOLDER / "engine.cpp")
    assert note.message == (
        "PACKED is given by cookTone, when request.job is Job::Tone and tuning.packed; for example with "
        "request.source Rgba8, request.isTiled false, request.dither true"
    )


def test_a_finding_says_where_the_gate_lets_the_operation_through() -> None:
    gate = HostGate("accepts", Location(str(FOLDER / "engine.cpp"), Span(7, 11)))
    variants = tuple(
        replace(one, asked_by=replace(one.asked_by, op="Tone", gate=gate)) if one.asked_by is not None else one
        for one in workspace().settings(TONE).variants
    )
    packed = [index for index, one in enumerate(variants) if "PACKED" in dict(one.defines)]
    finding = Finding(Location(TONE, Span(0, 6)), Severity.ERROR, "wgsl/type", "wrong", ("dawn",))
    found = [[finding] if index in packed else [] for index in range(len(variants))]
    (merged,) = finished(merge(TONE, variants, found, lambda place: 0, lambda engine: 0))
    assert [(one.location, one.message) for one in merged.related[1:]] == [(gate.location, "accepts lets Tone through")]


def test_only_folders_that_may_hold_a_named_file_are_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A configuration may stand at the top of a large tree, and this is asked at every pause in typing."""
    for name in ("host/a.cpp", "host/deep/b.cpp", "deep/x/c.hpp", "other/d.cpp", "x{1}.cpp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", "utf-8")
    looked_into: list[str] = []
    for owner, method in ((Path, "iterdir"), (os, "scandir")):
        real = getattr(owner, method)
        monkeypatch.setattr(owner, method, lambda path, real=real: (looked_into.append(Path(path).name), real(path))[1])
    patterns = ["host/*.cpp", "./deep/**/*.hpp", "other/d.cpp", "other/e.cpp", "gone/*.cpp"]
    found = {Path(path).relative_to(tmp_path).as_posix() for path in named_files(FileSystem(), str(tmp_path), patterns)}
    assert found == {"host/a.cpp", "deep/x/c.hpp", "other/d.cpp", "other/e.cpp"}  # the last has no text
    assert set(looked_into) <= {"host", "deep", "x", "gone"}


@pytest.mark.parametrize(
    ("shaders", "host", "found"),
    [
        ("shaders", "shaders/h.cpp", True),
        ("shaders", "h.cpp", True),
        ("a/shaders", "h.cpp", True),
        ("shaders", "src/h.cpp", True),
        ("a/shaders", "src/h.cpp", True),
        ("shaders", "shaders/deep/h.cpp", False),
        ("shaders", "src/deep/h.cpp", False),
        ("shaders", ".hidden/h.cpp", False),
        ("a/b/c/shaders", "h.cpp", False),
    ],
)
def test_where_a_host_is_looked_for(tmp_path: Path, shaders: str, host: str, found: bool) -> None:
    code = body('if (n == 1 || n == 4) { defs.push_back("WG=" + std::to_string(n)); }')
    for name, text in ((f"{shaders}/blur.wgsl", ""), (host, code)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    root = str(tmp_path / shaders / "blur.wgsl")
    files = FileSystem()
    files.reach = Reach([str(tmp_path)])
    reading = ProjectWorkspace(files, [str(tmp_path)], host_code=HostCode(files)).host_reading(root)
    assert (reading is not None) is found
    opened = [str(tmp_path / shaders)]  # in no repository
    files.reach = Reach(opened)
    reading = ProjectWorkspace(files, opened, host_code=HostCode(files)).host_reading(root)
    assert (reading is not None) is (found and host.split("/")[0] != "src" and shaders == "shaders")
    assert is_near(str((tmp_path / host).parent), root) is (found or host.startswith(".hidden"))
