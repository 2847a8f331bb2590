"""The command wgsl.smokeRun: dispatch one variant, judge its numbers, show what is wrong at the entry point.

The client may cancel the request or the progress that stands for it. One run at a time: runs would disturb each
other's times. server/smoke_runs.py does the work; it needs NumPy, so it is imported when first asked for.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

from pygls.exceptions import JsonRpcRequestCancelled

from wgsl_ls import extras
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.server import messages
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.messages import SmokeResult, SmokeRunArgument
from wgsl_ls.server.progress import Progress
from wgsl_ls.wire.engine_specs import smoke_engines


def register(server: WgslServer) -> None:
    one_at_a_time = asyncio.Lock()

    async def run(server: WgslServer, argument: SmokeRunArgument) -> SmokeResult:
        return await smoke_run(server, argument, one_at_a_time)

    server.serve(messages.SMOKE_RUN, run)


async def smoke_run(server: WgslServer, argument: SmokeRunArgument, one_at_a_time: asyncio.Lock) -> SmokeResult:
    session = server.session
    engine = argument.engine or smoke_engines()[0]
    if engine not in smoke_engines():
        raise LookupError(f"no engine '{engine}' runs shaders; there are {' and '.join(smoke_engines())}")
    view = session.view(argument.uri)
    index = _variant(server, view, argument.variant or "")
    name = view.variants[index].name
    try:
        runs = await asyncio.to_thread(import_module, "wgsl_ls.server.smoke_runs")
        target = import_module("wgsl_ls.smoke_session").Target(
            engine, argument.adapter or "", argument.matrices or "auto"
        )
    except ImportError as problem:
        raise LookupError(f"smoke runs need NumPy: {extras.remedy('smoke')} ({problem})") from problem
    async with one_at_a_time:

        def report(done: int, total: int, what: str) -> None:
            progress.report(f"{done}/{total} {what}", done * 100 // max(1, total))

        work = asyncio.ensure_future(runs.run_smoke(session, view, index, target, argument.case or "", report))
        progress = Progress(server, f"Smoke run of {name}", cancel=work.cancel)
        _cancel_with_request(server, work)
        try:
            outcome = await work
        except asyncio.CancelledError:
            work.cancel()
            progress.end("cancelled")
            raise JsonRpcRequestCancelled("the smoke run was cancelled") from None
        except BaseException as problem:
            progress.end(str(problem))
            raise
        progress.end(outcome.summary)
    server.publisher.held.replace(view.path, name, outcome.findings)
    server.publisher.publish()
    answer = SmokeResult(outcome.report, outcome.summary, outcome.ok, outcome.cases, smoke_engines(), outcome.html)
    server.tell(messages.SMOKE_FINISHED, answer)
    return answer


def _variant(server: WgslServer, view: RootView, name: str) -> int:
    """Index of the named or the active variant. Raises LookupError."""
    if not name:
        return server.session.host.active_variant(view)
    if name not in view.index_by_name:
        raise LookupError(f"there is no variant '{name}' of {view.path}")
    return view.index_by_name[name]


def _cancel_with_request(server: WgslServer, work: asyncio.Future[Any]) -> None:
    """End `work` when the client cancels the request. pygls answers it then, but lets a command run on."""
    requests = getattr(server.protocol, "_request_futures", {})
    request = requests.get(server.protocol.msg_id)
    if request is not None:
        request.add_done_callback(lambda done: work.cancel() if done.cancelled() else None)
