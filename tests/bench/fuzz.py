"""Inputs led by coverage (atheris, libFuzzer's door to Python, which must be installed) for whatever reads somebody
else's bytes, and a comparison with a real preprocessor on texts made at random.

    python -m tests.bench.fuzz preprocess|wgsl|toml|host|frames [--seconds 600] [--corpus FOLDER] [--seed 1]
    python -m tests.bench.fuzz reference --reference COMMAND [--cases 1000000] [--seed 1]

An exception that is no answer, more than ten seconds or 2 GiB for one input ends the run with exit code 1, and the
input lies in the current folder (crash-*, timeout-*, oom-*); it belongs among the tests then. COMMAND is a real
preprocessor in the form of reference.cpp beside this file.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shlex
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
WORDS = {
    "preprocess": r"""#if #ifdef #ifndef #elif #else #endif #define #undef #include \"p\" defined( && || == != < <= + -
        * / % ! ( ) A B C 1 0 \\\x0a // /* */""",
    "wgsl": """fn let var const override struct alias enable requires diagnostic if else for while loop switch case
        default break continue continuing return discard @group(0) @binding(1) @compute @workgroup_size( @builtin(
        var<storage, read_write> var<workgroup> array< vec4< mat4x4< f16 f32 u32 i32 bool ptr< atomic< :: -> <<= >>= ++
        -- && || 0x1p4 1u 1i 1.0h // /* */ _ ; { } ( ) [ ] < >""",
    "toml": r"""[[shader]] [shader.axes] [[shader.variant]] [[shader.rule]] [host] [rules] [smoke] [profile.x] files
        axes defines import include-dirs engines profiles when set forbid pick max-variants = [ ] { } ' \" \"\"\"
        ''' \x0a . , # true 1e9 0x1 1979-05-27""",
    "host": r"""std::string std::vector<std::string> push_back( preprocess( switch case break: for while if else return
        struct enum class template<typename template< auto const static #define #include #if #endif namespace operator
        [&]( [=] std::to_string( defs src_blur insert( \"A\" ; { } ( ) < > :: -> ++ += 1 0""",
    "frames": r"""\x01wgslls\x02 {\"v\":2,\"type\":\"CompileJob\",\"body\":{ Content-Length: \x0d\x0a null true [] {}
        {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{ \\ud800 1e400""",
}

LONGEST = {"toml": 1500, "host": 3000}
"""Bytes of an input: reading these costs some milliseconds for each thousand."""


