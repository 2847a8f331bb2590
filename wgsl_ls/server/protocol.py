"""What pygls leaves open of the base protocol: every request gets an answer, also one that cannot be read, that comes
before `initialize` or after `shutdown`. Notifications that come then are dropped. Params of our own methods are decoded
here into their message classes.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from typing import Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidRequest
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import JsonRPCRequestMessage

from wgsl_ls.server.codec import Encoded, InvalidParams, decode
from wgsl_ls.server.messages import Command, Request
from wgsl_ls.server.uris import parse_expanded_uri

logger = logging.getLogger("wgsl_ls")


class NotInitialized(JsonRpcException):
    CODE = -32002
    MESSAGE = "initialize comes first"


class WgslProtocol(LanguageServerProtocol):
    _server: Any  # a WgslServer, whose file imports this one

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """As pygls does it, but whom diagnostics are pushed to is not told that it may ask for them: it would show each
        of them twice (Helix 25.07 does)."""
        result = yield from super().lsp_initialize(params)
        if not self._server.session.pull:
            result.capabilities.diagnostic_provider = None
        return result

    def structure_message(self, data: dict[str, Any]) -> Any:
        """As pygls does it, with params of our own methods decoded; None for what cannot be read, which has then been
        answered if it was a request: what does not fit its method's form are invalid params."""
        if "jsonrpc" in data and not isinstance(data.get("id", 0), int | str):
            logger.warning("a message that cannot be answered: its id is no number and no text")
            return None
        try:
            return self._structured(data)
        except JsonRpcException as error:
            logger.warning("a message that cannot be read: %s", data.get("method"))
            if "method" in data and "id" in data:
                if isinstance(error, JsonRpcInternalError):
                    error = InvalidParams(f"these are no params of {data['method']}")
                self._send_response(data["id"], None, error.to_response_error())
            return None

    def _serialize_message(self, data: Any) -> Any:
        """As pygls does it, but our own messages are plain data already: thousands of variants are not walked again."""
        if any(isinstance(getattr(data, name, None), Encoded) for name in ("result", "params")):
            return {field.name: getattr(data, field.name) for field in attrs.fields(type(data))}
        return super()._serialize_message(data)

    def _structured(self, data: dict[str, Any]) -> Any:
        if "method" not in data or "id" not in data or "jsonrpc" not in data:
            return super().structure_message(data)
        data.setdefault("params", None)  # JSON-RPC lets them be left out
        served = self._server.served.get(data["method"]) if isinstance(data["method"], str) else None
        if isinstance(served, Request):
            params = decode(served.params, data["params"]) if served.params is not None else None
            return JsonRPCRequestMessage(data["id"], data["method"], data["jsonrpc"], params)
        message = super().structure_message(data)
        if data["method"] == types.WORKSPACE_EXECUTE_COMMAND:
            command = self._server.served.get(message.params.command)
            if isinstance(command, Command):
                message.params.arguments = self._argument(command, data["params"].get("arguments"))
        return message

    @staticmethod
    def _argument(command: Command, arguments: Any) -> list[Any]:
        given = arguments[0] if isinstance(arguments, list) and arguments else None
        if command.argument is None or (given is None and not command.needs_argument):
            return []
        return [decode(command.argument, given, "arguments[0]")]

    def handle_message(self, message: Any) -> None:
        method = getattr(message, "method", None)
        if not hasattr(message, "jsonrpc"):
            if message is not None:
                logger.warning("a message that is no JSON-RPC: %.80r", message)
            return
        if method == types.TEXT_DOCUMENT_DID_CHANGE:
            uri = message.params.text_document.uri
            if uri not in self._server.session.open_documents:
                # The text of an expanded document is ours; a client that has it tells of each change.
                if parse_expanded_uri(uri) is None:
                    logger.warning("a change of a document that is not open: %.200s", uri)
                return
        refusal: JsonRpcException | None = None
        if self._shutdown and method != types.EXIT:
            refusal = JsonRpcInvalidRequest("the server is shutting down")
        elif self._workspace is None and method not in (types.INITIALIZE, types.EXIT):
            refusal = NotInitialized()
        if refusal is None:
            if method == types.SHUTDOWN:
                # pygls cancels what is not answered while it goes through the table that a cancelled request leaves.
                for pending in list(self._request_futures.values()):
                    pending.cancel()
            super().handle_message(message)
        elif method is not None and hasattr(message, "id"):
            self._send_response(message.id, None, refusal.to_response_error())
