"""Frames between parent and worker, and the strict codec between dataclasses and JSON.

A frame is a magic word, the length of its payload, and the payload: one JSON object
`{"v": PROTOCOL, "type": <class name>, "body": {...}}`. The magic word lets the reader step over bytes that
something else wrote into the pipe before the worker could move its standard output away.

Strict: a missing or unknown field, a wrong type, another version or an unknown class raise FrameError. Only
classes registered here travel; `register` adds one (its fields: str, int, float, bool, bytes, None, Literal,
dataclasses, unions of them, and tuples of any of these).
"""

from __future__ import annotations

import base64
import dataclasses
import json
import struct
import sys
import types
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, BinaryIO, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from wgsl_ls.wire import jobs

PROTOCOL = 2
MAGIC = b"\x01wgslls\x02"
MAX_PAYLOAD = 1 << 30

_LONGEST_WORDS = 400
"""Characters; what is longer is a text."""
_LENGTH = struct.Struct(">I")
_HEADER_SIZE = len(MAGIC) + _LENGTH.size

T = TypeVar("T")


class FrameError(ValueError):
    """What came through the pipe is not a message of this protocol version."""


_classes: dict[str, type] = {}


def register(message_class: type[T]) -> type[T]:
    """Let a dataclass travel. Usable as a decorator."""
    _classes[message_class.__name__] = message_class
    return message_class


for _class in (
    jobs.CompileJob,
    jobs.Accepted,
    jobs.Rejected,
    jobs.Unsupported,
    jobs.Crashed,
    jobs.TimedOut,
    jobs.DeviceLost,
    jobs.Unavailable,
    jobs.EngineInfo,
):
    register(_class)


def encode_frame(message: object) -> bytes:
    """Magic, length and payload of one message."""
    payload = encode_message(message)
    if len(payload) > MAX_PAYLOAD:
        raise FrameError(f"a message of {len(payload)} bytes is over the limit of {MAX_PAYLOAD}")
    return MAGIC + _LENGTH.pack(len(payload)) + payload


def encode_message(message: object) -> bytes:
    """The JSON payload of one message. ASCII only, so that lone surrogates of a broken text travel too."""
    name = type(message).__name__
    if _classes.get(name) is not type(message):
        raise FrameError(f"{name} is not a registered message class")
    document = {"v": PROTOCOL, "type": name, "body": _plain(message)}
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def decode_message(payload: bytes) -> object:
    """The message in a payload; raises FrameError."""
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"not JSON: {error}") from error
    if not isinstance(document, dict) or set(document) != {"v", "type", "body"}:
        raise FrameError("not a message: expected the keys v, type and body")
    if document["v"] != PROTOCOL:
        raise FrameError(f"protocol version {document['v']!r}, expected {PROTOCOL}")
    message_class = _classes.get(document["type"]) if isinstance(document["type"], str) else None
    if message_class is None:
        raise FrameError(f"unknown message class {document['type']!r}")
    return _decoder(message_class)(document["body"], document["type"])


class FrameReader:
    """Cuts a stream of bytes into payloads; bytes that belong to no frame are counted and dropped."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.n_garbage_bytes = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The payloads that `data` completes."""
        buffer = self._buffer
        buffer += data
        while True:
            start = buffer.find(MAGIC)
            if start < 0:
                # The tail may be the beginning of a magic word.
                self._drop(max(0, len(buffer) - len(MAGIC) + 1))
                return
            self._drop(start)
            if len(buffer) < _HEADER_SIZE:
                return
            (length,) = _LENGTH.unpack_from(buffer, len(MAGIC))
            if length > MAX_PAYLOAD:
                self._drop(len(MAGIC))
                continue
            end = _HEADER_SIZE + length
            if len(buffer) < end:
                return
            payload = bytes(buffer[_HEADER_SIZE:end])
            del buffer[:end]
            yield payload

    def _drop(self, n_bytes: int) -> None:
        self.n_garbage_bytes += n_bytes
        del self._buffer[:n_bytes]


def read_frame(stream: BinaryIO) -> bytes | None:
    """Blocking: the next payload, or None at the end of the stream. For the worker's side, whose input holds
    nothing but frames."""
    header = _read_exactly(stream, _HEADER_SIZE)
    if header is None:
        return None
    if not header.startswith(MAGIC):
        raise FrameError("the stream does not continue with a frame")
    (length,) = _LENGTH.unpack_from(header, len(MAGIC))
    if length > MAX_PAYLOAD:
        raise FrameError(f"a frame of {length} bytes is over the limit of {MAX_PAYLOAD}")
    return _read_exactly(stream, length)


