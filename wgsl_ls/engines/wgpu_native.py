"""naga, through wgpu-native: the first of the two compilers. The only file that imports wgpu.

Module and compute pipelines are made on a real adapter (Mesa's llvmpipe will do), with every feature and
limit it has. Limits of that adapter are messages of kind "limit": other devices are judged by profiles
elsewhere.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import IO, Any

from wgsl_ls.engines.adapter_info import called, subgroup_sizes, vendor
from wgsl_ls.engines.api import EngineUnavailable, not_installed
from wgsl_ls.engines.lowering import SUBGROUP_MATRIX, Lowered, NagaGaps, lower_for_naga
from wgsl_ls.engines.naga_messages import parse_naga
from wgsl_ls.engines.pipelines import compilable, judge_lowered, pipeline_messages
from wgsl_ls.engines.zeroed_memory import zeroed
from wgsl_ls.wire.engine_specs import FASTEST
from wgsl_ls.wire.frames import PROTOCOL
from wgsl_ls.wire.jobs import (
    Accepted,
    CompileJob,
    CompileResult,
    DeviceLost,
    EngineInfo,
    EngineMessage,
    Matrices,
    Rejected,
    Unsupported,
    tells_of_lost_device,
)

# naga's words for what this adapter cannot do, although another one can.
_MISSING = (
    re.compile(r"the `(\w+)` extension is not supported in the current environment"),
    re.compile(r"Capability Capabilities\((\w+)\) is required"),
    re.compile(r"requires (?:capability Capabilities\(|the `naga::valid::Capabilities::)(\w+)"),
)
_EXPERIMENTAL = re.compile(r"\bEXPERIMENTAL_[A-Z_]+")
_CAPABILITIES = {
    "SUBGROUP": "subgroups",
    "SHADER_FLOAT16": "f16",
    "SUBGROUP_BARRIER": "subgroups",
    "TEXTURE_EXTERNAL": "texture_external",
}
# llvmpipe keeps some megabytes of every pipeline until its device goes; a new device takes 4 ms.
_PIPELINES_PER_DEVICE = 32


def _experimental(message: str, features: set[str]) -> set[str]:
    """Features that a device was refused for because they are experimental: real GPUs offer them, and wgpu-native
    cannot be told to allow them. Its names are like EXPERIMENTAL_RAY_QUERY, the package's like ray-query."""
    named = {name.lower().replace("_", "-") for name in _EXPERIMENTAL.findall(message)}
    return {feature for feature in features if feature in named or f"experimental-{feature}" in named}


