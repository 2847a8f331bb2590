"""The protocol beyond LSP: one form for decoding, encoding, the page and the client's types; wrong params are said."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from lsprotocol import types
from pygls.protocol.json_rpc import JsonRPCNotification, JsonRPCRequestMessage, JsonRPCResponseMessage

from wgsl_ls.server import messages, protocol_page
from wgsl_ls.server.app import make_server
from wgsl_ls.server.codec import InvalidParams, decode, encode, encode_steps, plain, wire_name
from wgsl_ls.server.messages import InactiveRegions, Request
from wgsl_ls.server.protocol import WgslProtocol
from wgsl_ls.text.steps import finished
from wgsl_ls.wire.verdicts import State, Verdict

DOCUMENT = {"textDocument": {"uri": "file:///a.wgsl"}}
PLACE = {**DOCUMENT, "position": {"line": 1, "character": 2}}


@dataclass(frozen=True, slots=True)
class Everything:
    text_document: types.TextDocumentIdentifier
    pass_: int
    ratio: float
    flag: bool
    word: Literal["a", "b"]
    state: State
    labels: dict[str, str]
    places: tuple[types.Position, ...]
    anything: Any
    maybe: str | None = None


EVERYTHING = {
    "textDocument": {"uri": "file:///a"},
    "pass": 1,
    "ratio": 2.5,
    "flag": True,
    "word": "b",
    "state": "unjudged",
    "labels": {"x": "y"},
    "places": [{"line": 1, "character": 2}],
    "anything": {"deep": [None, {}]},
}


def test_what_is_decoded_encodes_to_the_same() -> None:
    found = decode(Everything, EVERYTHING)
    assert found.state is State.NOT_JUDGED and found.places == (types.Position(1, 2),) and found.maybe is None
    assert encode(found) == EVERYTHING
    assert encode(decode(Everything, {**EVERYTHING, "maybe": "x", "unknown": 3})) == {**EVERYTHING, "maybe": "x"}
    assert decode(Everything, {**EVERYTHING, "maybe": None}).maybe is None
    assert decode(Everything, {**EVERYTHING, "ratio": 2}).ratio == 2.0, "a whole number is one"


@pytest.mark.parametrize("command", [one for one in vars(messages).values() if isinstance(one, messages.Command)])
def test_a_command_takes_its_one_argument(command: messages.Command) -> None:
    """None where none is given and none is needed; what else is given is not looked at."""
    argument = WgslProtocol._argument
    if command.argument is None:
        assert argument(command, None) == argument(command, [3]) == []
        return
    with pytest.raises(InvalidParams, match=r"arguments\[0\]"):
        argument(command, ["x"])
    if command.needs_argument:
        for given in (None, [], [None], {}):
            with pytest.raises(InvalidParams, match=r"arguments\[0\]"):
                argument(command, given)
    else:
        assert argument(command, None) == argument(command, []) == argument(command, [None]) == []
        assert argument(command, [{}, 3]) == [decode(command.argument, {})]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pass": "1"}, "params.pass: expected a whole number, found a string"),
        ({"pass": True}, "params.pass: expected a whole number, found true or false"),
        ({"pass": 1.5}, "params.pass: expected a whole number, found a number"),
        ({"ratio": None}, "params.ratio: expected a number, found nothing"),
        ({"flag": 1}, "params.flag: expected true or false, found a number"),
        ({"word": "c"}, "params.word: expected one of a, b, found a string"),
        ({"word": ["a"]}, "params.word: expected one of a, b, found a list"),
        ({"state": "good"}, "params.state: expected one of pass, fail, pending, unjudged"),
        ({"labels": {"x": 1}}, "params.labels.x: expected a string, found a number"),
        ({"labels": []}, "params.labels: expected an object, found a list"),
        ({"places": [{"line": -1, "character": "x"}]}, "params.places[0]: expected LSP's Position"),
        ({"places": {}}, "params.places: expected a list"),
        ({"textDocument": "a"}, "params.textDocument: expected LSP's TextDocumentIdentifier, found a string"),
        ({"maybe": 3}, "params.maybe: expected a string, found a number"),
    ],
)
def test_what_differs_is_said(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        decode(Everything, {**EVERYTHING, **change})
    assert words in str(refused.value)


@pytest.mark.parametrize("raw", [None, [], 3, "x"])
def test_no_object_at_all(raw: Any) -> None:
    with pytest.raises(InvalidParams, match="expected an object with textDocument"):
        decode(messages.DocumentParams, raw)
    with pytest.raises(InvalidParams, match=r"params\.textDocument is missing"):
        decode(messages.DocumentParams, {})


def test_names_on_the_wire() -> None:
    assert [wire_name(name) for name in ("uri", "text_document", "pass_")] == ["uri", "textDocument", "pass"]


def test_the_page_and_the_types_of_the_client_are_what_the_classes_say() -> None:
    how = "write them anew: python -m wgsl_ls.server.protocol_page"
    text = protocol_page.PAGE.read_text(encoding="utf-8")
    assert protocol_page.page(text) == text, how
    assert protocol_page.typescript() == protocol_page.TYPESCRIPT.read_text(encoding="utf-8"), how
    assert all(f"`{name}`" in text for name in make_server().served)


def test_they_are_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, types = tmp_path / "p.md", tmp_path / "t.ts"
    page.write_text(protocol_page.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    for name, path in (("PAGE", page), ("TYPESCRIPT", types)):
        monkeypatch.setattr(protocol_page, name, path)
    protocol_page.main()
    assert types.read_text(encoding="utf-8") == protocol_page.typescript()
    assert protocol_page.page(page.read_text(encoding="utf-8")) == page.read_text(encoding="utf-8")


def test_every_spec_is_served_and_every_notification_listed() -> None:
    served = make_server().served
    specs = [value for value in vars(messages).values() if isinstance(value, Request | messages.Command)]
    assert {spec.method: spec for spec in specs}.items() <= served.items()
    told = [value for value in vars(messages).values() if isinstance(value, messages.Notification)]
    assert set(told) == set(messages.NOTIFICATIONS)


def test_no_message_is_written_by_hand() -> None:
    """Method names stand in specs alone: in messages.py, or beside the only handler that needs them."""
    room = Path(messages.__file__).parent
    for path in room.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name != "messages.py":
            code = re.sub(r'""".*?"""', "", text, flags=re.DOTALL)
            assert not re.findall(r'(?<!Request\()"wgsl/[a-z]+[A-Z]\w*"', code), path
            assert "protocol.notify" not in code or path.name == "app.py", path


def test_clients_compute_no_state() -> None:
    """Which words of engines make a variant fail is the server's business."""
    editors = Path(__file__).parents[2] / "editors"
    files = [*(editors / "vscode" / "src").rglob("*.ts"), *(editors / "neovim" / "lua").rglob("*.lua")]
    assert len(files) > 20
    for path in files:
        text = path.read_text(encoding="utf-8")
        if path.name == "protocol.ts":
            continue
        for word in (Verdict.REJECTED, Verdict.CRASHED, Verdict.PREPROCESS_FAILED):
            uses = [line for line in text.splitlines() if re.search(rf"(?<![\w-]){word}(?![\w-])", line)]
            assert len(uses) <= 1, f"{path} knows more of '{word}' than how it looks: {uses}"


