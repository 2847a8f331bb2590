"""Rules for files as such, and the code with which editors dim inactive code."""

from __future__ import annotations

from wgsl_ls.analysis.rule import Rule
from wgsl_ls.text.diagnostic import Severity

RULES = (
    Rule(
        id="file/encoding",
        title="The file is not UTF-8",
        meaning="The file is not UTF-8; the first wrong byte is marked. Compilers would refuse the text.",
        remedy="Save it as UTF-8.",
    ),
    Rule(
        id="inactive",
        title="Code that the active variant does not take",
        meaning="Dimmed by the editor. No finding; other variants may use it.",
        remedy="nothing, or choose another variant.",
        severity=Severity.HINT,
    ),
)
