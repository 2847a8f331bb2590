"""Page: Markdown with links to places in files. Words of the workspace get into it through `code` or through
text/harmless, so that they are never Markdown themselves. How a place is addressed is the server's business, so links
stay values until it writes the page out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wgsl_ls.text.harmless import code_block
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span


@dataclass(frozen=True, slots=True)
class Link:
    """`label` leads to `location`."""

    label: str
    location: Location


Text = tuple[str | Link, ...]
"""Markdown with links in it."""

FindFile = Callable[[str], SourceFile | str]


class Page:
    """Paragraphs, in order; join them with `text`."""

    def __init__(self) -> None:
        self._blocks: list[Text] = []

    def add(self, *parts: str | Link) -> None:
        """A paragraph (or any block of Markdown), if there is something in it."""
        if any(parts):
            self._blocks.append(parts)

    def code(self, source: str, language: str = "wgsl") -> None:
        self.add(code_block(source, language))

    def items(self, entries: Sequence[Text]) -> None:
        """A list."""
        block: list[str | Link] = []
        for number, entry in enumerate(entries):
            block.append("- " if not number else "\n- ")
            block.extend(entry)
        self.add(*block)

    def table(self, header: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
        block: list[str | Link] = [f"| {' | '.join(header)} |\n|{' --- |' * len(header)}"]
        for row in rows:
            block.append("\n|")
            for cell in row:
                block.append(" ")
                block.extend(part.replace("|", "\\|") if isinstance(part, str) else part for part in cell)
                block.append(" |")
        self.add(*block)

    def rule(self) -> None:
        if self._blocks:
            self.add("---")

    def extend(self, other: Page) -> None:
        self._blocks.extend(other._blocks)

    def __bool__(self) -> bool:
        return bool(self._blocks)

    @property
    def text(self) -> Text:
        parts: list[str | Link] = []
        for number, block in enumerate(self._blocks):
            if number:
                parts.append("\n\n")
            parts.extend(block)
        return tuple(parts)


def shortened(source: str, most: int = 80) -> str:
    shown = " ".join(source.split())
    return shown if len(shown) <= most else shown[: most - 3] + "..."


def place(read: FindFile, location: Location) -> Link:
    """A link labelled `file:line`; the file alone where it cannot be read."""
    source = read(location.path)
    line = f":{source.lines.line_of(location.span.start) + 1}" if isinstance(source, SourceFile) else ""
    return Link(f"{location.path.rsplit('/', 1)[-1]}{line}", location)


def plain(text: Text) -> str:
    """Without the links' places; for tests and for clients without Markdown."""
    return "".join(part if isinstance(part, str) else part.label for part in text)


@dataclass(frozen=True, slots=True)
class Hover:
    """`span`: what is explained, in the written file."""

    span: Span
    text: Text
