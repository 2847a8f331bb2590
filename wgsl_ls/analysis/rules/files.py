"""Rules for files as such, and the code with which editors dim inactive code."""

from __future__ import annotations

from wgsl_ls.analysis.rule import Rule
from wgsl_ls.text.diagnostic import Severity

RULES = (
    Rule(
        id="file/encoding",
        title="The file is not UTF-8",
        meaning="The file is not UTF-8, or has a NUL; the first wrong byte is marked. Compilers would refuse the text.",
        remedy="Save it as UTF-8.",
    ),
    Rule(
        id="file/unreadable",
        title="A file or folder is there and could not be read",
        meaning="A shader, a folder or a `wgsl-ls.toml` is there and could not be read: no permission, too large, no "
        "regular file, a link that leads nowhere. Nothing is known about it; the command line ends with 2 if nothing "
        "worse is found.",
        remedy="Make it readable, or take it out of what is checked.",
    ),
    Rule(
        id="file/failed",
        title="wgsl-ls itself failed with this file",
        meaning="wgsl-ls failed with this shader or configuration by a mistake of its own; all else was checked. "
        "The command line ends with 2 if nothing worse is found.",
        remedy="Please report it with the file.",
    ),
    Rule(
        id="inactive",
        title="Code that the active variant does not take",
        meaning="Dimmed by the editor. No finding; other variants may use it.",
        remedy="nothing, or choose another variant.",
        severity=Severity.HINT,
    ),
)
