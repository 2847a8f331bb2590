"""Between message classes and JSON: decoding with validation, encoding, and the names of fields on the wire.

A message class is a frozen dataclass. Its fields are strings, numbers, truth values, Literals, StrEnums, lists (as
tuples), objects (as dicts by string), other message classes, LSP's own types, and `Any` for JSON that nobody here
reads. `text_document` is `textDocument` on the wire. A field with the default None may be missing, and None is left
out when it is sent.
"""

from __future__ import annotations

import dataclasses
import types as python_types
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcInvalidParams

from wgsl_ls.text.steps import Steps, gathered

T = TypeVar("T")
Decoder = Callable[[Any, str], Any]

_converter = cache(get_converter)
"""Made when it is first needed."""


class InvalidParams(JsonRpcInvalidParams):
    """What a client sent is no message of the method; the sentence says where it differs."""


def wire_name(field: str) -> str:
    """`text_document` as `textDocument`; a trailing underscore, for Python's reserved words, goes."""
    first, *rest = field.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


def decode(message: type[T], raw: Any, where: str = "params") -> T:
    """The message in JSON data. Unknown keys are left alone, as LSP asks. Raises InvalidParams."""
    kind: Any = message
    decoded: T = _decoder(kind)(raw, where)
    return decoded


@cache
def _fields_of(message: type) -> tuple[tuple[str, str, bool], ...]:
    """(field, name on the wire, left out where it is None)."""
    return tuple((field.name, wire_name(field.name), is_optional(field)) for field in dataclasses.fields(message))


def _given(message: object) -> Iterator[tuple[str, Any]]:
    """(name on the wire, value) of the fields of a message that are sent."""
    kind: type = type(message)
    for name, on_the_wire, optional in _fields_of(kind):
        item = getattr(message, name)
        if item is not None or not optional:
            yield on_the_wire, item


_AT_ONCE = 64


class Encoded(dict[str, Any]):
    """A whole message as plain data, in which nothing is left to be converted."""


def plain(encoded: Any) -> Any:
    """What `encode` made of a message, to be sent as it is."""
    return Encoded(encoded) if isinstance(encoded, dict) else encoded


def encode_steps(value: Any) -> Steps[Any]:
    """See encode; long lists in steps."""
    if isinstance(value, tuple | list) and len(value) > _AT_ONCE:
        return (yield from gathered(map(encode, value), _AT_ONCE))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        found = {}
        for on_the_wire, item in _given(value):
            found[on_the_wire] = yield from encode_steps(item)
        return found
    return encode(value)


def encode(value: Any) -> Any:
    """JSON data of a message, or of whatever its fields may hold."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {on_the_wire: encode(item) for on_the_wire, item in _given(value)}
    return _converter().unstructure(value)


def is_optional(field: dataclasses.Field[Any]) -> bool:
    return field.default is None


@cache
def _decoder(hint: Any) -> Decoder:
    if hint is Any:
        return lambda raw, where: raw
    if hint is bool:
        return _plain(bool, "true or false")
    if hint is int:
        return _plain(int, "a whole number")
    if hint is str:
        return _plain(str, "a string")
    if hint is float:
        return _number
    if dataclasses.is_dataclass(hint):
        return _message(hint)  # type: ignore[arg-type]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return _one_of(arguments)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _one_of(tuple(hint))
    if origin is tuple and arguments[1:] == (Ellipsis,):
        return _list(_decoder(arguments[0]))
    if origin is dict:
        return _object(_decoder(arguments[1]))
    if origin in (Union, python_types.UnionType):
        inner = [argument for argument in arguments if argument is not type(None)]
        if len(inner) == 1:
            decoder = _decoder(inner[0])
            return lambda raw, where: None if raw is None else decoder(raw, where)
    if getattr(hint, "__module__", "").startswith("lsprotocol"):
        return _of_lsp(hint)
    raise TypeError(f"no message can have a field of type {hint!r}")


def _plain(kind: type, expected: str) -> Decoder:
    def read(raw: Any, where: str) -> Any:
        if type(raw) is not kind:
            raise _differs(where, expected, raw)
        return raw

    return read


def _number(raw: Any, where: str) -> float:
    if type(raw) not in (int, float):
        raise _differs(where, "a number", raw)
    return float(raw)


def _one_of(choices: tuple[Any, ...]) -> Decoder:
    def read(raw: Any, where: str) -> Any:
        for choice in choices:
            if type(raw) is str and choice == raw:
                return choice
        raise _differs(where, f"one of {', '.join(choices)}", raw)

    return read


def _list(item: Decoder) -> Decoder:
    def read(raw: Any, where: str) -> Any:
        if not isinstance(raw, list):
            raise _differs(where, "a list", raw)
        return tuple(item(one, f"{where}[{index}]") for index, one in enumerate(raw))

    return read


def _object(item: Decoder) -> Decoder:
    def read(raw: Any, where: str) -> Any:
        if not isinstance(raw, dict):
            raise _differs(where, "an object", raw)
        return {str(key): item(one, f"{where}.{key}") for key, one in raw.items()}

    return read


def _message(message: type) -> Decoder:
    hints = get_type_hints(message)
    fields = [
        (field.name, wire_name(field.name), _decoder(hints[field.name]), is_optional(field))
        for field in dataclasses.fields(message)
    ]

    def read(raw: Any, where: str) -> Any:
        if not isinstance(raw, dict):
            raise _differs(where, f"an object with {', '.join(name for _, name, _, _ in fields)}", raw)
        found = {}
        for field, name, decoder, optional in fields:
            if name in raw and not (optional and raw[name] is None):
                found[field] = decoder(raw[name], f"{where}.{name}")
            elif not optional:
                raise InvalidParams(f"{where}.{name} is missing")
        return message(**found)

    return read


def _of_lsp(kind: type) -> Decoder:
    def read(raw: Any, where: str) -> Any:
        try:
            return _converter().structure(raw, kind)
        except Exception as problem:
            raise _differs(where, f"LSP's {kind.__name__}", raw) from problem

    return read


def _differs(where: str, expected: str, raw: Any) -> InvalidParams:
    words = {dict: "an object", list: "a list", type(None): "nothing", bool: "true or false", str: "a string"}
    found = words.get(type(raw), "a number")
    return InvalidParams(f"{where}: expected {expected}, found {found}")
