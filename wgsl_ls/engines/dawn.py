"""Tint, through Dawn: the second of the two compilers. The only file that imports wgpudawn.

For compiling, Dawn's Null backend: no driver, no GPU, modules and pipelines validated in full. Its adapter
has only the default limits and cannot be asked for more; a limit is a message of kind "limit", and what a
limit on binding counts hides is then looked for on a second device that skips Dawn's own checks (not
Tint's). Another `adapter` ("vulkan", part of a device's name) is for running shaders.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import re
import time
from collections.abc import Iterator
from typing import Any

from wgsl_ls.engines.adapter_info import called, subgroup_sizes, vendor
from wgsl_ls.engines.api import EngineUnavailable, not_installed
from wgsl_ls.engines.dispatch import MATRIX_FEATURE
from wgsl_ls.engines.lowering import SUBGROUP_MATRIX, Lowered, lower
from wgsl_ls.engines.pipelines import compilable, judge, pipeline_messages
from wgsl_ls.engines.tint_messages import RawMessage, parse_module_messages, parse_pipeline_error
from wgsl_ls.wgsl.lexer import operand_end
from wgsl_ls.wgsl.parser import outline
from wgsl_ls.wire.frames import PROTOCOL
from wgsl_ls.wire.jobs import (
    Accepted,
    CompileJob,
    CompileResult,
    EngineInfo,
    EngineMessage,
    Matrices,
    Rejected,
    Unsupported,
)

# Those of llama.cpp, as far as they decide what compiles: experimental features, f16 on NVIDIA, and the
# memory model that subgroup matrices need in Vulkan.
TOGGLES = (
    "allow_unsafe_apis",
    "disable_symbol_renaming",
    "vulkan_enable_f16_on_nvidia",
    "use_vulkan_memory_model",
)
_NOT_HERE = re.compile(r"extension '(\w+)' is not allowed in the current environment")
# Asking for these needs platform objects or changes how a device behaves; no shader can see them.
_SHADER_FEATURE = re.compile(
    r"shader|subgroup|clip-distances|dual-source|primitive-index|sampl|framebuffer-fetch|pixel-local|textur"
    r"|float32|rg11b10|bgra8|depth|timestamp-query$|core-features|atomic|unorm16|indirect-first"
)
# Which formats can be storage textures is the adapter's and its features' affair.
_NO_STORAGE = re.compile(r"Texture format TextureFormat::(\w+) does not support storage texture access")
_PER_STAGE = re.compile(r"per-stage limit")


class DawnEngine:
    """One device, and one that skips Dawn's checks, kept for the life of the process."""

    name = "dawn"

    def __init__(self) -> None:
        self.device: Any = None
        self.adapter: Any = None
        self._unchecked: Any = None
        self._error_class: type[Exception] = Exception
        self._refusal: type[Exception] = Exception

    def open(self, adapter: str = "") -> EngineInfo:
        null = adapter.lower() in ("", "null")
        try:
            import wgpudawn
            from wgpudawn.backends import dawn as backend
            from wgpudawn.backends.dawn import extras
        except (ImportError, OSError) as error:
            raise not_installed(self.name, error) from error
        self._error_class = wgpudawn.GPUError
        self._refusal = wgpudawn.GPUValidationError
        _set_toggles(extras)
        with _backend("Null" if null else None):
            self.adapter = _choose_adapter(wgpudawn, "" if null else adapter)
            self.device = _request_device(extras, self.adapter, null)
            if null:
                # An adapter gives one device only.
                second = _choose_adapter(wgpudawn, "")
                self._unchecked = _request_device(extras, second, null, "skip_validation")
        info = self.adapter.info
        return EngineInfo(
            engine=self.name,
            version=f"wgpudawn {wgpudawn.__version__}, Dawn {backend.__version__}",
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
                ("subgroup-matrix-configurations", _matrix_shapes(extras, self.adapter)),
            ),
        )

    @property
    def error_class(self) -> type[Exception]:
        return self._error_class

    def why_not_run(self) -> str:
        null = str(self.adapter.info["backend_type"]).lower() == "null"
        return "Dawn's Null backend compiles and runs nothing; choose an adapter" if null else ""

    def lower(self, text: str, matrices: Matrices) -> Lowered | Unsupported:
        """For a dispatch: Tint knows the whole language, so only what the device lacks is emulated."""
        native = MATRIX_FEATURE in self.device.features
        if matrices == "native" and not native and "subgroup_matrix" in text:
            return Unsupported(SUBGROUP_MATRIX, "this device has no subgroup matrices")
        return lower(compilable(text), emulate_matrices=matrices == "emulated" or not native)

    def compile(self, job: CompileJob) -> CompileResult:
        started = time.perf_counter()
        result = self._verdict(job)
        if isinstance(result, Accepted | Rejected):
            return dataclasses.replace(result, seconds=time.perf_counter() - started)
        return result

    def _verdict(self, job: CompileJob) -> CompileResult:
        text = compilable(job.text)
        module, messages = self._module(text)
        rejected = any(message.severity == "error" for message in messages)
        unsupported = _unsupported(messages, text)
        if unsupported is not None:
            return unsupported
        if job.pipelines and not rejected:
            messages += self._pipelines(text, module, job)
            for message in messages:
                if (format_access := _NO_STORAGE.search(message.text)) is not None:
                    return Unsupported(
                        f"{format_access[1].lower()} as storage texture", f"this adapter: {message.text}"
                    )
        return judge(messages)

    def _module(self, text: str, device: Any = None) -> tuple[Any, list[EngineMessage]]:
        """A module, valid or not, and what Tint says about it. Within an error scope, because a refused
        module still has its list of messages and an exception would lose it."""
        device = device or self.device
        device.push_error_scope("validation")
        module = device.create_shader_module(code=text)
        error = device.pop_error_scope_async().sync_wait()
        information = module.get_compilation_info_async().sync_wait()
        messages = parse_module_messages(
            [
                RawMessage(said.type, said.offset if said.line_num else None, said.length, said.message)
                for said in information.messages
            ],
            text,
        )
        if error is not None and not any(message.severity == "error" for message in messages):
            messages += parse_pipeline_error(str(error), text, "module")
        return module, messages

    def _pipelines(self, text: str, module: Any, job: CompileJob) -> list[EngineMessage]:
        unchecked_module: list[Any] = []

        def make(entry_point: str, constants: dict[str, float], stage: str) -> list[EngineMessage]:
            messages = self._pipeline(self.device, module, entry_point, constants, stage, text)
            if self._unchecked is not None and any(_PER_STAGE.search(message.text) for message in messages):
                # The count of bindings is checked before override expressions are evaluated: look behind it.
                if not unchecked_module:
                    unchecked_module.append(self._module(text, self._unchecked)[0])
                messages += self._pipeline(self._unchecked, unchecked_module[0], entry_point, constants, stage, text)
            return messages

        return pipeline_messages(outline(text), job, make)

    def _pipeline(
        self, device: Any, module: Any, entry_point: str, constants: dict[str, float], stage: str, text: str
    ) -> list[EngineMessage]:
        compute = {"module": module, "entry_point": entry_point, "constants": constants}
        try:
            device.create_compute_pipeline(layout="auto", compute=compute)
        except self._refusal as error:
            return parse_pipeline_error(str(error), text, stage)
        return []


