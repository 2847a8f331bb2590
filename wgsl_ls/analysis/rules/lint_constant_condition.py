"""lint/never-true, lint/always-true, lint/dead-code: what all variants together never or always do."""

from __future__ import annotations

from collections.abc import Iterator

from wgsl_ls.analysis.across import BranchFact
from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.analysis.rules.lint_misspelt_macro import misspelt
from wgsl_ls.preprocess.directives import Branch, Conditional, Directive
from wgsl_ls.text.diagnostic import Severity


def _branches(root: LintSubject) -> Iterator[tuple[str, Branch, BranchFact, int, int]]:
    """(path, branch, what variants do with it, start and end of what it guards) in files that only this root reads.
    Nothing unless several variants are declared, these are all there are (none left out by a selection, none guessed),
    and all get through the preprocessor: one variant makes every condition constant, and what one that stops does
    is unknown."""
    if not (root.declared and root.view.settings.complete):
        return
    if len(root.view.variants) < 2 or root.sound != root.across.everything:
        return
    for path, tree in root.trees.items():
        facts = root.across.branches.get(path)
        if not facts or not root.is_own(path):
            continue
        for offset, node, _ in tree.walk():
            if not isinstance(node, Conditional):
                continue
            ends = [branch.offset for branch in node.branches[1:]] + [node.endif_offset]
            for branch, end in zip(node.branches, ends, strict=True):
                at = offset + branch.offset
                fact = facts.get(at + branch.directive.head_start)
                if fact is not None:
                    yield path, branch, fact, at + branch.directive.length, offset + end


def _asking(root: LintSubject, fact: BranchFact) -> int:
    """The variants that ask a condition and get an answer; none where another rule says what is wrong with it."""
    directive = fact.directive
    condition = directive.condition
    if condition is not None:
        told = not condition.text or condition.error is not None or condition.comment_start < condition.used
        told = told or not root.defined.issuperset(condition.valued)
    else:
        told = not directive.name.isidentifier()
    return 0 if told else fact.reached & ~fact.skipped


def _never(root: LintSubject) -> Iterator[Found]:
    slips = {(one.location.path, one.location.span.end) for one in misspelt(root)} if root.declared else set()
    for path, _, fact, _, _ in _branches(root):
        asking = _asking(root, fact)
        if not asking or fact.taken or any((path, end) in slips for end in range(fact.head.start, fact.head.end + 1)):
            continue
        words = " ".join(fact.directive.logical.split())
        message = f"'{words}' is true in none of the {asking.bit_count():,} variants that get here{_how_far(root)}"
        yield Found(root.location(path, fact.head.start, fact.head.end), message)


def _always(root: LintSubject) -> Iterator[Found]:
    for path, branch, fact, _, _ in _branches(root):
        asking = _asking(root, fact)
        if asking and fact.taken == asking and not _gives_default(branch):
            words = " ".join(branch.directive.logical.split())
            message = f"'{words}' is true in all {asking.bit_count():,} variants that get here{_how_far(root)}"
            yield Found(root.location(path, fact.head.start, fact.head.end), message)


def _dead(root: LintSubject) -> Iterator[Found]:
    for path, _, fact, start, end in _branches(root):
        text = root.trees[path].text[start:end]
        if fact.taken or not fact.reached or not text.strip():
            continue
        kept = text.rstrip()
        begin = start + len(text) - len(text.lstrip())
        message = f"active in none of the {len(root.view.variants)} variants{_how_far(root)}"
        yield Found(root.location(path, begin, start + len(kept)), message, unnecessary=True)


def _how_far(root: LintSubject) -> str:
    """A host may be asked by a device that nobody here knows of."""
    is_host = any(one.origin == "host" for one in root.view.variants)
    return ", all that the host asks for on the devices known" if is_host else ""


def _gives_default(branch: Branch) -> bool:
    """`#ifndef X`, `#define X`: true wherever nobody gives X, which is its purpose."""
    first = next((node for _, node in branch.items if isinstance(node, Directive)), None)
    return (
        branch.directive.kind in ("ifndef", "if")
        and first is not None
        and first.kind == "define"
        and first.name
        in (branch.directive.name, *(branch.directive.condition.names if branch.directive.condition else ()))
    )


_HOW_FAR = "Judged over the variants that are declared for the only shader that reads the file."
RULES = (
    Rule(
        id="lint/never-true",
        title="A condition is true in no variant",
        meaning=f"A condition is asked, and true in no variant. {_HOW_FAR}",
        remedy="Look for a misspelt macro or a value that no variant has; else remove the branch.",
        severity=Severity.INFORMATION,
        check=_never,
        asks_variants=True,
    ),
    Rule(
        id="lint/always-true",
        title="A condition is true in every variant",
        meaning=(
            f"A condition is true in every variant that asks it. {_HOW_FAR} A default (`#ifndef X`, "
            "`#define X`) is none."
        ),
        remedy="Remove the condition, or declare the variants that it is there for.",
        severity=Severity.HINT,
        check=_always,
        asks_variants=True,
    ),
    Rule(
        id="lint/dead-code",
        title="Code that no variant uses",
        meaning=f"Lines that are active in no variant. {_HOW_FAR}",
        remedy="Remove them, or declare the variants that they are there for.",
        severity=Severity.HINT,
        check=_dead,
        asks_variants=True,
    ),
)
