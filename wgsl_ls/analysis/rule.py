"""Rule: everything about one kind of finding in one value, and the registry of all of them.

The files of analysis/rules/ are found by themselves, like the server's handlers: each has RULES, a tuple of Rule.
RULES.md, the rules of SARIF reports, what `[rules]` may name and the quick fixes all come from here. A new lint is
a new file there and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.span import Location

if TYPE_CHECKING:
    from wgsl_ls.analysis.fix import Fix, FixRequest
    from wgsl_ls.analysis.limit_facts import EntryFacts
    from wgsl_ls.analysis.lint_subject import LintSubject
    from wgsl_ls.project.profiles import DeviceProfile


@dataclass(frozen=True, slots=True)
class Found:
    """What a lint found at `location`; id and severity are its rule's. `subject`: the word its fix needs;
    `unnecessary`: an editor may dim the place."""

    location: Location
    message: str
    subject: str = ""
    related: tuple[Related, ...] = ()
    unnecessary: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """`id`: "family/name". `title`: a line; `meaning` and `remedy`: Markdown for RULES.md (what it means, what to do).
    `severity`: the usual one. `certain`: wrong whatever a host program defines, so also an error in variants that
    nobody declared. `fixes`: the likeliest first. `check`: of a lint, what it finds in a root; `asks_variants`: it
    asks what all variants do, which costs more than looking at the text; a None that it yields ends a step of long
    work. `exceeds`: of a limit of devices, what is said
    of an entry point that is over it. `explains`: the rule of what compilers say where this one is the reason."""

    id: str
    title: str
    meaning: str
    remedy: str
    severity: Severity = Severity.ERROR
    certain: bool = False
    fixes: Callable[[FixRequest], Iterable[Fix]] | None = None
    check: Callable[[LintSubject], Iterable[Found | None]] | None = None
    asks_variants: bool = False
    exceeds: Callable[[EntryFacts, DeviceProfile], Iterable[str]] | None = None
    explains: str = ""


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule by its id, sorted by file and then as the file lists them."""
    package = import_module("wgsl_ls.analysis.rules")
    found: dict[str, Rule] = {}
    for module in sorted(iter_modules(package.__path__), key=lambda one: one.name):
        for rule in import_module(f"{package.__name__}.{module.name}").RULES:
            if rule.id in found:
                raise ValueError(f"two records of the rule {rule.id}")
            found[rule.id] = rule
    return found


def is_certain(code: str) -> bool:
    """True for what is wrong in the text of the file, whatever a host program defines."""
    rule = all_rules().get(code)
    return rule is not None and rule.certain
