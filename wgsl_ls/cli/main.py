"""The command line: `wgsl-ls SUBCOMMAND`. Each subcommand is one file with `add_arguments`, `run` and EXAMPLES (as a
shell reads them), imported only when it is asked for, so that `wgsl-ls serve` starts fast.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from textwrap import fill, indent

import wgsl_ls
from wgsl_ls import extras
from wgsl_ls.cli.speech import near, open_channels, remark
from wgsl_ls.project.engine_builds import user_engines
from wgsl_ls.wire.engine_specs import use_builds

SUBCOMMANDS = {
    "init": "write a first wgsl-ls.toml, in which what is declared compiles",
    "validate": "compile every variant with every engine and report what fails, at the written place",
    "expand": "print the expanded WGSL of one variant",
    "format": "format shaders; what would change a variant is left alone",
    "variants": "list the variants of a shader",
    "host": "show what was understood of the host program that asks for the shaders",
    "identify": "say which shader, variant and line an error message or dumped WGSL is about",
    "explain": "say for a line in which variants it is active, and why",
    "diff": "compare the expansions of two variants",
    "coverage": "which lines are active in which variants (text, lcov, JSON, HTML)",
    "impact": "which variants a change touches",
    "aliases": "which buffers of a variant must not overlap, who writes them, what the host asks about it",
    "smoke": "dispatch variants on a GPU and judge the numbers",
    "rule": "say what a rule means and what to do",
    "rules": "print what every rule means, as one page",
    "schema": "print the JSON schema of wgsl-ls.toml",
    "doctor": "show versions, adapters and features, what is missing and how to get it",
    "cache": "show or clear the cache of compile results",
    "completion": "print what makes a shell complete our words",
    "mcp": "answer agents that speak the Model Context Protocol",
    "serve": "run the language server (stdio, --tcp, --websocket)",
}

EXAMPLES = """\
wgsl-ls doctor               # what is there, what is missing
wgsl-ls validate shaders     # every variant of every shader in a folder
wgsl-ls validate --help      # what a subcommand takes, with examples"""


_EXTRAS = {"numpy": "smoke", "matplotlib": "smoke", "distributed": "cluster", "mcp": "mcp"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code: 0 clean, 1 problems, 2 could not do it."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    open_channels()
    try:
        return _main(words)
    except ModuleNotFoundError as missing:
        extra = _EXTRAS.get((missing.name or "").partition(".")[0])
        if extra is None:
            raise
        remark(f"this needs {missing.name}: {extras.remedy(extra)}")
        return 2
    except OSError as problem:  # a disk that fails, a folder that vanishes: wherever it was, nothing is clean
        place = f"{problem.filename}: " if problem.filename is not None else ""
        remark(f"{place}{problem.strerror or problem}; nothing more was done")
        return 2
    except MemoryError:
        remark("there is not enough memory; nothing more was done")
        return 2
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # who asks again means it
        print("interrupted", file=sys.stderr)
        return 130


def _is_a_file(word: str) -> bool:
    return len(word) > 1 and word.startswith("-") and os.path.lexists(word)


def _no_subcommand(word: str) -> str:
    if os.path.lexists(word):
        return f"there is no subcommand '{word}'; to check it: wgsl-ls validate {word}"
    return f"there is no subcommand '{word}'{near(word, SUBCOMMANDS) or '; wgsl-ls --help lists them'}"


def _not_understood(words: Sequence[str], parser: argparse.ArgumentParser) -> str:
    if not words:
        return "name a SUBCOMMAND; --help lists them"
    if not words[0].startswith("-"):
        return f"nothing more was expected, but '{words[0]}' follows"
    return f"there is no option '{words[0]}'{near(words[0], re.findall(r'--[a-z][a-z-]*', parser.format_help()))}"


class _Once(argparse.Action):
    """An option that has one value. The last of several would undo the others, and nobody would know."""

    given = False

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        if self.option_strings and self.given:
            raise argparse.ArgumentError(self, f"it has one value and was given twice; {values!r} is the second")
        self.given = True
        setattr(namespace, self.dest, values)


def _epilog(written: str, width: int) -> str:
    return "examples:\n" + indent(_examples(written, width - 2), "  ")


def _examples(written: str, width: int) -> str:
    """Commands with what they are for behind them, or below where that is too long."""
    rows = [(command.rstrip(), words.strip()) for command, _, words in (x.partition(" #") for x in written.split("\n"))]
    column = max(len(command) for command, _ in rows) + 4
    if all(column + 2 + len(words) <= width for _, words in rows if words):
        return "\n".join(f"{command:<{column}}# {words}" if words else command for command, words in rows)
    return "\n".join(
        f"{command}\n{fill(words, width, initial_indent='    ', subsequent_indent='    ')}".rstrip()
        for command, words in rows
    )


def _main(words: list[str]) -> int:
    # A pattern of the shell gives us names of files, which are somebody else's.
    before_names = words[: words.index("--")] if "--" in words else words
    if name := next(filter(_is_a_file, before_names), None):
        remark(f"a file is called '{name}', which reads like an option: write './{name}', or '--' before the names")
        return 2
    completing = "_ARGCOMPLETE" in os.environ
    if completing:
        words = os.environ.get("COMP_LINE", "").split()[1:]
    chosen = next((word for word in words if not word.startswith("-")), None)
    if not completing and chosen is not None and chosen not in SUBCOMMANDS:
        remark(_no_subcommand(chosen))
        return 2
    users = user_engines()
    use_builds(users.builds, users.asked)
    for problem in users.problems:
        remark(problem)
    width = max(shutil.get_terminal_size().columns - 2, 20)  # as argparse has it
    parser = argparse.ArgumentParser(
        prog="wgsl-ls",
        description="WGSL with a preprocessor: every variant checked.",
        epilog=_epilog(EXAMPLES, width),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"wgsl-ls {wgsl_ls.__version__}")
    subparsers = parser.add_subparsers(dest="subcommand", metavar="SUBCOMMAND")
    used = parser
    for name, summary in SUBCOMMANDS.items():
        subparser = subparsers.add_parser(
            name,
            help=summary,
            description=fill(f"{summary[0].upper()}{summary[1:]}.", width),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == chosen:
            used = subparser
            subparser.register("action", None, _Once)
            module = import_module(f"wgsl_ls.cli.{name}")
            module.add_arguments(subparser)
            subparser.epilog = _epilog(module.EXAMPLES, width)
    if completing:
        import argcomplete

        argcomplete.autocomplete(parser)
    if not words:
        parser.print_help(sys.stderr)
        return 2
    parsed, unknown = parser.parse_known_args(words)
    if unknown or parsed.subcommand is None:
        used.error(_not_understood(unknown, used))
    try:
        code: int = import_module(f"wgsl_ls.cli.{parsed.subcommand}").run(parsed)
    except BrokenPipeError:
        sys.stderr.close()  # a pager was closed: nothing more to say
        return 0
    return code


if __name__ == "__main__":
    raise SystemExit(main())
