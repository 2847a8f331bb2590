"""Literals of C++, and what is known of types without a value: sizes, `is_same_v`."""

from __future__ import annotations

import re
from typing import Any, Final

from wgsl_ls.host.cpp_types import base_name
from wgsl_ls.host.evaluator import Evaluator, Value
from wgsl_ls.host.fractions import Single
from wgsl_ls.host.integers import integer
from wgsl_ls.host.machine import Frame, NotUnderstood
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.values import ListValue, held

_SIZES: Final = {
    "char": 1, "bool": 1, "int8_t": 1, "uint8_t": 1, "int16_t": 2, "uint16_t": 2, "short": 2, "int": 4, "int32_t": 4,
    "uint32_t": 4, "unsigned": 4, "float": 4, "int64_t": 8, "uint64_t": 8, "size_t": 8, "double": 8, "long": 8,
}  # fmt: skip  # a table
_ESCAPED: Final = re.compile(r"\\(x[0-9A-Fa-f]+|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "0": "\0", "r": "\r", '"': '"', "'": "'", "\\": "\\"}


class Literals(Evaluator):
    def _e_number_literal(self, node: Node) -> Value:
        text = node.text
        whole = integer(text)
        if whole is not None:
            return lambda frame: whole
        try:
            number = float(text.rstrip("fFlL").replace("'", ""))
            number = Single(number) if text[-1] in "fF" else number
        except ValueError:
            return self.not_understood(node, f"number {text}")
        return lambda frame: number

    def _e_true(self, node: Node) -> Value:
        return lambda frame: True

    def _e_false(self, node: Node) -> Value:
        return lambda frame: False

    def _e_null(self, node: Node) -> Value:
        return lambda frame: None

    _e_nullptr = _e_null

    def _e_string_literal(self, node: Node) -> Value:
        text = _string(node)
        return lambda frame: text

    _e_raw_string_literal = _e_string_literal

    def _e_char_literal(self, node: Node) -> Value:
        text = node.text.strip("'")
        text = _ESCAPED.sub(_escaped, text)
        return lambda frame: text

    def _e_concatenated_string(self, node: Node) -> Value:
        parts = [self.expression(child) for child in node.children]

        def joined(frame: Frame) -> Any:
            whole: Any = ""
            for part in parts:
                whole = frame.machine.world.terms.apply("+", whole, frame.machine.scalar(part(frame)))
            return whole

        return joined

    def _e_user_defined_literal(self, node: Node) -> Value:
        suffix = node.children[-1] if node.children else None
        if suffix is None or suffix.text not in ("s", "sv"):
            return self.not_understood(node, "this literal")
        return self.expression(node.children[0])

    def _e_template_function(self, node: Node) -> Value:
        return self._asked_of_types(node)

    def _asked_of_types(self, node: Node) -> Value:
        """`is_same_v<A, B>`."""
        name, listed = node.field("name"), node.field("arguments")
        children = listed.children if listed is not None else ()
        if name is None or name.text != "is_same_v" or len(children) != 2:
            return self.not_understood(node, "this template")
        types = [self.template_value(one) for one in children]

        def asked(frame: Frame) -> bool:
            first, second = (one(frame) for one in types)
            unknown = frame.function.template if frame.function is not None else ()
            if first.name in unknown or second.name in unknown:
                raise NotUnderstood(node, "a type that is not written")
            return bool(first.name == second.name and first.is_pointer == second.is_pointer)

        return asked

    def _e_sizeof_expression(self, node: Node) -> Value:
        value, described_type = node.field("value"), node.field("type")
        if value is not None:
            inner = value
            while inner.kind == "parenthesized_expression" and inner.children:
                inner = inner.children[0]
            if inner.kind == "string_literal":
                size = len(_string(inner).encode("utf-8", "surrogatepass")) + 1
                return lambda frame: size
            name = inner.text
        else:
            name = base_name(described_type) if described_type is not None else ""
        found = _SIZES.get(name)
        if found is not None:
            return lambda frame: found

        def size_of(frame: Frame) -> Any:
            holder = frame.holder(name)
            array = held(holder[name]) if holder is not None else None
            element = array.element if isinstance(array, ListValue) and not array.guards else None
            if isinstance(array, ListValue) and element is not None and element.name in _SIZES:
                return len(array.items) * (8 if element.is_pointer else _SIZES[element.name])
            return frame.machine.number(f"sizeof({name})")

        return size_of


def _string(node: Node) -> str:
    if node.kind == "raw_string_literal":
        content = node.child("raw_string_content")
        return content.text if content is not None else ""
    text = node.text
    start = text.find('"')
    text = text[start + 1 : -1]
    if "\\" not in text:
        return text
    return _ESCAPED.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] in "xuU":
        return chr(min(int(code[1:], 16), 0x10FFFF))
    return chr(int(code, 8)) if code[0] in "01234567" else _ESCAPES.get(code, code)
