"""What the directives of one file say of macros and includes, found out once per content for all of this room.

The trees are those of the store that is given: the analysis takes the same ones, so nobody reads a text again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from sys import getsizeof, intern
from typing import Final

from wgsl_ls.preprocess.dialect import Dialect
from wgsl_ls.preprocess.directives import parse_directives
from wgsl_ls.preprocess.node_store import NodeStore
from wgsl_ls.text.memo import Memo
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Span

_NUMBER: Final = re.compile(r"(\d+)[uif]?")
_MOST_BYTES: Final = 8_000_000


@dataclass(frozen=True, slots=True)
class DirectiveFacts:
    """`lines`: the directives as they are joined; `includes`: names; `defined`: macros that are #defined here,
    `defaults`: the numbers that some of them have; `spoken`: all macros that directives speak of; `tested`: where
    #ifdef, #if or #elif first asks for one."""

    lines: tuple[str, ...]
    includes: tuple[str, ...]
    defined: frozenset[str]
    defaults: dict[str, str]
    spoken: frozenset[str]
    tested: dict[str, Span]


def _weight(facts: DirectiveFacts) -> int:
    parts = (facts.lines, facts.includes, facts.defined, facts.defaults, facts.spoken, facts.tested)
    return sum(map(getsizeof, parts)) + 100 * len(facts.tested)


_FACTS: Final[Memo[tuple[str, str], DirectiveFacts]] = Memo(_MOST_BYTES, _weight)
"""By digest and dialect. Kept, for after an edit every root is asked for its own; without the texts, of which each
keystroke makes another."""


def directive_facts(source: SourceFile, dialect: Dialect, nodes: NodeStore) -> DirectiveFacts:
    return _FACTS.get_or((source.digest, dialect.name), lambda: _find(source.text, dialect, nodes))


def _find(text: str, dialect: Dialect, nodes: NodeStore) -> DirectiveFacts:
    lines: list[str] = []
    includes: dict[str, None] = {}
    defined: set[str] = set()
    defaults: dict[str, str] = {}
    asked: set[str] = set()
    tested: dict[str, Span] = {}
    for offset, directive in parse_directives(text, dialect, nodes).directives():
        lines.append(intern(directive.logical))
        name = directive.name
        if directive.kind == "include":
            includes[name] = None
        elif directive.kind == "define":
            defined.add(name)
            value = _NUMBER.fullmatch(directive.value)
            if value is not None:
                defaults.setdefault(name, value.group(1))
        elif directive.kind in ("ifdef", "ifndef", "undef"):
            asked.add(name)
            if directive.kind == "ifdef" and name:
                tested.setdefault(name, directive.name_span.shifted(offset))
        elif directive.condition is not None:
            for name, start, end in directive.condition.name_spans:
                asked.add(name)
                first, last = (directive.at(directive.condition_start + index) for index in (start, end - 1))
                tested.setdefault(name, Span(offset + first, offset + last + 1))
    return DirectiveFacts(
        tuple(lines), tuple(includes), frozenset(defined), defaults, frozenset(defined | asked), tested
    )
