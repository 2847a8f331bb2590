"""A long day at the server, compressed: bursts of typing over a copy of a folder of shaders, with checks that are
overtaken, saves, checkouts, edits of the configuration and of the host's code, questions and engines that die. Says
how memory and latency went, and in what the server differs from a fresh one on the same texts, at intervals.

    python -m tests.bench.soak FOLDER [--edits 200000] [--seed 1] [--seconds 3600] [--host] [--engines scripted|real]

Every keystroke goes through the handler, with what is answered at once; only the pauses between are left out. The
engines obey the text in this process, or are worker processes (--engines), of which some are killed. With --host the
host's code is edited too and read in a process of its own, which is killed now and then. The folder is copied; nothing
in it is changed. At each look the same few keystrokes are made in a file of their own (the yardstick), so that what
they cost can be compared over the day; edits and requests elsewhere cost what the texts of the moment ask. Exit code 1:
memory grew by more than --growth MiB between the first quarter and the end, requests, edits or the yardstick took
--slower times as long at the end, or an answer differs.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import inspect
import json
import logging
import os
import random
import re
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import converters, types

from tests.server.in_process import Desk
from wgsl_ls.engines.scripted import obey
from wgsl_ls.project.file_kind import FileKind, kind_of
from wgsl_ls.project.held_inferences import HeldInferences
from wgsl_ls.server import messages
from wgsl_ls.server.handlers.did_change_watched_files import did_change_watched_files
from wgsl_ls.server.handlers.did_close import did_close
from wgsl_ls.server.handlers.did_save import did_save
from wgsl_ls.server.memory import resident_bytes
from wgsl_ls.server.settings import Settings
from wgsl_ls.wire.jobs import CompileJob, CompileResult, Crashed
from wgsl_ls.workers.pool import Pool, engine_command

PHRASES = (
    "fn clamped(value: f32, low: f32, high: f32) -> f32 {\n    // Not what the builtin does for NaN.\n"
    "    if (value < low) {\n        return low;\n    }\n    return select(value, high, value > high);\n}\n",
    "#if defined(X) && N > 4\n#define TILE (N * 2u)\n#elif !defined(X)\n#define TILE 8u\n#endif\n",
    "    for (var step = 0u; step < 4u; step += 1u) {\n        sum += f32(step) * 0.5;\n    }\n    storageBarrier();\n",
    "    let q = 1u + 2u;\n", "// a remark\n", "#ifdef X\n", "#endif\n", "#else\n", "#define N 4\n", "#undef N\n",
    '#include "x.tmpl"\n', "if (true) {\n}\n", "const soak = 3;\n", "    x = min(y, 4u);\n", " * 2u", "😀\r\n",
)  # fmt: skip
SNIPPETS = ("\n", " ", "x", "{", "}", ";", "/*", "*/", "fn f() { }\n", "override o: u32 = 1u;\n")
HOST_PHRASES = ("// a remark\n", "static int soak_value = 1;\n", "if (true) { }\n", "int soak() { return 1; }\n", "}\n")
CONFIGS = (
    "", "[[shader]]\nfiles = ['**/*.wgsl']\naxes = { A = ['', 'X'] }\n", "nonsense =", "host = false\n",
    "[rules]\n'lint/unused-macro' = 'off'\n", "[[shader]]\nfiles = ['**/mul*.wgsl']\ndefines = ['N=4']\n",
)  # fmt: skip
YARDSTICK = (
    "#ifdef WIDE\n#define STEP 4u\n#else\n#define STEP 1u\n#endif\n@group(0) @binding(0) var<storage, read_write> x:"
    " array<f32>;\n@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) at: vec3u) {\n"
    "    for (var i = 0u; i < STEP; i += 1u) {\n        x[at.x * STEP + i] *= 2.0;\n    }\n}\n"
)
HOW_MANY_ANSWERS = 6
"""Places in each open file at which everything is asked when the server is compared with a fresh one."""


class Typist:
    def __init__(self, folder: Path, seed: int, host: bool) -> None:
        self.random = random.Random(seed)
        self.folder = folder
        kinds = (FileKind.SHADER, FileKind.HEADER, FileKind.HOST)
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and kind_of(str(path)) in kinds]
        self.original = {str(path.relative_to(folder)): path.read_text("utf-8", "replace") for path in paths}
        self.names = [name for name in self.original if kind_of(name).is_wgsl]
        self.hosts = [name for name in self.original if not kind_of(name).is_wgsl] if host else []
        self.desk = Desk(folder, {}, settings=Settings(debounce_ms=1), compile=self.compile)
        as_served(self.desk)
        self.texts: dict[str, str] = {}
        self.n_edits = 0
        self.edits: list[float] = []
        self.requests: list[float] = []
        """Seconds of computing of each, in order."""

    def compile(self, job: CompileJob) -> CompileResult:
        if self.random.random() < 0.001:
            return Crashed("SIGSEGV")
        return obey(job)

    def open(self, among: list[str]) -> None:
        name = self.random.choice([one for one in among if one not in self.texts])
        self.texts[name] = (self.folder / name).read_text("utf-8", "replace")
        self.desk.open(name, self.texts[name])

    def close(self, name: str = "") -> None:
        name = name or self.random.choice([one for one in self.texts if one in self.names])
        del self.texts[name]
        did_close(self.desk.server, types.DidCloseTextDocumentParams(self.desk.document(name)))

    def change(self, name: str, text: str) -> None:
        self.texts[name] = text
        began = time.process_time()
        self.desk.change(text, name)
        self.edits.append(time.process_time() - began)
        self.n_edits += 1

    def burst(self) -> Iterator[None]:
        """The keystrokes of one person in one place, each as an editor sends it."""
        name = self.random.choice(list(self.texts))
        text, chance = self.texts[name], self.random.random()
        place = self.random.randrange(len(text) + 1)
        if chance < 0.7:
            place = text.rfind("\n", 0, place) + 1
            written = self.random.choice(PHRASES if name in self.names else HOST_PHRASES)
            for end in range(1, len(written) + 1):
                self.change(name, text[:place] + written[:end] + text[place:])
                yield
            if self.random.random() < 0.7:
                for end in reversed(range(len(written))):
                    self.change(name, text[:place] + written[:end] + text[place:])
                    yield
        elif chance < 0.8:
            self.change(name, text[:place] + self.random.choice(SNIPPETS) + text[place:])
        elif chance < 0.9:
            self.change(name, text[:place] + text[place + self.random.randrange(1, 12) :])
        else:
            self.change(name, self.original[name])

    def disk(self) -> None:
        """A save, a checkout of many files, or another configuration."""
        chance = self.random.random()
        if chance < 0.6:
            name = self.random.choice(list(self.texts))
            (self.folder / name).write_text(self.texts[name], "utf-8", newline="")
            did_save(self.desk.server, types.DidSaveTextDocumentParams(self.desk.document(name)))
            changed = [name]
        elif chance < 0.85:
            changed = self.random.sample([*self.names, *self.hosts], min(6, len(self.names)))
            for name in changed:
                text = self.original[name] + self.random.choice(("", "// other\n"))
                (self.folder / name).write_text(text, "utf-8", newline="")
        else:
            changed = ["wgsl-ls.toml"]
            (self.folder / changed[0]).write_text(self.random.choice(CONFIGS), "utf-8")
        events = [types.FileEvent(self.desk.uri(name), types.FileChangeType.Changed) for name in changed]
        did_change_watched_files(self.desk.server, types.DidChangeWatchedFilesParams(events))

    async def ask(self) -> None:
        name = self.random.choice([one for one in self.texts if one in self.names])
        method, params = self.random.choice(questions(self.desk, name, self.texts[name], self.random))
        began = time.process_time()
        await answer(self.desk, method, params)
        self.requests.append(time.process_time() - began)

    def kill(self) -> None:
        """One of the processes that this one started, an engine or the reader of the host's code."""
        if found := children():
            with suppress(ProcessLookupError):
                os.kill(self.random.choice(found), signal.SIGKILL)

    async def measure(self) -> float:
        """Milliseconds of computing of one keystroke with its check, the median of some in a file of their own."""
        name, took = "yardstick.wgsl", []
        self.desk.open(name, YARDSTICK)
        for number in range(12):
            began = time.process_time()
            self.desk.change(f"{YARDSTICK}const c{number} = {self.n_edits + number};\n", name)
            await answer(
                self.desk,
                types.TEXT_DOCUMENT_HOVER,
                types.HoverParams(self.desk.document(name), self.desk.at("STEP + i", name)),
            )
            took.append(time.process_time() - began)
        did_close(self.desk.server, types.DidCloseTextDocumentParams(self.desk.document(name)))
        return statistics.median(took) * 1000

    async def settle(self) -> None:
        """Everything is known, as far as nothing dies. Host code that is half written is finished first: until then a
        server keeps what it read before, of which a fresh one knows nothing."""
        server = self.desk.server
        self.desk.engines.compile = obey
        await server.host_watch.settled()
        for name in self.hosts if server.host_watch.unfinished else ():
            if name in self.texts:
                self.change(name, self.original[name])
        for _ in range(3):  # what is read of the host brings variants, which are to be checked
            server.host_watch.forget_failures()
            server.checker.want([])
            await server.host_watch.settled()
            await self.desk.check()
        self.desk.engines.compile = self.compile


