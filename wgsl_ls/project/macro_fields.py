"""Macro definitions and `#if` expressions as strings and tables of wgsl-ls.toml. What is wrong in them is shown at its
character.
"""

from __future__ import annotations

import re
from typing import Final

from wgsl_ls.preprocess.conditions import parse_condition
from wgsl_ls.project.model import Define, Expression
from wgsl_ls.project.problems import Problems
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.located import Located
from wgsl_ls.text.span import Span

MACRO_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_TOKEN = re.compile(r"\s*(?:(\d+|[A-Za-z_]\w*)|(==|!=|<=|>=|&&|\|\||<<|>>|[-+*/%<>!])|(\()|(\)))", re.ASCII)


def check_macro_name(problems: Problems, name: str, span: Span) -> bool:
    if MACRO_NAME.fullmatch(name):
        return True
    problems.add(span, "define", f'"{name}" is not the name of a macro')
    return False


def read_define(problems: Problems, item: Located) -> Define | None:
    """`"NAME"` or `"NAME=VALUE"`, trimmed as the reference preprocessor trims its options."""
    text: str = item.value
    name, _, value = text.partition("=")
    start = len(name) - len(name.lstrip())
    place = item.span_of(start, max(start, len(name.rstrip()))) if name.strip() else item.span
    return (name.strip(), value.strip()) if check_macro_name(problems, name.strip(), place) else None


def read_define_value(problems: Problems, item: Located) -> str | bool | None:
    """The value of `NAME = value`: True stands for defined without a value, False for not defined."""
    value = item.value
    if isinstance(value, bool | str):
        return value.strip() if isinstance(value, str) else value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    problems.wrong_type(item, "a macro's value (a string, a number, true or false)")
    return None


def read_defines(problems: Problems, item: Located) -> tuple[tuple[Define, ...], tuple[str, ...]]:
    define: dict[str, str] = {}
    undefine: dict[str, None] = {}
    if item.is_table:
        for name, element in item.entries():
            if not check_macro_name(problems, name, element.key_span):
                continue
            value = read_define_value(problems, element)
            if value is False:
                undefine[name] = None
            elif value is not None:
                define[name] = "" if value is True else str(value)
    elif item.is_list or isinstance(item.value, str):
        for element in item.elements() or ((item,) if isinstance(item.value, str) else ()):
            if not isinstance(element.value, str):
                problems.wrong_type(element, 'a macro as "NAME" or "NAME=VALUE"')
                continue
            pair = read_define(problems, element)
            if pair is not None:
                if define.get(pair[0], pair[1]) != pair[1]:
                    problems.add(
                        element.span,
                        "define",
                        f"{pair[0]} is already defined as {define[pair[0]] or 'empty'} in this list",
                        Severity.WARNING,
                    )
                define[pair[0]] = pair[1]
    else:
        problems.wrong_type(item, 'a list of macros ("NAME", "NAME=VALUE") or a table of them')
    return tuple(define.items()), tuple(undefine)


def read_expression(problems: Problems, item: Located) -> Expression | None:
    """An `#if` expression. Stricter than the reference, which reads a missing operand as 0 and ignores what
    follows a complete expression: in a configuration both are slips of the pen."""
    if not isinstance(item.value, str):
        problems.wrong_type(item, "an #if expression in a string")
        return None
    condition = parse_condition(item.value)
    if condition.error is not None:
        problem: tuple[int, str] | None = (condition.error_at or 0, condition.error)
    else:
        problem = _slip(item.value)
    if problem is None:
        return Expression(condition, item)
    start, message = problem
    end = min(start + 1, len(item.value))
    problems.add(item.span_of(start, end), "expression", f"this #if expression does not parse: {message}")
    return None


def _slip(text: str) -> tuple[int, str] | None:
    """(offset, message) of the first missing operand or stray token that the reference would let pass."""
    position = 0
    want_operand = True
    depth = 0
    while True:
        match = _TOKEN.match(text, position)
        if match is None:
            rest = text[position:]
            place = position + len(rest) - len(rest.lstrip())
            if rest.strip():
                return place, f"unexpected '{rest.strip()[0]}'"
            return (len(text.rstrip()), "an operand is missing at the end") if want_operand else None
        word, operator, opening, closing = match.groups()
        start = match.end() - len(match.group().strip())
        if word is not None:
            if not want_operand:
                return start, f"expected an operator before '{word}'"
            if word == "defined":
                after = re.compile(r"\s*(?:\(\s*\w+\s*\)|\w+)").match(text, match.end())
                position = after.end() if after else match.end()
                want_operand = False
                continue
            want_operand = False
        elif operator is not None:
            if want_operand and operator not in ("!", "-", "+"):
                return start, f"an operand is missing before '{operator}'"
            if not want_operand and operator == "!":
                return start, "expected an operator before '!'"
            want_operand = True
        elif opening is not None:
            if not want_operand:
                return start, "expected an operator before '('"
            depth += 1
        elif closing is not None:
            if want_operand:
                return start, "an operand is missing before ')'"
            depth -= 1
            if depth < 0:
                return start, "this ')' closes nothing"
        position = match.end()
