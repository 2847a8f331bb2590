"""The language server: one process per client, over stdio, TCP or a WebSocket.

Language features answer in shaders only; in wgsl-ls.toml those of handlers/configuration.py, in an expanded document
those of handlers/expanded_document.py and the ones that lead to written places; elsewhere none.

Handlers live in server/handlers/, one file per method, each with `register(server, ...)`. This file only puts the
server together and ends it: with `exit`, when the client's pipe closes, or when the client's process is gone.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import os
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcMethodNotFound,
    JsonRpcRequestCancelled,
)
from pygls.lsp.server import LanguageServer

import wgsl_ls
from wgsl_ls.server import handlers
from wgsl_ls.server.checking import ServerChecker
from wgsl_ls.server.codec import encode, encode_steps, plain
from wgsl_ls.server.expanded import ExpandedDocuments
from wgsl_ls.server.host_watch import HostWatch
from wgsl_ls.server.messages import Command, Notification, Request
from wgsl_ls.server.protocol import WgslProtocol
from wgsl_ls.server.publishing import Publisher
from wgsl_ls.server.session import Overtaken, ServerSession, collected, in_slices
from wgsl_ls.server.token_results import TokenResults
from wgsl_ls.server.uris import document_kind, is_configuration, parse_expanded_uri
from wgsl_ls.server.views import Views
from wgsl_ls.text.harmless import notice

_OF_EVERY_DOCUMENT = frozenset(
    {
        types.TEXT_DOCUMENT_DID_OPEN,
        types.TEXT_DOCUMENT_DID_CHANGE,
        types.TEXT_DOCUMENT_DID_SAVE,
        types.TEXT_DOCUMENT_DID_CLOSE,
        types.TEXT_DOCUMENT_DIAGNOSTIC,
    }
)


_IN_EXPANSIONS = frozenset(
    {
        types.TEXT_DOCUMENT_HOVER,
        types.TEXT_DOCUMENT_DEFINITION,
        types.TEXT_DOCUMENT_DECLARATION,
        types.TEXT_DOCUMENT_TYPE_DEFINITION,
        types.TEXT_DOCUMENT_REFERENCES,
    }
)
"""Answered in an expanded document as at the place where its text was written."""


class WgslServer(LanguageServer):
    """The pygls server with our state. `session`, `publisher` and `checker` are what handlers work with."""

    def __init__(self) -> None:
        super().__init__(
            "wgsl-ls",
            wgsl_ls.__version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Full,
            protocol_cls=WgslProtocol,
        )
        self.served: dict[str, Request | Command] = {}
        self.in_configuration: dict[str, Callable[[Any, Any], Any]] = {}
        """Language features of wgsl-ls.toml by method: `handler(server, params)`."""
        self.in_expansion: dict[str, Callable[[Any, Any], Any]] = {}
        """Those of an expanded document that are about its own text."""
        self.session = ServerSession()
        self.publisher = Publisher(self.session)
        self.expanded = ExpandedDocuments(self.session, self.publisher)
        self.token_results = TokenResults()
        self.views = Views(self.session, self.publisher, lambda: self.checker.changed())
        self.checker = ServerChecker(self.session, self.publisher, self.views)
        self.host_watch = HostWatch(self.session, self._host_news)
        self.background: set[asyncio.Task[Any]] = set()
        self.unlisted_told: set[str] = set()
        """What was said of folders that could not be listed."""
        self.was_shut_down = False

    def feature(self, feature_name: str, options: Any | None = None) -> Callable[[Any], Any]:
        """As pygls does it; for a LookupError of a handler see `answering`."""
        register = super().feature(feature_name, options)

        def decorate(handler: Any) -> Any:
            return register(answering(self._by_kind(feature_name, handler), self, is_quiet(feature_name)))

        return decorate

    def _by_kind(self, method: str, handler: Any) -> Any:
        """`handler`, kept from documents that are not written in WGSL."""
        if not method.startswith("textDocument/") or method in _OF_EVERY_DOCUMENT:
            return handler

        def other(params: Any) -> Any:
            uri = params.text_document.uri
            answer = None
            if parse_expanded_uri(uri) is not None:
                answer = self.in_expansion.get(method)
            elif is_configuration(uri):
                answer = self.in_configuration.get(method)
            return answer(self, params) if answer is not None else None

        def is_ours(params: Any) -> bool:
            uri = params.text_document.uri
            return method in _IN_EXPANSIONS if parse_expanded_uri(uri) is not None else document_kind(uri).is_wgsl

        if inspect.iscoroutinefunction(handler):

            @functools.wraps(handler)
            async def later(*arguments: Any) -> Any:
                return await handler(*arguments) if is_ours(arguments[-1]) else other(arguments[-1])

            return later

        @functools.wraps(handler)
        def at_once(*arguments: Any) -> Any:
            return handler(*arguments) if is_ours(arguments[-1]) else other(arguments[-1])

        return at_once

    def serve(self, spec: Request | Command, handler: Callable[[Any, Any], Any]) -> None:
        """Answer a message of ours: `handler(server, params)` gets what WgslProtocol decoded, and its answer, a
        message class or None, is encoded."""
        self.served[spec.method] = spec
        answer = answering(functools.partial(handler, self), self)

        async def later(*params: Any) -> Any:
            encoded: list[Any] = []
            answered = await answer(params[0] if params else None)
            async for _ in in_slices(collected(encode_steps(answered), encoded)):
                pass
            return plain(encoded[0])

        def at_once(*params: Any) -> Any:
            return plain(encode(answer(params[0] if params else None)))

        bound = later if inspect.iscoroutinefunction(handler) else at_once
        if isinstance(spec, Command):
            self.command(spec.method)(bound)
        else:
            super().feature(spec.method)(bound)

    def tell(self, spec: Notification, params: Any) -> None:
        """Send one of our notifications."""
        self.protocol.notify(spec.method, plain(encode(params)))

    def tell_user(self, text: str, kind: types.MessageType = types.MessageType.Warning) -> None:
        """A warning (or another kind of message) that a client shows at once."""
        self.window_show_message(types.ShowMessageParams(kind, notice(text)))

    def spawn(self, work: Any) -> None:
        """Run a coroutine beside the message loop; its failure is logged."""
        task = asyncio.ensure_future(work)
        self.background.add(task)
        task.add_done_callback(self._finished)

    async def stop_work(self) -> None:
        """End what runs beside the message loop, and the child processes."""
        await self.host_watch.stop()
        await self.checker.stop()

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self.background.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logging.getLogger("wgsl_ls").error("please report this", exc_info=task.exception())

    def _host_news(self, variants: bool) -> None:
        """The host's code is being read, or something new is known of it."""
        self.checker.reading = self.host_watch.is_reading
        self.views.refresh_lenses()
        if variants:
            self.views.tell_lists()
            self.checker.changed()
            self.checker.say_first()
        else:
            self.checker.say_again()
            self.publisher.publish()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Errors of handlers go to the log; a user's mistake was already answered as an error response."""
        if isinstance(error, ValueError | RecursionError) and source is JsonRpcException:
            logging.getLogger("wgsl_ls").warning("a message that is not JSON, or nested too deep: %s", error)
        elif isinstance(error, JsonRpcMethodNotFound):
            logging.getLogger("wgsl_ls").warning("%.200s", error)
        elif not isinstance(error, RequestFailed | ContentModified | JsonRpcRequestCancelled | JsonRpcInvalidParams):
            logging.getLogger("wgsl_ls").error("%s: %s (please report this)", source.__name__, error, exc_info=error)


