"""What pygls leaves open of the base protocol: every request gets an answer, also one that cannot be read, that comes
before `initialize` or after `shutdown`. Notifications that come then are dropped.
"""

from __future__ import annotations

import logging
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest
from pygls.protocol import LanguageServerProtocol

logger = logging.getLogger("wgsl_ls")


class NotInitialized(JsonRpcException):
    CODE = -32002
    MESSAGE = "initialize comes first"


class WgslProtocol(LanguageServerProtocol):
    def structure_message(self, data: dict[str, Any]) -> Any:
        """As pygls does it; None for what cannot be read, which has then been answered if it was a request."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            logger.warning("a message that cannot be read: %s", data.get("method"))
            if "method" in data and "id" in data:
                self._send_response(data["id"], None, error.to_response_error())
            return None

    def handle_message(self, message: Any) -> None:
        method = getattr(message, "method", None)
        if not hasattr(message, "jsonrpc"):
            if message is not None:
                logger.warning("a message that is no JSON-RPC: %.80r", message)
            return
        refusal: JsonRpcException | None = None
        if self._shutdown and method != types.EXIT:
            refusal = JsonRpcInvalidRequest("the server is shutting down")
        elif self._workspace is None and method not in (types.INITIALIZE, types.EXIT):
            refusal = NotInitialized()
        if refusal is None:
            super().handle_message(message)
        elif method is not None and hasattr(message, "id"):
            self._send_response(message.id, None, refusal.to_response_error())
