"""A short day of tests/bench/soak.py over our own shaders."""

from __future__ import annotations

import argparse
import gc
import random
import shutil
from collections import Counter, deque
from collections.abc import Iterable
from functools import _lru_cache_wrapper
from pathlib import Path
from types import ModuleType

import pytest
from lsprotocol import types

from tests.bench.soak import answer, as_served, questions, soak
from tests.server.in_process import Desk
from wgsl_ls.analysis.results import ResultStore
from wgsl_ls.preprocess.dialect import GGML
from wgsl_ls.preprocess.directives import parse_directives
from wgsl_ls.preprocess.expansion import Expansion, _Holding
from wgsl_ls.preprocess.node_store import NodeStore
from wgsl_ls.server.handlers.did_change_watched_files import did_change_watched_files
from wgsl_ls.server.handlers.did_close import did_close
from wgsl_ls.server.handlers.did_save import did_save
from wgsl_ls.server.settings import Settings
from wgsl_ls.text.memo import Memo
from wgsl_ls.wgsl.builtins import CONSTRUCTORS, FUNCTIONS
from wgsl_ls.wgsl.lexer import _Kinds
from wgsl_ls.wgsl.overloads import overloads_of
from wgsl_ls.wgsl.parser import ParseCache


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "host"), [("shaders", False), ("host/second", True)])
async def test_after_hundreds_of_edits_the_server_shows_what_a_fresh_one_does(
    tmp_path: Path, folder: str, host: bool
) -> None:
    shutil.copytree(Path(__file__).parents[1] / folder, tmp_path / "day")
    # Latency and memory need a longer day; what differs would show in a short one too.
    arguments = argparse.Namespace(
        edits=100 if host else 250,
        seconds=3600.0,
        every=3600.0,
        seed=3,
        growth=10**6,
        slower=1e9,
        host=host,
        all=False,
        checks=0.2,
        compare=50 if host else 120,
        engines=None,
        open=4,
    )
    assert await soak(tmp_path / "day", arguments) == 0


async def test_what_an_edit_replaced_is_freed_at_once(tmp_path: Path) -> None:
    """Without a look for garbage, which a server has time for only when nobody types."""
    text = "#ifdef A\nconst a = 1;\n#endif\n@compute @workgroup_size(1) fn main() { }\n"
    config = "[[shader]]\nfiles = ['*.wgsl']\naxes = { A = ['', 'A'] }\n"
    desk = Desk(tmp_path, {"a.wgsl": text, "wgsl-ls.toml": config})
    desk.open()
    await desk.check()
    gc.collect()
    before = _alive()
    gc.disable()
    try:
        for number in range(40):
            desk.change(f"{text}const c{number} = {number};\n")
            if number % 10 == 0:
                await desk.check()
        after = _alive()
    finally:
        gc.enable()
    assert before["RootView"] > 0 and before["Across"] > 0
    assert {name: after[name] - before[name] for name in KEPT if after[name] - before[name] > 4} == {}


KEPT = (
    "RootView",
    "Across",
    "Structures",
    "Snapshot",
    "FrozenFiles",
    "ProjectWorkspace",
    "Expander",
    "Resolver",
    "Expansion",
    "Replay",
)


def _alive() -> Counter[str]:
    return Counter(type(one).__name__ for one in gc.get_objects() if type(one).__name__ in KEPT)


HEADER = "#define SIZE 4u\n#ifdef WIDE\nfn widened(x: f32) -> f32 { return x * f32(SIZE); }\n#endif\n"
SHADER = (
    '#include "h.tmpl"\n#define TILE (SIZE * 2u)\n'
    "#ifdef WIDE\nconst wide = TILE;\n#else\nconst narrow = SIZE;\n#endif\n"
    "@group(0) @binding(0) var<storage, read_write> cells: array<f32>;\n"
    "@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) at: vec3u) { cells[at.x] *= f32(TILE); }\n"
)
KNOWN_TO_GROW = {"Vocabulary.macro_names"}
"""A name for each macro that anybody ever defined: whoever runs code asks which words can be one."""
CONFIG = "[[shader]]\nfiles = ['a.wgsl']\naxes = { WIDE = ['', 'WIDE'], SIDE = ['SIDE=1', 'SIDE=%d'] }\n"