class ContentModified(JsonRpcException):
    """An edit came before the answer; clients ask again by themselves."""

    CODE = -32801
    MESSAGE = "the text changed meanwhile"


class RequestFailed(JsonRpcException):
    """The request was understood and cannot be answered; the message is for the user."""

    CODE = -32803


_MOST_TRIES = 5
_BY_A_PERSON = frozenset(
    {
        types.TEXT_DOCUMENT_RENAME,
        types.TEXT_DOCUMENT_PREPARE_RENAME,
        types.TEXT_DOCUMENT_FORMATTING,
        types.TEXT_DOCUMENT_RANGE_FORMATTING,
    }
)


def is_quiet(method: str) -> bool:
    """Whether an editor asks by itself, or has words of its own for "nothing": it shows an error as a message, which
    nobody asked for, when a variant is gone or a file belongs to no shader."""
    of_a_place = method.startswith("textDocument/") and method != types.TEXT_DOCUMENT_DIAGNOSTIC
    return of_a_place and method not in _BY_A_PERSON


def answering(handler: Any, server: WgslServer, quiet: bool = False) -> Any:
    """`handler` with LookupError turned into RequestFailed (`quiet`: into no answer), and Overtaken into
    ContentModified: after an edit a client asks again by itself. What else came between (other variants, another
    configuration) it would not notice, so then the handler is asked again here."""
    if inspect.iscoroutinefunction(handler):

        @functools.wraps(handler)
        async def later(*arguments: Any) -> Any:
            documents, n_tries = dict(server.session.open_documents), 0
            while True:
                try:
                    return await handler(*arguments)
                except Overtaken as problem:
                    n_tries += 1
                    if n_tries == _MOST_TRIES or documents != server.session.open_documents:
                        raise ContentModified from problem
                except LookupError as problem:
                    sentence = _sentence(problem)
                    if quiet:
                        return None
                    raise RequestFailed(sentence) from problem

        return later

    @functools.wraps(handler)
    def at_once(*arguments: Any) -> Any:
        try:
            return handler(*arguments)
        except LookupError as problem:
            sentence = _sentence(problem)
            if quiet:
                return None
            raise RequestFailed(sentence) from problem

    return at_once


def _sentence(problem: LookupError) -> str:
    """The words of the error; a KeyError or IndexError is a bug of ours and is passed on."""
    if type(problem) is not LookupError:
        raise problem
    return str(problem)


def make_server() -> WgslServer:
    """A server with every handler registered, not yet connected."""
    server = WgslServer()
    for module in sorted(iter_modules(handlers.__path__), key=lambda found: found.name):
        import_module(f"{handlers.__name__}.{module.name}").register(server)
    return server


def watch_parent(process_id: int | None) -> None:
    """End when the client's process is gone, whatever happened to its pipes."""
    if not process_id or process_id == os.getpid():
        return

    def watch() -> None:
        while True:
            time.sleep(2)
            try:
                os.kill(process_id, 0)
            except ProcessLookupError:
                os._exit(1)
            except OSError:
                return

    threading.Thread(target=watch, name="watch parent", daemon=True).start()
