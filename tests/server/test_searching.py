"""Variants of roots that nobody declared are searched between messages; meanwhile there are those of before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lsprotocol import types

from tests.server.in_process import Desk
from wgsl_ls.engines.scripted import obey
from wgsl_ls.project.held_inferences import HeldInferences
from wgsl_ls.server.handlers.references import find_references
from wgsl_ls.server.handlers.rename import rename_name
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected

TEXT = "#ifdef A\nfn one() -> u32 { return 1u; }\n#else\nfn one() -> u32 { return 2u; }\n#endif\n"
FILES = {"a.wgsl": '#include "h.tmpl"\nfn f() { _ = one(); }\n', "b.wgsl": '#include "h.tmpl"\n', "h.tmpl": TEXT}


def desk_of(folder: Path, files: dict[str, str] = FILES, compile: Callable[[CompileJob], CompileResult] = obey) -> Desk:
    """One whose variants are searched as they are once the engines have started."""
    desk = Desk(folder, files, compile=compile)
    desk.session.workspace.inferences = HeldInferences()
    return desk


def variants(desk: Desk, name: str = "a.wgsl") -> list[str]:
    return [variant.name for variant in desk.session.view(desk.uri(name)).variants]


async def test_opening_and_editing(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    desk.open()
    assert variants(desk) == ["default"]
    assert desk.shown() == []  # that the search was given up is not said of one that is pending
    await desk.check()
    assert variants(desk) == ["default", "A"]
    more = "#ifdef B\n#endif\n" + FILES["a.wgsl"]
    desk.change(more)
    assert variants(desk) == ["default", "A"]
    await desk.check()
    assert variants(desk) == ["default", "B", "A"]
    desk.change(more.replace("one()", "one() + 1u"))
    steps = desk.session.workspace.inference_steps()
    assert list(steps) == []  # its directives are the same


async def test_a_search_that_an_edit_ended_is_made_anew(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    desk.open()
    desk.session.snapshot.root(desk.path("a.wgsl"))
    steps = desk.session.workspace.inference_steps()
    next(steps)
    desk.change(FILES["a.wgsl"] + "#ifdef C\n#endif\n")
    steps.close()
    await desk.check()
    assert variants(desk) == ["default", "A", "C"]


async def test_what_asks_all_variants_waits_for_them(tmp_path: Path) -> None:
    desk = desk_of(tmp_path)
    desk.open()
    place = types.ReferenceParams(types.ReferenceContext(True), desk.document(), desk.at("one"))
    found = await find_references(desk.server, place)
    assert sorted(map(desk.words, found)) == ["a.wgsl:2 'one'", "h.tmpl:2 'one'", "h.tmpl:4 'one'"]
    other = desk_of(tmp_path)
    other.open()
    edit = await rename_name(other.server, types.RenameParams(other.document(), other.at("one"), "two"))
    assert sum(map(len, (edit.changes or {}).values())) == 3


async def test_nothing_is_told_that_a_variant_to_come_may_refute(tmp_path: Path) -> None:
    branches = "#ifdef A\nalias T = f32;\n#else\nalias T = u32;\n#endif\n"

    def refuse(job: CompileJob) -> CompileResult:
        at = job.text.find("2.")
        place = MessageSpan(at, job.text.find(";", at))
        return Rejected((EngineMessage("error", "no u32", (place,), kind="type"),)) if at >= 0 else Accepted()

    text = branches + "fn f() {\n    let x: T = 1.5;\n    let y: u32 = 2.5;\n}\n"
    desk = desk_of(tmp_path, {"a.wgsl": text}, refuse)

    def state() -> tuple[list[str], list[int]]:
        view = desk.session.view(desk.uri("a.wgsl"))
        counts = desk.session.reporter.reports[view.path].counts
        return desk.shown(), [counts[word] for word in ("pass", "fail", "pending", "unjudged")]

    desk.open()
    assert state() == ([], [0, 0, 1, 0]), "before anything was searched"
    checker, session = desk.server.checker, desk.session
    assert await session.searched([desk.path("a.wgsl")])
    checker.fast()
    assert state() == ([], [0, 0, 2, 0]), "the other variant was not looked at"
    await desk.check()
    shown, counts = state()
    assert [one.partition(":")[0] for one in shown] == ["8 wgsl/type"] and counts == [0, 2, 0, 0]
    desk.change(desk.text().replace("2.5", "2.25"))
    assert [one.partition(":")[0] for one in desk.shown()] == ["8 wgsl/type"], "what was known stays while one types"
