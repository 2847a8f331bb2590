"""EngineSpec: everything that is said about an engine outside of its runtime file. The one list of engines, and the
builds of them that the user has beside it (`use_builds`): another version in another Python environment.

To add an engine: an entry here, its runtime file in engines/, and its package in pyproject.toml. Nothing else names
an engine; who needs to know something about one asks for a field of its spec.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

FASTEST: Final = "fastest"
"""What a worker is told in place of an adapter's name."""


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
    smoke run must name a real one; `compiles_in_software`: it is a driver in software where there is one, so a smoke
    run must ask for the fastest. `node_runtime`: what runs in a worker for the engine's package for node, "" if there
    is none. `base`: of a build, the engine that it is another version of, `is_older`: an earlier one; `python`: the
    interpreter that its worker runs under, which has that version; or `node`, the program, and `node_package`, the
    folder of the package there."""

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
    compiles_in_software: bool = False
    node_runtime: str = ""
    base: str = ""
    is_older: bool = False
    python: str = ""
    node: str = ""
    node_package: str = ""

    @property
    def remedy(self) -> str:
        """The command that installs it where its worker runs."""
        return f'{self.python or sys.executable} -m pip install "{self.requirement}"'

    def build(self, name: str, python: str) -> EngineSpec:
        """Another build of this engine. What is known of the checks of one version is not known of another."""
        title = f"{self.title}, {name}"
        return replace(self, name=name, title=title, base=self.name, python=python, judges_structures=False)

    def node_build(self, name: str, node: str, package: str) -> EngineSpec:
        """A build in node, which only compiles: `package` is the folder that holds the engine's package."""
        return replace(self.build(name, ""), node=node, node_package=package, runs_shaders=False, native_matrices=False)


ENGINES: tuple[EngineSpec, ...] = (
    EngineSpec(
        name="wgpu",
        title="naga (wgpu)",
        runtime="wgsl_ls.engines.wgpu_native:WgpuEngine",
        package="wgpu",
        requirement="wgpu>=0.32,<0.33",
        runs_shaders=True,
        compiles_in_software=True,
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
        node_runtime="wgsl_ls.engines.dawn_node:DawnInNode",
    ),
)
"""In the order in which they are asked and named."""


_builds: list[EngineSpec] = []
_asked: list[str] = []


def use_builds(builds: Sequence[EngineSpec], asked: Sequence[str] = ()) -> None:
    """What the user has beside the engines of the list, in place of what was said before. `asked`: listed engines that
    judge when a run names none; empty: all."""
    _builds[:] = builds
    _asked[:] = asked


def listed_engines() -> tuple[str, ...]:
    """Those of the list, without builds: what a workspace may name."""
    return tuple(spec.name for spec in ENGINES)


def engine_names() -> tuple[str, ...]:
    """All of them, builds behind the list, in order."""
    return tuple(spec.name for spec in (*ENGINES, *_builds))


def asked_engines() -> tuple[str, ...]:
    """Those that a run asks at most when it names none."""
    return tuple(name for name in engine_names() if not _asked or name in _asked or base_of(name) != name)


def default_engines() -> tuple[str, ...]:
    """Those that judge a variant when nobody says which."""
    return tuple(spec.name for spec in ENGINES if spec.by_default)


def with_builds(names: Iterable[str]) -> tuple[str, ...]:
    """`names`, and the builds of them."""
    wanted = tuple(names)
    if not _builds:  # thousands of variants are asked
        return wanted
    return (*wanted, *(spec.name for spec in _builds if spec.base in wanted))


def base_of(name: str) -> str:
    """The engine that a build is another version of; `name` for every other."""
    return next((spec.base for spec in _builds if spec.name == name), name)


def versions_of(base: str) -> tuple[str, ...]:
    """An engine and its builds, as the user listed them: older ones first."""
    builds = [spec for spec in _builds if spec.base == base]
    older, newer = ([spec.name for spec in builds if spec.is_older is is_older] for is_older in (True, False))
    return (*older, base, *newer)


def smoke_engines() -> tuple[str, ...]:
    """Those that can run shaders; the first one does when nobody says which."""
    return tuple(spec.name for spec in (*ENGINES, *_builds) if spec.runs_shaders)


def by_preference() -> tuple[str, ...]:
    """All of them, those first whose words a person should read, of one engine the listed build."""
    return tuple(spec.name for spec in sorted((*ENGINES, *_builds), key=lambda spec: not spec.clear_words))


def engine_spec(name: str) -> EngineSpec | None:
    return next((spec for spec in (*ENGINES, *_builds) if spec.name == name), None)


def judges_structures(name: str) -> bool:
    """See EngineSpec."""
    spec = engine_spec(name)
    return spec is not None and spec.judges_structures


def engine_title(name: str) -> str:
    """For people; an engine that is not listed (a test's) is called by its name."""
    spec = engine_spec(name)
    return spec.title if spec is not None else name


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """`names`, each once, listed engines first and in their order."""
    wanted = dict.fromkeys(names)
    listed = [name for name in engine_names() if name in wanted]
    return (*listed, *(name for name in wanted if name not in listed))