class WgpuEngine:
    """A device on one adapter, made anew from time to time."""

    name = "wgpu"

    def __init__(self) -> None:
        self.device: Any = None
        self.adapter: Any = None
        self._error_class: type[Exception] = Exception
        self._refusal: type[Exception] = Exception
        self._n_pipelines = 0
        self._gaps = NagaGaps(self._accepts, self._prints)

    def open(self, adapter: str = "") -> EngineInfo:
        # Without it Mesa complains on standard error at every start.
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
        # Set for Dawn by people who compile without a GPU; wgpu-native has no such backend.
        if os.environ.get("WGPU_BACKEND_TYPE") == "Null":
            del os.environ["WGPU_BACKEND_TYPE"]
        try:
            import wgpu
            from wgpu.backends.wgpu_native import lib_version_info
        except (ImportError, OSError) as error:
            raise not_installed(self.name, error) from error
        self._error_class = wgpu.GPUError
        self._refusal = wgpu.GPUValidationError
        self._open_first(_adapters(wgpu, adapter))
        info = self.adapter.info
        runs_on = str(_fastest(wgpu).info["device"]) if not adapter else ""
        native = ".".join(str(part) for part in lib_version_info)
        return EngineInfo(
            engine=self.name,
            version=f"wgpu {wgpu.__version__}, wgpu-native {native}",
            protocol=PROTOCOL,
            adapter=str(info["device"]),
            backend=str(info["backend_type"]),
            features=tuple(sorted(self.device.features)),
            limits=tuple(sorted((name, int(value)) for name, value in self.device.limits.items())),
            properties=(
                ("adapter-type", str(info["adapter_type"])),
                ("driver", str(info["description"])),
                ("vendor", vendor(info)),
                ("subgroup-sizes", subgroup_sizes(info)),
                *((("smoke-runs-on", runs_on),) if runs_on not in ("", info["device"]) else ()),
            ),
        )

    def _open_first(self, adapters: Iterator[Any]) -> None:
        """On the first of them that gives a device."""
        refused: EngineUnavailable | None = None
        for self.adapter in adapters:
            try:
                self._make_device()
            except EngineUnavailable as why:
                refused = refused or why
            else:
                return
        raise refused or EngineUnavailable("wgpu finds no adapter", driver_remedy())

    def _make_device(self) -> None:
        self.device = None
        self._n_pipelines = 0
        gc.collect()  # A device and its queue hold each other.
        features = set(self.adapter.features)
        while self.device is None:
            try:
                self.device = self.adapter.request_device_sync(
                    required_features=sorted(features), required_limits=dict(self.adapter.limits)
                )
            except RuntimeError as error:
                refused = _experimental(str(error), features)
                if not refused:
                    raise EngineUnavailable(f"wgpu gets no device: {error}", driver_remedy()) from error
                features -= refused

    @property
    def error_class(self) -> type[Exception]:
        return self._error_class

    def why_not_run(self) -> str:
        return ""

    def lower(self, text: str, matrices: Matrices) -> Lowered | Unsupported:
        """For a dispatch; wgpu-native has no subgroup matrices of its own that a device can enable."""
        if matrices == "native" and "subgroup_matrix" in text:
            return Unsupported(SUBGROUP_MATRIX, "this device has no subgroup matrices")
        return lower_for_naga(zeroed(compilable(text)), self._gaps)

    def compile(self, job: CompileJob) -> CompileResult:
        started = time.perf_counter()
        if self._n_pipelines >= _PIPELINES_PER_DEVICE:
            self._make_device()
        try:
            result = self._verdict(job)
        except self._error_class as error:
            if not tells_of_lost_device(str(error)):
                raise
            return DeviceLost(str(error))
        if isinstance(result, Accepted | Rejected):
            return dataclasses.replace(result, seconds=time.perf_counter() - started)
        return result

    def _verdict(self, job: CompileJob) -> CompileResult:
        lowered = lower_for_naga(compilable(job.text), self._gaps)
        if isinstance(lowered, Unsupported):
            return lowered
        messages = self._messages(lowered, job)
        return _beyond_this_naga(messages) or judge_lowered(lowered, messages, "naga")

    def _messages(self, lowered: Lowered, job: CompileJob) -> list[EngineMessage]:
        """What naga says about the lowered text, with spans in it. Errors of another class than validation (memory, the
        driver) say nothing about the text: they end the worker. So does a lost device, which has a word of its own."""
        text = lowered.text
        try:
            module = self.device.create_shader_module(code=text)
        except self._refusal as error:
            return [parse_naga(_about_the_text(error), text)]
        if not job.pipelines:
            return []

        def make(entry_point: str, constants: dict[str, float], stage: str) -> list[EngineMessage]:
            compute = {"module": module, "entry_point": entry_point, "constants": constants}
            self._n_pipelines += 1
            try:
                self.device.create_compute_pipeline(layout="auto", compute=compute)
            except self._refusal as error:
                return [parse_naga(_about_the_text(error), text, stage)]
            return []

        return pipeline_messages(lowered.outline, job, make)

    def _accepts(self, text: str) -> bool:
        try:
            self.device.create_shader_module(code=text)
        except self._refusal as error:
            _about_the_text(error)
            return False
        return True

    def _prints(self, text: str) -> bool:
        """Whether naga writes to standard error while it compiles `text`."""
        with tempfile.TemporaryFile() as file:
            with _standard_error_in(file):
                self._accepts(text)
            return file.seek(0, os.SEEK_END) > 0


