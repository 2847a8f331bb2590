"""Progress as a client shows it, with a client that keeps what it is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsprotocol import types

from wgsl_ls.server.progress import Progress


class Window:
    """A client that shows progress. `said`: what it was told."""

    def __init__(self, *, can: bool | None) -> None:
        window = types.WindowClientCapabilities(work_done_progress=can)
        self.client_capabilities = types.ClientCapabilities(window=window if can is not None else None)
        self.work_done_progress = self
        self.tokens: dict[Any, asyncio.Future[None]] = {}
        self.tasks: list[asyncio.Task[None]] = []
        self.said: list[str] = []

    def spawn(self, work: Any) -> None:
        self.tasks.append(asyncio.create_task(work))

    async def create_async(self, token: Any) -> None:
        self.tokens[token] = asyncio.get_running_loop().create_future()

    def begin(self, token: Any, value: types.WorkDoneProgressBegin) -> None:
        self.said.append(f"begin {value.title} {value.cancellable}")

    def report(self, token: Any, value: types.WorkDoneProgressReport) -> None:
        self.said.append(f"{value.message} {value.percentage}")

    def end(self, token: Any, value: types.WorkDoneProgressEnd) -> None:
        self.said.append("end")


@pytest.mark.parametrize("can", [True, False, None])
async def test_progress_is_shown_to_a_client_that_can(can: bool | None) -> None:
    client = Window(can=can)
    progress = Progress(client, "Work")
    await asyncio.gather(*client.tasks)
    progress.report("half", 50)
    progress.end()
    assert client.said == (["begin Work False", "half 50", "end"] if can else [])


@pytest.mark.parametrize(("finish", "calls"), [("cancel", 1), ("set_result", 0)])
async def test_what_nobody_wants_any_more_is_cancelled(finish: str, calls: int) -> None:
    client, called = Window(can=True), []
    Progress(client, "Work", cancel=lambda: called.append(1))
    await asyncio.gather(*client.tasks)
    (token,) = client.tokens.values()
    getattr(token, finish)(*([None] if finish == "set_result" else []))
    await asyncio.sleep(0)
    assert (client.said, len(called)) == (["begin Work True"], calls)
