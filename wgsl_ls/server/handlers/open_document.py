"""The command wgsl.openDocument: what a quick fix has written is shown, where the client can."""

from __future__ import annotations

from lsprotocol import types

from wgsl_ls.server import messages
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.messages import OpenDocumentArgument


def register(server: WgslServer) -> None:
    server.serve(messages.OPEN_DOCUMENT, open_document)


async def open_document(server: WgslServer, argument: OpenDocumentArgument) -> None:
    window = server.client_capabilities.window
    if window is not None and window.show_document is not None and window.show_document.support:
        await server.window_show_document_async(types.ShowDocumentParams(argument.uri, take_focus=True))
