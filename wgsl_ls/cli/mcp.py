"""`wgsl-ls mcp`: the command line as tools for agents that speak the Model Context Protocol, over standard input and
output. Answers are short: what is left out is said, with how to ask for it.

It needs the package `mcp`, an extra. Nothing outside of the folder that it is started for is read on request.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import os
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import wgsl_ls
from wgsl_ls.cli.speech import remark
from wgsl_ls.text.harmless import lines as harmless_lines
from wgsl_ls.wire.engine_specs import smoke_engines

EXAMPLES = """\
wgsl-ls mcp shaders    # as an agent starts it; it may ask about what is below this folder"""

MOST_FINDINGS = 20
MOST_NAMES = 3
MOST_RELATED = 6
MOST_LINES = 300
MOST_RUNS = 20
LONGEST_REFUSAL = 4000
LONGEST_LINE = 400

_INSTRUCTIONS = (
    "Shaders in WGSL that is written with a preprocessor (#define, #ifdef, #include): one file is many variants. "
    "Lines count from 1. Call validate first; then explain a line, or expand a variant to see what the compilers get."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help="what may be asked about")


def run(arguments: argparse.Namespace) -> int:
    folder = Path(arguments.folder).resolve()
    try:
        os.chdir(folder)  # so that answers call files as questions may call them
    except OSError as problem:
        remark(f"{arguments.folder}: {problem.strerror}")
        return 2
    make_server(folder).run("stdio")
    return 0


def _refused(words: str) -> Exception:
    """What was asked cannot be done; the agent gets the words."""
    from mcp.server.mcpserver.exceptions import ToolError

    return ToolError(words if len(words) <= LONGEST_REFUSAL else f"{words[:LONGEST_REFUSAL]}…")


def make_server(folder: Path) -> Any:
    """An MCPServer of the package `mcp`, not yet connected."""
    from mcp.server import MCPServer

    top = folder.resolve()
    turn = asyncio.Lock()
    server = MCPServer("wgsl-ls", instructions=_INSTRUCTIONS, version=wgsl_ls.__version__, log_level="ERROR")

    def inside(path: str) -> str:
        try:
            found = (top / path).resolve()
            found.stat()
        except FileNotFoundError:
            pass
        except (OSError, ValueError, RuntimeError) as error:  # links in a circle, a null character, a name without end
            why = getattr(error, "strerror", None) or error
            raise _refused(f"{path[:LONGEST_LINE]} is no file: {why}") from None
        if not found.is_relative_to(top):
            raise _refused(f"{path} is not below {top}")
        if not found.exists():
            raise _refused(f"there is no {path} below {top}")
        return str(found)

    async def told(*words: str, given: str = "") -> str:
        async with turn:  # standard input and output are one for all
            return await asyncio.to_thread(_told, list(words), given)

    @server.tool()
    async def validate(path: str = ".", variant: str = "") -> dict[str, Any]:
        """Compile every variant of the shaders in a file or folder with all compilers. `variant`: as for
        expand, but all that match. `condition`: a finding holds just where this does; `fits`: it does in those that
        were judged."""
        chosen = (f"--variant={variant}",) if variant else ()
        return _short_report(json.loads(await told("validate", "--format", "json", *chosen, "--", inside(path))))

    @server.tool()
    async def explain(file: str, line: int) -> str:
        """In which variants a line is active, and which condition decides."""
        return _cut(await told("explain", "--", f"{inside(file)}:{line}"))

    @server.tool()
    async def define_state(file: str, line: int, variant: str = "") -> str:
        """The value of every macro at a line, and where it is set. `variant`: as for expand, but
        all that match."""
        chosen = (f"--variant={variant}",) if variant else ()
        return _cut(await told("explain", "--macros", *chosen, "--", f"{inside(file)}:{line}"))

    @server.tool()
    async def expand(file: str, variant: str = "", first_line: int = 1, written_places: bool = False) -> str:
        """What the compilers get for one variant, from `first_line` on. `variant`: its name, a glob, or words of its
        name and macros in any order; the first without. `written_places`: with the file and line that each line comes
        from."""
        options = [*((f"--variant={variant}",) if variant else ()), *(("--map",) if written_places else ())]
        return _cut(await told("expand", *options, "--", inside(file)), first_line)

    @server.tool()
    async def host(path: str = ".") -> str:
        """What was read in the code of the host program: which variants of which shaders it asks for, what of it was
        not understood."""
        return _cut(await told("host", "--", inside(path)))

    @server.tool()
    async def impact(base: str = "HEAD", path: str = ".") -> dict[str, Any]:
        """Which variants of which shaders compile another text than at the git revision `base`."""
        by_root = json.loads(await told("impact", "--json", f"--base={base}", "--", inside(path)))
        touched = {one["root"]: one["variants"] for one in by_root if one["variants"]}
        return {
            "n_variants": sum(map(len, touched.values())),
            "n_shaders": len(touched),
            "shaders": {
                root: {"n_variants": len(names), "variants": names[:MOST_NAMES]}
                for root, names in islice(touched.items(), MOST_FINDINGS)
            },
        }

    @server.tool()
    async def identify(text: str, path: str = ".") -> dict[str, Any]:
        """Which shader, variant and written line a text speaks of: a compiler's message of a run, or dumped WGSL."""
        found = json.loads(await told("identify", "--format", "json", "-", inside(path), given=text))
        if not found:
            raise _refused("no variant of these shaders has this text, nor the lines that it quotes")
        return _short_matches(found)

    @server.tool()
    async def smoke(file: str, variant: str, case: str = "", engine: str = smoke_engines()[0]) -> dict[str, Any]:
        """Dispatch variants on the GPU, or a software one, and judge the numbers. `variant`: as for expand, but all
        that match. `case`: a glob over the cases of the configuration, or of the host's operations; a few small ones
        without. What no reference judges is said."""
        chosen = [f"--variant={variant}", f"--case={case}" if case else "--quick"]
        n_runs = len((await told("smoke", "--list", *chosen, "--", inside(file))).splitlines())
        if n_runs > MOST_RUNS:
            raise _refused(f"'{variant}' takes {n_runs} runs; at most {MOST_RUNS} are made at a time")
        return _short_runs(
            json.loads(await told("smoke", "--format", "json", f"--engine={engine}", *chosen, "--", inside(file)))
        )

    return server