def as_served(desk: Desk) -> None:
    """Variants of undeclared shaders are looked for between messages, as when the checking loop runs."""
    desk.session.workspace.inferences = HeldInferences()


def children() -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            words = path.read_text().rpartition(")")[2].split()
            if int(words[1]) == os.getpid() and words[0] != "Z":
                found.append(int(path.parent.name))
    return found


def memory() -> dict[str, int]:
    """KiB resident of this process ("server") and of each kind of process that it started; of several the largest."""
    found = {"server": resident_bytes() >> 10}
    for pid in children():
        with suppress(OSError, ValueError, IndexError):
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            name = " ".join(words[words.index("-m") + 1 :]).strip().removeprefix("wgsl_ls.")
            n_pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            found[name] = max(found.get(name, 0), n_pages * os.sysconf("SC_PAGE_SIZE") >> 10)
    return found


_HEAP = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")


class _Heap(ctypes.Structure):
    """mallinfo2 of glibc."""

    _fields_ = [(name, ctypes.c_size_t) for name in _HEAP]


def used_bytes() -> int:
    """What is in use of the memory that Python and libraries asked for: without what a moment that needed more left
    behind in pieces, which a later one uses."""
    with tempfile.TemporaryFile() as said:
        stderr = os.dup(2)
        os.dup2(said.fileno(), 2)
        sys._debugmallocstats()
        os.dup2(stderr, 2)
        os.close(stderr)
        said.seek(0)
        found = re.search(rb"bytes in allocated blocks *= *([\d,]+)", said.read())
    objects = int(found[1].replace(b",", b"")) if found else 0
    try:
        mallinfo2 = ctypes.CDLL(None).mallinfo2
    except AttributeError:
        return objects
    mallinfo2.restype = _Heap
    heap = mallinfo2()
    return objects + int(heap.uordblks) + int(heap.hblkhd)


