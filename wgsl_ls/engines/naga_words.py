"""naga's sentences about its own tables, in the words of WGSL.

Its validator speaks of expressions and types by their number ("[3]") and prints types as its source code has them.
Types are spelled as WGSL spells them; where a sentence compares two numbered expressions, the types of the places
that it points at say what the numbers mean.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.parser import parse
from wgsl_ls.wgsl.problems import problems
from wgsl_ls.wgsl.symbols import analyze
from wgsl_ls.wgsl.syntax import Binary, FunctionDeclaration, Unary

_SCALAR = re.compile(r"Scalar \{ kind: (\w+), width: (\d+) \}")
_IN_PARENTHESES = re.compile(r"\b(?:Scalar|Atomic)\(([^()]*)\)")
_VECTOR = re.compile(r"Vector \{ size: (Bi|Tri|Quad), scalar: (\w+) \}")
_MATRIX = re.compile(r"Matrix \{ columns: (Bi|Tri|Quad), rows: (Bi|Tri|Quad), scalar: (\w+) \}")
_SCALARS = {
    ("Float", "4"): "f32", ("Float", "2"): "f16", ("Float", "8"): "f64", ("Sint", "4"): "i32", ("Uint", "4"): "u32",
    ("Sint", "8"): "i64", ("Uint", "8"): "u64", ("Bool", "1"): "bool", ("AbstractInt", "8"): "AbstractInt",
    ("AbstractFloat", "8"): "AbstractFloat",
}  # fmt: skip
_SIZES = {"Bi": 2, "Tri": 3, "Quad": 4}
_OPERATORS = {
    "Add": "+", "Subtract": "-", "Multiply": "*", "Divide": "/", "Modulo": "%", "Equal": "==", "NotEqual": "!=",
    "Less": "<", "LessEqual": "<=", "Greater": ">", "GreaterEqual": ">=", "And": "&", "ExclusiveOr": "^",
    "InclusiveOr": "|", "LogicalAnd": "&&", "LogicalOr": "||", "ShiftLeft": "<<", "ShiftRight": ">>",
    "Negate": "-", "LogicalNot": "!", "BitwiseNot": "~",
}  # fmt: skip
_OPERATION = re.compile(r"Operation (\w+) can't work with ")
_OF_TYPE = re.compile(r"\[\d+\] \(of type ([^()]+)\)")
_STORED = re.compile(r"The type of \[\d+\] doesn't match the type stored in \[\d+\]")
_MAYBE = re.compile(r" Some\(\[\d+\]\)")
_UNMET = re.compile(r" are not met by \[\d+\]")
_CALL = re.compile(r"\bCall to \[\d+\]")
_NUMBER = re.compile(r" ?(?<!\w)\[\d+\](?: and \[\d+\])?")
_OF_A_FUNCTION = re.compile(r"Entry point (\w+) at \w+ is invalid|Function '(\w+)' is invalid")
_WITHOUT_A_PLACE = {
    "The `if` condition": "a condition must be a bool",
    "The `return` expression": "the function returns",
    "Incompatible operands: ": "there is no '",
}
"""Sentences that naga says without a place where a variable is read (it has none for the load): how those of our own
front end about the same mistake begin."""


def in_words(message: str, spans: Sequence[Span], text: str) -> str:
    """`message`, that naga said about `spans` of `text`."""
    if "{" not in message and "[" not in message:
        return message
    message = _SCALAR.sub(lambda match: _SCALARS.get((match[1], match[2]), match[0]), message)
    message = _VECTOR.sub(lambda match: f"vec{_SIZES[match[1]]}<{match[2]}>", message)
    message = _MATRIX.sub(lambda match: f"mat{_SIZES[match[1]]}x{_SIZES[match[2]]}<{match[3]}>", message)
    message = _MAYBE.sub("", message)
    message = _IN_PARENTHESES.sub(r"\1", message)
    message = _OF_TYPE.sub(r"\1", message)
    operation, stored = _OPERATION.search(message), _STORED.search(message)
    if operation is not None:
        operator = _OPERATORS.get(operation[1], operation[1])
        operands = _operands(text, spans, operator) if _NUMBER.match(message, operation.end()) else None
        if operands is not None:
            message = f"{message[: operation.start()]}'{operator}' can't work with {operands}"
        else:
            message = message.replace(operation[0], f"'{operator}' can't work with ")
    elif stored is not None and len(spans) > 1:
        value, place = (_described(text, span) for span in spans[:2])
        message = message.replace(stored[0], f"{value} cannot be stored in {place}")
    message = _CALL.sub("The call", message)
    message = _UNMET.sub(" are not met", message)
    return _NUMBER.sub(" its operands" if operation is not None else "", message, 1 if operation else 0)


def places_in_our_words(message: str, text: str) -> list[Span]:
    """Where the mistake stands that naga tells without a place: where our own front end finds one of that kind, else
    the name of the function that the message speaks of, in its head."""
    ours = next((ours for theirs, ours in _WITHOUT_A_PLACE.items() if theirs in message), None)
    function = _OF_A_FUNCTION.match(message)
    if ours is None and function is None:
        return []
    module = parse(text)
    for problem in problems(analyze(module)) if ours is not None else ():
        if problem.message.startswith(ours or ""):  # naga stops at the first, too
            return [Span(problem.start, problem.end)]
    for start, node in module.declarations if function is not None else ():
        if function is not None and isinstance(node, FunctionDeclaration) and node.name in function.groups():
            head = Span(start + node.start, start + node.body.start)
            return [Span(start + node.name_start, start + node.name_end), head]
    return []


def _operands(text: str, spans: Sequence[Span], operator: str) -> str | None:
    """The types of what the operator at the first of `spans` works on."""
    if not spans:
        return None
    analysis = analyze(parse(text))
    start, nodes = analysis.nodes_at(spans[0].start)
    entry = analysis.entry_at(spans[0].start)
    for node in nodes if entry is not None else ():
        if start + node.start == spans[0].start and isinstance(node, (Binary, Unary)) and node.operator == operator:
            operands = (node.left, node.right) if isinstance(node, Binary) else (node.operand,)
            kinds = [entry[2].types.get(operand) for operand in operands] if entry is not None else []
            return " and ".join(map(str, kinds)) if all(kinds) else None
    return None


def _described(text: str, span: Span) -> str:
    """`name` (of type T)."""
    analysis = analyze(parse(text))
    words = " ".join(text[span.start : span.end].split())
    found = analysis.occurrence_at(span.start)
    if found is not None and (found.start, found.end) == (span.start, span.end) and found.symbol is not None:
        kind = found.symbol.type
    else:
        start, nodes = analysis.nodes_at(span.start)
        exact = [node for node in nodes if (start + node.start, start + node.end) == (span.start, span.end)]
        entry = analysis.entry_at(span.start)
        kind = next((entry[2].types[node] for node in exact if node in entry[2].types), None) if entry else None
    return f"`{words}` (of type {kind})" if kind is not None else f"`{words}`"
