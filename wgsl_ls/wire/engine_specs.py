"""EngineSpec: everything that is said about an engine outside of its runtime file. The one list of engines.

To add an engine: an entry here, its runtime file in engines/, and its package in pyproject.toml. Nothing else names
an engine; who needs to know something about one asks for a field of its spec.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """`name`: in jobs, configuration and reports. `title`: for people. `runtime`: "module:class" of what runs in a
    worker. `package`: the distribution it comes in; `requirement`: the versions of it that this program works with.
    `by_default`: runs when nobody says which engines. `clear_words`: of what several engines say about one mistake,
    its words are shown. `lists_errors`: it goes on after an error, so that its silence about another place means
    something. `judges_structures`: what it asks of numbers is known (wgsl/number_model.py), so that its verdict of one
    text holds for others that differ in numbers only. `judges_uniformity`: it refuses what needs all invocations of a
    subgroup where some may not come along. `runs_shaders`: can do smoke runs; `native_matrices`: with subgroup
    matrices of the device; `compiles_nowhere`: what it chooses for compiling is a backend that runs nothing, so a
    smoke run must name a real one."""

    name: str
    title: str
    runtime: str
    package: str
    requirement: str
    by_default: bool = True
    clear_words: bool = False
    lists_errors: bool = False
    judges_structures: bool = False
    judges_uniformity: bool = False
    runs_shaders: bool = False
    native_matrices: bool = False
    compiles_nowhere: bool = False

    @property
    def remedy(self) -> str:
        """The command that installs it where this program runs."""
        return f'{sys.executable} -m pip install "{self.requirement}"'


ENGINES: tuple[EngineSpec, ...] = (
    EngineSpec(
        name="wgpu",
        title="naga (wgpu)",
        runtime="wgsl_ls.engines.wgpu_native:WgpuEngine",
        package="wgpu",
        requirement="wgpu>=0.32,<0.33",
        runs_shaders=True,
    ),
    EngineSpec(
        name="dawn",
        title="Tint (Dawn)",
        runtime="wgsl_ls.engines.dawn:DawnEngine",
        package="wgpudawn",
        requirement="wgpudawn>=0.32.0.4,<0.33",
        clear_words=True,
        judges_structures=True,
        judges_uniformity=True,
        runs_shaders=True,
        native_matrices=True,
        compiles_nowhere=True,
    ),
)
"""In the order in which they are asked and named."""


def engine_names() -> tuple[str, ...]:
    """All of them, in order."""
    return tuple(spec.name for spec in ENGINES)


def default_engines() -> tuple[str, ...]:
    """Those that judge a variant when nobody says which."""
    return tuple(spec.name for spec in ENGINES if spec.by_default)


def smoke_engines() -> tuple[str, ...]:
    """Those that can run shaders; the first one does when nobody says which."""
    return tuple(spec.name for spec in ENGINES if spec.runs_shaders)


def by_preference() -> tuple[str, ...]:
    """All of them, those first whose words a person should read."""
    return tuple(spec.name for spec in sorted(ENGINES, key=lambda spec: not spec.clear_words))


def engine_spec(name: str) -> EngineSpec | None:
    return next((spec for spec in ENGINES if spec.name == name), None)


def engine_title(name: str) -> str:
    """For people; an engine that is not listed (a test's) is called by its name."""
    spec = engine_spec(name)
    return spec.title if spec is not None else name


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """`names`, each once, listed engines first and in their order."""
    wanted = dict.fromkeys(names)
    listed = [name for name in engine_names() if name in wanted]
    return (*listed, *(name for name in wanted if name not in listed))
