"""Which adapter wgpu is opened on: the fastest that gives a device, OpenGL last."""

import sys
from types import SimpleNamespace

import pytest

from wgsl_ls.engines.api import EngineUnavailable
from wgsl_ls.engines.wgpu_native import WgpuEngine


class _Adapter:
    def __init__(self, name: str, backend: str, kind: str, refuses: str = "") -> None:
        self.info = {
            "device": name,
            "description": "",
            "vendor": "",
            "backend_type": backend,
            "adapter_type": kind,
            "stackgroup_min_size": 4,
            "stackgroup_max_size": 32,
        }
        self.features: list[str] = []
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


def _opened(monkeypatch: pytest.MonkeyPatch, adapters: list[_Adapter], wanted: str = "") -> str:
    """Name of the adapter; the first is the one that wgpu itself would take."""
    gpu = SimpleNamespace(
        request_adapter_sync=lambda power_preference: adapters[0], enumerate_adapters_sync=lambda: adapters
    )
    wgpu = SimpleNamespace(gpu=gpu, GPUError=RuntimeError, GPUValidationError=RuntimeError, __version__="0")
    monkeypatch.setitem(sys.modules, "wgpu", wgpu)
    monkeypatch.setitem(sys.modules, "wgpu.backends", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "wgpu.backends.wgpu_native", SimpleNamespace(lib_version_info=(0,)))
    return WgpuEngine().open(wanted).adapter


@pytest.mark.parametrize(
    ("adapters", "wanted", "opened"),
    [
        ([_DISCRETE, _CPU], "", "discrete"),
        ([_CPU, _DISCRETE], "", "cpu"),  # wgpu knows why
        ([_GL, _CPU], "", "cpu"),
        ([_GL_ONLY, _CPU], "", "cpu"),
        ([_GL_ONLY], "", "gl only"),
        ([_GL_ONLY, _CPU], "opengl", "gl only"),
        ([_LOST, _CPU, _INTEGRATED], "", "integrated"),
        ([_LOST, _GL_ONLY, _CPU], "", "cpu"),
    ],
)
def test_the_fastest_that_gives_a_device(
    monkeypatch: pytest.MonkeyPatch, adapters: list[_Adapter], wanted: str, opened: str
) -> None:
    assert _opened(monkeypatch, adapters, wanted) == opened


def test_when_none_gives_a_device_the_first_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineUnavailable, match="Parent device is lost"):
        _opened(monkeypatch, [_LOST, _GL])
    with pytest.raises(EngineUnavailable, match="no compute shaders"):
        _opened(monkeypatch, [_LOST, _GL], "gl")
