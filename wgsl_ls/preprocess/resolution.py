"""Resolver: one root under many sets of defines; the fast path of the product.

Idea: what a node (code chunk, conditional, included file) expands to depends only on the macros it reads. While a
node runs for the first time its reads are recorded; they become a decision tree ("ask for these names; with these
values ask for those; with those the outcome is this one"). Running it again, in another variant, is a walk down
that tree. So a further variant costs a few dictionary look-ups per top-level node and one join.

The macro table is one dict name -> value. Two kinds of other facts live in it under names that no text can spell,
so that they are recorded like macros: LOCK + name is present when the macro was given from outside, and INCLUDE +
file is the parsed file. Nothing here has a position; replay.py walks the same outcomes again to add them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from wgsl_ls.preprocess.conditions import evaluate, names_of_value
from wgsl_ls.preprocess.dialect import WHITE_SPACE, Dialect
from wgsl_ls.preprocess.directives import (
    IDENTIFIER,
    Branch,
    CodeChunk,
    Conditional,
    Directive,
    DirectiveTree,
    Item,
    NodeStore,
    Problem,
    parse_directives,
)
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Span

LOCK: Final = "\x01"
INCLUDE: Final = "\x02"
_MEMO_LIMIT: Final = 4096
"""Outcomes kept per node before its decision tree is started anew."""

_LONGEST_VALUE: Final = 1_000_000
"""Characters of one macro's expansion; doubling macros would otherwise eat the memory."""

Loader = Callable[[str], "SourceFile | str"]
"""From the name in an #include to the file, or to a sentence that says why it cannot be had."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a node gave under the values it read. `children`: what ran inside, (offset in the node, node, outcome or
    None for a directive). `taken`: index of the branch of a conditional, -1 when none. `uses`: macro uses of a chunk,
    (start, end, start in `text`, end in `text`, name). `reads`: batches of names with the values seen. `writes`:
    macros set (or removed: None). `includes`: all files read inside, by key."""

    text: str
    children: tuple[tuple[int, Any, Any], ...] = ()
    taken: int = -1
    uses: tuple[tuple[int, int, int, int, str], ...] = ()
    reads: tuple[tuple[tuple[str, ...], tuple[Any, ...]], ...] = ()
    writes: tuple[tuple[str, str | None], ...] = ()
    includes: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    failed: bool = False
    volatile: bool = False
    troubled: bool = False
    """There is a problem here or inside, fatal or not."""


class _Ask:
    """An inner node of a decision tree."""

    __slots__ = ("branches", "names")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.branches: dict[tuple[Any, ...], Any] = {}


