"""Rules for files whose variants nobody declared."""

from __future__ import annotations

from wgsl_ls.analysis.rule import Rule
from wgsl_ls.text.diagnostic import Severity

RULES = (
    Rule(
        id="variants/undeclared",
        title="Macros that the host program gives are not declared",
        meaning=(
            "The file needs macros that its host program gives and nothing here defines. Said once, instead of an "
            "error for every such name."
        ),
        remedy="Declare the variants in `wgsl-ls.toml`, or `import` a list that the host program writes.",
        severity=Severity.INFORMATION,
    ),
)