def _told(words: list[str], given: str) -> str:
    """The output of our own command line, which reads `given` as its standard input. Raises ToolError with what it says
    when it could not do it."""
    from wgsl_ls.cli.main import main

    out, aside = io.StringIO(), io.StringIO()
    before, sys.stdin = sys.stdin, io.StringIO(given)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(aside):
            code = main(words)
    except SystemExit:
        code = 2
    finally:
        sys.stdin = before
    said = "\n".join(line.removeprefix("wgsl-ls: ") for line in aside.getvalue().strip().splitlines())
    if not out.getvalue():
        raise _refused(said or f"nothing to say (exit {code})")
    # With 2 a report may still say what is known. One as JSON has what is missing in itself.
    is_missing = code == 2 and "json" not in words and "--json" not in words
    return f"{said}\n{out.getvalue()}" if is_missing else out.getvalue()


def _cut(text: str, first_line: int = 1) -> str:
    """Some lines of a text, and how to get more."""
    every = harmless_lines(text).splitlines()
    first = max(1, first_line)
    chosen = every[first - 1 : first - 1 + MOST_LINES]
    shown = [line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…" for line in chosen]
    left = len(every) - (first - 1) - len(chosen)
    if left > 0:
        shown.append(f"[{left} more lines of {len(every)}; the next is {first + len(chosen)}]")
    return "\n".join(shown)


def _short_report(report: dict[str, Any]) -> dict[str, Any]:
    """The findings that come first, and the counts. Names of variants are listed up to a number; there is always the
    count."""

    def short(finding: dict[str, Any]) -> dict[str, Any]:
        start = finding["range"]["start"]
        names = finding["variants"]
        kept = ("path", "severity", "rule", "message", "engines", "condition", "fits")
        shown = {key: finding[key] for key in kept if finding[key]}
        related = [f"{_place(one)}: {one['message']}" for one in finding["related"][:MOST_RELATED]]
        counts = finding["counts"]
        seen = {"n_variants": len(names), "n_judged": counts["judged"], "of_variants": counts["variants"]}
        of_variants = seen | {"variants": names[:MOST_NAMES]} if names else {}
        return shown | {"line": start["line"] + 1} | of_variants | ({"related": related} if related else {})

    ordered = sorted(report["findings"], key=_severity)
    failing = [f"{one['root']}: {one['name']}" for one in report["variants"] if one["state"] == "fail"]
    return {
        "findings": [short(one) for one in ordered[:MOST_FINDINGS]],
        "n_findings": len(ordered),
        "failing": failing[:MOST_FINDINGS],
        "variants": report["summary"]["variants"],
        "unavailable": report["summary"]["unavailable"],
    }


def _short_matches(found: list[dict[str, Any]]) -> dict[str, Any]:
    """What variants of a shader have in common is said once."""
    together: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        together.setdefault(json.dumps([one["shader"], one["by"], one["places"]]), []).append(one)
    matches = [
        {key: matches[0][key] for key in ("shader", "by", "places")}
        | {"n_variants": len(matches), "variants": [one["variant"] for one in matches[:MOST_NAMES]]}
        for matches in together.values()
    ]
    return {"n_matches": len(found), "matches": matches[:MOST_FINDINGS]}


def _short_runs(report: dict[str, Any]) -> dict[str, Any]:
    """Verdicts, failures, the size of errors and what was guessed; no maps."""

    def short(run: dict[str, Any]) -> dict[str, Any]:
        figures = {
            name: {key: found[key] for key in ("nmse", "max_absolute", "max_absolute_at")}
            for name, found in run["figures"].items()
        }
        kept = ("variant", "case", "engine", "adapter", "verdict", "failed_checks", "guessed", "lowered")
        judged = {} if figures else {"not_judged": "no reference: the numbers are not judged"}
        return {key: run[key] for key in kept} | {"errors": figures} | judged

    return {"passed": report["passed"], "runs": [short(run) for run in report["runs"][:MOST_RUNS]]}


def _place(related: dict[str, Any]) -> str:
    start = related["range"]["start"]
    return f"{related['path']}:{start['line'] + 1}:{start['character'] + 1}"


def _severity(finding: dict[str, Any]) -> int:
    return ("error", "warning", "information").index(finding["severity"])