@dataclass(slots=True)
class _Trace:
    """What one node has read and written so far while it runs for the first time."""

    reads: list[tuple[tuple[str, ...], tuple[Any, ...]]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    writes: dict[str, str | None] = field(default_factory=dict)
    includes: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    failed: bool = False
    volatile: bool = False
    troubled: bool = False

    def ask(self, names: Iterable[str], table: dict[str, Any]) -> None:
        new = tuple(dict.fromkeys(name for name in names if name not in self.known and name not in self.writes))
        if new:
            self.reads.append((new, tuple(map(table.get, new))))
            self.known.update(new)

    def take(self, outcome: Outcome, table: dict[str, Any]) -> None:
        """Make a child's reads and writes ours. The table is still as it was before the child wrote."""
        for names, _ in outcome.reads:
            self.ask(names, table)
        self.writes.update(outcome.writes)
        self.includes |= outcome.includes
        self.failed = self.failed or outcome.failed
        self.volatile = self.volatile or outcome.volatile
        self.troubled = self.troubled or outcome.troubled


@dataclass(frozen=True, slots=True, eq=False)
class RawResolution:
    """One root under one set of defines: everything but positions. `failed`: the reference preprocessor fails."""

    tree: DirectiveTree
    root_key: str
    predefined: tuple[tuple[str, str], ...]
    children: tuple[tuple[int, Any, Any], ...]
    problems: tuple[Problem, ...]
    failed: bool
    troubled: bool

    @property
    def text(self) -> str:
        return "".join([outcome.text for _, _, outcome in self.children if outcome is not None])


class Resolver:
    """Holds the memo of one dialect and one way to load files. Call `forget_files` when a file may have changed."""

    def __init__(self, dialect: Dialect, load: Loader, store: NodeStore | None = None) -> None:
        self.dialect = dialect
        self.load = load
        self.store = store if store is not None else NodeStore()
        self._epoch = 0
        self._macro_names: set[str] = set()  # every name that is or was a macro anywhere: what chunks look up
        self._words: set[str] = set()  # every word of every chunk and value seen: what a new macro name may touch
        self._trees: set[int] = set()
        self._bodies: set[str] = set()
        self._includes: dict[str, Any] = {}
        self._keys: dict[int, DirectiveTree] = {}
        self._table: dict[str, Any] = {}
        self._stack: list[str] = []

    def forget_files(self) -> None:
        """Included files are asked for anew by the next resolution; what did not change stays memoized."""
        self._includes.clear()

    def parse(self, text: str) -> DirectiveTree:
        tree = parse_directives(text, self.dialect, self.store)
        if id(tree) not in self._trees:
            self._trees.add(id(tree))
            self._keys[id(tree)] = tree  # keeps the id from being used again
            if len(self._trees) > 2000:
                self._trees.clear()
                self._keys.clear()
            self._words |= tree.words
            for body in tree.bodies:
                self._learn_body(body)
            self._learn_names(tree.defined_names)
        return tree

    def resolve(self, tree: DirectiveTree, defines: Iterable[tuple[str, str]], root_key: str = "") -> RawResolution:
        """Run `tree` (from `parse`) with the macros given from outside. Later defines win over earlier ones.
        `root_key`: the name by which an #include would name the root, so that a cycle through it is seen."""
        predefined = tuple(dict(defines).items())
        self._learn_names([name for name, _ in predefined])
        table: dict[str, Any] = dict(self._includes)
        for name, value in predefined:
            table[name] = value
            table[LOCK + name] = ""
            if value not in self._bodies:
                self._learn_body(value)
        self._table = table
        self._stack = [root_key]
        trace = _Trace()
        trace.problems.extend(tree.problems)
        children = self._run_items(tree.items, trace, record=False)
        failed = trace.failed or any(problem.fatal for problem in trace.problems)
        troubled = trace.troubled or bool(trace.problems)
        return RawResolution(tree, root_key, predefined, children, tuple(trace.problems), failed, troubled)

    # What a macro name may touch

    def _learn_names(self, names: Iterable[str]) -> None:
        new = set(names) - self._macro_names
        if new:
            self._macro_names |= new
            if not new.isdisjoint(self._words):
                self._epoch += 1  # some chunk or value now has one more word to look up

    def _learn_body(self, body: str) -> None:
        if body not in self._bodies:
            self._bodies.add(body)
            self._words.update(IDENTIFIER.findall(body))

    # Running nodes

    def _run_items(
        self, items: Iterable[Item], trace: _Trace, record: bool, base: int = 0
    ) -> tuple[tuple[int, Any, Any], ...]:
        """Run nodes in order; with `record`, their reads and writes go into `trace` (offsets less `base` there)."""
        table = self._table
        get = table.get
        epoch = self._epoch
        children: list[tuple[int, Any, Any]] = []
        for offset, node in items:
            if type(node) is Directive:
                outcome = self._run_directive(offset - base, node, trace, record)
                if outcome is None:
                    children.append((offset, node, None))
                    continue
            else:
                if node.epoch != epoch:
                    node.epoch = epoch
                    node.memo = None
                found = node.memo
                while type(found) is _Ask:
                    found = found.branches.get(tuple(map(get, found.names)))
                if found is None or (found.includes and not found.includes.isdisjoint(self._stack)):
                    found = self._run_first(node)
                outcome = found
            children.append((offset, node, outcome))
            if record:
                trace.take(outcome, table)
            elif outcome.troubled:
                trace.troubled = True
                trace.failed = trace.failed or outcome.failed
            for name, value in outcome.writes:
                if value is None:
                    table.pop(name, None)
                else:
                    table[name] = value
        return tuple(children)

    def _run_first(self, node: CodeChunk | Conditional | DirectiveTree) -> Outcome:
        """Run a node without a memo entry for the present table, and remember the outcome. Leaves the table as it
        was: the caller applies the writes."""
        if type(node) is CodeChunk:
            outcome = self._expand_chunk(node)
        else:
            before = self._table
            self._table = dict(before)
            outcome = self._run_conditional(node) if type(node) is Conditional else self._run_file(node)  # type: ignore[arg-type]
            for name in outcome.includes:
                # Files loaded on the way are facts, not macros: they stay in the outer table.
                before.setdefault(INCLUDE + name, self._includes.get(INCLUDE + name))
            self._table = before
        if not outcome.volatile:
            self._remember(node, outcome)
        return outcome

    def _remember(self, node: Any, outcome: Outcome) -> None:
        if not outcome.reads:
            node.memo = outcome
            return
        if type(node.memo) is not _Ask or node.memo.names != outcome.reads[0][0]:
            node.memo = _Ask(outcome.reads[0][0])
        at: _Ask = node.memo
        if len(at.branches) >= _MEMO_LIMIT:
            at.branches.clear()
        for index, (_, values) in enumerate(outcome.reads):
            if index + 1 == len(outcome.reads):
                at.branches[values] = outcome
                return
            below = at.branches.get(values)
            names = outcome.reads[index + 1][0]
            if type(below) is not _Ask or below.names != names:
                below = at.branches[values] = _Ask(names)
            at = below

    def _run_directive(self, offset: int, directive: Directive, trace: _Trace, record: bool) -> Outcome | None:
        kind = directive.kind
        table = self._table
        if kind == "include":
            return self._run_include(offset, directive, trace, record)
        if kind == "define" or kind == "undef":
            name = directive.name
            if record:
                trace.ask((LOCK + name,), table)
            if LOCK + name not in table:
                value = directive.value if kind == "define" else None
                if value is None:
                    table.pop(name, None)
                else:
                    table[name] = value
                if record:
                    trace.writes[name] = value
        return None

    def _run_include(self, offset: int, directive: Directive, trace: _Trace, record: bool) -> Outcome | None:
        name = directive.name
        key = INCLUDE + name
        target = self._table.get(key)
        if target is None:
            target = self._load(name)
            self._includes[key] = target
            self._table[key] = target
        if record:
            trace.ask((key,), self._table)
            trace.includes.add(name)
        if isinstance(target, str):
            trace.problems.append(Problem(directive.name_span.shifted(offset), "preprocess/include-not-found", target))
            trace.failed = True
            return None
        if name in self._stack:
            chain = " -> ".join([*self._stack[self._stack.index(name) :], name])
            message = f"{name} includes itself ({chain})"
            trace.problems.append(Problem(directive.name_span.shifted(offset), "preprocess/include-cycle", message))
            trace.failed = trace.volatile = True
            return None
        if len(self._stack) > 150:
            message = f"{name}: includes are nested more than 150 deep"
            trace.problems.append(Problem(directive.name_span.shifted(offset), "preprocess/include-depth", message))
            trace.failed = trace.volatile = True
            return None
        self._stack.append(name)
        if target.epoch != self._epoch:
            target.epoch, target.memo = self._epoch, None
        found = target.memo
        while type(found) is _Ask:
            found = found.branches.get(tuple(map(self._table.get, found.names)))
        if found is None or (found.includes and not found.includes.isdisjoint(self._stack)):
            found = self._run_first(target)
        self._stack.pop()
        outcome: Outcome = found
        return outcome

    def _load(self, name: str) -> DirectiveTree | str:
        loaded = self.load(name)
        return self.parse(loaded.text) if isinstance(loaded, SourceFile) else loaded

    def _run_file(self, tree: DirectiveTree) -> Outcome:
        trace = _Trace()
        trace.problems.extend(tree.problems)
        trace.failed = any(problem.fatal for problem in tree.problems)
        children = self._run_items(tree.items, trace, record=True)
        return _finish(children, trace, -1)

    def _run_conditional(self, conditional: Conditional) -> Outcome:
        trace = _Trace()
        for index, branch in enumerate(conditional.branches):
            if self._holds(branch, trace):
                children = self._run_items(branch.items, trace, record=True)
                return _finish(children, trace, index)
        return _finish((), trace, -1)

    def _holds(self, branch: Branch, trace: _Trace) -> bool:
        directive = branch.directive
        table = self._table
        if directive.kind == "else":
            return True
        if directive.condition is None:
            trace.ask((directive.name,), table)
            return (directive.name in table) == (directive.kind == "ifdef")
        level: Iterable[str] = directive.condition.names
        seen: set[str] = set()
        while level := [name for name in level if name not in seen]:
            trace.ask(level, table)
            seen.update(level)
            level = [
                inner
                for name in level
                if isinstance(value := table.get(name), str)
                for inner in names_of_value(value.strip(WHITE_SPACE), self.dialect)
            ]
        evaluation = evaluate(directive.condition, table, self.dialect)
        if evaluation.error is None:
            return evaluation.value != 0
        start = directive.at(directive.condition_start + (directive.condition.error_at or 0)) + branch.offset
        span = directive.condition_span.shifted(branch.offset)
        if directive.condition.error is not None:
            span = Span(min(start, span.end), max(span.end, start))
        message = f"cannot evaluate #{directive.kind}: {evaluation.error}"
        trace.problems.append(Problem(span, "preprocess/condition", message))
        trace.failed = True
        return False

    # Code

    def _expand_chunk(self, chunk: CodeChunk) -> Outcome:
        """Replace the macros in a chunk. Source: expandMacrosRecursive (ggml), expandMacros (pre-wgsl)."""
        names = chunk.words & self._macro_names
        if not chunk.occurrences or chunk.memo is None:
            chunk.occurrences = tuple(
                (match.start(), match.end(), match.group())
                for match in IDENTIFIER.finditer(chunk.text)
                if match.group() in names
            ) if names else ()
        trace = _Trace()
        self._ask_values(tuple(sorted(names)), trace)
        table = self._table
        text = chunk.text
        parts: list[str] = []
        uses: list[tuple[int, int, int, int, str]] = []
        done = length = 0
        expanded: dict[str, str] = {}
        for start, end, name in chunk.occurrences:
            body = expanded.get(name)
            if body is None:
                value = table.get(name)
                if value is None:
                    continue
                body = value
                if self.dialect.recursive and value:
                    try:
                        body = expand_value(name, table)
                    except RecursiveMacro as problem:
                        span = Span(start, end)
                        trace.problems.append(Problem(span, "preprocess/recursive-macro", str(problem)))
                        trace.failed = True
                expanded[name] = body
            parts.append(text[done:start])
            length += start - done
            uses.append((start, end, length, length + len(body), name))
            parts.append(body)
            length += len(body)
            done = end
        parts.append(text[done:])
        if not text.endswith("\n"):
            parts.append("\n")  # the reference ends every line, the last one too
        return Outcome(
            "".join(parts), uses=tuple(uses), reads=tuple(trace.reads), problems=tuple(trace.problems),
            failed=trace.failed, troubled=bool(trace.problems),
        )  # fmt: skip

    def _ask_values(self, names: tuple[str, ...], trace: _Trace) -> None:
        """Record the reads of `names` and, level by level, of the macros in their values."""
        trace.ask(names, self._table)
        if not self.dialect.recursive:
            return
        level: set[str] = set(names)
        while level:
            below: set[str] = set()
            for name in level:
                value = self._table.get(name)
                if value:
                    below.update(IDENTIFIER.findall(value))
            level = {name for name in below & self._macro_names if name not in trace.known}
            trace.ask(sorted(level), self._table)


class RecursiveMacro(Exception):
    """A macro whose expansion leads back to itself."""


def expand_value(name: str, table: dict[str, Any]) -> str:
    """Full expansion of macro `name`, which is in `table` (ggml's dialect). Raises RecursiveMacro."""
    return _expand_value(name, table, (), {})


def _expand_value(name: str, table: dict[str, Any], visiting: tuple[str, ...], done: dict[str, str]) -> str:
    if name in done:
        return done[name]
    if name in visiting:
        chain = " -> ".join((*visiting[visiting.index(name) :], name))
        raise RecursiveMacro(f"macro {name} is defined by itself ({chain})")
    if len(visiting) > 150:
        raise RecursiveMacro(f"macro {visiting[0]} leads through more than 150 other macros")
    inside = (*visiting, name)
    value: str = table[name]
    text = IDENTIFIER.sub(
        lambda match: _expand_value(match.group(), table, inside, done) if match.group() in table else match.group(),
        value,
    )
    if len(text) > _LONGEST_VALUE:
        raise RecursiveMacro(f"macro {name} expands to more than {_LONGEST_VALUE} characters")
    done[name] = text
    return text


def _finish(children: tuple[tuple[int, Any, Any], ...], trace: _Trace, taken: int) -> Outcome:
    return Outcome(
        "".join([outcome.text for _, _, outcome in children if outcome is not None]),
        children=children,
        taken=taken,
        reads=tuple(trace.reads),
        writes=tuple(trace.writes.items()),
        includes=frozenset(trace.includes),
        problems=tuple(trace.problems),
        failed=trace.failed,
        volatile=trace.volatile,
        troubled=trace.troubled or bool(trace.problems),
    )
