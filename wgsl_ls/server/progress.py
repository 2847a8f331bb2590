"""Progress: work that a client shows while it lasts ($/progress), for clients that show such; silent for others."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from wgsl_ls.text.harmless import notice

_TICK = 1.0
"""Seconds between two sayings of how long it has taken."""


class Progress:
    """`client`: a server of pygls. `after`: seconds of work before it is shown: what is quicker needs no word.
    `cancel`: called when the user does not want it any more. `clock`: what is reported is how long it has taken."""

    def __init__(
        self,
        client: Any,
        title: str,
        *,
        after: float = 0.0,
        cancel: Callable[[], object] | None = None,
        clock: bool = False,
    ) -> None:
        window = client.client_capabilities.window
        self._client = client
        self._title = notice(title)
        self._after = after
        self._cancel = cancel
        self._clock = clock
        self._token = f"wgsl-ls {uuid.uuid4()}"
        self._message: str | None = None
        self._percentage: int | None = None
        self._begun = False
        self._ended = asyncio.Event()
        if window is not None and window.work_done_progress:
            client.spawn(self._show())

    async def _show(self) -> None:
        started = time.monotonic()
        await asyncio.sleep(self._after)
        if self._ended.is_set():
            return
        progress = self._client.work_done_progress
        try:
            await progress.create_async(self._token)
        except JsonRpcException:
            return
        if self._ended.is_set():
            progress.tokens.pop(self._token, None)
            return
        self._begun = True
        begin = types.WorkDoneProgressBegin(
            self._title, cancellable=self._cancel is not None, message=self._message, percentage=self._percentage
        )
        progress.begin(self._token, begin)
        if (cancel := self._cancel) is not None:
            progress.tokens[self._token].add_done_callback(lambda done: cancel() if done.cancelled() else None)
        while self._clock and not self._ended.is_set():
            await asyncio.sleep(_TICK)
            self.report(f"{time.monotonic() - started:.0f} s")

    def report(self, message: str, percentage: int | None = None) -> None:
        message = notice(message)
        self._message, self._percentage = message, percentage
        if self._begun and not self._ended.is_set():
            value = types.WorkDoneProgressReport(message=message, percentage=percentage)
            self._client.work_done_progress.report(self._token, value)

    def end(self, message: str | None = None) -> None:
        if self._begun and not self._ended.is_set():
            self._client.work_done_progress.end(self._token, types.WorkDoneProgressEnd(message=message))
            self._client.work_done_progress.tokens.pop(self._token, None)
        self._ended.set()
