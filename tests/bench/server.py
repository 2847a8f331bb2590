"""Server speed, over stdio as a client sees it: `python tests/bench/server.py [--folder F --file ROOT] [--runs N]`.

Each figure is p50 and p95 in milliseconds (or MiB) over the runs; keystroke figures are measured with nothing else
under way. The last column is the figure we hold ourselves to. Other load on the machine counts against us here, so
compare runs with each other, and look at the least value too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from shutil import copytree
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.server.client import Client

SHADERS = Path(__file__).parents[1] / "shaders"
FIGURES = {
    "process start to initialized": 400,
    "open to fast diagnostics": 200,
    "hover": 20,
    "definition": 20,
    "references": 100,
    "references first": None,
    "completion": 20,
    "keystroke to fast diagnostics": 30,
    "keystroke to active verdict": None,
    "keystroke to one of every structure": 2000,
    "keystroke to all verdicts": None,
    "verdict messages of an edit (kB)": None,
    "all messages of an edit (kB)": None,
    "the whole list of variants (kB)": None,
    "keystroke to 100 verdicts": 1000,
    "memory of the server (MiB)": 300,
}
PROBE = "fn wgsl_ls_probe() -> u32 {{ return {value}; }}\n"


class Bench:
    def __init__(self, folder: Path, file: str, runs: int, options: dict[str, Any]) -> None:
        self.folder, self.path, self.runs, self.options = folder, folder / file, runs, options
        self.text = self.path.read_text(encoding="utf-8")
        self.version = 1
        self.times: dict[str, list[float]] = defaultdict(list)

    async def run(self) -> None:
        for _ in range(max(3, self.runs // 4)):
            await self.start_up()
        client = await Client.start(self.folder, options=self.options)
        client.open(self.path)
        await client.checked(120)
        where = self.words()
        for _ in range(2):
            for position in where:
                await self.questions(client, position, note=_ > 0)
        for run in range(self.runs):
            await self.fast(client)
            await self.verdicts(client, run)
        self.times["memory of the server (MiB)"].append(resident(client.process.pid))
        for pid in children(client.process.pid):
            self.times["memory of a worker (MiB)"].append(resident(pid))
        await client.stop()

    async def start_up(self) -> None:
        started = time.perf_counter()
        client = await Client.start(self.folder, options=self.options)
        self.note("process start to initialized", started)
        uri = self.path.as_uri()
        started = time.perf_counter()
        client.open(self.path)
        await client.wait_for("textDocument/publishDiagnostics", lambda params: params["uri"] == uri)
        self.note("open to fast diagnostics", started)
        await client.stop()

    def words(self) -> list[dict[str, int]]:
        """Some places of names, spread over the file."""
        found = []
        for number, line in enumerate(self.text.splitlines()):
            stripped = line.strip()
            if stripped and not stripped.startswith(("//", "#", "}")):
                found.append({"line": number, "character": len(line) - len(line.lstrip()) + 1})
        return found[:: max(1, len(found) // self.runs)]

    async def questions(self, client: Client, position: dict[str, int], note: bool) -> None:
        params: dict[str, Any] = {"textDocument": {"uri": self.path.as_uri()}, "position": position}
        for what in ("hover", "definition", "references", "completion"):
            started = time.perf_counter()
            more = {"context": {"includeDeclaration": True}} if what == "references" else {}
            await client.request(f"textDocument/{what}", {**params, **more})
            if note:
                self.note(what, started)
            elif what == "references":
                self.note("references first", started)

    async def fast(self, client: Client) -> None:
        """An `#endif` too many appears and goes: both must be told at once."""
        for text, wanted in ((self.text + "#endif\n", True), (self.text, False)):
            client.drop()
            started = self.type(client, text)
            await client.wait_for(
                "textDocument/publishDiagnostics",
                lambda params, wanted=wanted: (
                    params.get("version") == self.version
                    and wanted
                    == any(str(item.get("code", "")).startswith("preprocess/") for item in params["diagnostics"])
                ),
            )
            self.note("keystroke to fast diagnostics", started)
        await client.checked(120)

    async def verdicts(self, client: Client, run: int) -> None:
        """A text that no engine has seen: first a wrong one, then a right one, so that the verdict of the active
        variant is another one each time and is told."""
        listed = await self.listed(client)
        active = next(row for row, one in enumerate(listed["variants"]) if one["name"] == listed["active"])
        uri = self.path.as_uri()

        def told(params: dict[str, Any], verdict: str) -> bool:
            """What some engine says of the active variant itself."""
            return params["root"] == uri and any(
                is_in(change["runs"], active) and verdict in change["verdicts"].values() for change in params["changes"]
            )

        def all_judged(params: dict[str, Any]) -> bool:
            return params["root"] == uri and params["counts"]["pending"] == 0

        for value, verdict in ((f"{run}u + 1.5f", "rejected"), (f"{run}u", "accepted")):
            client.drop()
            client.n_bytes.clear()
            before = (await client.statistics())["engines"]
            started = self.type(client, self.text.split("fn wgsl_ls_probe", 1)[0] + PROBE.format(value=value))
            await client.wait_for("wgsl/verdictsChanged", lambda params, verdict=verdict: told(params, verdict), 60)
            self.note("keystroke to active verdict", started)
        await self.structures(client, listed, before, started)
        await client.wait_for("wgsl/verdictsChanged", all_judged, 120)
        self.note("keystroke to all verdicts", started)
        total = [listed["counts"]["total"]]
        self.times["keystroke to 100 verdicts"].append(self.times["keystroke to all verdicts"][-1] * 100 / total[0])
        self.times["variants"] = total
        await client.checked(120)
        for what, n_bytes in (
            ("verdict messages of an edit (kB)", client.n_bytes["wgsl/verdictsChanged"]),
            ("all messages of an edit (kB)", client.n_bytes.total()),
            ("the whole list of variants (kB)", len(json.dumps(listed))),
        ):
            self.times[what].append(n_bytes / 1000)

    async def listed(self, client: Client) -> dict[str, Any]:
        """The variants, with one active that compiles."""
        document = {"textDocument": {"uri": self.path.as_uri()}}
        listed: dict[str, Any] = await client.request("wgsl/variants", document)
        active = next(one for one in listed["variants"] if one["name"] == listed["active"])
        if active["state"] != "pass":
            right = next(one["name"] for one in listed["variants"] if one["state"] == "pass")
            listed = await client.request("wgsl/setActiveVariant", {**document, "variant": right})
            await client.checked(120)
        return listed

    async def structures(self, client: Client, listed: dict[str, Any], before: dict[str, Any], started: float) -> None:
        """Wait until as many texts were compiled as there are structures: one of each comes first. `before`: what the
        engines had done when it was typed."""
        words = listed["summary"].split(" · ")
        n_structures = next((int(one.split()[0].replace(",", "")) for one in words if "structure" in one), 0)
        if not n_structures:
            return
        while not (now := await client.statistics())["idle"]:
            if all(one["jobs"] - before[name]["jobs"] >= n_structures for name, one in now["engines"].items()):
                break
            await asyncio.sleep(0.02)
        self.note("keystroke to one of every structure", started)

    def type(self, client: Client, text: str) -> float:
        self.version += 1
        started = time.perf_counter()
        client.change(self.path, text, self.version)
        return started

    def note(self, what: str, started: float) -> None:
        self.times[what].append((time.perf_counter() - started) * 1000)


def is_in(runs: list[int], row: int) -> bool:
    """See VerdictChange in messages.py."""
    end = 0
    for number, length in enumerate(runs):
        end += length
        if row < end:
            return number % 2 == 1
    return False


def resident(pid: int) -> float:
    """MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found.extend(map(int, (task / "children").read_text().split()))
    return found


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, default=SHADERS)
    parser.add_argument("--file", default="flash_attn_tile.wgsl")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--engine", action="append", help="only these engines")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    options: dict[str, Any] = {"cache": False, "workers": arguments.workers}
    if arguments.engine:
        options["engines"] = arguments.engine
    with tempfile.TemporaryDirectory() as copy:
        folder = Path(copytree(arguments.folder, Path(copy) / "shaders"))
        bench = Bench(folder, arguments.file, arguments.runs, options)
        asyncio.run(bench.run())
    if arguments.json:
        print(json.dumps(bench.times))
        return
    n_variants = int(bench.times.pop("variants")[0])
    print(f"{arguments.file}, {n_variants} variants, engines {', '.join(options.get('engines', ['wgpu', 'dawn']))}\n")
    print("| what | least | p50 | p95 | to be |\n| --- | ---: | ---: | ---: | ---: |")
    for what, values in bench.times.items():
        columns = [min(values), percentile(values, 0.5), percentile(values, 0.95)]
        print(f"| {what} | {' | '.join(f'{value:.1f}' for value in columns)} | {FIGURES.get(what) or ''} |")


if __name__ == "__main__":
    main()
