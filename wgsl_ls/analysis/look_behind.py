"""Look behind an error: engines stop at the first one. The statement in which it stands, or else the body of its
function, is left out (left_out.py), and the text is compiled again, until it is accepted or an error stands outside, in
a declaration that others need.

So an error that only an engine can see (our own front end tells the others at once) does not wait until an earlier one
is mended. What else is wrong in what was left out stays unknown, and is told so (`Rejected.unread`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from wgsl_ls.analysis.left_out import Code, Function
from wgsl_ls.text.steps import in_turns
from wgsl_ls.wire.engine_specs import engine_spec
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected

if TYPE_CHECKING:
    from wgsl_ls.wgsl.rewriting import Edit, Rewritten

MOST_LOOKS = 6
"""For one text."""
_LOOKS_AT_STATEMENTS = 3
"""Of these; then bodies are left out, for the sake of the functions behind."""
_MOST_STATEMENTS = 100
"""Of one function that are left out alone; else its body is."""
_PAUSE_EVERY = 0.004
Submit = Callable[[CompileJob], Awaitable[CompileResult]]


class Budget:
    """How many looks are left for all texts of a run."""

    def __init__(self, n_looks: int) -> None:
        self.n_looks = n_looks

    def take(self) -> bool:
        self.n_looks -= 1
        return self.n_looks >= 0


async def looked_behind(submit: Submit, job: CompileJob, rejected: Rejected, budget: Budget) -> Rejected:
    """`rejected`, the result of `job`, with the errors behind its first ones as far as the budget goes."""
    spec = engine_spec(job.engine)
    if rejected.unread is not None or (spec is not None and spec.lists_errors):
        return rejected
    code = Code(job.text)
    async for _ in in_turns(code.reading(), _PAUSE_EVERY):
        pass
    messages = list(rejected.messages)
    news: Iterable[EngineMessage] = rejected.messages
    bodies: dict[Function, None] = {}
    statements: dict[int, Edit] = {}
    for look in range(MOST_LOOKS):
        places = [one.spans[0].start for one in news if one.severity == "error" and one.spans]
        failing = {function: at for at in places if (function := code.function_at(at)) is not None}
        outside = [code.declaration_left_out(at) for at in places if code.function_at(at) is None]
        whole = {one.start: one for one in outside if one is not None}
        is_new = failing.keys().isdisjoint(bodies) and whole.keys().isdisjoint(statements)
        if not (failing or whole) or not is_new or None in outside or not budget.take():
            break
        statements.update(whole)
        for function, at in failing.items():
            alone = await _statements(code, function, at) if look < _LOOKS_AT_STATEMENTS else None
            if alone is None or alone.keys() <= statements.keys():  # it was no good
                bodies[function] = None
            else:
                statements.update(alone)
        if look == MOST_LOOKS - 1:
            bodies.update(dict.fromkeys((*code.mistakes_in, *code.syntax_errors_in)))
        rewritten = code.without(bodies, statements.values())
        result = await submit(replace(job, text=rewritten.text))
        if isinstance(result, Accepted) or (isinstance(result, Rejected) and not _errors(result)):
            unread = [(start + node.body.start, start + node.body.end) for start, node in bodies]
            left_out = (one for one in statements.values() if code.function_at(one.start) not in bodies)
            unread.extend((one.start, one.end) for one in left_out)
            return replace(rejected, messages=tuple(dict.fromkeys(messages)), unread=tuple(unread))
        if not isinstance(result, Rejected):
            break
        news = [_placed_back(message, rewritten) for message in _errors(result)]
        # An `enable` is missing once, wherever it is asked for.
        lacking = {one.subject for one in messages if one.kind == "extension"}
        messages.extend(one for one in news if one.kind != "extension" or one.subject not in lacking)
    return replace(rejected, messages=tuple(dict.fromkeys(messages)))


async def _statements(code: Code, function: Function, at: int) -> dict[int, Edit] | None:
    """The statement at `at` with those of the function in which our own front end finds something, by their places;
    None when one of them cannot be left out alone, or there are too many."""
    mistakes = code.mistakes_in.get(function, [])
    if function in code.syntax_errors_in or len(mistakes) > _MOST_STATEMENTS:
        return None
    edits: list[Edit | None] = []

    def left_out() -> Iterator[None]:
        for place in (at, *mistakes):
            edits.append(code.statement_left_out(place))
            yield

    async for _ in in_turns(left_out(), _PAUSE_EVERY):
        pass
    found = {edit.start: edit for edit in edits if edit is not None}
    return found if None not in edits else None


def _errors(result: Rejected) -> list[EngineMessage]:
    return [one for one in result.messages if one.severity == "error" and one.kind != "limit"]


def _placed_back(message: EngineMessage, rewritten: Rewritten) -> EngineMessage:
    spans = []
    for span in message.spans:
        place = rewritten.span_in_original(span.start, span.end)
        if place is not None:
            spans.append(MessageSpan(place.start, place.end, span.label))
    return replace(message, spans=tuple(spans))
