"""Engine: what a WGSL compiler must be able to do inside a worker process.

An engine is made once per process, opened once, and then given one job at a time. It answers with a result;
it does not catch its own death, for the parent sees that. `serve` answers every job kind the engine knows,
so that a new kind (a dispatch, for example) is one more entry and no new protocol.
"""

from __future__ import annotations

from typing import Protocol

from wgsl_ls.wire.engine_specs import engine_spec
from wgsl_ls.wire.jobs import CompileJob, CompileResult, EngineInfo


class EngineUnavailable(Exception):
    """The engine cannot run here; `remedy` is the one command that would change it, or empty."""

    def __init__(self, why: str, remedy: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy


def not_installed(name: str, error: Exception) -> EngineUnavailable:
    """The package of a listed engine cannot be imported."""
    spec = engine_spec(name)
    package, remedy = (spec.package, spec.remedy) if spec is not None else (name, "")
    return EngineUnavailable(f"the Python package {package} cannot be loaded: {error}", remedy)


class Engine(Protocol):
    """A WGSL compiler. `name` is the one used in jobs and configuration (see EngineSpec)."""

    @property
    def name(self) -> str: ...

    def open(self, adapter: str = "") -> EngineInfo:
        """Load the runtime and make a device. `adapter`: "" for the engine's own choice for compiling,
        FASTEST for that for running, else part of the name of an adapter or of a backend. Raises EngineUnavailable."""

    def compile(self, job: CompileJob) -> CompileResult:
        """Compile one text; never raises for anything the text contains."""
