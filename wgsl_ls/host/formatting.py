"""Formatting: functions that make texts of numbers, numbers of texts, and ask about characters."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from wgsl_ls.host.evaluator import Evaluator
from wgsl_ls.host.fractions import Single
from wgsl_ls.host.machine import Frame, NotUnderstood, described
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import Input, is_symbolic, is_text, is_truth, may_be_float
from wgsl_ls.host.values import UNSET, Pointer, Ref, held

_PRINTED: Final = re.compile(r"%(?P<flags>[-+ 0#]*[0-9*]*(?:\.[0-9*]+)?)(?:hh|h|ll|l|z|j|t)?(?P<kind>[diuxXcsfgeEGp%])")
_FORMATTED: Final = re.compile(r"\{\{|\}\}|\{(?P<index>\d*)(?::(?P<how>[^{}]*))?\}")


class Formatting(Evaluator):
    def _std_to_string(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        value = frame.machine.scalar(arguments[0])
        if value is UNSET:
            given = node.field("arguments")
            raise NotUnderstood(node, f"{given.text.strip('()') if given else ''} is read before it has a value")
        if isinstance(value, str) and len(value) == 1:
            return str(ord(value))  # a `char`
        if not (is_symbolic(value) or isinstance(value, (int, float))):
            raise NotUnderstood(node, f"to_string of {described(value)}")
        if is_truth(value):
            value = frame.machine.knowledge.decide(value)
        return frame.machine.world.terms.apply("str", value)

    def _std_format(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """`fmt::format("A={}", a)` and `std::format`."""
        terms = frame.machine.world.terms
        pattern = frame.machine.scalar(arguments[0]) if arguments else None
        if not isinstance(pattern, str):
            raise NotUnderstood(node, "format with a pattern that is not known")
        whole: Any = ""
        at = following = 0
        for match in _FORMATTED.finditer(pattern):
            whole = terms.apply("+", whole, pattern[at : match.start()])
            at = match.end()
            if match.group() in ("{{", "}}"):
                whole = terms.apply("+", whole, match.group()[0])
                continue
            index = int(match["index"]) if match["index"] else following
            following = index + 1
            if index + 1 >= len(arguments):
                raise NotUnderstood(node, f"the format {pattern!r}")
            value = frame.machine.scalar(arguments[index + 1])
            if is_truth(value):
                value = "true" if frame.machine.knowledge.decide(value) else "false"
            if match["how"]:
                value = frame.machine.concrete(value, node)
                try:
                    value = format(value, match["how"])
                except (TypeError, ValueError):
                    raise NotUnderstood(node, f"the format {pattern!r}") from None
            if may_be_float(value):
                raise NotUnderstood(node, f"the format {pattern!r} of a fraction")
            if not isinstance(value, str) and not (is_symbolic(value) and is_text(value)):
                value = terms.apply("str", value)
            whole = terms.apply("+", whole, value)
        if "{" in (rest := _FORMATTED.sub("", pattern)) or "}" in rest:
            raise NotUnderstood(node, f"the format {pattern!r}")
        return terms.apply("+", whole, pattern[at:])

    def _std_toupper(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return frame.machine.world.terms.apply("upper", frame.machine.scalar(arguments[0]))

    def _std_tolower(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return frame.machine.world.terms.apply("lower", frame.machine.scalar(arguments[0]))

    def _text_number(self, read: Callable[[str], Any], node: Node, arguments: list[Any], frame: Frame) -> Any:
        text: Any = frame.machine.concrete(frame.machine.scalar(arguments[0]), node)
        is_plain = isinstance(text, str) and len(arguments) == 1
        match = re.match(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)", text) if is_plain else None
        if match is None:
            raise NotUnderstood(node, f"the number in {described(text)}")
        return read(match.group())

    def _std_stoi(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._text_number(lambda text: int(float(text)), node, arguments, frame)

    _std_stol = _std_stoul = _std_stoll = _std_stoull = _std_atoi = _std_stoi

    def _std_stof(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._text_number(lambda text: Single(float(text)), node, arguments, frame)

    def _std_stod(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._text_number(float, node, arguments, frame)

    _std_atof = _std_stod

    def _std_strlen(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return frame.machine.world.terms.apply("len", frame.machine.scalar(arguments[0]))

    def _std_strcmp(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        terms = frame.machine.world.terms
        first, second, *count = (frame.machine.scalar(one) for one in arguments)
        if not all(isinstance(one, str) or is_text(one) or isinstance(one, Input) for one in (first, second)):
            raise NotUnderstood(node, "strcmp of what is no text")
        if count:
            first, second = (terms.apply("prefix", one, count[0]) for one in (first, second))
        return terms.order(first, second)

    _std_strncmp = _std_strcmp

    def _std_isdigit(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._of_char(str.isdigit, node, arguments, frame)

    def _std_isalpha(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._of_char(str.isalpha, node, arguments, frame)

    def _std_isalnum(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._of_char(str.isalnum, node, arguments, frame)

    def _std_isupper(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._of_char(str.isupper, node, arguments, frame)

    def _std_islower(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._of_char(str.islower, node, arguments, frame)

    def _of_char(self, ask: Callable[[str], bool], node: Node, arguments: list[Any], frame: Frame) -> bool:
        char = frame.machine.concrete(frame.machine.scalar(arguments[0]), node)
        if not isinstance(char, str):
            raise NotUnderstood(node, f"what kind of character {described(char)} is")
        return ask(char)

    def _std_snprintf(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        size = frame.machine.scalar(arguments[1])
        return self._printed(node, arguments[0], arguments[2:], frame, size if isinstance(size, int) else None)

    def _std_sprintf(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        return self._printed(node, arguments[0], arguments[1:], frame)

    def _printed(self, node: Node, target: Any, arguments: list[Any], frame: Frame, size: int | None = None) -> Any:
        """What printf writes, put where `target` is, which has room for `size` characters (None: for all). Parts with
        flags or a width ask for known values."""
        machine, terms = frame.machine, frame.machine.world.terms
        pattern = machine.scalar(arguments[0]) if arguments else None
        if not isinstance(pattern, str):
            raise NotUnderstood(node, "printf with a pattern that is not known")
        waiting = [machine.scalar(one) for one in arguments[1:]]
        whole: Any = ""
        at = 0
        for match in _PRINTED.finditer(pattern):
            whole = terms.apply("+", whole, pattern[at : match.start()])
            at = match.end()
            if match["kind"] == "%":
                whole = terms.apply("+", whole, "%")
                continue
            if not waiting or "*" in match.group():
                raise NotUnderstood(node, f"the format {pattern!r}")
            value = waiting.pop(0)
            if is_truth(value):
                value = int(machine.knowledge.decide(value))
            if match["flags"] or match["kind"] not in "diusl":
                value = machine.concrete(value, node)
                try:
                    value = f"%{match['flags']}{match['kind']}" % value
                except (TypeError, ValueError):
                    raise NotUnderstood(node, f"the format {pattern!r}") from None
            elif not isinstance(value, str) and not (is_symbolic(value) and is_text(value)):
                value = terms.apply("str", value)
            whole = terms.apply("+", whole, value)
        whole = terms.apply("+", whole, pattern[at:])
        self._write(target, whole if size is None else terms.apply("prefix", whole, max(size - 1, 0)), node)
        return terms.apply("len", whole)

    def _write(self, target: Any, text: Any, node: Node) -> None:
        target = target.target if isinstance(target, Pointer) else target
        if not isinstance(target, Ref):
            raise NotUnderstood(node, f"printing into {described(target)}")
        target.set(text)

    def _std_strcpy(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        """`strcpy`, and `strncpy` of so many characters (which end in a zero here, as one that has room for it)."""
        terms = frame.machine.world.terms
        text, *count = (frame.machine.scalar(one) for one in arguments[1:])
        if not isinstance(text, str) and not is_text(text):
            raise NotUnderstood(node, f"a copy of {described(text)}")
        self._write(arguments[0], terms.apply("prefix", text, count[0]) if count else text, node)
        return arguments[0]

    def _std_strcat(self, node: Node, function: Node, arguments: list[Any], frame: Frame) -> Any:
        machine = frame.machine
        before, text, *count = (machine.scalar(held(one)) for one in arguments)
        if not all(isinstance(one, str) or is_text(one) for one in (before, text)):
            raise NotUnderstood(node, f"{described(text)} behind {described(before)}")
        text = machine.world.terms.apply("prefix", text, count[0]) if count else text
        self._write(arguments[0], machine.world.terms.apply("+", before, text), node)
        return arguments[0]

    _std_strncpy, _std_strncat = _std_strcpy, _std_strcat
