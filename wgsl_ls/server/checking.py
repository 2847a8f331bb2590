"""ServerChecker: keeps the diagnostics of open documents fresh.

After a change: the fast phase at once (preprocessing, syntax, the active variant), then after a pause the engines,
active variant first. A newer change stops the plan of an older one between two variants; jobs that already run are
left to finish, their results are stored by content and may be wanted again.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from typing import Any

from wgsl_ls.analysis.across import across_steps
from wgsl_ls.analysis.check import RejectedJob, look_behind, run_jobs
from wgsl_ls.analysis.plan import PlannedJob
from wgsl_ls.analysis.report import RootReport
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.project.file_kind import kind_of
from wgsl_ls.project.held_inferences import HeldInferences
from wgsl_ls.server import messages
from wgsl_ls.server.memory import resident_bytes
from wgsl_ls.server.messages import EngineStatistics, ServerStatus, Statistics, StatusWord
from wgsl_ls.server.progress import Progress
from wgsl_ls.server.publishing import Publisher
from wgsl_ls.server.session import SLICE, Overtaken, ServerSession, done_within, in_slices, logger
from wgsl_ls.server.uris import path_of
from wgsl_ls.server.views import Views
from wgsl_ls.text.listing import counted
from wgsl_ls.text.steps import Steps
from wgsl_ls.wire.engine_specs import judges_structures
from wgsl_ls.wire.jobs import CompileResult, TimedOut, Unavailable
from wgsl_ls.wire.verdicts import State
from wgsl_ls.workers.pool import Pool, n_cores

_SHORTLY = 0.1
_READ_EVERY = 0.02
_PUBLISH_EVERY = 0.1
_NO_NEWS = 3.0
_SELDOM = 2.0
_NEWS_EVERY = 0.4
_LONG = 2.0
_BETWEEN = 0.5
_RESTED = 2.0
_QUIET = 30.0
_PATIENCE = 10.0
"""Seconds."""
_VERY_MANY = 256
"""Variants."""
_GROWN = 1.3
"""Times as much memory."""
_SHARE = 3
"""Bringing reports up to date takes at most a quarter of the time."""


class ServerChecker:
    """`start` once the client is ready; `changed` after every change; `stop` at the end."""

    def __init__(self, session: ServerSession, publisher: Publisher, views: Views) -> None:
        self.session = session
        self.publisher = publisher
        self.views = views
        self.pool: Pool | None = None
        self._wake = asyncio.Event()
        self._hurry = False
        self._last_change = 0.0
        self._check_times: deque[float] = deque(maxlen=10)
        self._tasks: list[asyncio.Task[Any]] = []
        self._dirty: set[str] = set()
        self._roots_wanted: set[str] = set()
        self._rejected: list[RejectedJob] = []
        """In this check, for a look behind their errors."""
        self._fed = asyncio.Event()
        """The workers have one of each structure."""
        self._answered: dict[str, set[int]] = {}
        """Variants of roots, compiled themselves, that nothing was made of yet."""
        self._hung: set[str] = set()
        """Roots of which an engine did not answer in time, in this check."""
        self.reading = False
        """The host's code is being read: more variants may come."""
        self._state: tuple[Any, ...] = ()
        self._said_at = 0.0
        self._told: tuple[StatusWord, int, int, str, str] = ("starting", 0, 0, "", "")
        self._progress: Progress | None = None
        self._opening = True
        self._restarting = asyncio.Lock()
        self._reporting = asyncio.Lock()
        """Of what is worked out of a root in slices each part rests on the one before."""
        self._publishing = asyncio.Lock()
        self._looked_through = 0
        """Bytes that were there when everything was looked through for garbage."""
        self._first_slice = float("inf")
        """Seconds of a fast phase before other messages have their turn; until the checking loop runs none wait."""
        self._fast: asyncio.Task[None] | None = None
        """The rest of a fast phase that took longer than a slice."""
        self.idle = asyncio.Event()
        """Nothing is left to check, and the engines have started."""

    # Life

    async def start(self) -> None:
        """Start workers and the checking loop."""
        if self._tasks:
            return
        self.session.workspace.inferences = HeldInferences()
        self._first_slice = SLICE
        self._tasks.append(asyncio.create_task(self._run(), name="checking"))
        self._tasks.append(asyncio.create_task(self._open_pool(), name="open pool"))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._fast is not None:
            self._fast.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self.pool is not None:
            pool, self.pool = self.pool, None
            await pool.close()

    async def restart_engines(self) -> None:
        async with self._restarting:
            self._opening = True
            self.idle.clear()
            pool, self.pool = self.pool, None
            if pool is not None:
                await pool.close()
            self.session.store.forget_failures()
            await self._start_engines()

    async def _open_pool(self) -> None:
        async with self._restarting:
            await self._start_engines()

    async def _start_engines(self) -> None:
        session = self.session
        engines = session.settings.judges
        pool = Pool({engine: self._n_lanes(engine) for engine in engines})
        await pool.__aenter__()
        self.pool = pool
        infos = await asyncio.gather(*(pool.info(engine) for engine in engines))
        for engine, info in zip(engines, infos, strict=True):
            if isinstance(info, Unavailable):
                session.store.unavailable[engine] = info
                self.status("engine-missing", message=f"{engine}: {info.why}", remedy=info.remedy)
                logger.warning("%s is not available: %s %s", engine, info.why, info.remedy)
            else:
                session.store.versions[engine] = info.version
        self._opening = False
        self.hurry()

    def _n_lanes(self, engine: str) -> int:
        """One of each structure is compiled before anything else, by the engines that judge structures alone: those may
        have every core."""
        settings = self.session.settings
        n_sharing = 1 if judges_structures(engine) else max(1, len(settings.judges))
        return settings.workers or max(1, min(4, n_cores() // n_sharing))

    def statistics(self) -> Statistics:
        """What the checking has cost so far. `engines`: jobs that were run, starts and deaths of worker processes."""
        engines = {}
        for engine in self.session.settings.judges if self.pool is not None else ():
            known = self.pool.statistics(engine) if self.pool is not None else None
            if known is not None:
                version = self.session.store.versions.get(engine)
                engines[engine] = EngineStatistics(known.n_jobs, known.n_starts, known.n_deaths, version)
        return Statistics(self.idle.is_set(), self.session.host.revision, resident_bytes(), engines)

    # Changes

    def changed(self, path: str | None = None) -> None:
        """Something changed: fast phase now, engines too, or soon where somebody types (`path`: only the text of this
        file changed)."""
        self._last_change = time.monotonic()
        self._hurry = self._hurry or path is None
        self.idle.clear()
        self.fast(path)
        self._wake.set()

    def hurry(self) -> None:
        """Check without waiting for the end of typing."""
        self._hurry = True
        self.idle.clear()
        self._wake.set()

    def want(self, roots: list[str]) -> None:
        """Check these roots too, open or not, and try again what failed by itself."""
        self.session.store.forget_failures()
        if self.pool is not None:
            self.pool.forget_failures()
        self._roots_wanted.update(roots)
        self.hurry()

    async def check(self, roots: list[str]) -> None:
        """Check these roots now, beside whatever else is being checked, and return when they are judged."""
        self.want(roots)
        while self.pool is not None and not self.idle.is_set():
            try:
                await self.session.searched(roots)
                snapshot = self.session.snapshot
                await self.session.finish(snapshot.closure_steps())
            except Overtaken:
                continue
            views = [view for root in roots if (view := snapshot.root(root)) is not None]
            here = asyncio.gather(*(self._judge_view(snapshot, view) for view in views))
            for view in (*views, *views):  # twice, as in _check
                await self._run_plan(snapshot, view, None)
            await here
            if snapshot.is_current():
                self._dirty.update(view.path for view in views)
                await self._publish_dirty(snapshot, is_last=True)
                return
        await self.idle.wait()

    def wanted_roots(self, snapshot: Snapshot) -> list[str]:
        """Roots of the open documents, in the order in which they were opened, then those asked for."""
        found: dict[str, None] = {}
        for uri in reversed(list(self.session.open_documents)):
            path = path_of(uri)
            if path is None or not kind_of(path).is_wgsl:
                continue
            context = snapshot.context(path)
            if context is not None:
                found[context.root] = None
            found.update(dict.fromkeys(snapshot.roots_of(path)))
        found.update(dict.fromkeys(sorted(self._roots_wanted)))
        return list(found)

    def forget_all_but(self, roots: Collection[str]) -> bool:
        """Drop what was found in roots that nobody looks at any more; whether there were such."""
        stale = [root for root in self.session.reporter.reports if root not in roots]
        for root in stale:
            self.session.reporter.forget(root)
            self.publisher.news.forget(root)
        return bool(stale)

    # The fast phase

    def fast(self, changed: str | None = None) -> None:
        """Preprocessing and syntax of the active variant of each open document, published at once, or as soon as what
        takes longer than a slice has been done between messages. `changed`: a shader or header whose text is all that
        is new, so that roots which do not read it show what they did."""
        if self._fast is not None and not self._fast.done():
            self._fast.cancel()
            changed = None
        steps = self._fast_steps(changed)
        if not done_within(self._first_slice, steps):
            self._fast = asyncio.ensure_future(self._finish_fast(steps))

    async def _finish_fast(self, steps: Iterator[None]) -> None:
        async with self._reporting:
            async for _ in in_slices(steps):
                pass

    def _fast_steps(self, changed: str | None) -> Iterator[None]:
        session = self.session
        snapshot = session.snapshot
        seen: set[tuple[str, int]] = set()
        for uri in list(session.open_documents):
            path = path_of(uri)
            if path is None or not kind_of(path).is_wgsl:
                continue
            yield from snapshot.context_steps(path)
            context = snapshot.context(path)
            if context is None or (context.root, context.variant_index) in seen:
                continue
            seen.add((context.root, context.variant_index))
            is_new = context.root not in session.reporter.reports or changed is None or not kind_of(changed).is_wgsl
            if not is_new and changed not in snapshot.included_files(context.root):
                continue
            for view in snapshot.views([context.root]):
                yield from session.reporter.fast_report_steps(snapshot, view, context.variant_index)
        yield from self.publisher.publish_steps()

    # The engines

    def debounce(self) -> float:
        """Seconds to wait after a keystroke: what checks took lately, between 50 and 200 ms; what an edit makes
        unwanted soon ends."""
        fixed = self.session.settings.debounce_ms
        if fixed:
            return fixed / 1000
        if not self._check_times:
            return 0.1
        return min(0.2, max(0.05, sum(self._check_times) / len(self._check_times) / 4))

    async def _run(self) -> None:
        while True:
            await self._woken()
            await self._pause(min(self.debounce(), self.session.settings.debounce_ms / 1000 or _SHORTLY))
            in_hurry, self._hurry = self._hurry, False
            try:
                await self._check(in_hurry)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise
                # Only the jobs were cancelled: the engines are being restarted, and wake us when they have.
            except Exception:  # noqa: BLE001 - a handler's edge: one failed check must not end all later ones
                logger.exception("checking failed; please report this")
            await self._fast_is_over()
            if not self._wake.is_set() and not self._opening:
                self.idle.set()

    async def _fast_is_over(self) -> None:
        """Engines get their texts meanwhile; what is worked out here beside them must not hold it up."""
        if self._fast is not None:
            await asyncio.wait([self._fast])

    async def _pause(self, seconds: float, wanted: Callable[[], bool] = lambda: True) -> None:
        """Until nothing was typed for so long, or somebody is in a hurry, or `wanted()` is False."""
        while not self._hurry and wanted() and (rest := self._last_change + seconds - time.monotonic()) > 0:
            await asyncio.sleep(min(rest, 0.05))

    async def _woken(self) -> None:
        """Wait for work. What is looked for over all roots is prepared when nothing was edited for a moment. A full
        look for garbage among the values of many variants takes long, so it is done after a while (`serve` switches it
        off otherwise); what is no circle is freed at once."""
        for pause, do in ((_RESTED, self._look_ahead), (_QUIET, self._collect)):
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
                    break
            except TimeoutError:
                await do()
        await self._wake.wait()
        self._wake.clear()

    async def _collect(self) -> None:
        """A full look for garbage is a second's work where thousands of variants are known, and cannot be cut: so what
        lived through one is not looked at again before there is much more of it. (Hardly anything is garbage by a
        circle.)"""
        if self._looked_through and resident_bytes() > _GROWN * self._looked_through:
            gc.unfreeze()
            self._looked_through = 0
        elif not self._looked_through:
            gc.freeze()
        gc.collect()
        gc.freeze()
        self._looked_through = self._looked_through or resident_bytes()

    async def _look_ahead(self) -> None:
        """Lay the variants of every root over each other, which the first question about a name in all roots would wait
        for; whoever has work ends it."""
        snapshot = self.session.snapshot
        for root in snapshot.roots():
            async for _ in in_slices(self.session.workspace.settings_steps(root)):
                if self._wake.is_set() or not snapshot.is_current():
                    return
            for view in snapshot.views([root]):
                async for _ in in_slices(across_steps(view)):
                    if self._wake.is_set() or not snapshot.is_current():
                        return
            await asyncio.sleep(0)
            if self._wake.is_set() or not snapshot.is_current():
                return

    async def _check(self, in_hurry: bool = True) -> None:
        """`in_hurry`: for all of it; else only the active variants do not wait for the end of typing."""
        session = self.session
        started = time.monotonic()
        try:
            await self._search()
            snapshot = session.snapshot
            await session.finish(snapshot.closure_steps())
        except Overtaken:
            return  # whoever changed something has woken us
        self.views.look()
        roots = self.wanted_roots(snapshot)
        views = [view for root in roots if (view := snapshot.root(root)) is not None]
        if self.forget_all_but(roots):
            await self._publish()
        total = sum(len(view.variants) for view in views)

        self._hung.clear()
        self._rejected = []
        self._fed.clear()
        self._dirty.update(view.path for view in views)
        publishing = asyncio.create_task(self._publish_loop(snapshot, total))
        here = asyncio.create_task(self._judge_here(snapshot, views))
        telling: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            if self.pool is not None:
                # One answer of the active variants first, then everything else; roots in which an engine hung come
                # last, for others must not wait for as many deadlines as these have variants. The second time is also
                # for what turned out not to be judged by another variant of its structure.
                n_first = await asyncio.gather(
                    *(self._run_plan(snapshot, view, [session.host.active_variant(view)]) for view in views)
                )
                answered = [view for view, n_run in zip(views, n_first, strict=True) if n_run]
                telling = asyncio.create_task(self._publish_active(snapshot, answered))
                if not in_hurry:
                    await self._pause(self.debounce(), snapshot.is_current)
                for view in views if total > _VERY_MANY else ():
                    if snapshot.is_current():
                        await self._run_firsts(snapshot, view)
                await telling
                if total > _VERY_MANY:
                    await self._publish_dirty(snapshot)
                    self._fed.set()
                later = []
                for view in views:
                    if snapshot.is_current():
                        is_hung = view.path in self._hung
                        n_run = 0 if is_hung else await self._run_plan(snapshot, view, None, patient=False)
                        if n_run or view.path in self._hung:
                            later.append(view)
                for view in later:
                    if snapshot.is_current():
                        await self._run_plan(snapshot, view, None)
                await self._look_behind(snapshot)
            await here
        finally:
            for task in (publishing, here, telling):
                task.cancel()
            await asyncio.gather(publishing, here, telling, return_exceptions=True)
        if snapshot.is_current():
            self._dirty.update(view.path for view in views)
            await self._publish_dirty(snapshot, is_last=True)
            self._check_times.append(time.monotonic() - started)
            missing = session.store.unavailable
            if self.pool is None:
                self.status("starting", 0, total, "starting the engines")
            elif missing:
                message = "; ".join(f"{name}: {entry.why}" for name, entry in missing.items())
                self.status("engine-missing", total, total, message, next(iter(missing.values())).remedy)
            else:
                self.status("idle", total, total)
        else:
            self.status("stale", *self._progress_made())

    def _note(self, planned: PlannedJob, result: CompileResult) -> None:
        self._dirty.add(planned.root)
        self._answered.setdefault(planned.root, set()).add(planned.index)
        if isinstance(result, TimedOut):
            self._hung.add(planned.root)

    async def _search(self) -> None:
        """Look for variants of undeclared roots whose directives changed; until then they have those of before."""
        await self.session.finish(self.session.snapshot.closure_steps())
        if await self.session.searched(self.wanted_roots(self.session.snapshot)):
            self.fast()

    async def _run_plan(self, snapshot: Snapshot, view: RootView, order: list[int] | None, patient: bool = True) -> int:
        """How many jobs ran. `patient`: go on when an engine hangs."""
        session = self.session

        def jobs(engine: str) -> Iterator[PlannedJob | None]:
            seen: set[tuple[str, str]] = set()
            if order is None:
                yield from session.reporter.first_jobs(view, engine, seen)
            yield from session.reporter.jobs(view, order, seen, hurry=order is not None, engine=engine)

        def wanted() -> bool:
            return snapshot.is_current() and (patient or view.path not in self._hung)

        return await self._run_jobs(self.session.settings.judges, jobs, wanted)

    async def _run_firsts(self, snapshot: Snapshot, view: RootView) -> None:
        """One of each structure, by the engines whose verdict holds for all of it; the others come later."""
        reporter, wanted = self.session.reporter, lambda: snapshot.is_current() and view.path not in self._hung
        quick = [one for one in self.session.settings.judges if judges_structures(one)]
        self._answered.pop(view.path, None)
        reading = asyncio.create_task(self._read_answers(snapshot, view))
        try:
            await self._run_jobs(quick, lambda engine: reporter.first_jobs(view, engine), wanted)
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError, Overtaken):
                await reading

    async def _read_answers(self, snapshot: Snapshot, view: RootView) -> None:
        """What the answers mean, while the others are compiled: so the report of all of them is soon made."""
        while snapshot.is_current():
            answered = self._answered.pop(view.path, None)
            if not answered:
                await asyncio.sleep(_READ_EVERY)
                continue
            async with self._reporting:
                await self.session.finish(self.session.reporter.renew_steps(view, sorted(answered)))

    async def _run_jobs(
        self, engines: Iterable[str], jobs: Callable[[str], Iterator[PlannedJob | None]], wanted: Callable[[], bool]
    ) -> int:
        """How many jobs ran. Each engine at its own pace: nobody waits in a queue behind what a slower one is asked."""
        pool, store = self.pool, self.session.store
        if pool is None:
            return 0  # The engines are being restarted.
        runs = (
            run_jobs(pool, store, jobs(one), self._note, self._in_flight, wanted, self._rejected) for one in engines
        )
        return sum(await asyncio.gather(*runs))

    @property
    def _in_flight(self) -> int:
        return 4 * max(map(self._n_lanes, self.session.settings.judges), default=1)

    async def _look_behind(self, snapshot: Snapshot) -> None:
        """Last, for it takes longer than all that came before where much is wrong."""
        if self.pool is not None:
            rejected = [one for one in self._rejected if one[0].root not in self._hung]
            store, wanted = self.session.store, snapshot.is_current
            await look_behind(self.pool, store, rejected, self._note, self._in_flight, wanted)

    async def _judge_here(self, snapshot: Snapshot, views: list[RootView]) -> None:
        """Our own front end and device profiles, while the engines compile in their processes: what is wrong in other
        variants than the active one need not wait for them. With very many variants one of each structure goes first,
        which this would starve."""
        await self._fast_is_over()
        await self._feeding(sum(len(view.variants) for view in views), _PATIENCE)
        for view in views:
            await self._judge_view(snapshot, view)

    async def _judge_view(self, snapshot: Snapshot, view: RootView) -> None:
        news_at = time.monotonic()
        async for _ in in_slices(self.session.reporter.local_steps(view)):
            if not snapshot.is_current():
                return
            if time.monotonic() - news_at > _NEWS_EVERY:
                self._dirty.add(view.path)
                news_at = time.monotonic()
        self._dirty.add(view.path)

    async def _feeding(self, n_variants: int, patience: float) -> None:
        """Until the workers have one of each structure, where there are so many variants that other work here would
        starve them."""
        if self.pool is not None and n_variants > _VERY_MANY:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._fed.wait()

    async def _publish_active(self, snapshot: Snapshot, views: list[RootView]) -> None:
        """What the engines say of the variants that are looked at, without waiting for the others."""
        if not views or not snapshot.is_current():
            return
        session = self.session
        for view in views:
            steps = session.reporter.fast_report_steps(snapshot, view, session.host.active_variant(view), settle=True)
            try:
                await self._told_of(view, steps)
            except Overtaken:
                return
        await self._publish()

    async def _publish(self) -> None:
        async for _ in in_slices(self.publisher.publish_steps()):
            pass

    async def _publish_loop(self, snapshot: Snapshot, n_variants: int) -> None:
        await self._fast_is_over()
        await self._feeding(n_variants, _NO_NEWS)
        pause = _PUBLISH_EVERY
        while True:
            await asyncio.sleep(pause)
            began = time.monotonic()
            await self._publish_dirty(snapshot)
            pause = min(_SELDOM, max(_PUBLISH_EVERY, _SHARE * (time.monotonic() - began)))

    async def _publish_dirty(self, snapshot: Snapshot, is_last: bool = False) -> None:
        """Bring the reports of roots with new results up to date, in slices, and publish. `is_last`: nothing is being
        judged any more."""
        async with self._publishing:
            await self._publish_news(snapshot, is_last)

    async def _publish_news(self, snapshot: Snapshot, is_last: bool) -> None:
        session = self.session
        dirty, self._dirty = self._dirty, set()
        has_news = False
        for root in sorted(dirty):
            view = snapshot.root(root)
            if view is None or not snapshot.is_current():
                continue
            try:
                has_news = await self._told_of(view, session.reporter.report_steps(snapshot, view, is_last)) or has_news
            except Overtaken:
                self._dirty |= dirty
                return
        if has_news:
            self.views.refresh_lenses()
        if dirty and snapshot.is_current():
            await self._publish()
            n_judged, total = self._progress_made()
            if n_judged < total:
                self.status("checking", n_judged, total)

    async def _told_of(self, view: RootView, steps: Steps[RootReport]) -> bool:
        """Make a report, and tell what the client does not know of the verdicts; whether there is such. Raises
        Overtaken."""
        session = self.session
        async with self._reporting:
            report = await session.value(steps)
            news = await session.value(self.publisher.news.changes_steps(view, report))
            if news is not None:
                session.client.tell(messages.VERDICTS_CHANGED, news)
            return news is not None

    def _progress_made(self) -> tuple[int, int]:
        """Variants whose verdict is known, however it came, of how many: what lenses and lists count."""
        reports = self.session.reporter.reports.values()
        total = sum(len(report.verdicts) for report in reports)
        return total - sum(report.counts[State.PENDING] for report in reports), total

    # Telling

    def say_again(self) -> None:
        """Whether the host's code is being read has changed."""
        self.status(*self._told)

    def say_first(self) -> None:
        """A check begins, and its first verdicts may take a while."""
        snapshot = self.session.snapshot
        if total := sum(len(view.variants) for view in snapshot.views(self.wanted_roots(snapshot))):
            self.status("checking", 0, total)
        else:
            self.say_again()

    def _show_progress(self, state: StatusWord, done: int, total: int) -> None:
        if state != "checking":
            if self._progress is not None:
                self._progress.end()
            self._progress = None
            return
        if self._progress is None:
            self._progress = Progress(self.session.client, "Checking", after=_LONG)
        self._progress.report(f"{done:,} of {counted(total, 'variant')}", done * 100 // max(1, total))

    def status(self, state: StatusWord, done: int = 0, total: int = 0, message: str = "", remedy: str = "") -> None:
        """Notify the client, at most when something visible changed."""
        self._told = (state, done, total, message, remedy)
        if self.reading and state == "idle":
            state, message = "reading", "reading the host's code"
        now = (state, done if state != "checking" else done * 20 // max(1, total), total, message)
        # Lenses and lists show the same number at once: where checking is slow, not only parts of a twentieth are told.
        is_news = now != self._state or (state == "checking" and time.monotonic() - self._said_at > _BETWEEN)
        if is_news:
            self._state, self._said_at = now, time.monotonic()
            self._show_progress(state, done, total)
            self.session.client.tell(messages.STATUS, ServerStatus(state, done, total, message, remedy or None))
