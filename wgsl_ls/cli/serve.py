"""`wgsl-ls serve`: the language server."""

from __future__ import annotations

import argparse
import gc
import logging
import sys

from wgsl_ls.text.harmless import lines, without_commands

EXAMPLES = """\
wgsl-ls serve                # over standard input and output, as editors start it
wgsl-ls serve --tcp 7777     # one client on a port"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--stdio", action="store_true", help="speak over standard input and output (the default)")
    where.add_argument("--tcp", metavar="[HOST:]PORT", help="listen for one client")
    where.add_argument("--websocket", metavar="[HOST:]PORT", help="listen for one client over a WebSocket")
    parser.add_argument("--log", metavar="FILE", help="write a log there (default: warnings to standard error)")
    parser.add_argument("--log-level", default="info", choices=["debug", "info", "warning", "error"])


_NEVER = 1_000_000_000


def run(arguments: argparse.Namespace) -> int:
    level = getattr(logging, arguments.log_level.upper()) if arguments.log else logging.WARNING
    handler = logging.FileHandler(arguments.log) if arguments.log else logging.StreamHandler(sys.stderr)
    layout = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    handler.setFormatter(_Formatter(layout))
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
    if arguments.tcp:
        server.start_tcp(*_address(arguments.tcp))
    elif arguments.websocket:
        server.start_ws(*_address(arguments.websocket))
    else:
        server.start_io()
    return 0


class _Formatter(logging.Formatter):
    """The workspace's words are in messages and stacks: nothing in them commands the terminal that shows the log."""

    def format(self, record: logging.LogRecord) -> str:
        return without_commands(lines(super().format(record)))


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdigit():
        raise SystemExit(f"wgsl-ls: '{text}' is no port; write PORT or HOST:PORT")
    return host or "127.0.0.1", int(port)
