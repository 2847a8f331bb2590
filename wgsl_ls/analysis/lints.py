"""Lints: what the preprocessor accepts in silence and a kernel author would want to know.

They speak of a file, not of a variant, and are made only from facts that hold in every variant of the root. Each
can be wrong about intent, so none is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from wgsl_ls.analysis.findings import Finding
from wgsl_ls.analysis.snapshot import RootView, Snapshot
from wgsl_ls.preprocess.directives import Directive, DirectiveTree
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.span import Location, Span

_FUNCTION_LIKE = re.compile(r"([A-Za-z_]\w*)\(")
_LINE_COMMENT = re.compile(r"//|/\*")


def lint_findings(snapshot: Snapshot, view: RootView) -> list[Finding]:
    """Lints for the root and every file it includes."""
    files = sorted(snapshot.included_files(view.path))
    trees = {path: tree for path in files if (tree := snapshot.tree(path)) is not None}
    known = _Names(view, trees)
    found: list[Finding] = []
    for path, tree in trees.items():
        for offset, directive in tree.directives():
            found.extend(_of_directive(path, offset, directive, known))
    return found


class _Names:
    """What the whole root knows: names defined by somebody, and names mentioned anywhere."""

    def __init__(self, view: RootView, trees: dict[str, DirectiveTree]) -> None:
        self.declared = view.settings.declared
        self.given = {name for variant in view.variants for name, _ in variant.defines}
        self.defined = set(self.given)
        self.mentioned: set[str] = set()
        self.includers = len(trees)
        for tree in trees.values():
            self.defined |= tree.defined_names
            self.mentioned |= tree.words
            for body in tree.bodies:
                self.mentioned |= set(re.findall(r"\w+", body))
            for _, node, _ in tree.walk():
                if isinstance(node, Directive):
                    if node.condition is not None:
                        self.mentioned.update(node.condition.names)
                    elif node.kind in ("ifdef", "ifndef"):
                        self.mentioned.add(node.name)
        for variant in view.variants:
            for _, value in variant.defines:
                self.mentioned |= set(re.findall(r"\w+", value))


def _of_directive(path: str, offset: int, directive: Directive, known: _Names) -> Iterator[Finding]:
    if directive.kind == "define":
        yield from _of_define(path, offset, directive, known)
    condition = directive.condition
    if condition is not None:
        for name, start, end in condition.name_spans:
            if name in condition.valued and name not in known.defined and known.declared:
                near = get_close_matches(name, known.defined, 1, 0.75)
                hint = f"; did you mean {near[0]}?" if near else ""
                span = Span(
                    offset + directive.at(directive.condition_start + start),
                    offset + directive.at(directive.condition_start + end - 1) + 1,
                )
                message = f"{name} is defined by no variant and no #define: it counts as 0 here{hint}"
                yield Finding(Location(path, span), Severity.WARNING, "lint/unknown-macro", message)
        rest = condition.text[condition.used :].strip()
        if rest and condition.error is None and not rest.startswith(("//", "/*")):
            start = directive.at(directive.condition_start + len(condition.text) - len(rest))
            span = Span(offset + start, offset + directive.condition_span.end)
            message = f"the preprocessor stops reading the condition here: '{rest}' has no effect"
            yield Finding(Location(path, span), Severity.WARNING, "lint/condition-rest", message)


def _of_define(path: str, offset: int, directive: Directive, known: _Names) -> Iterator[Finding]:
    name_location = Location(path, directive.name_span.shifted(offset))
    function_like = _FUNCTION_LIKE.match(directive.name)
    if function_like:
        message = (
            f"this dialect has no function-like macros: '{directive.name}' is taken as a name that nothing can "
            f"use, and {function_like[1]}(...) is left as it stands"
        )
        yield Finding(name_location, Severity.WARNING, "lint/function-like-macro", message)
        return
    comment = _LINE_COMMENT.search(directive.value)
    if comment:
        start = offset + directive.at(directive.value_start + comment.start())
        span = Span(start, offset + directive.value_span.end)
        message = (
            f"this comment becomes part of the value of {directive.name} and is pasted wherever it is used; "
            "move it to a line of its own"
        )
        yield Finding(Location(path, span), Severity.WARNING, "lint/comment-in-value", message)
    name = directive.name
    if name and known.declared and name not in known.mentioned and name not in known.given:
        message = f"{name} is defined but used nowhere in this root and its includes"
        yield Finding(name_location, Severity.HINT, "lint/unused-macro", message, unnecessary=True)
