"""A long day at the server, compressed: random edits over a copy of a folder of shaders, with saves, checkouts, edits
of the configuration and of the host's code, questions and engines that die; in this process, with engines that obey
the text. Says how memory and latency went, and in what the server differs from a fresh one on the same texts.

    python -m tests.bench.soak FOLDER [--edits 200000] [--seed 1] [--seconds 3600]

With --host the host's code is read, in a process of its own, as it is edited. The folder is copied; nothing in it is
changed. Exit code 1: memory grew by more than --growth MiB between the first
quarter and the end, requests took twice as long at the end, or something differs.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import inspect
import logging
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from lsprotocol import types

from tests.server.in_process import Desk
from wgsl_ls.engines.scripted import obey
from wgsl_ls.project.file_kind import FileKind, kind_of
from wgsl_ls.server.memory import resident_bytes
from wgsl_ls.wire.jobs import CompileJob, CompileResult, Crashed

SNIPPETS = (
    "\n", " ", "x", "1u", "{", "}", ";", "// c\n", "/*", "*/", "let q = 1;\n", "#ifdef X\n", "#endif\n", "#else\n",
    "#define N 4\n", "#undef N\n", '#include "x.tmpl"\n', "😀", "\r\n",
)  # fmt: skip
CONFIGS = ("", "[[shader]]\nfiles = ['*.wgsl']\naxes = { A = ['', 'X'] }\n", "nonsense =", "host = false\n")
MOST_OPEN = 5


class Typist:
    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.folder = folder
        kinds = (FileKind.SHADER, FileKind.HEADER, FileKind.HOST)
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and kind_of(str(path)) in kinds]
        self.original = {str(path.relative_to(folder)): path.read_text("utf-8", "replace") for path in paths}
        self.names = [name for name, text in self.original.items() if len(text) < 60_000]
        self.desk = Desk(folder, {}, compile=self.compile)
        self.texts: dict[str, str] = {}
        self.n_edits = 0
        self.latencies: list[float] = []

    def compile(self, job: CompileJob) -> CompileResult:
        if self.random.random() < 0.001:
            return Crashed(job.engine, "SIGSEGV", "")
        return obey(job)

    def open(self) -> None:
        name = self.random.choice([one for one in self.names if one not in self.texts])
        self.texts[name] = (self.folder / name).read_text("utf-8", "replace")
        self.desk.open(name, self.texts[name])

    def close(self) -> None:
        from wgsl_ls.server.handlers.did_close import did_close

        name = self.random.choice(list(self.texts))
        del self.texts[name]
        did_close(self.desk.server, types.DidCloseTextDocumentParams(self.desk.document(name)))

    def edit(self) -> None:
        name = self.random.choice(list(self.texts))
        text = self.texts[name]
        chance, place = self.random.random(), self.random.randrange(len(text) + 1)
        if chance < 0.35:
            text = self.original[name]
        elif chance < 0.75:
            text = text[:place] + self.random.choice(SNIPPETS) + text[place:]
        else:
            text = text[:place] + text[place + self.random.randrange(1, 12) :]
        self.texts[name] = text
        self.desk.change(text, name)
        self.n_edits += 1

    def disk(self) -> None:
        """A save, a checkout of many files, or another configuration."""
        chance = self.random.random()
        if chance < 0.5:
            name = self.random.choice(list(self.texts))
            changed = {name: self.texts[name]}
        elif chance < 0.75:
            names = self.random.sample(self.names, min(6, len(self.names)))
            changed = {name: self.original[name] + self.random.choice(("", "// other\n")) for name in names}
        else:
            changed = {"wgsl-ls.toml": self.random.choice(CONFIGS)}
        for name, text in changed.items():
            (self.folder / name).write_text(text, "utf-8")
        self.desk.session.files.invalidate([self.desk.path(name) for name in changed])
        self.desk.session.changed()

    async def ask(self) -> None:
        name = self.random.choice([one for one in self.texts if kind_of(one).is_wgsl] or [""])
        if not name:
            return
        lines = self.texts[name].split("\n")
        line = self.random.randrange(len(lines))
        at = types.Position(line, self.random.randrange(len(lines[line]) + 1))
        document = self.desk.document(name)
        method, params = self.random.choice((
            (types.TEXT_DOCUMENT_HOVER, types.HoverParams(document, at)),
            (types.TEXT_DOCUMENT_COMPLETION, types.CompletionParams(document, at)),
            (types.TEXT_DOCUMENT_DEFINITION, types.DefinitionParams(document, at)),
            (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, types.DocumentSymbolParams(document)),
            (types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, types.SemanticTokensParams(document)),
        ))  # fmt: skip
        began = time.process_time()
        try:
            answer: Any = self.desk.server.protocol.fm.features[method](params)
            if inspect.isawaitable(answer):
                await answer
        except Exception as refused:
            if type(refused).__name__ not in ("RequestFailed", "ContentModified"):
                raise
        self.latencies.append(time.process_time() - began)


def seen(desk: Desk, names: list[str]) -> dict[str, list[str]]:
    """What a client is shown, without what engines that die at random have said."""
    return {
        name: sorted(one for one in desk.shown(name) if "crash" not in one and "engine/" not in one) for name in names
    }


async def soak(folder: Path, arguments: argparse.Namespace) -> int:
    typist = Typist(folder, arguments.seed)
    end = time.monotonic() + arguments.seconds
    sizes: list[int] = []
    watch = typist.desk.server.host_watch
    if arguments.host:
        await watch.start()
    for _ in range(min(MOST_OPEN, len(typist.names))):
        typist.open()
    told_at = time.monotonic()
    while typist.n_edits < arguments.edits and time.monotonic() < end:
        for _ in range(typist.random.randrange(5, 40)):
            typist.edit()
        chance = typist.random.random()
        if chance < 0.3:
            typist.disk()
        elif chance < 0.45:
            typist.close()
            typist.open()
        await typist.ask()
        if chance > 1 - arguments.checks:
            await typist.desk.check()
        if chance < 0.02:
            await watch.settled()
        typist.desk.sent.told.clear()
        typist.desk.engines.jobs.clear()
        if time.monotonic() - told_at > arguments.every:
            gc.collect()  # as the server does when nothing was edited for a while
            sizes.append(resident_bytes() >> 20)
            told_at = time.monotonic()
            print(f"{typist.n_edits:,} edits, {sizes[-1]} MiB", flush=True)
    gc.collect()
    sizes.append(resident_bytes() >> 20)
    await watch.settled()
    quarter = max(1, len(typist.latencies) // 4)
    first, last = (statistics.median(one) * 1000 for one in (typist.latencies[:quarter], typist.latencies[-quarter:]))
    growth = sizes[-1] - sizes[len(sizes) // 4]
    print(f"{typist.n_edits:,} edits; {growth:+} MiB since the first quarter, {sizes[-1]} at the end")
    print(f"requests: median {first:.1f} ms of computing in the first quarter, {last:.1f} ms in the last")

    names = [name for name in typist.texts if kind_of(name).is_wgsl]
    typist.desk.server.checker.pool.compile = obey  # type: ignore[union-attr]
    typist.desk.session.store.forget_failures()
    typist.desk.session.changed()
    await typist.desk.check()
    fresh = Desk(folder, {})
    if arguments.host:
        await fresh.server.host_watch.start()
    for name, text in typist.texts.items():
        fresh.open(name, text)
    await fresh.server.host_watch.settled()
    await fresh.check()
    await watch.stop()
    await fresh.server.host_watch.stop()
    ours, theirs = seen(typist.desk, names), seen(fresh, names)
    differ = [name for name in names if ours[name] != theirs[name]]
    print(f"{len(names)} open files compared with a fresh server: {len(differ)} differ {differ}")
    for name in differ:
        print(name, [one for one in ours[name] if one not in theirs[name]][:3], "fresh:",
              [one for one in theirs[name] if one not in ours[name]][:3])  # fmt: skip
    return 1 if differ or growth > arguments.growth or last > arguments.slower * first + 5 else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--edits", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=24 * 3600)
    parser.add_argument("--every", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--host", action="store_true", help="read the host's code too")
    parser.add_argument("--checks", type=float, default=0.2, help="share of pauses in which all is checked")
    parser.add_argument("--growth", type=int, default=150, help="MiB")
    parser.add_argument("--slower", type=float, default=2.0, help="times the first quarter's median")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "shaders"
        shutil.copytree(arguments.folder, folder)
        return asyncio.run(soak(folder, arguments))


if __name__ == "__main__":
    raise SystemExit(main())