async def test_what_is_kept_without_a_bound_does_not_grow_with_the_day(tmp_path: Path) -> None:
    """Keeps that are bounded (see the README) are emptied before what is left is counted."""
    for name in (*FUNCTIONS, *CONSTRUCTORS):
        overloads_of(name)  # as many as there are, whoever asks first
    desk = Desk(tmp_path, {"a.wgsl": SHADER, "h.tmpl": HEADER, "b.wgsl": SHADER, "wgsl-ls.toml": CONFIG % 2})
    as_served(desk)
    desk.open("a.wgsl")
    desk.open("h.tmpl")
    await a_day(desk, range(100, 108))
    before = kept()
    await a_day(desk, range(200, 232))
    after = kept()
    assert before["Reporter._shown"] > 0 and before["NodeStore"] > 0
    grown = {name: (before[name], after[name]) for name in after if after[name] > before[name] + 3}
    assert {name: counts for name, counts in grown.items() if name not in KNOWN_TO_GROW} == {}


async def test_what_is_kept_does_not_grow_with_a_day_at_the_hosts_code(tmp_path: Path) -> None:
    """Each round brings variants, macros and a mistake in the C++ that nobody has seen, and takes them away again."""
    shutil.copytree(Path(__file__).parents[1] / "host" / "second", tmp_path / "p")
    desk = Desk(tmp_path / "p", {}, settings=Settings(debounce_ms=1))
    as_served(desk)
    await desk.server.host_watch.start()
    plain, shader = ((desk.folder / name).read_text() for name in ("engine.cpp", "kernels/tone.wgsl"))
    desk.open("engine.cpp", plain)
    desk.open("kernels/tone.wgsl", shader)
    packed = 'macros.emplace("PACKED", "");'

    async def host_day(numbers: Iterable[int]) -> None:
        for number in numbers:
            desk.change(plain.replace(packed, f'{packed} macros.emplace("NEW{number}", "{number}");'), "engine.cpp")
            await desk.server.host_watch.settled()
            desk.change(f"{shader}#ifdef NEW{number}\nconst c{number} = NEW{number} +;\n#endif\n", "kernels/tone.wgsl")
            await desk.check()
            variants = desk.session.snapshot.root(desk.path("kernels/tone.wgsl")).variants
            assert any(f"NEW{number}" in str(one.defines) for one in variants)
            desk.change(plain + "}\n" * (number % 2), "engine.cpp")
            await desk.server.host_watch.settled()
            await desk.check()
        desk.change(plain, "engine.cpp")
        desk.change(shader, "kernels/tone.wgsl")
        await desk.server.host_watch.settled()
        await desk.check()
        desk.sent.told.clear()
        desk.engines.jobs.clear()

    try:
        await host_day(range(100, 104))
        before = kept()
        await host_day(range(200, 212))
        after = kept()
    finally:
        await desk.server.host_watch.stop()
    assert before["HostReading"] > 0
    grown = {name: (before[name], after[name]) for name in after if after[name] > before[name] + 3}
    assert {name: counts for name, counts in grown.items() if name not in KNOWN_TO_GROW} == {}


async def test_what_is_kept_by_count_keeps_no_texts(tmp_path: Path) -> None:
    """Hundreds of texts of an hour's typing weigh more than everything else; what keeps them counts bytes."""
    wide = f"{SHADER}// {'x' * 2000}\n"
    desk = Desk(tmp_path, {"a.wgsl": wide, "h.tmpl": HEADER, "wgsl-ls.toml": CONFIG % 2})
    as_served(desk)
    desk.open("a.wgsl")
    for number in range(150):
        desk.change(f"{wide}const c{number} = {number};\n")
        if number % 30 == 0:
            await desk.check()
    caches = [one for one in gc.get_objects() if isinstance(one, _lru_cache_wrapper) and _is_ours(one)]
    assert {one.__qualname__: n_texts for one in caches if (n_texts := _long_texts(one)) > 64} == {}
    ascii_store, wide_store = NodeStore(), NodeStore()
    parse_directives(wide, GGML, ascii_store)
    parse_directives(wide + "\U0001f600", GGML, wide_store)
    assert wide_store.weight - ascii_store.weight > 3 * len(wide)


EDITS = (1, 2, 4, 8)


async def test_little_is_kept_of_a_variant(tmp_path: Path) -> None:
    """Whatever is found in it: there are thousands. Of each text that it had what compilers and we said of it stays."""
    macros = "".join(f"#define SOME_MACRO_{number} {number}\n" for number in range(30))
    text = f"{macros}const a = SIDE;\nconst b = some_macros_1;\n{SHADER}"

    async def n_objects(n_variants: int) -> list[int]:
        sides = ", ".join(f"'SIDE=word_{number}'" for number in range(n_variants))
        files = {"a.wgsl": text, "h.tmpl": HEADER, "wgsl-ls.toml": CONFIG.replace("'SIDE=1', 'SIDE=%d'", sides)}
        desk = Desk(tmp_path / str(n_variants), files)
        as_served(desk)
        desk.open("a.wgsl")
        counts = []
        for number in range(max(EDITS) + 1):
            desk.change(f"{text}const c{number} = {number};\n")
            await desk.check()
            desk.sent.told.clear()
            desk.engines.jobs.clear()
            if number in EDITS:
                counts.append(_n_objects())
        return counts

    few, many = [await n_objects(n) for n in (10, 60)]
    for n_edits, one, other in zip(EDITS, few, many, strict=True):
        assert (other - one) / (2 * 50) < 150 + 12 * n_edits


