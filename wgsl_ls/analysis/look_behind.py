"""Look behind an error: engines stop at the first one. The body of the function in which it stands is replaced by one
that does nothing, and the text is compiled again, until it is accepted or an error stands in no function.

So an error that only an engine can see (our own front end tells the others at once) does not wait until an earlier one
is mended. What else is wrong in a body that was left out stays unknown, and is told so (`Rejected.unread`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from wgsl_ls.text.span import Span
from wgsl_ls.wire.engine_specs import engine_spec
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected

if TYPE_CHECKING:
    from wgsl_ls.wgsl.rewriting import Rewritten
    from wgsl_ls.wgsl.syntax import FunctionDeclaration

MOST_LOOKS = 6
"""For one text."""
Submit = Callable[[CompileJob], Awaitable[CompileResult]]
Function = tuple[int, "FunctionDeclaration"]


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
    functions = functions_of(job.text)
    messages = list(rejected.messages)
    news: Iterable[EngineMessage] = rejected.messages
    left_out: list[Function] = []
    for look in range(MOST_LOOKS):
        failing = {function for one in news if (function := _function_of(one, functions)) is not None}
        if not failing or failing & set(left_out) or not budget.take():
            break
        if look == MOST_LOOKS - 1:
            failing |= _known_to_fail(job.text, functions) - set(left_out)
        left_out.extend(failing)
        rewritten = without_bodies(job.text, left_out)
        result = await submit(replace(job, text=rewritten.text))
        if isinstance(result, Accepted) or (isinstance(result, Rejected) and not _errors(result)):
            unread = tuple((start + node.body.start, start + node.body.end) for start, node in left_out)
            return replace(rejected, messages=tuple(dict.fromkeys(messages)), unread=unread)
        if not isinstance(result, Rejected):
            break
        news = [_placed_back(message, rewritten) for message in _errors(result)]
        messages.extend(news)
    return replace(rejected, messages=tuple(dict.fromkeys(messages)))


def functions_of(text: str) -> list[Function]:
    """(place, tree) of the functions of a text whose bodies do something."""
    from wgsl_ls.wgsl.parser import parse
    from wgsl_ls.wgsl.syntax import FunctionDeclaration

    return [
        (start, node)
        for start, node in parse(text).declarations
        if isinstance(node, FunctionDeclaration) and node.body.statements
    ]


def _known_to_fail(text: str, functions: list[Function]) -> set[Function]:
    """Those in which our own front end finds something: what they hide is seen at the last look at least."""
    from wgsl_ls.wgsl.parser import parse
    from wgsl_ls.wgsl.problems import problems
    from wgsl_ls.wgsl.symbols import analyze

    module = parse(text)
    places = [one.start for one in problems(analyze(module))] + [one.start for one in module.errors]
    return {
        one for one in functions if any(one[0] + one[1].body.start <= at < one[0] + one[1].body.end for at in places)
    }


def without_bodies(text: str, functions: Iterable[Function]) -> Rewritten:
    """`text` with bodies that do nothing, which return anything of the right type."""
    from wgsl_ls.wgsl.rewriting import Edit, rewrite

    edits = []
    for start, node in functions:
        body = Span(start + node.body.start + 1, start + node.body.end - 1)
        result = node.return_type
        words = ""
        if result is not None:
            words = f" var nothing: {text[start + result.start : start + result.end]}; return nothing; "
        edits.append(Edit(body.start, body.end, words))
    return rewrite(text, edits)


def _errors(result: Rejected) -> list[EngineMessage]:
    return [one for one in result.messages if one.severity == "error" and one.kind != "limit"]


def _function_of(message: EngineMessage, functions: list[Function]) -> Function | None:
    """The function in whose body an error stands."""
    if message.severity != "error" or not message.spans:
        return None
    at = message.spans[0].start
    return next((one for one in functions if one[0] + one[1].body.start <= at < one[0] + one[1].body.end), None)


def _placed_back(message: EngineMessage, rewritten: Rewritten) -> EngineMessage:
    spans = []
    for span in message.spans:
        place = rewritten.span_in_original(span.start, span.end)
        if place is not None:
            spans.append(MessageSpan(place.start, place.end, span.label))
    return replace(message, spans=tuple(spans))
