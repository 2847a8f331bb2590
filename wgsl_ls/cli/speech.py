"""What the command line says. The workspace's words are in everything it says, so all text goes out here, where
nothing in it can command a terminal or a workflow runner that reads the log."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from wgsl_ls.text.harmless import lines, without_commands

_LEAST_ROOM = 40
"""Columns for the words of a line, however narrow the terminal and deep the indent."""


def say(text: str, *, aside: bool = False) -> None:
    """To standard output, `aside` to standard error, as lines."""
    print(without_commands(lines(text)), file=sys.stderr if aside else sys.stdout, flush=aside)


def remark(text: str) -> None:
    """To standard error, behind our name, and broken between words where a terminal would break within them."""
    width = shutil.get_terminal_size().columns if sys.stderr.isatty() else 0
    say(folded(f"wgsl-ls: {text}", width), aside=True)


def near(word: str, known: Iterable[str]) -> str:
    """What was meant instead of a word that means nothing, as the end of a sentence; "" when nothing is close."""
    from difflib import get_close_matches  # dear, and mistakes are rare

    return "".join(f"; did you mean {name}?" for name in get_close_matches(word, list(known), 1))


def folded(text: str, width: int) -> str:
    """Lines that are broken between words before column `width`, what follows four columns further in; 0: as they
    are."""
    if not width:
        return text
    return "\n".join(line if len(line) <= width else _folded(line, width) for line in text.split("\n"))


def _folded(line: str, width: int) -> str:
    from textwrap import wrap

    indent = " " * (len(line) - len(line.lstrip(" ")))
    kept = wrap(
        line.lstrip(" "),
        max(width, len(indent) + _LEAST_ROOM),
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(kept)


def pass_on(text: str) -> None:
    """A text that is wanted exactly: as it is for a file or another program, harmless for a terminal."""
    shown = lines(text) if sys.stdout.isatty() else text.encode("utf-8", "replace").decode("utf-8")
    sys.stdout.write(shown)


@dataclass(frozen=True, slots=True)
class Terminal:
    """What standard output shows. `width`: in columns, 0 where it is no terminal."""

    width: int = 0
    has_colour: bool = False


def open_channels() -> None:
    """What cannot be shown in the encoding of a channel is spelled; a channel that is closed takes all and shows
    nothing."""
    for name in ("stdout", "stderr"):
        channel = getattr(sys, name)
        if channel is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - until the process ends
        elif isinstance(channel, io.TextIOWrapper):
            channel.reconfigure(errors="backslashreplace")


def terminal() -> Terminal:
    """Colours are left out where NO_COLOR is set (to anything) or the terminal calls itself dumb."""
    if not sys.stdout.isatty():
        return Terminal()
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Terminal(shutil.get_terminal_size().columns, not plain)
