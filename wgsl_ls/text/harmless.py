"""Words of a workspace (names, messages, texts, paths) made harmless for what interprets them: terminals, logs,
workflow logs, XML, JSON and Markdown. The only place that knows how; wgsl_ls/README.md lists who must come here.

What `plain` replaces it replaces by one visible character each, so that columns and carets stay right.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import quote

_REPLACEMENT = 0xFFFD
_SHOWN_AS: Final[dict[int, int]] = {
    # Surrogates (bytes of a file name that are no UTF-8) cannot be written, XML has none of these.
    **dict.fromkeys((*range(0xD800, 0xE000), 0xFFFE, 0xFFFF), _REPLACEMENT),
    **{code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), _REPLACEMENT),
    # Marks that turn the direction of writing, separators that some take for line ends.
    **dict.fromkeys((0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)), _REPLACEMENT),
}
_NOT_IN_JSON = re.compile("[" + "".join(map(chr, (code for code in _SHOWN_AS if code > 0x1F))) + "]")
_COMMAND_AT_START = re.compile(r"^(\s*)::", re.MULTILINE)
# What means something anywhere; underscores not within words; what means something at the start of a block.
_MARKDOWN = re.compile(r"([\\`*\[\]<!|~]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)|^\s*[#>+=-])")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_LONGEST_PROSE = 2000
_REFERENCES = re.compile(r"([\\\[\]<!]|&(?=#?\w+;))")
_FENCE = re.compile(r"`{3,}|~{3,}")


def plain(text: str) -> str:
    """Without control characters, marks of direction and what is no character; line ends (LF) and tabs stay."""
    return text if text.isascii() and text.isprintable() else text.translate(_SHOWN_AS)


def one_line(text: str) -> str:
    """`plain`, and every line end a space."""
    return plain(text).replace("\n", " ")


def lines(text: str) -> str:
    """`plain` for a whole text whose lines may end in CRLF."""
    return plain(text.replace("\r\n", "\n"))


def without_commands(text: str) -> str:
    """No line of `text` is a command to a workflow runner that reads the log (`::error …`, `##[error]…`)."""
    return _COMMAND_AT_START.sub(r"\1\\::", text).replace("##[", "##\\[")


def notice(text: str) -> str:
    """`text` in a notification of an editor, in which `[text](command:…)` would be a link that runs a command."""
    return one_line(text).replace("](", "] (")


def label(text: str) -> str:
    """`text` as the title of a lens, in which `$(name)` would be an icon: a mark of what passes, for example."""
    return one_line(text).replace("$(", "$ (")


def json_text(data: Any, indent: int | None = 1) -> str:
    """JSON that says exactly `data`, and can be shown and written: what `plain` replaces stands there escaped."""
    dumped = json.dumps(data, indent=indent, ensure_ascii=False)
    return _NOT_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", dumped)


def uri_reference(path: str) -> str:
    """A path with forward slashes as a relative reference (RFC 3986)."""
    encoded = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    # A colon in the first part is encoded by quote; what begins with two slashes would name a host.
    return encoded if not encoded.startswith("//") else f"/.{encoded}"


def markdown_text(text: str) -> str:
    """`text` as itself in a paragraph or heading of Markdown."""
    return _MARKDOWN.sub(r"\\\1", one_line(text).lstrip())


def markdown_prose(line: str) -> str:
    """A line of a comment that is meant as Markdown: emphasis and code stay, pictures, links and HTML are only text."""
    shown = one_line(line)
    if len(shown) > _LONGEST_PROSE:
        return markdown_text(shown)
    written: list[str] = []
    end = 0
    for code in _CODE_SPAN.finditer(shown):
        written += [_REFERENCES.sub(r"\\\1", shown[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*written, _REFERENCES.sub(r"\\\1", shown[end:])])


def inline_code(source: str) -> str:
    """`source` as code in a line of Markdown, white space runs made one space."""
    shown = " ".join(one_line(source).split())
    if not shown:
        return "(empty)"
    fence = "`"
    while fence in shown:
        fence += "`"
    return f"{fence} {shown} {fence}" if "`" in shown else f"`{shown}`"


def code_block(source: str, language: str = "") -> str:
    """`source` as a block of code of Markdown, whatever it contains."""
    shown = lines(source)
    longest = max((len(fence) for fence in _FENCE.findall(shown)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{shown}\n{fence}"
