"""Resolver: one root under many sets of defines; the fast path of the product.

Every node (code chunk, conditional, included file) remembers its outcomes by the values of the macros it reads (see
outcomes.py). Running it again, in another variant, is a walk down that memo. So a further variant costs a few
dictionary look-ups per top-level node and one join. Nodes that must run are generators driven by one loop, so that
nesting is limited by nothing but memory.

The macro table is one dict name -> value. Two kinds of other facts live in it under names that begin with white
space, as no macro's does, so that they are recorded like macros: LOCK + name is present when the macro was given
from outside, and INCLUDE + file is the parsed file. Nothing here has a position; replay.py walks the same outcomes
again to add them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from dataclasses import dataclass
from sys import getsizeof
from typing import Any, Final

from wgsl_ls.preprocess.chunks import LONGEST_TEXT, expand_chunk
from wgsl_ls.preprocess.conditions import evaluate, names_of_value
from wgsl_ls.preprocess.dialect import WHITE_SPACE, Dialect
from wgsl_ls.preprocess.directives import (
    Branch,
    CodeChunk,
    Conditional,
    Directive,
    DirectiveTree,
    Item,
    Problem,
    parse_directives,
)
from wgsl_ls.preprocess.node_store import NodeStore
from wgsl_ls.preprocess.outcomes import Ask, Child, Outcome, Outcomes, Trace, children_of, remember, remembered
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Span

LOCK: Final = "\n"
INCLUDE: Final = "\t"
DEEPEST_INCLUDE: Final = 200
MOST_INCLUDES: Final = 20_000
"""Files that include each other twice per level would otherwise never come to an end."""
_ASKED: Final = 400
"""What a macro that a condition asks for, itself or through others, counts among the characters of a root."""
_ASK: Final = 400
"""Bytes that a question takes in a memo; a rough mean."""

Loader = Callable[[str], "SourceFile | str"]
"""From the name in an #include to the file, or to a sentence that says why it cannot be had."""

Run = Generator["Run", Any, Any]
"""A node being run: yields the runs of nodes inside it, is sent what they return."""


@dataclass(frozen=True, slots=True, eq=False)
class RawResolution:
    """One root under one set of defines: everything but positions. `failed`: the reference preprocessor fails;
    `troubled`: there are problems; `sizes`: characters, and files read."""

    tree: DirectiveTree
    root_key: str
    predefined: tuple[tuple[str, str], ...]
    outcomes: Outcomes
    problems: tuple[Problem, ...]
    failed: bool
    troubled: bool
    sizes: tuple[int, int]

    @property
    def children(self) -> list[Child]:
        return children_of(self.tree.items, self.outcomes)

    @property
    def text(self) -> str:
        """Joined whenever somebody asks."""
        return "".join([outcome.text for outcome in self.outcomes if outcome is not None])


