"""Everything that the command line prints about a few small shaders, as one text: each command with each of its options
that print. After a change that is meant, `python -m tests.cli.test_all_outputs` writes it anew; read the difference.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path

import pytest

import wgsl_ls
from tests.analysis.features.test_all_of_a_shader import EVERY_KIND
from tests.analysis.features.test_all_of_a_shader import FILES as SHADER
from tests.analysis.fixture import CONFIG
from tests.cli.conftest import Engines, played, write
from tests.cli.test_host_findings import EDGE, OPENED, TONE
from tests.cli.test_host_findings import HOST as GAPPY
from tests.server.test_all_answers import WORKSPACE
from wgsl_ls.cli.main import SUBCOMMANDS, main
from wgsl_ls.wire.jobs import Unavailable

HOST = Path(__file__).parents[1] / "host/second"
SAID = Path(__file__).with_name("all_outputs.txt")
FILES = {
    **{name: text for name, text in WORKSPACE.items() if name not in EVERY_KIND},
    CONFIG: SHADER[CONFIG],
    "bare/guessed.wgsl": "#ifdef WIDE\nconst n = N;\n#else\nconst n = missing_one;\n#endif\n"
    "@compute @workgroup_size(n) fn f() { }\n",
    "bare/wide.wgsl": "/* 😀 */ fn f() { let x = wrong; }\n//! reject 1:27 no such name\n",
    "bare/ugly.wgsl": "fn f( a:u32 )->u32{\nreturn a+ 1u ;\n}\n",
    "error.txt": "error: wrong\n  ┌─ wgsl:8:5\n   │\n8 │     n_rows: u32, // how many\n",
    "before.json": "{}",
    "gappy/host.cpp": GAPPY + OPENED,
    "gappy/tone.wgsl": TONE,
    "gappy/edge.wgsl": EDGE,
    "../fresh/guessed.wgsl": "#ifdef WIDE\nconst n = 2;\n#else\nconst n = 1;\n#endif\n",
    "../fresh/lacks.wgsl": "const a = HOST_GIVES_IT;\n",
    "../fresh/wrong.wgsl": "//! reject 1:1 no\nconst a = 1;\n",
    "list.jsonl": '{"shader": "kernel", "variant": "F32", "defines": {"TILE": "8"}}\n',
    "seen.jsonl": '{"shader": "tone", "defines": ["LOST", "IN=u32"]}\n'
    '{"shader": "tone", "defines": ["IN=f32", "OUT=u32", "TILE=8", "DITHER=1"]}\n',
    "rows.json": "[]",
}
COMMANDS = (
    "validate", "validate bare --strict", "validate bare/wide.wgsl --format json",
    "validate bare/wide.wgsl --format sarif", "validate kernel.wgsl --engine wgpu --variant *SCALED*",
    "validate kernel.wgsl wrong.wgsl --format json", "validate kernel.wgsl wrong.wgsl --format sarif",
    "validate kernel.wgsl wrong.wgsl --format junit", "validate wrong.wgsl --format github",
    "validate wrong.wgsl --format gcc", "validate kernel.wgsl --profile firefox-141",
    "validate kernel.wgsl --shard 2/3", "validate kernel.wgsl --profile none", "validate none.wgsl", "validate bare",
    "validate kernel.wgsl --output made.txt", "validate bare --baseline before.json", "validate bare --jobs 0",
    "expand kernel.wgsl scaled 8 f16", "expand kernel.wgsl --map", "expand kernel.wgsl --json",
    "expand kernel.wgsl -D DEBUG", "expand wrong.wgsl", "expand none.wgsl", "expand bare/guessed.wgsl",
    "format --check bare", "format --diff bare --indent 2", "format bare/ugly.wgsl", "format none.wgsl", "variants",
    "variants kernel.wgsl --variant F16*", "variants --count", "variants --json", "variants --format json",
    "variants bare", "host engine", "host gappy --profile webgpu-default --profile nvidia",
    "host gappy --profile nvidia --format json", "validate gappy", "init ../fresh --print", "init ../fresh",
    "host engine --format json", "host engine --compare list.jsonl", "identify error.txt",
    "identify error.txt --format json", "identify error.txt bare", "identify none.txt", "explain kernel.wgsl:20",
    "explain kernel.wgsl:20:5 --macros", "explain tile.tmpl:3 --json", "explain kernel.wgsl:999",
    "explain kernel.wgsl", "explain kernel.wgsl:3 --variant *F16*", "diff kernel.wgsl F32+TILE=8 F16+TILE=16",
    "diff kernel.wgsl F32+TILE=8 --flip DEBUG --context 1", "diff kernel.wgsl F32+TILE=8",
    "diff kernel.wgsl F32+TILE=8 F32+TILE=8", "coverage kernel.wgsl", "coverage --format lcov",
    "coverage --format json", "coverage --format html kernel.wgsl --variant *F16*", "aliases kernel.wgsl",
    "aliases kernel.wgsl --format json", "aliases --variant *SCALED*", "smoke --list",
    "smoke kernel.wgsl --list --engine all --matrices both", "smoke engine --list", "impact", "rule wgsl/name",
    "rule lint/unused-macro", "rule nothing", "completion bash", "completion zsh", "completion fish", "cache", "init",
    "init bare", "nothing", "explain none.wgsl:3", "init kernel.wgsl", "init none", "smoke kernel.wgsl --sanitize none",
    "coverage kernel.wgsl --format lcov --output made.lcov", "smoke kernel.wgsl --op ADD", "mcp none", "--",
    "smoke kernel.wgsl --variant none", "validate --deadline 0", "validate --deadline x", "host none", "impact none",
    "smoke --subgroup-sizes 3", "smoke kernel.wgsl --adapter a --list", "expand kernel.wgsl none",
    "variants kernel.wgsl --variant none", "variants --profile none", "host engine --profile none", "coverage none",
    "aliases none", "host engine --compare seen.jsonl", "smoke kernel.wgsl --baseline none.json",
    "smoke kernel.wgsl --baseline rows.json", "smoke kernel.wgsl --baseline error.txt", "diff kernel.wgsl none",
    "smoke kernel.wgsl --reference nothing:here", "smoke kernel.wgsl --reference json --allow-code",
    "smoke kernel.wgsl --reference json:__doc__ --allow-code", "smoke --list --shard 1/2 kernel.wgsl",
    "validate kernel.wgsl --output kernel.wgsl", "validate --shard 3/2", "validate --shard x", "validate --jobs x",
    "validate --variant none", "variants bare --format json", "expand kernel.wgsl F16+TILE=8 --map",
)  # fmt: skip


WITHOUT_DAWN = tuple(
    f"validate kernel.wgsl --no-cache --variant *F16* --format {one}"
    for one in ("human", "json", "sarif", "junit", "github")
)


def said(folder: Path, engines: Engines) -> Iterator[str]:
    write(FILES, folder)
    shutil.copytree(HOST, folder / "engine")
    for command in (*COMMANDS, *WITHOUT_DAWN):
        if command in WITHOUT_DAWN:
            engines.missing["dawn"] = Unavailable("there is none", "get one")
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code: object = main(command.split())
            except SystemExit as ended:
                code = ended.code
        yield f"== {command}: {code}"
        for name, stream in (("", out), ("! ", err)):
            for line in stream.getvalue().splitlines():
                yield (name + plain(line, folder)).rstrip()
    for name in SUBCOMMANDS:
        parser = argparse.ArgumentParser()
        import_module(f"wgsl_ls.cli.{name}").add_arguments(parser)
        yield f"== {name}"
        for one in parser._actions[1:]:
            words = (*one.option_strings, one.dest, one.metavar, one.nargs, one.default, one.choices and [*one.choices])
            yield f"{' '.join(map(str, words))}: {'' if one.help else 'nothing said'}"
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not {"cache", "engine"}.intersection(path.parts) and path.name not in FILES:
            yield f"== {path.relative_to(folder)}"
            yield from (plain(line, folder) for line in path.read_text(encoding="utf-8").splitlines())


def plain(line: str, folder: Path) -> str:
    """Without what differs from run to run, and from machine to machine."""
    line = line.replace(folder.as_uri(), "URI").replace(str(folder), "FOLDER").replace(wgsl_ls.__version__, "VERSION")
    return re.sub(r"\d+(\.\d+)?(?= s\b)|(?<=econds\": )[\d.]+|(?<=time=\")[\d.]+", "N", line)


def everything(folder: Path) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        engines = played(patch)
        patch.setenv("WGSL_LS_CACHE", str(folder / "w/cache"))
        patch.setenv("COLUMNS", "120")
        patch.setattr("sys.path", [*sys.path])
        here = folder / "w"
        here.mkdir()
        patch.chdir(here)
        return list(said(here, engines))


def test_all_that_is_printed(tmp_path: Path) -> None:
    assert everything(tmp_path) == SAID.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        SAID.write_text("\n".join(everything(Path(made))) + "\n", encoding="utf-8")