def questions(desk: Desk, name: str, text: str, chance: random.Random) -> list[tuple[str, Any]]:
    lines = text.replace("\r\n", "\n").split("\n")
    line = chance.randrange(len(lines))
    at = types.Position(line, chance.randrange(len(lines[line]) + 1))
    document = desk.document(name)
    return [
        (types.TEXT_DOCUMENT_HOVER, types.HoverParams(document, at)),
        (types.TEXT_DOCUMENT_COMPLETION, types.CompletionParams(document, at)),
        (types.TEXT_DOCUMENT_DEFINITION, types.DefinitionParams(document, at)),
        (types.TEXT_DOCUMENT_REFERENCES, types.ReferenceParams(types.ReferenceContext(True), document, at)),
        (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, types.DocumentSymbolParams(document)),
        (types.TEXT_DOCUMENT_INLAY_HINT, types.InlayHintParams(document, desk.range(name))),
        (types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, types.SemanticTokensParams(document)),
        (types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensParams(document)),
        (messages.DEFINE_STATE.method, messages.PositionParams(document, at)),
        (messages.INACTIVE.method, messages.DocumentParams(document)),
        (messages.VARIANTS.method, messages.DocumentParams(document)),
    ]


async def answer(desk: Desk, method: str, params: Any) -> Any:
    try:
        found: Any = desk.server.protocol.fm.features[method](params)
        return await found if inspect.isawaitable(found) else found
    except Exception as refused:
        if type(refused).__name__ not in ("RequestFailed", "ContentModified"):
            raise
        return f"{type(refused).__name__}: {refused}"


def shown(desk: Desk, name: str) -> list[str]:
    """What a client is shown, without what engines that died have said."""
    return sorted(one for one in desk.shown(name) if "crash" not in one and " engine/" not in one)