class Resolver:
    """Holds one dialect and one way to load files; the memo hangs on the nodes in `store`, which several resolvers
    may share. Call `forget_files` when a file may have changed."""

    def __init__(self, dialect: Dialect, load: Loader, store: NodeStore | None = None) -> None:
        self.dialect = dialect
        self.load = load
        self.store = store if store is not None else NodeStore()
        self._vocabulary = self.store.vocabulary(dialect)
        self._includes: dict[str, Any] = {}
        self._table: dict[str, Any] = {}
        self._stack: list[str] = []
        self._n_opened = 0
        self._compared: tuple[DirectiveTree, DirectiveTree, int, int, list[int]] | None = None
        self._length = 0
        """Characters made for one root, counted again for each node that they became part of."""

    def forget_files(self) -> None:
        """Included files are asked for anew by the next resolution; what did not change stays memoized."""
        self._includes.clear()

    def parse(self, text: str) -> DirectiveTree:
        tree = parse_directives(text, self.dialect, self.store)
        vocabulary = self._vocabulary
        if tree.known_to is not vocabulary:
            tree.known_to = vocabulary
            for body in tree.bodies:
                vocabulary.learn_body(body)
            vocabulary.learn_names(tree.defined_names)
        return tree

    def resolve(
        self,
        tree: DirectiveTree,
        defines: Iterable[tuple[str, str]],
        root_key: str = "",
        before: RawResolution | None = None,
    ) -> RawResolution:
        """Run `tree` (from `parse`) with the macros given from outside. Later defines win over earlier ones.
        `root_key`: the name by which an #include would name the root, so that a cycle through it is seen. `before`: the
        same defines with another text of the root, while all files that it includes were as they are now."""
        if before is not None and (resumed := self._resumed(tree, before, root_key)) is not None:
            return resumed
        last = dict(defines)
        # Nothing is kept twice: there are thousands of variants.
        predefined = defines if isinstance(defines, tuple) and len(last) == len(defines) else tuple(last.items())
        vocabulary = self._vocabulary
        vocabulary.learn_names([name for name, _ in predefined])
        table: dict[str, Any] = dict(self._includes)
        for name, value in predefined:
            table[name] = value
            table[LOCK + name] = ""
            vocabulary.learn_body(value)
        self._table = table
        self._stack = [root_key] if root_key else []
        self._n_opened = 0
        self._length = 0
        trace = Trace()
        for problem in tree.problems:
            trace.report(problem)
        outcomes: Outcomes = drive(self._items(tree.items, trace, record=False))
        troubled = trace.troubled or bool(trace.problems)
        problems = tuple(trace.problems)
        return RawResolution(tree, root_key, predefined, outcomes, problems, trace.failed, troubled, _sizes(outcomes))

    def _resumed(self, tree: DirectiveTree, before: RawResolution, root_key: str) -> RawResolution | None:
        """What `resolve` would give, where only nodes between two places are others than before and the macros after
        them are as they were: what stands before and after them came to the same. None where that is not so, or where
        there were problems, or texts of a length that something is said about."""
        if before.troubled or tree.problems or before.root_key != root_key:
            return None
        if self._compared is None or self._compared[:2] != (tree, before.tree):
            n_head, n_tail = _common(tree.items, before.tree.items)
            writers = [number for number, (_, node) in enumerate(tree.items[:n_head]) if type(node) is not CodeChunk]
            self._compared = (tree, before.tree, n_head, n_tail, writers)
        _, _, n_head, n_tail, writers = self._compared
        table: dict[str, Any] = dict(self._includes)
        for name, value in before.predefined:
            table[name] = value
            table[LOCK + name] = ""
        self._table = table
        self._stack = [root_key] if root_key else []
        self._n_opened = self._length = 0
        end, then = len(before.outcomes) - n_tail, len(tree.items) - n_tail
        head, middle, tail = before.outcomes[:n_head], before.outcomes[n_head:end], before.outcomes[end:]
        self._write([tree.items[number] for number in writers], [head[number] for number in writers])
        at_edit = dict(table)
        self._write(before.tree.items[n_head:end], middle)
        wanted, self._table = self._table, at_edit
        trace = Trace()
        made: Outcomes = drive(self._items(tree.items[n_head:then], trace, record=False))
        if trace.troubled or trace.problems or self._table != wanted:
            return None
        outcomes = (*head, *made, *tail)
        (n_then, files_then), (n_now, files_now) = _sizes(middle), _sizes(made)
        n_characters, n_files = before.sizes[0] - n_then + n_now, before.sizes[1] - files_then + files_now
        if n_characters > LONGEST_TEXT // 4 or n_files > MOST_INCLUDES // 4:
            return None
        return RawResolution(tree, root_key, before.predefined, outcomes, (), False, False, (n_characters, n_files))

    def _write(self, items: Iterable[Item], outcomes: Iterable[Outcome | None]) -> None:
        """What items that ran before did to the table."""
        nothing = Trace()
        for (_, node), outcome in zip(items, outcomes, strict=True):
            if outcome is None:
                if type(node) is Directive and node.kind in ("define", "undef"):
                    self._define(node, nothing, record=False)
            elif outcome.writes:
                for name, value in outcome.writes:
                    if value is None:
                        self._table.pop(name, None)
                    else:
                        self._table[name] = value

    # Running nodes

    def _items(self, items: Iterable[Item], trace: Trace, record: bool) -> Run:
        """Run nodes in order and return their outcomes. `record`: their reads and writes go into `trace`."""
        table = self._table
        get = table.get
        vocabulary = self._vocabulary
        epoch = vocabulary.epoch
        outcomes: list[Outcome | None] = []
        for offset, node in items:
            if type(node) is Directive:
                if node.kind != "include":
                    if node.kind == "define" or node.kind == "undef":
                        self._define(node, trace, record)
                    outcomes.append(None)
                    continue
                outcome = yield self._include(offset, node, trace, record)
                epoch = vocabulary.epoch  # a new file may have brought new macro names
                if outcome is None:
                    outcomes.append(None)
                    continue
            else:
                if node.epoch != epoch:
                    node.epoch = epoch
                    node.memo = None
                outcome = node.memo
                while type(outcome) is Ask:
                    outcome = outcome.branches.get(tuple(map(get, outcome.names)))
                if outcome is None or (outcome.includes and not outcome.includes.isdisjoint(self._stack)):
                    if type(node) is CodeChunk:
                        outcome = expand_chunk(node, table, vocabulary, self.dialect.recursive)
                        self._remember(node, outcome)
                    else:
                        outcome = yield self._first(node)
                    epoch = vocabulary.epoch
                self._length += len(outcome.text)
                if self._length > LONGEST_TEXT and len(outcome.text) > 1000:
                    outcome = _without_text(node, outcome)
                if outcome.includes:
                    trace.n_includes += outcome.n_includes
            outcomes.append(outcome)
            if record:
                trace.take(outcome, table)
            if outcome.troubled:
                trace.troubled = True
                trace.failed = trace.failed or outcome.failed
            if outcome.writes:
                for name, value in outcome.writes:
                    if value is None:
                        table.pop(name, None)
                    else:
                        table[name] = value
        return tuple(outcomes)

    def _first(self, node: Conditional | DirectiveTree) -> Run:
        """Run a node that has no memo for the present table. Leaves the table as it was: the caller applies the
        writes."""
        before = self._table
        epoch = self._vocabulary.epoch
        self._table = dict(before)
        trace = Trace()
        if type(node) is Conditional:
            taken = next((index for index, branch in enumerate(node.branches) if self._holds(branch, trace)), -1)
            items = node.branches[taken].items if taken >= 0 else ()
        else:
            taken = -1
            for problem in node.problems:
                trace.report(problem)
            items = node.items
        outcomes = yield self._items(items, trace, record=True)
        outcome = trace.finish(items, outcomes, taken)
        for name in outcome.includes:
            # Files loaded on the way are facts, not macros: they stay in the outer table.
            before.setdefault(INCLUDE + name, self._includes.get(INCLUDE + name))
        self._table = before
        if not outcome.volatile and self._vocabulary.epoch == epoch:
            self._remember(node, outcome)
        return outcome

    def _remember(self, node: CodeChunk | Conditional | DirectiveTree, outcome: Outcome) -> None:
        node.memo = remember(node.memo, outcome)
        weight = getsizeof(outcome.text) + 60 * (len(outcome.places) + len(outcome.outcomes))
        self.store.add_weight(weight + _ASK * len(outcome.reads))

    def _define(self, directive: Directive, trace: Trace, record: bool) -> None:
        """#define or #undef; without effect when the macro is locked."""
        table = self._table
        name = directive.name
        if record:
            trace.ask((LOCK + name,), table)
        if LOCK + name in table:
            return
        value = directive.value if directive.kind == "define" else None
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value
        if record:
            trace.write(name, value)

    def _include(self, offset: int, directive: Directive, trace: Trace, record: bool) -> Run:
        """Run an included file; None when that is not possible."""
        name = directive.name
        key = INCLUDE + name
        table = self._table
        target = table.get(key)
        if target is None:
            target = self._load(name)
            self._includes[key] = table[key] = target
        if record:
            trace.ask((key,), table)
            trace.includes.add(name)
        trace.n_includes += 1

        def refuse(code: str, message: str) -> None:
            trace.report(Problem(directive.name_span.shifted(offset), f"preprocess/{code}", message))

        if isinstance(target, str):
            refuse("include-not-found", target)
            return None
        if name in self._stack:
            trace.volatile = True
            chain = " -> ".join([*self._stack[self._stack.index(name) :], name])
            refuse("include-cycle", f"{name} includes itself ({chain})")
            return None
        if len(self._stack) > DEEPEST_INCLUDE:
            trace.volatile = True
            refuse("include-depth", f"{name}: includes are nested more than {DEEPEST_INCLUDE} deep")
            return None
        if self._n_opened > MOST_INCLUDES:
            trace.volatile = True
            refuse("too-many-includes", f"{name}: there are more than {MOST_INCLUDES:,} includes")
            return None
        if target.epoch != self._vocabulary.epoch:
            target.epoch, target.memo = self._vocabulary.epoch, None
        self._stack.append(name)
        outcome = remembered(target.memo, table)
        if outcome is None or not outcome.includes.isdisjoint(self._stack):
            self._n_opened += 1
            outcome = yield self._first(target)
        self._stack.pop()
        assert outcome is not None
        if trace.n_includes + outcome.n_includes > MOST_INCLUDES:
            refuse("too-many-includes", f"{name}: there are more than {MOST_INCLUDES:,} includes")
            return None
        if self._length + len(outcome.text) > LONGEST_TEXT:
            trace.volatile = True
            refuse("text-too-long", f"{name}: with it the text has more than {LONGEST_TEXT:,} characters")
            return None
        trace.n_includes += outcome.n_includes
        return outcome

    def _load(self, name: str) -> DirectiveTree | str:
        loaded = self.load(name)
        return self.parse(loaded.text) if isinstance(loaded, SourceFile) else loaded

    def _holds(self, branch: Branch, trace: Trace) -> bool:
        directive = branch.directive
        table = self._table
        if directive.kind == "else":
            return True
        if directive.condition is None:
            trace.ask((directive.name,), table)
            return (directive.name in table) == (directive.kind == "ifdef")
        level: Collection[str] = directive.condition.names
        seen: set[str] = set()
        while level:
            trace.ask(level, table)
            seen.update(level)
            before = self._length
            self._length += _ASKED * len(level)
            if self._length > LONGEST_TEXT:
                trace.volatile = True
                if before <= LONGEST_TEXT:  # said once, for everything behind it is cut short
                    n_most = LONGEST_TEXT // _ASKED
                    message = f"with this, conditions ask for macros more than {n_most:,} times, each through others"
                    span = directive.head_span.shifted(branch.offset)
                    trace.report(Problem(span, "preprocess/text-too-long", message))
                return False
            level = [
                inner
                for name in level
                if (value := table.get(name))
                for inner in names_of_value(value.strip(WHITE_SPACE), self.dialect)
                if inner not in seen
            ]
        evaluation = evaluate(directive.condition, table, self.dialect)
        if evaluation.error is None:
            return evaluation.value != 0
        start = directive.at(directive.condition_start + (directive.condition.error_at or 0)) + branch.offset
        span = directive.condition_span.shifted(branch.offset)
        if directive.condition.error is not None:
            span = Span(min(start, span.end), max(span.end, start))
        message = f"cannot evaluate #{directive.kind}: {evaluation.error}"
        trace.report(Problem(span, "preprocess/condition", message))
        return False


