"""Expansion of code chunks: expandMacrosRecursive of ggml's preprocessor, expandMacros of pre-wgsl.

A chunk is cut once at the words that are macro names anywhere; in each variant those pieces are filled with the
values of that variant and joined. Which characters came from where is only worked out when someone asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from wgsl_ls.preprocess.dialect import IDENTIFIER
from wgsl_ls.preprocess.directives import CodeChunk, Problem
from wgsl_ls.preprocess.node_store import Vocabulary
from wgsl_ls.preprocess.outcomes import Outcome
from wgsl_ls.preprocess.values import Expanded, ValueProblem, expand_value
from wgsl_ls.text.span import Span

LONGEST_TEXT: Final = 32_000_000
"""Of one chunk, and of a whole root; files and macros that double at each level would never come to an end."""


@dataclass(frozen=True, slots=True)
class ChunkPlan:
    """A chunk cut at macro names. `names`: each once; `places`: (start, end, name) of all of them in the text;
    `pieces`: the text before the first, the name of the first, the text up to the second, and so on. The newline that
    the reference adds to a last line is in the last piece."""

    epoch: int
    names: tuple[str, ...]
    places: tuple[tuple[int, int, str], ...]
    pieces: tuple[str, ...]


def plan_chunk(chunk: CodeChunk, vocabulary: Vocabulary) -> ChunkPlan:
    """The plan under today's macro names; made anew when they have changed."""
    plan: ChunkPlan | None = chunk.plan
    if plan is not None and plan.epoch == vocabulary.epoch:
        return plan
    vocabulary.learn_words(chunk.words)
    text = chunk.text
    names = chunk.words & vocabulary.macro_names
    places: list[tuple[int, int, str]] = []
    pieces: list[str] = []
    begin = 0
    for match in IDENTIFIER.finditer(text) if names else ():
        name = match.group()
        if name in names:
            start, end = match.span()
            places.append((start, end, name))
            pieces += (text[begin:start], name)
            begin = end
    rest = text[begin:] if begin else text
    pieces.append(rest if text.endswith("\n") else rest + "\n")
    plan = chunk.plan = ChunkPlan(vocabulary.epoch, tuple(sorted(names)), tuple(places), tuple(pieces))
    return plan


def expand_chunk(chunk: CodeChunk, table: dict[str, Any], vocabulary: Vocabulary, recursive: bool) -> Outcome:
    """The chunk under the macros in `table`, and what it read of them."""
    plan = plan_chunk(chunk, vocabulary)
    if not plan.names:
        return Outcome("".join(plan.pieces))
    seen = tuple(map(table.get, plan.names))
    reads: list[tuple[tuple[str, ...], tuple[Any, ...]]] = [(plan.names, seen)]
    values: dict[str, str] = {name: value for name, value in zip(plan.names, seen, strict=True) if value is not None}
    problems: list[Problem] = []
    if recursive and values:
        _expand_values(values, plan, table, reads, vocabulary, problems)
    pieces = list(plan.pieces)
    pieces[1::2] = [values.get(name, name) for name in pieces[1::2]]
    if sum(map(len, pieces)) > LONGEST_TEXT:
        start, end, _ = plan.places[0]
        message = f"with its macros this code has more than {LONGEST_TEXT:,} characters"
        problems.append(Problem(Span(start, end), "preprocess/text-too-long", message))
        pieces = list(plan.pieces)
        values = {}
    return Outcome(
        "".join(pieces), places=plan.places, values=values, reads=tuple(reads), problems=tuple(problems),
        failed=bool(problems), troubled=bool(problems),
    )  # fmt: skip


def _expand_values(
    values: dict[str, str],
    plan: ChunkPlan,
    table: dict[str, Any],
    reads: list[tuple[tuple[str, ...], tuple[Any, ...]]],
    vocabulary: Vocabulary,
    problems: list[Problem],
) -> None:
    """Replace values by their full expansions, and record the reads of the macros in them, level by level."""
    known = set(plan.names)
    nested = [name for name, value in values.items() if vocabulary.mentions_macros(value)]
    level = nested
    while level:
        below = {
            word
            for name in level
            if (value := table.get(name))
            for word in vocabulary.words_of(value)
            if word in vocabulary.macro_names and word not in known
        }
        level = sorted(below)
        if level:
            known |= below
            reads.append((tuple(level), tuple(map(table.get, level))))
    done = Expanded()
    for name in nested:
        try:
            values[name] = expand_value(name, table, done)
        except ValueProblem as problem:
            start, end = next((start, end) for start, end, word in plan.places if word == name)
            problems.append(Problem(Span(start, end), f"preprocess/{problem.code}", str(problem)))