def _n_objects() -> int:
    """Without the places of texts, which a bounded number has."""
    for one in gc.get_objects():
        if isinstance(one, Expansion):
            one.forget_replay()
    gc.collect()
    return len(gc.get_objects())


def _long_texts(one: object) -> int:
    """Reachable from a cache in a few steps."""
    found: dict[int, object] = {id(one): one}
    for _ in range(4):
        found |= {
            id(inner): inner
            for outer in found.values()
            for inner in gc.get_referents(outer)
            if not isinstance(inner, ModuleType | type) and _is_plain(inner)
        }
    return sum(isinstance(inner, str) and len(inner) > 2000 for inner in found.values())


def _is_plain(one: object) -> bool:
    return isinstance(one, dict | tuple | list | str) or "lru" in type(one).__name__


async def a_day(desk: Desk, numbers: Iterable[int]) -> None:
    """Each number brings names, macros, values, variants and texts that nobody has seen; in the evening all is as it
    was."""
    for number in numbers:
        desk.change(f"#define M{number} SIZE\n{HEADER}const h{number} = M{number};\n", "h.tmpl")
        desk.change(f"{SHADER}#if N{number} > {number}\nconst c{number} = {number} +;\n#endif\nlet q{number};\n")
        (desk.folder / "wgsl-ls.toml").write_text(CONFIG % number)
        changed(desk)
        await desk.check()
        desk.change(f"{SHADER}fn f{number}() {{ let w = {number}u * TILE; }}\n")
        for method, params in questions(desk, "a.wgsl", desk.text(), random.Random(number)):
            await answer(desk, method, params)
        if number % 4 == 0:
            (desk.folder / "a.wgsl").write_text(desk.text())
            did_save(desk.server, types.DidSaveTextDocumentParams(desk.document()))
            desk.open("b.wgsl", f"{SHADER}const b{number} = 1;\n")
            await desk.check()
            did_close(desk.server, types.DidCloseTextDocumentParams(desk.document("b.wgsl")))
        desk.sent.told.clear()
        desk.engines.jobs.clear()
    desk.change(HEADER, "h.tmpl")
    desk.change(SHADER)
    (desk.folder / "wgsl-ls.toml").write_text(CONFIG % 2)
    changed(desk)
    await desk.check()
    desk.sent.told.clear()
    desk.engines.jobs.clear()


def changed(desk: Desk) -> None:
    event = types.FileEvent(desk.uri("wgsl-ls.toml"), types.FileChangeType.Changed)
    did_change_watched_files(desk.server, types.DidChangeWatchedFilesParams([event]))


def kept() -> Counter[str]:
    """How many objects of ours there are, and entries in what they and our modules hold, bounded keeps emptied."""
    for one in gc.get_objects():
        if isinstance(one, Memo):
            one.clear()
        elif isinstance(one, NodeStore):
            one.add_weight(one.limit)
        elif isinstance(one, ParseCache):
            one._young, one._old = {}, {}
        elif isinstance(one, ResultStore):
            one._results.clear()
        elif isinstance(one, _Holding):
            one._holding.clear()
        elif isinstance(one, _Kinds):
            one.clear()
        elif isinstance(one, _lru_cache_wrapper) and one.cache_info().maxsize is not None and _is_ours(one):
            one.cache_clear()
    gc.collect()
    found = Counter[str]()
    for one in gc.get_objects():
        if isinstance(one, _lru_cache_wrapper) and _is_ours(one):
            found[f"{one.__module__}.{one.__qualname__}"] += one.cache_info().currsize
        elif isinstance(one, ModuleType) and one.__name__.startswith("wgsl_ls"):
            _count(found, one.__name__, vars(one).items())
        elif _is_ours(type(one)):
            found[type(one).__name__] += 1
            slots = [name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())]
            fields = [(name, getattr(one, name)) for name in slots if hasattr(one, name)]
            _count(found, type(one).__name__, [*fields, *getattr(one, "__dict__", {}).items()])
    return found


def _is_ours(one: object) -> bool:
    return str(getattr(one, "__module__", "")).startswith("wgsl_ls")


def _count(found: Counter[str], owner: str, fields: Iterable[tuple[str, object]]) -> None:
    for name, value in fields:
        if isinstance(value, dict | list | set | deque):
            found[f"{owner}.{name}"] += len(value)
