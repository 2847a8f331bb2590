from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.wire.frames import (
    MAGIC,
    PROTOCOL,
    FrameError,
    FrameReader,
    decode_message,
    encode_frame,
    encode_message,
    from_plain,
    read_frame,
    to_plain,
)
from wgsl_ls.wire.jobs import (
    Accepted,
    CompileJob,
    Crashed,
    EngineInfo,
    EngineMessage,
    MessageSpan,
    Rejected,
    TimedOut,
    Unavailable,
    Unsupported,
)

MESSAGE = EngineMessage(
    "error", "no 😀", (MessageSpan(3, 7, "here"), MessageSpan(9, 9)), ("a note",), "pipeline:main", "type"
)
MESSAGES = [
    CompileJob("wgpu", "fn f() {} // é😀", (("N", 4.0), ("X", -1.5)), False),
    Accepted((MESSAGE,), ("rewritten",), 0.25),
    Rejected((MESSAGE, MESSAGE), (), 0.5),
    Unsupported("f16", "why"),
    Crashed("SIGSEGV", "last words"),
    TimedOut(2.0),
    Unavailable("no driver", "apt-get install it"),
    EngineInfo("wgpu", "1", PROTOCOL, "llvmpipe", "Vulkan", ("f16",), (("max", 3),), (("a", "b"),)),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_every_message_survives_the_pipe_and_the_store(message: object) -> None:
    assert decode_message(encode_message(message)) == message
    assert from_plain(json.loads(json.dumps(to_plain(message)))) == message


@given(st.text(st.characters()))
def test_every_text_travels_even_with_lone_surrogates(text: str) -> None:
    job = CompileJob("dawn", text)
    assert decode_message(encode_message(job)) == job


def test_words_are_one_object_in_all_messages() -> None:
    """Results are kept by the thousand, and say the same."""
    sent = Accepted(tuple(EngineMessage("warning", f"old {n}", notes=("a note",), kind="deprecated") for n in range(2)))
    messages = [one for _ in range(2) for one in decode_message(encode_message(sent)).messages]  # type: ignore[attr-defined]
    for field in ("severity", "text", "stage", "kind", "subject"):
        assert len({id(getattr(one, field)) for one in messages}) == len({getattr(one, field) for one in messages})
    assert len({id(one.notes[0]) for one in messages}) == 1


def test_an_integer_is_a_number_for_a_float_field_and_stays_equal() -> None:
    assert decode_message(encode_message(TimedOut(2))) == TimedOut(2.0)


def _altered(**changes: object) -> bytes:
    document = json.loads(encode_message(Unsupported("f16")))
    document["body"].update(changes)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"not json",
        b"[]",
        b'{"v": %d, "type": "Unsupported"}' % PROTOCOL,
        b'{"v": %d, "type": "os.system", "body": {}}' % PROTOCOL,
        b'{"v": %d, "type": ["Unsupported"], "body": {}}' % PROTOCOL,
        encode_message(Unsupported("f16")).replace(b'"v":%d' % PROTOCOL, b'"v":99'),
        _altered(unknown=1),
        _altered(extension=3),
        _altered(extension=None),
        encode_message(Unsupported("f16")).replace(b',"detail":""', b""),
        encode_message(Accepted((MESSAGE,))).replace(b'"severity":"error"', b'"severity":"fatal"'),
        encode_message(CompileJob("a", "b")).replace(b'"pipelines":true', b'"pipelines":1'),
        encode_message(CompileJob("a", "b", (("N", 1.0),))).replace(b'[["N",1.0]]', b'[["N"]]'),
    ],
)
def test_what_is_not_exactly_a_message_is_refused(payload: bytes) -> None:
    with pytest.raises(FrameError):
        decode_message(payload)


def test_only_registered_classes_travel() -> None:
    with pytest.raises(FrameError):
        encode_message(MESSAGE)
    with pytest.raises(FrameError):
        encode_message(object())


def test_frames_are_found_between_garbage_in_any_pieces() -> None:
    stream = b"driver 1.2\n" + encode_frame(MESSAGES[0]) + MAGIC[:4] + encode_frame(MESSAGES[1]) + b"bye"
    for size in (1, 2, 7, len(stream)):
        reader = FrameReader()
        payloads = [
            payload for start in range(0, len(stream), size) for payload in reader.feed(stream[start : start + size])
        ]
        assert [decode_message(payload) for payload in payloads] == MESSAGES[:2]
        assert reader.n_garbage_bytes >= len(b"driver 1.2\n") + 4


@given(st.binary(max_size=200))
def test_garbage_before_a_frame_never_hides_it(garbage: bytes) -> None:
    if MAGIC in garbage:
        return
    reader = FrameReader()
    assert [*reader.feed(garbage), *reader.feed(encode_frame(MESSAGES[4]))] == [encode_message(MESSAGES[4])]


def test_a_length_that_cannot_be_is_stepped_over() -> None:
    reader = FrameReader()
    payloads = list(reader.feed(MAGIC + b"\xff\xff\xff\xff" + encode_frame(MESSAGES[3])))
    assert [decode_message(payload) for payload in payloads] == [MESSAGES[3]]


def test_the_workers_side_reads_frame_after_frame_and_then_none() -> None:
    stream = io.BytesIO(encode_frame(MESSAGES[0]) + encode_frame(MESSAGES[2]))
    assert read_frame(stream) == encode_message(MESSAGES[0])
    assert read_frame(stream) == encode_message(MESSAGES[2])
    assert read_frame(stream) is None
    with pytest.raises(FrameError):
        read_frame(io.BytesIO(b"x" * 40))