def _unsupported(messages: list[EngineMessage], text: str) -> Unsupported | None:
    """An extension that this adapter, or Dawn, lacks is no mistake of the text."""
    for message in messages:
        match = _NOT_HERE.search(message.text)
        if match is not None:
            return Unsupported(match[1], "this adapter lacks it")
        if message.text == "expected extension" and message.spans:
            start = message.spans[0].start
            name = text[start : operand_end(text, start)]
            if name.startswith("wgpu_"):
                return Unsupported(name, "an extension of naga")
    return None


@functools.cache
def _set_toggles(extras: Any) -> None:
    """Dawn takes them once per process, before the first adapter."""
    known = extras.all_toggles()
    extras.set_instance_extras(enable_toggles=[toggle for toggle in TOGGLES if toggle in known])


@contextlib.contextmanager
def _backend(name: str | None) -> Iterator[None]:
    """Dawn reads from the environment which backend to take; None for its own choice."""
    before = os.environ.pop("WGPU_BACKEND_TYPE", None)
    if name is not None:
        os.environ["WGPU_BACKEND_TYPE"] = name
    try:
        yield
    finally:
        os.environ.pop("WGPU_BACKEND_TYPE", None)
        if before is not None:
            os.environ["WGPU_BACKEND_TYPE"] = before


def _choose_adapter(wgpudawn: Any, wanted: str) -> Any:
    try:
        if not wanted:
            return wgpudawn.gpu.request_adapter_sync(power_preference="high-performance")
        adapters = wgpudawn.gpu.enumerate_adapters_sync()
    except (RuntimeError, OSError) as error:
        raise EngineUnavailable(f"Dawn finds no adapter: {error}") from error
    if (adapter := called(wanted, adapters)) is not None:
        return adapter
    found = ", ".join(str(adapter.info["device"]) for adapter in adapters) or "none"
    raise EngineUnavailable(f"no adapter of Dawn's is called {wanted!r}; found: {found}")


def _request_device(extras: Any, adapter: Any, null: bool, *toggles: str) -> Any:
    features = sorted(feature for feature in adapter.features if null or _SHADER_FEATURE.search(feature) is not None)
    try:
        return extras.request_device_sync(
            adapter,
            required_features=features,
            required_limits=dict(adapter.limits),
            enable_toggles=list(toggles),
            # Else GPU times come in steps of 65 microseconds, longer than many a kernel.
            disable_toggles=["timestamp_quantization"],
        )
    except RuntimeError as error:
        raise EngineUnavailable(f"Dawn gets no device: {error}") from error


def _matrix_shapes(extras: Any, adapter: Any) -> str:
    """What Dawn says about subgroup matrices, as text for `doctor`."""
    properties = extras.get_adapter_properties(adapter)
    return "; ".join(str(shape) for shape in properties.get("subgroup_matrix_configs", ()))
