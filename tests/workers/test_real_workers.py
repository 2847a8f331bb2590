"""The real engines behind the pool: what their deaths cost."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from wgsl_ls.wire.engine_specs import engine_spec, use_builds
from wgsl_ls.wire.jobs import Accepted, CompileJob, Crashed, EngineInfo, Rejected, Unavailable
from wgsl_ls.workers.pool import Pool

NESTED = "fn f() -> u32 { return " + "(" * 3000 + "1u" + ")" * 3000 + "; }"
HARMLESS = "@compute @workgroup_size(1) fn main() {}"


async def _info(workers: Pool, engine: str) -> EngineInfo:
    info = await workers.info(engine)
    if isinstance(info, Unavailable):
        pytest.skip(f"{info.why} ({info.remedy})")
    return info


@pytest.mark.gpu
async def test_a_build_runs_under_its_interpreter_without_this_program_there(tmp_path: Path) -> None:
    """The interpreter has the engine's package and not ours; both engines answer side by side."""
    package = find_spec("wgpu")
    assert package is not None and package.origin is not None
    packages = Path(package.origin).parents[1]
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nPYTHONPATH="{packages}" exec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    spec = engine_spec("wgpu")
    assert spec is not None
    use_builds([spec.build("wgpu-next", str(bare))])
    try:
        async with Pool({"wgpu": 1, "wgpu-next": 1}) as workers:
            info, other = await _info(workers, "wgpu"), await _info(workers, "wgpu-next")
            accepted = await workers.submit(CompileJob("wgpu-next", HARMLESS))
        use_builds([spec.build("wgpu-next", "/nowhere/python")])
        async with Pool({"wgpu-next": 1}) as workers:
            missing = await workers.info("wgpu-next")
    finally:
        use_builds([])
    assert isinstance(accepted, Accepted)
    assert other.version == info.version
    assert isinstance(missing, Unavailable)


@pytest.mark.gpu
async def test_nested_parentheses_end_naga_and_cost_one_crash() -> None:
    async with Pool({"wgpu": 1}) as workers:
        info = await _info(workers, "wgpu")
        before = await workers.submit(CompileJob("wgpu", HARMLESS))
        crashed = await workers.submit(CompileJob("wgpu", NESTED))
        again = await workers.submit(CompileJob("wgpu", NESTED))
        after = await workers.submit(CompileJob("wgpu", HARMLESS + " "))
        statistics = workers.statistics("wgpu")
    assert "naga" in info.version or "wgpu" in info.version
    assert isinstance(before, Accepted)
    assert isinstance(crashed, Crashed)
    assert crashed.signal in ("SIGSEGV", "SIGABRT", "SIGBUS")
    assert again == crashed
    assert isinstance(after, Accepted)
    assert (statistics.n_deaths, statistics.n_starts, statistics.n_quarantined) == (1, 2, 1)


async def test_tint_answers_the_same_text_with_an_error() -> None:
    async with Pool({"dawn": 1}) as workers:
        info = await _info(workers, "dawn")
        rejected = await workers.submit(CompileJob("dawn", NESTED))
        after = await workers.submit(CompileJob("dawn", HARMLESS))
    assert info.backend == "Null"
    assert isinstance(rejected, Rejected)
    assert isinstance(after, Accepted)


async def test_an_engine_nobody_has_names_those_there_are() -> None:
    async with Pool({"angle": 1}) as workers:
        result = await workers.submit(CompileJob("angle", HARMLESS))
    assert isinstance(result, Unavailable)
    assert "wgpu and dawn" in result.why


@pytest.mark.parametrize(("engine", "package"), [("dawn", "wgpudawn"), ("wgpu", "wgpu")])
async def test_a_missing_package_is_named_with_the_command_that_installs_it(
    engine: str, package: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A module that cannot be imported stands before the real one."""
    folder = tmp_path_factory.mktemp("without")
    (folder / f"{package}.py").write_text("raise ImportError('not installed')\n")
    async with Pool({engine: 1}, environment={"PYTHONPATH": str(folder)}) as workers:
        info = await workers.info(engine)
    assert isinstance(info, Unavailable)
    assert package in info.why
    assert f'-m pip install "{package}>=' in info.remedy


@pytest.mark.gpu
async def test_without_a_driver_the_remedy_installs_one() -> None:
    nothing = {"VK_ICD_FILENAMES": "/dev/null", "VK_DRIVER_FILES": "/dev/null", "WGPU_BACKEND_TYPE": "Vulkan"}
    async with Pool({"wgpu": 1}, environment=nothing) as workers:
        info = await workers.info("wgpu")
    assert isinstance(info, Unavailable)
    assert "adapter" in info.why
