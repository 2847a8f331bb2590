"""Which adapter wgpu is opened on: to run, the fastest that gives a device, OpenGL last; to compile, before it one in
software that knows as much of the language."""

import sys
from types import SimpleNamespace

import pytest

from wgsl_ls.engines.api import EngineUnavailable
from wgsl_ls.engines.wgpu_native import WgpuEngine
from wgsl_ls.smoke_session import command_of
from wgsl_ls.wire.engine_specs import FASTEST
from wgsl_ls.wire.jobs import EngineInfo


class _Adapter:
    def __init__(self, name: str, backend: str, kind: str, refuses: str = "", has: tuple[str, ...] = ()) -> None:
        self.info = {
            "device": name,
            "description": "",
            "vendor": "",
            "backend_type": backend,
            "adapter_type": kind,
            "stackgroup_min_size": 4,
            "stackgroup_max_size": 32,
        }
        self.features = list(has)
        self.limits: dict[str, int] = {}
        self._refuses = refuses

    def request_device_sync(self, **_: object) -> object:
        if self._refuses:
            raise RuntimeError(self._refuses)
        return SimpleNamespace(features=(), limits={})


_CPU = _Adapter("cpu", "Vulkan", "CPU")
_DISCRETE = _Adapter("discrete", "Vulkan", "DiscreteGPU")
_INTEGRATED = _Adapter("integrated", "Vulkan", "IntegratedGPU")
_LOST = _Adapter("lost", "Vulkan", "DiscreteGPU", "Parent device is lost")
_GL = _Adapter("gl", "OpenGL", "DiscreteGPU", "no compute shaders")
_GL_ONLY = _Adapter("gl only", "OpenGL", "DiscreteGPU")


def _opened(monkeypatch: pytest.MonkeyPatch, adapters: list[_Adapter], wanted: str = "") -> EngineInfo:
    """On which it is opened; the first is the one that wgpu itself would take."""
    gpu = SimpleNamespace(
        request_adapter_sync=lambda power_preference: adapters[0], enumerate_adapters_sync=lambda: adapters
    )
    wgpu = SimpleNamespace(gpu=gpu, GPUError=RuntimeError, GPUValidationError=RuntimeError, __version__="0")
    monkeypatch.setitem(sys.modules, "wgpu", wgpu)
    monkeypatch.setitem(sys.modules, "wgpu.backends", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "wgpu.backends.wgpu_native", SimpleNamespace(lib_version_info=(0,)))
    return WgpuEngine().open(wanted)


@pytest.mark.parametrize(
    ("adapters", "wanted", "opened"),
    [
        ([_DISCRETE, _CPU], FASTEST, "discrete"),
        ([_CPU, _DISCRETE], FASTEST, "cpu"),  # wgpu knows why
        ([_GL, _CPU], FASTEST, "cpu"),
        ([_GL_ONLY, _CPU], FASTEST, "cpu"),
        ([_GL_ONLY], FASTEST, "gl only"),
        ([_GL_ONLY, _CPU], "opengl", "gl only"),
        ([_LOST, _CPU, _INTEGRATED], FASTEST, "integrated"),
        ([_LOST, _GL_ONLY, _CPU], FASTEST, "cpu"),
    ],
)
def test_the_fastest_that_gives_a_device(
    monkeypatch: pytest.MonkeyPatch, adapters: list[_Adapter], wanted: str, opened: str
) -> None:
    assert _opened(monkeypatch, adapters, wanted).adapter == opened


_F16 = _Adapter("with f16", "Vulkan", "DiscreteGPU", has=("shader-f16", "timestamp-query"))
_CPU_F16 = _Adapter("cpu with f16", "Vulkan", "CPU", has=("shader-f16",))
_WARP = _Adapter("warp", "D3D12", "CPU", has=("shader-f16",))
_LOST_CPU = _Adapter("lost cpu", "Vulkan", "CPU", "Parent device is lost")


@pytest.mark.parametrize(
    ("adapters", "opened", "runs_on"),
    [
        ([_DISCRETE, _CPU], "cpu", "discrete"),
        ([_F16, _CPU], "with f16", None),  # it would refuse what the GPU takes
        ([_F16, _CPU, _CPU_F16], "cpu with f16", "with f16"),
        ([_F16, _WARP], "with f16", None),
        ([_DISCRETE, _LOST_CPU], "discrete", None),
        ([_DISCRETE], "discrete", None),
        ([_CPU], "cpu", None),
        ([_GL_ONLY, _INTEGRATED], "integrated", "gl only"),
    ],
)
def test_compiling_needs_no_gpu(
    monkeypatch: pytest.MonkeyPatch, adapters: list[_Adapter], opened: str, runs_on: str | None
) -> None:
    info = _opened(monkeypatch, adapters)
    assert (info.adapter, dict(info.properties).get("smoke-runs-on")) == (opened, runs_on)


def test_a_smoke_run_asks_for_the_fastest() -> None:
    for engine in ("wgpu", "dawn"):
        assert command_of(engine, "mine")[-2:] == ("--adapter", "mine")
    assert command_of("wgpu", "")[-2:] == ("--adapter", FASTEST)
    assert command_of("dawn", "")[-2] == "--adapter"


def test_when_none_gives_a_device_the_first_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineUnavailable, match="Parent device is lost"):
        _opened(monkeypatch, [_LOST, _GL])
    with pytest.raises(EngineUnavailable, match="no compute shaders"):
        _opened(monkeypatch, [_LOST, _GL], "gl")