def test_changes_of_what_is_not_open_are_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    """A client that shows an expansion tells of each change of a text that is ours: nothing to warn of."""
    protocol = make_server().protocol
    for uri in ("wgsl-expanded:/a.wgsl?variant=A", "file:///closed.wgsl"):
        document = types.VersionedTextDocumentIdentifier(1, uri)
        params = types.DidChangeTextDocumentParams(document, [types.TextDocumentContentChangeWholeDocument("")])
        protocol.handle_message(types.DidChangeTextDocumentNotification(params))
    assert caplog.messages == ["a change of a document that is not open: file:///closed.wgsl"]


def test_our_own_messages_are_sent_as_they_are() -> None:
    protocol = make_server().protocol
    entry = {"name": "V", "defines": ["A=1"], "at": None}
    as_it_is = protocol._serialize_message(JsonRPCResponseMessage(3, "2.0", plain({"variants": [entry]})))
    assert as_it_is["result"]["variants"][0] is entry, "not walked again"
    walked = protocol._serialize_message(JsonRPCResponseMessage(3, "2.0", {"variants": [entry]}))
    assert json.dumps(as_it_is) == json.dumps(walked)
    told = protocol._serialize_message(JsonRPCNotification("wgsl/told", "2.0", plain({"a": 1})))
    assert told == {"method": "wgsl/told", "jsonrpc": "2.0", "params": {"a": 1}}


@pytest.mark.parametrize("n_entries", [3, 1000])
def test_a_long_message_is_encoded_in_steps_as_at_once(n_entries: int) -> None:
    spots = tuple(types.Position(number, 0) for number in range(n_entries))
    message = InactiveRegions(
        types.OptionalVersionedTextDocumentIdentifier("file:///a", 1), tuple(types.Range(one, one) for one in spots)
    )
    steps = list(encode_steps(message))
    assert finished(encode_steps(message)) == encode(message)
    assert (len(steps) > 1) == (n_entries > 100)


def test_what_is_no_message_is_said_and_an_empty_one_is_not(caplog: pytest.LogCaptureFixture) -> None:
    protocol = make_server().protocol
    protocol.handle_message(None)
    assert caplog.messages == []
    protocol.handle_message({"hello": 1})
    (said,) = caplog.messages
    assert said.startswith("a message that is no JSON-RPC: {'hello': 1}")


def test_before_the_beginning_requests_are_refused_and_nothing_else_is_answered(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    protocol = make_server().protocol
    answers: list[Any] = []
    monkeypatch.setattr(protocol, "_send_response", lambda *answer: answers.append(answer[0]))
    protocol.handle_message(JsonRPCNotification("textDocument/didSave", "2.0", None))
    protocol.handle_message(JsonRPCResponseMessage(3, "2.0", None))
    assert (answers, caplog.messages) == ([], [])
    protocol.handle_message(JsonRPCRequestMessage(4, "wgsl/roots", "2.0", None))
    assert answers == [4]
    assert protocol.structure_message({"jsonrpc": "2.0", "id": 5, "method": "wgsl/explain", "params": {}}) is None
    assert answers == [4, 5] and caplog.messages == ["a message that cannot be read: wgsl/explain"]
