"""lint/directive-in-comment: directives act inside of block comments too."""

from __future__ import annotations

from collections.abc import Iterator

from wgsl_ls.analysis.fix import Edit, Fix, FixRequest
from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Severity


def _check(root: LintSubject) -> Iterator[Found]:
    for path, tree in root.trees.items():
        blocks = root.code(path).block_comments
        if not blocks:
            continue
        for offset, directive in tree.directives():
            head = directive.head_span.shifted(offset)
            if any(block.start < head.start < block.end for block in blocks):
                message = f"this #{directive.keyword} acts although it stands inside of a comment"
                yield Found(root.location(path, head.start, head.end), message)


def _fixes(request: FixRequest) -> Iterator[Fix]:
    start = request.location.span.start
    yield Fix("Put // in front of it", (Edit(request.place(start, start), "// "),), preferred=True)


RULES = (
    Rule(
        id="lint/directive-in-comment",
        title="A directive inside of a comment acts",
        meaning=(
            "The preprocessor knows no comments: a line that begins with `#` is a directive, also between `/*` and "
            "`*/`. Behind `//` it is none."
        ),
        remedy="Put `//` in front of the line, or remove it.",
        severity=Severity.WARNING,
        check=_check,
        fixes=_fixes,
    ),
)