def _sizes(outcomes: Outcomes) -> tuple[int, int]:
    some = [one for one in outcomes if one is not None]
    return sum([len(one.text) for one in some]), sum([one.n_includes for one in some])


def _common(items: Sequence[Item], others: Sequence[Item]) -> tuple[int, int]:
    """How many nodes are the same at the head, and at the tail."""
    most = min(len(items), len(others))
    n_head = next((n for n in range(most) if items[n][1] is not others[n][1]), most)
    most -= n_head
    return n_head, next((n for n in range(most) if items[-1 - n][1] is not others[-1 - n][1]), most)


def _without_text(node: CodeChunk | Conditional, outcome: Outcome) -> Outcome:
    """What stands for a node with which the text of a root would grow beyond all reason: code as it is written, a
    conditional as if its branch were empty."""
    is_code = isinstance(node, CodeChunk)
    text = node.text if isinstance(node, CodeChunk) else ""
    end = next((index for index, character in enumerate(text) if character == "\n"), 1)
    message = f"with this the text has more than {LONGEST_TEXT:,} characters"
    return Outcome(
        text if text.endswith("\n") or not is_code else text + "\n",
        taken=outcome.taken,
        problems=(Problem(Span(0, end), "preprocess/text-too-long", message),),
        failed=True,
        volatile=True,
        troubled=True,
    )


def drive(run: Run) -> Any:
    """Run a node and all nodes in it to the end."""
    stack = [run]
    value: Any = None
    while stack:
        try:
            inner = stack[-1].send(value)
        except StopIteration as finished:
            stack.pop()
            value = finished.value
        else:
            stack.append(inner)
            value = None
    return value
