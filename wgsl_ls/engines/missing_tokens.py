"""Where a token is missing: engines say it at the next one, which may stand lines further down; or at all of the
function or at an attribute when `@workgroup_size` or a `return` is missing: then it is told at the function's name, or
at its end."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace

from wgsl_ls.wgsl.lexer import tokenize
from wgsl_ls.wire.jobs import EngineMessage, MessageSpan

_ENDLESS = re.compile(r"(?:Function '\w+' is invalid: )?The `return` expression None does not match")
_SIZELESS = re.compile(r"workgroup size is missing|a compute shader must include '@workgroup_size'")
_MISSING = re.compile(r"expected ['`][;,{)\]]['`]|expected '}' for struct |unable to parse right side of")


def at_the_line_that_lacks_it(message: EngineMessage, text: str) -> EngineMessage:
    """`message`, at the end of the token before when that stands on an earlier line; at the function's name or end, if
    it is about the whole of it."""
    if message.spans and _SIZELESS.match(message.text):
        return _at_the_name(message, text)
    if message.spans and _ENDLESS.match(message.text):
        return _at_the_end(message, text)
    if message.kind != "parse" or not message.spans or not _MISSING.match(message.text):
        return message
    said, *others = message.spans
    tokens = tokenize(text)
    index = bisect_left(tokens.starts, said.start) - 1
    if index < 0:
        return message
    behind = tokens.starts[index] + len(tokens.texts[index])
    if "\n" not in text[behind : said.start]:
        return message
    return replace(message, spans=(MessageSpan(behind - 1, behind, said.label), *others))


def _at_the_name(message: EngineMessage, text: str) -> EngineMessage:
    said, *others = message.spans
    tokens = tokenize(text)
    number = bisect_left(tokens.starts, said.start)
    while number < len(tokens) and tokens.kinds[number] != "fn":
        number += 1
    if number + 1 >= len(tokens):
        return message
    start = tokens.starts[number + 1]
    return replace(message, spans=(MessageSpan(start, start + len(tokens.texts[number + 1]), said.label), *others))


def _at_the_end(message: EngineMessage, text: str) -> EngineMessage:
    """At the brace that closes the function in whose head the message is."""
    said, *others = message.spans
    tokens = tokenize(text)
    number = bisect_left(tokens.starts, said.start)
    depth = 0
    for kind, start in zip(tokens.kinds[number:], tokens.starts[number:], strict=True):
        depth += (kind == "{") - (kind == "}")
        if kind == "}" and not depth:
            return replace(message, spans=(MessageSpan(start, start + 1, said.label), *others))
    return message
