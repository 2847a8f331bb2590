"""A page of a browser, which may send to any port of the machine, comes in through no door that is open."""

from __future__ import annotations

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="needs Chromium")]
PAGE = """<!doctype html><script>
const message = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}';
const socket = new WebSocket('ws://127.0.0.1:WEB/');
socket.onopen = () => socket.send(message);
const framed = `Content-Length: ${message.length}\\r\\n\\r\\n${message}`;
fetch('http://127.0.0.1:TCP/', { method: 'POST', mode: 'no-cors', body: framed });
</script>"""
PATIENCE = 120


@contextmanager
def door(option: str, folder: Path) -> Iterator[tuple[int, list[str]]]:
    """A server behind a port; the port, and the lines that it said."""
    pytest.importorskip("websockets")
    process = subprocess.Popen(
        [sys.executable, "-m", "wgsl_ls", "serve", option, "0"],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "WGSL_LS_TOKEN": "a token that no page knows", "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    lines: list[str] = []
    assert process.stderr is not None
    reading = threading.Thread(target=lines.extend, args=(process.stderr,))
    reading.start()
    try:
        yield int(told(lines, r"listening on .*:(\d+)")[1]), lines
        assert process.poll() is None
    finally:
        process.terminate()
        reading.join()
        process.stderr.close()
        process.wait(20)


def told(lines: list[str], pattern: str) -> re.Match[str]:
    """What matches in a line that comes sooner or later."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for line in list(lines):
            if found := re.search(pattern, line):
                return found
        time.sleep(0.05)
    raise AssertionError(f"{pattern} was not said: {lines}")


@pytest.mark.parametrize("place", ["web", "disk"])
def test_a_page_is_sent_away(tmp_path: Path, place: str) -> None:
    with ExitStack() as doors:
        web, web_said = doors.enter_context(door("--websocket", tmp_path))
        tcp, tcp_said = doors.enter_context(door("--tcp", tmp_path))
        page = tmp_path / "page.html"
        page.write_text(PAGE.replace("WEB", str(web)).replace("TCP", str(tcp)))
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
        server = doors.enter_context(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        doors.callback(server.shutdown)
        address = page.as_uri() if place == "disk" else f"http://localhost:{server.server_address[1]}/page.html"
        assert BROWSER is not None
        browser = subprocess.Popen(
            [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
             "--remote-debugging-port=0", address],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        doors.callback(browser.wait)
        doors.callback(browser.terminate)
        origin = r"null|file:" if place == "disk" else r"http://localhost"
        told(web_said, f"a connection is refused: invalid Origin header: ({origin})")
        told(tcp_said, "a connection is refused: this is no header of the base protocol")