async def differences(typist: Typist, host: bool) -> list[str]:
    """What this server and a fresh one on the same texts say differently."""
    await typist.settle()
    fresh = Desk(typist.folder, {})
    as_served(fresh)
    if isinstance(typist.desk.server.checker.pool, Pool):
        fresh.server.checker.pool = typist.desk.server.checker.pool
    if host:
        await fresh.server.host_watch.start()
    for name, text in typist.texts.items():
        fresh.open(name, text)
    for _ in range(2):
        await fresh.server.host_watch.settled()
        await fresh.check()
    # Through which root a header is looked at depends on where somebody came from.
    fresh.session.host._choices = typist.desk.session.snapshot.choices
    fresh.session.changed()
    await fresh.check()
    found, plain = [], converters.get_converter().unstructure
    for name in (one for one in typist.texts if one in typist.names):
        ours, theirs = shown(typist.desk, name), shown(fresh, name)
        if ours != theirs:
            said = [one for one in ours if one not in theirs][:3], [one for one in theirs if one not in ours][:3]
            found.append(f"{name}: shown {said[0]}, fresh {said[1]}")
        for _ in range(HOW_MANY_ANSWERS):
            for method, params in questions(typist.desk, name, typist.texts[name], typist.random):
                said_both = []
                for desk in (typist.desk, fresh):
                    said_one = plain(await answer(desk, method, params))
                    if isinstance(said_one, dict):
                        for counted in ("resultId", "edition"):
                            said_one.pop(counted, None)
                    # Which text of a structure was judged for the others rests on what was looked at before.
                    said_both.append(json.dumps(said_one, sort_keys=True).replace("-by-structure", ""))
                if said_both[0] != said_both[1]:
                    place = getattr(params, "position", None)
                    first = next((at for at, (a, b) in enumerate(zip(*said_both, strict=False)) if a != b), 0)
                    same = max(0, first - 100)
                    here, there = (one[same : same + 400] for one in said_both)
                    found.append(f"{name}: {method} at {place}: …{here}, fresh …{there}")
    await fresh.server.host_watch.stop()
    return found


@dataclass(frozen=True, slots=True)
class Look:
    """After so many edits: KiB resident of each process, objects that the collector knows, bytes in use, milliseconds
    of the yardstick."""

    n_edits: int
    memory: dict[str, int]
    n_objects: int
    n_used: int
    yardstick: float

    def mebibytes(self, name: str) -> float | None:
        return self.memory[name] / 1024 if name in self.memory else None

    def __str__(self) -> str:
        held = ", ".join(f"{name} {size >> 10} MiB" for name, size in self.memory.items())
        used = f"{self.n_used >> 20} MiB in use, {self.n_objects:,} objects"
        return f"{self.n_edits:,} edits: {held}; {used}; the yardstick {self.yardstick:.1f} ms"


def slope(looks: list[Look], of: Callable[[Look], float | None]) -> float:
    """Growth per 10,000 edits over these looks, by least squares."""
    points = [(look.n_edits, value) for look in looks if (value := of(look)) is not None]
    if len({n_edits for n_edits, _ in points}) < 2:
        return 0.0
    return statistics.linear_regression(*zip(*points, strict=True)).slope * 10_000


