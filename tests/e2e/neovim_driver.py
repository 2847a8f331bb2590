"""A real Neovim without a terminal, driven as a person drives it: by keys, in a home of its own where the plugin was
installed as its README says. Questions are Lua expressions asked through Neovim's own socket."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Neovim:
    def __init__(self, program: Path, home: Path, folder: Path, path: str) -> None:
        self.program = str(program)
        self.socket = str(home / "nvim.sock")
        self.environment = {
            "HOME": str(home),
            "PATH": path,
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "WGSL_LS_CACHE": str(home / "cache"),
        }
        if "WGPU_BACKEND_TYPE" in os.environ:
            self.environment["WGPU_BACKEND_TYPE"] = os.environ["WGPU_BACKEND_TYPE"]
        self.log = home / "nvim.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [self.program, "--headless", "-i", "NONE", "-n", "--listen", self.socket],
                cwd=folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.until("Neovim listens", lambda: Path(self.socket).exists())
        self.keys(":set columns=160 lines=48<CR>")

    def keys(self, keys: str) -> None:
        """Types, as `:help keycodes` writes keys."""
        self._remote("--remote-send", keys)

    def lua(self, expression: str) -> Any:
        """The value of a Lua expression, as JSON can carry it."""
        quoted = expression.replace("'", "''")
        answer = self._remote("--remote-expr", f"luaeval('vim.json.encode({{ value = {quoted} }})')")
        return json.loads(answer).get("value")

    def lines(self, buffer: int = 0) -> list[str]:
        return list(self.lua(f"vim.api.nvim_buf_get_lines({buffer}, 0, -1, false)"))

    def messages(self) -> str:
        return str(self.lua("vim.api.nvim_exec2('messages', { output = true }).output"))

    def until(self, what: str, condition: Callable[[], Any], seconds: float = 30.0) -> Any:
        """The first true value of `condition`; what Neovim said belongs to the failure."""
        end = time.monotonic() + seconds
        value: Any = None
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"Neovim ended: {self.log.read_text()}")
            value = condition()
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"waited {seconds:g} s in vain until {what}; last: {value!r}\n{self.messages()}")

    def stop(self) -> None:
        if self.process.poll() is None:
            try:
                # It may be gone before it has answered.
                with contextlib.suppress(AssertionError):
                    self.keys("<C-\\><C-N>:qall!<CR>")
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _remote(self, how: str, what: str) -> str:
        command = [self.program, "--server", self.socket, how, what]
        ran = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=30, check=False)
        if ran.returncode != 0 or "E" in ran.stderr[:1]:
            raise AssertionError(f"{what}: {ran.stderr}")
        return ran.stdout
