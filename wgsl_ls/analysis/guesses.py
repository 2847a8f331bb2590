"""Guesses: what to say about a variant that nobody declared.

A shader whose macros come from a host program cannot compile by itself. Complaining about every macro that nobody
gave would be a page of false errors. So in default and inferred variants, findings that are explained by a missing
macro are replaced by one piece of information at the first such name.
"""

from __future__ import annotations

import re

from wgsl_ls.analysis.findings import Finding
from wgsl_ls.analysis.snapshot import RootView
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.diagnostic import Severity

_MACRO_LIKE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_DECLARED = re.compile(
    r"\b(?:const|override|let|var(?:<[^>]*>)?|alias|struct|fn)\s+([A-Za-z_]\w*)|\b([A-Za-z_]\w*)\s*:"
)
UNDECLARED = "variants/undeclared"
_TEMPLATE_WORDS = frozenset({"T", "N", "M", "K"})


def without_guesswork(view: RootView, expansion: Expansion, variant: Variant, findings: list[Finding]) -> list[Finding]:
    """`findings` of an undeclared variant, less those that a macro nobody gave explains."""
    missing = missing_macros(expansion)
    if not missing:
        return findings
    kept = [finding for finding in findings if not finding.engines and not finding.code.startswith("profile/")]
    name, offset = missing[0]
    origin = expansion.source_map.written(offset, offset + len(name))
    if origin is not None and findings:
        names = ", ".join(dict.fromkeys(word for word, _ in missing[:6]))
        more = "" if len({word for word, _ in missing}) <= 6 else ", ..."
        message = (
            f"nothing here defines {names}{more}: the host program does. Declare the variants in wgsl-ls.toml "
            "(or import them) to have every one of them compiled"
        )
        kept.append(Finding(origin.location, Severity.INFORMATION, UNDECLARED, message))
    return kept


def missing_macros(expansion: Expansion) -> list[tuple[str, int]]:
    """(name, expanded offset) of each word that looks like a macro, is used as an identifier and is declared
    nowhere in the expanded text."""
    cached: list[tuple[str, int]] | None = expansion.__dict__.get("_missing_macros")
    if cached is not None:
        return cached
    text = _COMMENT.sub(lambda match: " " * len(match.group()), expansion.text)
    declared = {first or second for first, second in _DECLARED.findall(text)}
    found = [
        (match.group(), match.start())
        for match in _MACRO_LIKE.finditer(text)
        if match.group() not in declared
        and (len(match.group()) > 1 or match.group() not in _TEMPLATE_WORDS)
        and text[max(0, match.start() - 1) : match.start()] != "."
    ]
    expansion.__dict__["_missing_macros"] = found
    return found
