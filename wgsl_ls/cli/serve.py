"""`wgsl-ls serve`: the language server."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

from wgsl_ls.cli.speech import remark
from wgsl_ls.extras import remedy
from wgsl_ls.text.harmless import lines, without_commands

if TYPE_CHECKING:
    from wgsl_ls.server.app import WgslServer

EXAMPLES = """\
wgsl-ls serve                # over standard input and output, as editors start it
wgsl-ls serve --tcp 7777     # one client on a port; it passes the token that is printed"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--stdio", action="store_true", help="speak over standard input and output (the default)")
    where.add_argument("--tcp", metavar="[HOST:]PORT", help="listen for one client")
    where.add_argument("--websocket", metavar="[HOST:]PORT", help="listen for one client over a WebSocket")
    parser.add_argument(
        "--origin", metavar="URL", action="append", default=[], help="a page that may connect (--websocket)"
    )
    parser.add_argument("--remote", action="store_true", help="allow an address that other machines reach")
    parser.add_argument("--log", metavar="FILE", help="write a log there (default: warnings to standard error)")
    parser.add_argument(
        "--log-level", default="info", choices=["debug", "info", "warning", "error"], help="of --log (default: info)"
    )


_NEVER = 1_000_000_000


def run(arguments: argparse.Namespace) -> int:
    level, stream = logging.WARNING, sys.stderr
    if arguments.log:
        from wgsl_ls.cli.composition import UserError
        from wgsl_ls.cli.output import log_file

        try:
            level, stream = getattr(logging, arguments.log_level.upper()), log_file(arguments.log)
        except UserError as refused:
            remark(str(refused))
            return 2
    handler = logging.StreamHandler(stream)
    layout = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    handler.setFormatter(_Formatter(layout))
    # What cannot be read is said by report_server_error; pygls writes the stack of reading it, too.
    handler.addFilter(lambda record: record.msg != "Unable to handle message")
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("pygls").setLevel(logging.WARNING)
    # It logs every error response with its stack; ours are answers to the user, and bugs are logged by the server.
    logging.getLogger("pygls.protocol.json_rpc").setLevel(logging.CRITICAL)
    # Nothing that is made from here to the first message ever becomes garbage: looking for some costs a sixth of the
    # start, and again with every later full collection.
    gc.disable()
    from wgsl_ls.server.app import make_server

    server = make_server()
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], _NEVER)  # ServerChecker looks for old garbage when nobody waits
    gc.enable()
    if not (arguments.tcp or arguments.websocket):
        # Ctrl-C ends it as any other signal does; what Python makes of it would wait for the thread that reads.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        server.start_io()
        return 0
    problem = _listen(server, arguments)
    if problem:
        remark(problem)
    return 2 if problem else 0


def _listen(server: WgslServer, arguments: argparse.Namespace) -> str:
    """Serve one client over a socket; what is wrong otherwise."""
    from wgsl_ls.server import sockets

    where = arguments.tcp or arguments.websocket
    host, _, port = where.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not (port.isascii() and port.isdigit() and int(port) < 1 << 16):
        return f"'{where}' is no port; write PORT or HOST:PORT"
    if not (arguments.remote or sockets.is_loopback(host)):
        return f"other machines could reach {host}, and nothing is encrypted; add --remote if that is meant"
    token = os.environ.get(sockets.TOKEN_VARIABLE, "")
    if not token:
        import secrets

        token = secrets.token_urlsafe()
        remark(f'the client passes {{"token": "{token}"}} in initializationOptions')
    try:
        if arguments.tcp:
            sockets.serve_tcp(server, host, int(port), token)
        else:
            sockets.serve_websocket(server, host, int(port), token, arguments.origin)
    except ImportError:
        return f"--websocket needs another part of wgsl-ls: {remedy('websocket')}"
    except OSError as error:
        return f"cannot listen on {where}: {error.strerror or error}"
    return ""


class _Formatter(logging.Formatter):
    """The workspace's words are in messages and stacks: nothing in them commands the terminal that shows the log."""

    def format(self, record: logging.LogRecord) -> str:
        return without_commands(lines(super().format(record)))