def quarters(took: list[float]) -> str:
    """Median and 95th percentile of each quarter."""
    size = max(1, len(took) // 4)
    found = [sorted(took[start : start + size]) or [0.0] for start in range(0, 4 * size, size)]
    return ", ".join(f"{one[len(one) // 2]:.1f}/{one[len(one) * 95 // 100]:.1f}" for one in found)


async def soak(folder: Path, arguments: argparse.Namespace) -> int:
    typist = Typist(folder, arguments.seed, arguments.host)
    desk, chance = typist.desk, typist.random
    server = desk.server
    begun = time.monotonic()
    end = begun + arguments.seconds
    looks: list[Look] = []

    async def look() -> None:
        yardstick = await typist.measure()
        gc.collect()  # as the server does when nothing was edited for a while
        looks.append(Look(typist.n_edits, memory(), len(gc.get_objects()), used_bytes(), yardstick))
        print(looks[-1], flush=True)

    if arguments.host:
        await server.host_watch.start()
    if arguments.engines:
        of = engine_command if arguments.engines == "real" else lambda _: engine_command("scripted")
        lanes = dict.fromkeys(desk.session.settings.judges, 1)
        server.checker.pool = await Pool(lanes, command=of).__aenter__()
    for _ in range(min(arguments.open, len(typist.names))):
        typist.open(typist.names)
    if typist.hosts:
        typist.open(typist.hosts)
    await differences(typist, arguments.host)  # what a second server takes is no growth later
    for name in typist.names if arguments.all else ():  # nor what a shader takes that is looked at for the first time
        if name not in typist.texts:
            typist.open([name])
            await desk.check()
            typist.close(name)
    n_compared = n_kills = 0
    found: list[str] = []
    told_at = time.monotonic()
    while typist.n_edits < arguments.edits and time.monotonic() < end:
        checking = asyncio.create_task(desk.check()) if chance.random() < 0.15 else None
        for _ in typist.burst():
            if checking is not None:
                await asyncio.sleep(0)  # the check goes on for a slice, and is overtaken by the next keystroke
        if checking is not None:
            await checking
        what = chance.random()
        if what < 0.15:
            typist.disk()
        elif what < 0.25:
            typist.close()
            typist.open(typist.names)
        for _ in range(chance.randrange(3)):
            await typist.ask()
        if chance.random() < arguments.checks:
            await desk.check()
        if chance.random() < 0.02:
            await server.host_watch.settled()
        if (arguments.host or arguments.engines) and chance.random() < 0.02:
            typist.kill()
            n_kills += 1
        desk.sent.told.clear()
        desk.engines.jobs.clear()
        if typist.n_edits >= (n_compared + 1) * arguments.compare:
            n_compared += 1
            found += await differences(typist, arguments.host)
        if time.monotonic() - told_at > arguments.every:
            await look()
            told_at = time.monotonic()
    await look()
    found += await differences(typist, arguments.host)
    await server.host_watch.stop()
    if isinstance(server.checker.pool, Pool):
        await server.checker.pool.close()

    half = len(looks) // 2
    growth = (looks[-1].memory["server"] - looks[len(looks) // 4].memory["server"]) >> 10
    print(f"{typist.n_edits:,} edits in {time.monotonic() - begun:.0f} s, {n_kills} processes killed;"
          f" {growth:+} MiB since the first quarter")  # fmt: skip
    for name in looks[-1].memory:
        sizes = [one.memory[name] >> 10 for one in looks if name in one.memory]
        mebibytes = partial(Look.mebibytes, name=name)
        early, late = (slope(part, mebibytes) for part in (looks[: half + 1], looks[half:]))
        print(f"{name}: {sizes[0]} MiB at first, {max(sizes)} at most, {sizes[-1]} at the end; per 10,000 edits"
              f" {early:+.1f} MiB in the first half, {late:+.1f} in the second")  # fmt: skip
    for unit, count in (("objects", lambda one: one.n_objects), ("MiB in use", lambda one: one.n_used / (1 << 20))):
        early, late = (slope(part, count) for part in (looks[: half + 1], looks[half:]))
        print(f"per 10,000 edits {early:+,.1f} {unit} in the first half, {late:+,.1f} in the second")
    slower = False
    yardstick = [one.yardstick / 1000 for one in looks]
    for what_took, took in (("edits", typist.edits), ("requests", typist.requests), ("the yardstick", yardstick)):
        quarter = max(1, len(took) // 4)
        first, last = (statistics.median(one) * 1000 for one in (took[:quarter] or [0], took[-quarter:] or [0]))
        slower = slower or last > arguments.slower * first + 5
        times = quarters([one * 1000 for one in took])
        print(f"{what_took}: ms of computing (median/95th percentile) of each quarter {times}")
    print(f"compared with a fresh server {n_compared + 1} times: {len(found)} answers differ")
    firsts = {one.partition(": ")[2].partition(" ")[0]: one for one in reversed(found)}
    for one in dict.fromkeys([*firsts.values(), *found[:10]]):
        print(one)
    return 1 if found or growth > arguments.growth or slower else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--edits", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=24 * 3600)
    parser.add_argument("--every", type=float, default=30, help="seconds between two looks at the memory")
    parser.add_argument("--compare", type=int, default=5000, help="edits between two comparisons with a fresh server")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--open", type=int, default=4, help="shaders that are open at once")
    parser.add_argument("--all", action="store_true", help="look at every shader once before the day begins")
    parser.add_argument("--host", action="store_true", help="edit and read the host's code too")
    parser.add_argument(
        "--engines", choices=("scripted", "real"), help="in worker processes, which are killed now and then"
    )
    parser.add_argument("--checks", type=float, default=0.15, help="share of pauses in which all is checked")
    parser.add_argument("--growth", type=int, default=150, help="MiB")
    parser.add_argument("--slower", type=float, default=2.0, help="times the first quarter's median")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "project"
        shutil.copytree(arguments.folder, folder)
        return asyncio.run(soak(folder, arguments))


if __name__ == "__main__":
    raise SystemExit(main())