def fuzz_preprocess() -> Callable[[bytes], None]:
    from wgsl_ls import expand
    from wgsl_ls.preprocess.dialect import DIALECTS
    from wgsl_ls.preprocess.directives import parse_directives

    def one(data: bytes) -> None:
        text = data[1:].decode("utf-8", "replace")
        how = data[0] if data else 0
        main, _, other = text.partition("\0")
        dialect: Any = "ggml" if how & 1 else "pre-wgsl"
        includes: Any = "native" if how & 2 else "textual"
        defines = [define for bit, define in ((4, "A"), (8, "B=2"), (16, "C=A + B"), (32, "u32=f32")) if how & bit]
        parse_directives(main, DIALECTS[dialect])
        found = expand("m", defines=defines, files={"m": main, "p": other}, dialect=dialect, includes=includes)
        for offset in range(0, len(found.text), 1 + len(found.text) // 20):
            found.origin(offset)
        for offset in range(0, len(main) + 1, 1 + len(main) // 8):
            found.macro_table(offset)

    return one


def fuzz_wgsl() -> Callable[[bytes], None]:
    from wgsl_ls.engines.f16_bitcasts import bitcast_edits
    from wgsl_ls.wgsl.aliasing import exclusive_bindings
    from wgsl_ls.wgsl.entry_inputs import compute_entries
    from wgsl_ls.wgsl.feature_uses import feature_uses
    from wgsl_ls.wgsl.matrix_emulation import matrix_edits
    from wgsl_ls.wgsl.memory_accesses import accesses
    from wgsl_ls.wgsl.number_model import NumberModel
    from wgsl_ls.wgsl.parser import ParseCache, parse
    from wgsl_ls.wgsl.problems import problems
    from wgsl_ls.wgsl.reflection import reflect
    from wgsl_ls.wgsl.skeleton import skeleton
    from wgsl_ls.wgsl.symbols import analyze

    def one(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        module = parse(text, ParseCache())
        analysis = analyze(module)
        problems(analysis)
        feature_uses(analysis)
        for entry in reflect(analysis).entry_points:
            exclusive_bindings(analysis, entry)
        list(compute_entries(analysis))
        for space in ("workgroup", "storage"):
            accesses(analysis, space)
        numbers = list(re.finditer(r"\b[1-9]\d{0,8}", text))
        model = NumberModel(analysis, {found.start(): index for index, found in enumerate(numbers)})
        model.facts([int(found[0]) for found in numbers])
        matrix_edits(analysis)
        bitcast_edits(analysis, lambda probe: False)
        for placed in module.placed:
            skeleton(text[placed.start : placed.start + len(placed.chunk.text)])

    return one


def fuzz_toml() -> Callable[[bytes], None]:
    from wgsl_ls.analysis.rule import all_rules
    from wgsl_ls.project.config import load_config
    from wgsl_ls.project.toml_place import toml_place
    from wgsl_ls.project.variants import variants_for

    rules = all_rules()

    def one(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        config, _ = load_config("/w/wgsl-ls.toml", text, rules)
        variants_for(config, "/w/a.wgsl")
        for offset in range(0, len(text) + 1, 1 + len(text) // 8):
            toml_place(text, offset)

    return one


def fuzz_host() -> Callable[[bytes], None]:
    from tests.host.host_fixture import body, read
    from wgsl_ls.host.codec import from_plain, to_plain
    from wgsl_ls.host.reading import Budget

    small = Budget(steps=3000, paths=100, variants=100, all_steps=10_000, seconds=5)

    def one(data: bytes) -> None:
        text = data[1:].decode("utf-8", "replace")
        reading = read(body(text) if data[:1] < b"\xc0" else text, budget=small)
        assert all(gap.what for gap in reading.gaps)
        again = from_plain(json.loads(json.dumps(to_plain(reading))))
        assert again is not None and to_plain(again) == to_plain(reading)

    return one


def fuzz_frames() -> Callable[[bytes], None]:
    from wgsl_ls.server.app import make_server
    from wgsl_ls.server.codec import InvalidParams, decode
    from wgsl_ls.server.sockets import Door, Refused
    from wgsl_ls.wire.frames import FrameError, FrameReader, decode_message

    asked = (getattr(one, "params", None) for one in make_server().served.values())
    kinds = [one for one in dict.fromkeys(asked) if isinstance(one, type) and one is not type(None)]

    def one(data: bytes) -> None:
        reader = FrameReader()
        for start in range(0, len(data), 7):
            for payload in reader.feed(data[start : start + 7]):
                with suppress(FrameError):
                    decode_message(payload)
        with suppress(FrameError):
            decode_message(data)
        with suppress(Refused):
            Door("token").enter(data)
        try:
            plain = json.loads(data)
        except (ValueError, RecursionError):
            return
        for kind in kinds:
            with suppress(InvalidParams):
                decode(kind, plain)

    return one


TARGETS: dict[str, Callable[[], Callable[[bytes], None]]] = {
    "preprocess": fuzz_preprocess, "wgsl": fuzz_wgsl, "toml": fuzz_toml, "host": fuzz_host, "frames": fuzz_frames,
}  # fmt: skip


def seeds(target: str) -> Iterator[bytes]:
    """What to begin with: our own files."""
    patterns = {"wgsl": ("shaders/**/*.wgsl", "wgsl/samples/*.wgsl"), "toml": ("shaders/**/*.toml", "smoke/*.toml"),
                "host": ("host/second/*.cpp", "smoke/host/*.cpp"), "preprocess": ("shaders/*.tmpl",)}  # fmt: skip
    for pattern in patterns.get(target, ()):
        for path in sorted(TESTS.glob(pattern)):
            data = path.read_bytes()
            yield b"\xff" + data if target in ("host", "preprocess") else data
    if target == "preprocess":
        for case in json.loads((TESTS / "conformance" / "named.json").read_text("utf-8")):
            yield b"\x07" + case["main"].encode()
    if target == "frames":
        from wgsl_ls.wire.frames import encode_frame
        from wgsl_ls.wire.jobs import CompileJob, Rejected

        yield encode_frame(CompileJob("dawn", "const a = 1;"))
        yield encode_frame(Rejected("dawn", ()))
        yield b'{"textDocument": {"uri": "file:///a"}, "position": {"line": 1, "character": 2}, "variant": "A"}'


def led_by_coverage(target: str, options: argparse.Namespace) -> int:
    import atheris

    with atheris.instrument_imports(include=["wgsl_ls"]):
        one = TARGETS[target]()
    with tempfile.TemporaryDirectory() as folder:
        corpus = options.corpus or Path(folder) / "corpus"
        corpus.mkdir(exist_ok=True)
        for number, data in enumerate(seeds(target)):
            if len(data) <= LONGEST.get(target, 4000):
                (corpus / f"seed-{number}").write_bytes(data)
        words = Path(folder) / "words"
        words.write_text("".join(f'"{word}"\n' for word in dict.fromkeys(WORDS[target].split())))
        arguments = [sys.argv[0], str(corpus), f"-dict={words}", f"-max_total_time={options.seconds}", "-timeout=10",
                     "-rss_limit_mb=2048", f"-max_len={LONGEST.get(target, 4000)}", f"-seed={options.seed}",
                     "-print_final_stats=1", "-close_fd_mask=1"]  # fmt: skip
        atheris.Setup(arguments, one)
        atheris.Fuzz()  # ends the process
    return 0


def random_text(chance: random.Random, depth: int = 0) -> str:
    """Directives and code that mean something to each other, with mistakes among them."""
    names = ("A", "B", "C", "_x", "u32", "F")
    values = ("", "1", "2", "A", "B + 1", "(A) * C", "x // y", "defined(A)", "x \\\n  B", "0", "A B", "C == 2", "-3")
    codes = ("A", "B C;", "let x = A + 1u; // B", "", "  ", "A\tB", "x#A", "A.B", "/* A */ B", "AA A_ A1 1A", "\\",
             "é A")  # fmt: skip
    conditions = ("A", "A == 1", "B > C", "defined(A) && !defined(B)", "1 / 2", "!A || (B + 2) % 2", "A < 2",
                  "C >= 1 || A", "(A", "defined A", "A && (B || C)", "2 * A - B", "A != B", "", "-A", "1 == 1 == 1",
                  "A +")  # fmt: skip
    lines: list[str] = []
    for _ in range(chance.randrange(1, 7)):
        kind, name = chance.random(), chance.choice(names)
        if kind < 0.4:
            lines.append(chance.choice(codes))
        elif kind < 0.65:
            space = chance.choice(("", " ", "\t")) if chance.random() < 0.2 else ""
            lines.append(f"{space}#{space}define {name} {chance.choice(values)}")
        elif kind < 0.7:
            lines.append(f"#undef {name}")
        elif kind < 0.95 and depth < 4:
            head = chance.choice((f"#if {chance.choice(conditions)}", f"#ifdef {name}", f"#ifndef {name}"))
            lines += [head, random_text(chance, depth + 1)]
            while chance.random() < 0.3:
                lines += [f"#elif {chance.choice(conditions)}", random_text(chance, depth + 1)]
            if chance.random() < 0.5:
                lines += ["#else", random_text(chance, depth + 1)]
            if chance.random() < 0.98:
                lines.append("#endif")
        elif chance.random() < 0.3:
            lines.append(
                chance.choice(("#", "#endif", "#else", "#elif 1", "#if(A)", "#define", "#error no", "#pragma"))
            )
    return chance.choice(("\n", "\n", "\n", "\r\n")).join(lines)


class Reference:
    """A real preprocessor in the form of reference.cpp; started again when it dies."""

    def __init__(self, command: str) -> None:
        self.command = shlex.split(command)
        self.process = self._start()
        self.n_deaths = 0

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def output(self, text: str, defines: list[str]) -> str | None:
        """ "" where it failed; None where it died."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            for word in (text, "1", str(len(defines)), *defines):
                data = word.encode("utf-8", "surrogateescape")
                self.process.stdin.write(struct.pack("<I", len(data)) + data)
            self.process.stdin.flush()
            answers = []
            for _ in range(2):
                (length,) = struct.unpack("<I", self.process.stdout.read(4))
                answers.append(self.process.stdout.read(length))
        except (OSError, struct.error):
            self.process.wait()
            self.process = self._start()
            self.n_deaths += 1
            return None
        return answers[1].decode("utf-8", "surrogateescape")


def against_reference(options: argparse.Namespace) -> int:
    from wgsl_ls import expand

    chance, reference = random.Random(options.seed), Reference(options.reference)
    n_failed = n_differ = 0
    for number in range(options.cases):
        text = random_text(chance)
        macros = chance.sample(("A", "A=1", "B=2", "C", "C=A + B", "_x=", "u32=f32", "F=0"), chance.randrange(4))
        ours = expand("m", defines=macros, files={"m": text}, dialect="ggml")
        theirs = reference.output(text, macros)
        n_failed += ours.failed
        if theirs is not None and theirs != ("" if ours.failed else ours.text):
            n_differ += 1
            if n_differ <= 5:
                print(json.dumps({"main": text, "defines": macros, "ours": None if ours.failed else ours.text,
                                  "reference": theirs}), flush=True)  # fmt: skip
        if number % 20_000 == 19_999:
            print(f"{number + 1:,} cases", flush=True)
    print(f"{options.cases:,} cases, of which {n_failed:,} fail in both; {n_differ:,} differ; the reference died"
          f" {reference.n_deaths:,} times")  # fmt: skip
    return 1 if n_differ else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=[*TARGETS, "reference"])
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--corpus", type=Path, help="a folder that keeps what was found")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reference", help="a real preprocessor, see reference.cpp")
    parser.add_argument("--cases", type=int, default=1_000_000)
    options = parser.parse_args()
    if options.target != "reference":
        return led_by_coverage(options.target, options)
    if options.reference is None:
        parser.error("name the preprocessor with --reference")
    return against_reference(options)


if __name__ == "__main__":
    raise SystemExit(main())
