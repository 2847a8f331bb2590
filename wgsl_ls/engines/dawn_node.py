"""Tint of npm's package `webgpu`, which is Dawn for node: another version of it than the Python package has. The only
file that starts node.

The package is the user's and none of ours: their settings name node and its folder (project/engine_builds.py).
Node makes modules and pipelines (dawn_node.mjs); what is asked and how answers are read is DawnEngine's. The process
belongs to this worker: a kill of the worker's group ends both, and who of them dies, dies with the other.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any, Final

from wgsl_ls.engines.api import EngineUnavailable
from wgsl_ls.engines.dawn import TOGGLES, DawnEngine
from wgsl_ls.engines.tint_messages import RawMessage, parse_module_messages, parse_pipeline_error
from wgsl_ls.wire.child import limit_memory, worker_memory
from wgsl_ls.wire.frames import PROTOCOL
from wgsl_ls.wire.jobs import CompileJob, CompileResult, DeviceLost, EngineInfo, EngineMessage

_SCRIPT: Final = Path(__file__).with_suffix(".mjs")
_MARK: Final = b"\x01wgsl-ls "
_CHECKED, _UNCHECKED = 0, 1
"""The devices of the script: one that checks everything, and one that skips Dawn's own checks."""


class DawnInNode(DawnEngine):
    """`node`: the program; `package`: the folder that holds the package, whole paths both."""

    def __init__(self, node: str, package: str) -> None:
        super().__init__()
        self._command = (node, str(_SCRIPT), package, ",".join(TOGGLES))
        self._process: subprocess.Popen[bytes] | None = None

    def open(self, adapter: str = "") -> EngineInfo:
        if adapter.lower() not in ("", "null"):
            raise EngineUnavailable("this build of Dawn only compiles; shaders are run by the engine itself")
        try:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            raise EngineUnavailable(f"{self._command[0]} cannot be started: {error.strerror or error}") from error
        hello = self._answer()
        if why := hello.get("unavailable"):
            raise EngineUnavailable(f"node cannot use the package in {self._command[2]}: {why}")
        limit_memory(worker_memory(), self._process.pid)
        self.device, self._unchecked = _CHECKED, _UNCHECKED
        return EngineInfo(
            engine=self.name,
            version=str(hello["version"]),
            protocol=PROTOCOL,
            adapter=str(hello["adapter"]),
            backend="Null",
            features=tuple(map(str, hello["features"])),
            limits=tuple(sorted((str(name), int(value)) for name, value in hello["limits"].items())),
            properties=(("language-features", " ".join(map(str, hello["language"]))),),
        )

    def compile(self, job: CompileJob) -> CompileResult:
        try:
            return super().compile(job)
        except _Lost as lost:
            return DeviceLost(str(lost))

    def _module(self, text: str, device: Any = None) -> tuple[Any, list[EngineMessage]]:
        number = device or _CHECKED
        told = self._ask({"kind": "module", "device": number, "text": text})
        raw = [_raw(text, *one) for one in told["messages"]]
        messages = parse_module_messages(raw, text)
        if told["error"] and not any(message.severity == "error" for message in messages):
            messages += parse_pipeline_error(told["error"], text, "module")
        return None, messages  # the script keeps the module of each device

    def _pipeline(
        self, device: Any, module: Any, entry_point: str, constants: dict[str, float], stage: str, text: str
    ) -> list[EngineMessage]:
        told = self._ask({"kind": "pipeline", "device": device, "entry": entry_point, "constants": constants})
        return parse_pipeline_error(told["error"], text, stage) if told["error"] else []

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(question).encode("ascii") + b"\n")
            self._process.stdin.flush()
        except OSError:
            self._die()
        told = self._answer()
        if lost := told.get("lost"):
            raise _Lost(lost)
        if "unavailable" in told:
            raise RuntimeError(f"node failed: {told['unavailable']}")
        return told

    def _answer(self) -> dict[str, Any]:
        """The next marked line; what native code prints between is stepped over."""
        assert self._process is not None and self._process.stdout is not None
        while line := self._process.stdout.readline():
            if (start := line.find(_MARK)) >= 0:
                told: dict[str, Any] = json.loads(line[start + len(_MARK) :])
                return told
        self._die()
        return {}

    def _die(self) -> None:
        """As node did."""
        assert self._process is not None
        code = self._process.wait()
        if code < 0:
            signal.signal(-code, signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
            os.kill(os.getpid(), -code)
        os._exit(code or 1)


class _Lost(Exception):
    """The device of the script is gone."""


def _raw(text: str, severity: Any, offset: int, length: int, said: str) -> RawMessage:
    """A message of the WebGPU API: it counts in UTF-16, Tint in UTF-8 (https://www.w3.org/TR/webgpu/#compilation-info)."""
    if offset < 0:
        return RawMessage(severity, None, 0, said)
    encoded = text.encode("utf-16-le")
    before = encoded[: 2 * offset].decode("utf-16-le", "ignore")
    part = encoded[2 * offset : 2 * (offset + length)].decode("utf-16-le", "ignore")
    return RawMessage(severity, len(before.encode("utf-8")), len(part.encode("utf-8")), said)
