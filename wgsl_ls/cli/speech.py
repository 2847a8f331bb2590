"""What the command line says. The workspace's words are in everything it says, so all text goes out here, where
nothing in it can command a terminal or a workflow runner that reads the log."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass

from wgsl_ls.text.harmless import lines, without_commands


def say(text: str, *, aside: bool = False) -> None:
    """To standard output, `aside` to standard error, as lines."""
    print(without_commands(lines(text)), file=sys.stderr if aside else sys.stdout, flush=aside)


def remark(text: str) -> None:
    """To standard error, behind our name."""
    say(f"wgsl-ls: {text}", aside=True)


def pass_on(text: str) -> None:
    """A text that is wanted exactly: as it is for a file or another program, harmless for a terminal."""
    shown = lines(text) if sys.stdout.isatty() else text.encode("utf-8", "replace").decode("utf-8")
    sys.stdout.write(shown)


@dataclass(frozen=True, slots=True)
class Terminal:
    """What standard output shows. `width`: in columns, 0 where it is no terminal."""

    width: int = 0
    has_colour: bool = False


def terminal() -> Terminal:
    """Colours are left out where NO_COLOR is set (to anything) or the terminal calls itself dumb."""
    if not sys.stdout.isatty():
        return Terminal()
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Terminal(shutil.get_terminal_size().columns, not plain)