def _read_exactly(stream: BinaryIO, n_bytes: int) -> bytes | None:
    parts: list[bytes] = []
    while n_bytes:
        part = stream.read(n_bytes)
        if not part:
            return None
        parts.append(part)
        n_bytes -= len(part)
    return b"".join(parts)


# ---- the codec ----


def to_plain(message: object) -> Any:
    """A registered dataclass as JSON data with its class name; for stores. Inverse: `from_plain`."""
    return {"type": type(message).__name__, "body": _plain(message)}


def from_plain(document: Any) -> object:
    """Inverse of `to_plain`; raises FrameError."""
    if not isinstance(document, dict) or set(document) != {"type", "body"}:
        raise FrameError("not a stored message")
    message_class = _classes.get(document["type"])
    if message_class is None:
        raise FrameError(f"unknown message class {document['type']!r}")
    return _decoder(message_class)(document["body"], document["type"])


def _plain(value: object) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in _field_names(type(value))}
    raise FrameError(f"a {type(value).__name__} cannot travel")


@cache
def _field_names(message_class: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(message_class))


Decoder = Callable[[Any, str], Any]


@cache
def _decoder(hint: Any) -> Decoder:
    if hint is str:
        return _decode_string
    if hint in (bool, int):
        return _scalar_decoder(hint)
    if hint is float:
        return _decode_float
    if hint is bytes:
        return _decode_bytes
    if hint is type(None):
        return _decode_none
    if dataclasses.is_dataclass(hint):
        return _dataclass_decoder(hint)  # type: ignore[arg-type]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return _literal_decoder(arguments)
    if origin is tuple:
        return _tuple_decoder(arguments)
    if origin in (Union, types.UnionType):
        return _union_decoder(arguments)
    raise FrameError(f"no codec for {hint!r}")


def _scalar_decoder(kind: type) -> Decoder:
    def decode(value: Any, where: str) -> Any:
        if type(value) is not kind:
            raise FrameError(f"{where}: expected {kind.__name__}, got {type(value).__name__}")
        return value

    return decode


def _decode_string(value: Any, where: str) -> Any:
    """Words are one object in all messages: thousands of results with the same ones are kept."""
    if type(value) is not str:
        raise FrameError(f"{where}: expected str, got {type(value).__name__}")
    return sys.intern(value) if len(value) <= _LONGEST_WORDS else value


def _decode_float(value: Any, where: str) -> float:
    if type(value) not in (int, float):
        raise FrameError(f"{where}: expected a number, got {type(value).__name__}")
    return float(value)


def _decode_bytes(value: Any, where: str) -> bytes:
    if type(value) is not str:
        raise FrameError(f"{where}: expected base64 text")
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as error:
        raise FrameError(f"{where}: {error}") from error


def _decode_none(value: Any, where: str) -> None:
    if value is not None:
        raise FrameError(f"{where}: expected null")


def _dataclass_decoder(message_class: type) -> Decoder:
    hints = get_type_hints(message_class)
    decoders = {name: _decoder(hints[name]) for name in _field_names(message_class)}
    names = set(decoders)

    def decode(value: Any, where: str) -> Any:
        if not isinstance(value, dict) or set(value) != names:
            raise FrameError(f"{where}: not the fields of {message_class.__name__}")
        return message_class(**{name: decoders[name](value[name], f"{where}.{name}") for name in decoders})

    return decode


def _literal_decoder(choices: tuple[Any, ...]) -> Decoder:
    def decode(value: Any, where: str) -> Any:
        for choice in choices:
            if choice == value:
                return choice
        raise FrameError(f"{where}: {value!r} is none of {choices}")

    return decode


def _tuple_decoder(arguments: tuple[Any, ...]) -> Decoder:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item_decoder = _decoder(arguments[0])

        def decode_many(value: Any, where: str) -> Any:
            if not isinstance(value, list):
                raise FrameError(f"{where}: expected a list")
            return tuple([item_decoder(item, where) for item in value])

        return decode_many
    decoders = tuple(_decoder(argument) for argument in arguments)

    def decode_fixed(value: Any, where: str) -> Any:
        if not isinstance(value, list) or len(value) != len(decoders):
            raise FrameError(f"{where}: expected a list of {len(decoders)}")
        return tuple([decoder(item, where) for decoder, item in zip(decoders, value, strict=True)])

    return decode_fixed


def _union_decoder(arguments: tuple[Any, ...]) -> Decoder:
    decoders = tuple(_decoder(argument) for argument in arguments)

    def decode(value: Any, where: str) -> Any:
        for decoder in decoders:
            try:
                return decoder(value, where)
            except FrameError:
                continue
        raise FrameError(f"{where}: {type(value).__name__} fits none of the types")

    return decode
