"""The life of a worker behind `__main__`: tie it to its parent, open the engine, answer jobs until the
end."""

from __future__ import annotations

import argparse
import os
from importlib import import_module

from wgsl_ls.engines.api import Engine, EngineUnavailable
from wgsl_ls.engines.dispatch import DispatchRuntime, run_dispatch
from wgsl_ls.wire.child import frame_streams, limit_memory, limit_time, tie_to_parent, worker_memory, write_all
from wgsl_ls.wire.dispatch_jobs import DispatchJob
from wgsl_ls.wire.engine_specs import engine_names, engine_spec
from wgsl_ls.wire.frames import decode_message, encode_frame, read_frame
from wgsl_ls.wire.jobs import CompileJob, Unavailable


def run(arguments: list[str], frames_in: int, frames_out: int) -> int:
    parser = argparse.ArgumentParser(prog="python -m wgsl_ls.engines")
    parser.add_argument("engine", help=f"{', '.join(engine_names())}, or scripted[:FILE]")
    parser.add_argument("--adapter", default="", help="part of an adapter's or backend's name")
    parser.add_argument("--node", default="", help="of a build that runs in node: the program")
    parser.add_argument("--package", default="", help="of a build that runs in node: the folder of its package")
    options = parser.parse_args(arguments)
    tie_to_parent(frames_in)
    stream_in, stream_out = frame_streams(frames_in, frames_out)
    try:
        engine = make_engine(options.engine, options.node, options.package)
        hello = engine.open(options.adapter)
    except EngineUnavailable as unavailable:
        write_all(stream_out, encode_frame(Unavailable(unavailable.why, unavailable.remedy)))
        return 0
    limit_memory(worker_memory())  # after the driver has what it wants
    write_all(stream_out, encode_frame(hello))
    seconds = float(os.environ.get("WGSL_LS_WORKER_SECONDS", 0))
    while (payload := read_frame(stream_in)) is not None:
        write_all(stream_out, encode_frame(serve(engine, decode_message(payload), seconds)))
    return 0


def make_engine(name: str, node: str = "", package: str = "") -> Engine:
    """The engine called `name`, in `node` if that is given; importing its file is what may fail, so it happens here and
    not above."""
    spec = engine_spec(name)
    if spec is not None:
        module, _, runtime = (spec.node_runtime if node else spec.runtime).partition(":")
        engine: Engine = getattr(import_module(module), runtime)(*((node, package) if node else ()))
        return engine
    if name.split(":")[0] == "scripted":
        from wgsl_ls.engines.scripted import scripted_engine

        return scripted_engine(name.partition(":")[2])
    raise EngineUnavailable(f"there is no engine called {name!r}; the engines are {' and '.join(engine_names())}")


def serve(engine: Engine, job: object, seconds: float = 0) -> object:
    """The answer to one job of any kind. `seconds`: of computing, after which a text is given up; 0: any."""
    if isinstance(job, CompileJob):
        limit_time(seconds)
        try:
            return engine.compile(job)
        finally:
            limit_time(0)
    if isinstance(job, DispatchJob):
        if isinstance(engine, DispatchRuntime):
            return run_dispatch(engine, job)
        return Unavailable(f"the engine {engine.name} cannot run shaders")
    raise TypeError(f"no worker knows what to do with a {type(job).__name__}")
