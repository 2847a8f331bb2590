"""lint/unfinished-search: nobody declared variants, and looking for some was given up."""

from __future__ import annotations

from collections.abc import Iterator

from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.span import Location, Span


def _check(root: LintSubject) -> Iterator[Found]:
    if root.view.settings.search == "given up":
        message = (
            "the search for macros with which every branch here is checked was given up: the conditions ask too "
            "much. Some branches may be in no variant that was checked; declare the variants in wgsl-ls.toml"
        )
        yield Found(Location(root.view.path, Span(0, 0)), message)


RULES = (
    Rule(
        id="lint/unfinished-search",
        title="Some branches may be in no variant",
        meaning=(
            "Nobody declared variants of this file, so sets of macros are looked for that reach every branch. The "
            "search is bounded (by the conditions it evaluates, not by time), and ended at its bounds."
        ),
        remedy="Declare the variants in `wgsl-ls.toml`.",
        severity=Severity.INFORMATION,
        check=_check,
    ),
)
