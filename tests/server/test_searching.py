"""Variants of roots that nobody declared are searched between messages; meanwhile there are those of before."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from tests.server.in_process import Desk
from wgsl_ls.project.held_inferences import HeldInferences
from wgsl_ls.server.handlers.references import find_references
from wgsl_ls.server.handlers.rename import rename_name

TEXT = "#ifdef A\nfn one() -> u32 { return 1u; }\n#else\nfn one() -> u32 { return 2u; }\n#endif\n"
FILES = {"a.wgsl": '#include "h.tmpl"\nfn f() { _ = one(); }\n', "b.wgsl": '#include "h.tmpl"\n', "h.tmpl": TEXT}


def desk_of(folder: Path, files: dict[str, str] = FILES) -> Desk:
    """One whose variants are searched as they are once the engines have started."""
    desk = Desk(folder, files)
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