@contextlib.contextmanager
def _standard_error_in(file: IO[bytes]) -> Iterator[None]:
    """What anybody, Rust too, writes to descriptor 2 goes to `file`."""
    kept = os.dup(2)
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _about_the_text(error: Exception) -> str:
    """What a refusal says; raises it where that is about the device."""
    said = str(error)
    if tells_of_lost_device(said):
        raise error
    return said


def _beyond_this_naga(messages: list[EngineMessage]) -> Unsupported | None:
    """A refusal that says something about naga or the adapter, and nothing about the text."""
    for message in messages[:1]:
        for pattern in _MISSING:
            match = pattern.search(message.text)
            if match is not None:
                extension = _CAPABILITIES.get(match[1], match[1].lower())
                return Unsupported(extension, f"this adapter lacks it: {message.text}")
    return None


def _adapters(wgpu: Any, wanted: str) -> Iterator[Any]:
    """The adapter whose name or backend contains `wanted`; else, FASTEST, the fastest one, and then, should it give no
    device, every other. OpenGL comes last: it is there on servers without a display, where it has no compute shaders.
    Before all of them, for compiling, comes one in software that has what the fastest has of the language: naga's
    verdict is the same, pipelines that nobody runs cost less (33 ms with Mesa's llvmpipe, 104 with an H100's
    driver, a FlashAttention tile on one core), and the GPU is left to those who work with it."""
    remedy = driver_remedy()
    first: list[Any] = []
    try:
        if wanted in ("", FASTEST):
            first.append(_fastest(wgpu))
        if wanted == FASTEST and first[0].info["backend_type"] != _OPENGL:
            yield first[0]
        adapters = wgpu.gpu.enumerate_adapters_sync()
    except (RuntimeError, OSError) as error:
        raise EngineUnavailable(f"wgpu finds no adapter: {error}", remedy) from error
    if not wanted:
        yield from (one for one in adapters if _compiles_alike(one, first[0]))
        yield from (one for one in first if one.info["backend_type"] != _OPENGL)
    if first:
        yield from sorted(adapters, key=lambda one: (one.info["backend_type"] == _OPENGL, _rank(one)))
        return
    if (adapter := called(wanted, adapters)) is not None:
        yield adapter
        return
    found = ", ".join(str(adapter.info["device"]) for adapter in adapters) or "none"
    raise EngineUnavailable(f"no adapter is called {wanted!r}; found: {found}", remedy if not adapters else "")


def _fastest(wgpu: Any) -> Any:
    return wgpu.gpu.request_adapter_sync(power_preference="high-performance")


def _compiles_alike(software: Any, fastest: Any) -> bool:
    """Is it a Vulkan driver in software to which the fastest adapter's shaders can be given, too?"""
    if software.info["adapter_type"] != "CPU" or software.info["backend_type"] != "Vulkan":
        return False
    return _OF_THE_LANGUAGE & set(fastest.features) <= set(software.features)


_OF_THE_LANGUAGE = frozenset(("shader-f16", "subgroup", "subgroup-barrier"))
_OPENGL = "OpenGL"
_FASTEST_FIRST = ("DiscreteGPU", "IntegratedGPU", "VirtualGPU")


def _rank(adapter: Any) -> int:
    kind = adapter.info["adapter_type"]
    return _FASTEST_FIRST.index(kind) if kind in _FASTEST_FIRST else len(_FASTEST_FIRST)


def driver_remedy() -> str:
    """The one command that gives this machine a Vulkan driver in software; "" where the system brings one."""
    if sys.platform != "linux":
        return ""
    commands = (
        ("apt-get", "apt-get update && apt-get install -y libvulkan1 mesa-vulkan-drivers"),
        ("dnf", "dnf install -y vulkan-loader mesa-vulkan-drivers"),
        ("pacman", "pacman -S --noconfirm vulkan-icd-loader vulkan-swrast"),
        ("zypper", "zypper install -y libvulkan1 libvulkan_lvp"),
        ("apk", "apk add vulkan-loader mesa-vulkan-swrast"),
    )
    command = next((command for tool, command in commands if shutil.which(tool)), "")
    if command and os.geteuid() != 0:
        return f"sudo sh -c '{command}'"
    return command
