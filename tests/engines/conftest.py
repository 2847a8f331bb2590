"""The real runtimes, opened once: naga wants a Vulkan adapter (mark `gpu`), Tint nothing but its package."""

from __future__ import annotations

import pytest

from wgsl_ls.engines.api import EngineUnavailable
from wgsl_ls.engines.dawn import DawnEngine
from wgsl_ls.engines.wgpu_native import WgpuEngine


@pytest.fixture(scope="session")
def wgpu_engine() -> WgpuEngine:
    engine = WgpuEngine()
    try:
        engine.open()
    except EngineUnavailable as unavailable:
        pytest.skip(f"{unavailable.why} ({unavailable.remedy})")
    return engine


@pytest.fixture(scope="session")
def dawn_engine() -> DawnEngine:
    engine = DawnEngine()
    try:
        engine.open()
    except EngineUnavailable as unavailable:
        pytest.skip(f"{unavailable.why} ({unavailable.remedy})")
    return engine
