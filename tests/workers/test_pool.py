"""The pool over scripted workers: whatever a worker does, it costs one named result and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wgsl_ls.wire.dispatch_jobs import DispatchFailed, DispatchJob
from wgsl_ls.wire.jobs import (
    Accepted,
    CompileJob,
    CompileResult,
    Crashed,
    DeviceLost,
    EngineInfo,
    EngineMessage,
    Matrices,
    MessageSpan,
    Rejected,
    TimedOut,
    Unavailable,
    Unsupported,
)
from wgsl_ls.workers.lane import Lane, start_lane
from wgsl_ls.workers.pool import Pool, engine_command


def scripted(engine: str) -> tuple[str, ...]:
    return engine_command("scripted")


def job(text: str) -> CompileJob:
    return CompileJob("test", text)


def pool(n_lanes: int = 1, *, deadline: float = 30.0, start: str = "", start_deadline: float = 30.0) -> Pool:
    return Pool(
        {"test": n_lanes},
        deadline=deadline,
        start_deadline=start_deadline,
        command=scripted,
        environment={"WGSL_LS_SCRIPTED_START": start},
    )


async def test_results_come_back_as_the_worker_made_them() -> None:
    async with pool() as workers:
        accepted = await workers.submit(job("fn f() {}"))
        rejected = await workers.submit(job("fn f() {}\n//! reject 1:4 no such thing\n"))
        unsupported = await workers.submit(job("//! unsupported f16"))
        statistics = workers.statistics("test")
    assert isinstance(accepted, Accepted)
    assert isinstance(rejected, Rejected)
    assert rejected.messages == (EngineMessage("error", "no such thing", (MessageSpan(3, 4),)),)
    assert unsupported == Unsupported("f16")
    assert (statistics.n_jobs, statistics.n_starts, statistics.n_deaths) == (3, 1, 0)
    assert statistics.engine_seconds > 0


async def test_the_hello_tells_who_the_engine_is() -> None:
    async with pool() as workers:
        info = await workers.info("test")
        other = await workers.info("other")
        answer = await workers.submit(CompileJob("other", ""))
    assert isinstance(info, EngineInfo)
    assert (info.engine, info.version) == ("scripted", "1")
    assert isinstance(other, Unavailable)
    assert isinstance(answer, Unavailable)


@pytest.mark.parametrize(
    ("order", "cause"),
    [("kill 11", "SIGSEGV"), ("kill 6", "SIGABRT"), ("exit 3", "exit 3"), ("exit 0", "exit 0")],
)
async def test_a_death_is_the_result_of_the_job_that_ran(order: str, cause: str) -> None:
    async with pool() as workers:
        before, crashed, after = await asyncio.gather(
            workers.submit(job("a")),
            workers.submit(job(f"//! error last words\n//! {order}")),
            workers.submit(job("b")),
        )
        statistics = workers.statistics("test")
    assert isinstance(before, Accepted)
    assert crashed == Crashed(cause, "last words\n")
    assert isinstance(after, Accepted)
    assert (statistics.n_starts, statistics.n_deaths) == (2, 1)


@pytest.mark.parametrize("order", ["lose", "error error: Parent device is lost\n//! kill 6"])
async def test_a_lost_device_is_no_word_about_the_text(order: str, tmp_path: Path) -> None:
    """Told by the engine, or by the last words of a driver that ends the process; another text has a new device."""
    async with pool() as workers:
        lost = await workers.submit(job(f"//! {order}"))
        again = await workers.submit(job(f"//! {order}"))
        after = await workers.submit(job("a"))
        statistics = workers.statistics("test")
    assert lost == again == DeviceLost("gone" if order == "lose" else "error: Parent device is lost")
    assert isinstance(after, Accepted)
    assert statistics.n_quarantined == 0


async def test_a_text_whose_device_was_lost_is_asked_once_more(tmp_path: Path) -> None:
    async with pool() as workers:
        assert isinstance(await workers.submit(job(f"//! lose {tmp_path / 'once'}")), Accepted)
        assert workers.statistics("test").n_starts == 2


@pytest.mark.parametrize("n_before", [0, 1])
async def test_closing_ends_a_worker_in_the_middle_of_a_job(
    n_before: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first job, too, for which it has been started."""
    lanes: list[Lane] = []

    async def started(*arguments: Any) -> Lane:
        lanes.append(await start_lane(*arguments))
        return lanes[-1]

    monkeypatch.setattr("wgsl_ls.workers.pool.start_lane", started)
    async with pool() as workers:
        for _ in range(n_before):
            await workers.submit(job("a"))
        asked = workers.enqueue(job("//! hang"))
        while workers.statistics("test").n_jobs <= n_before:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
    assert asked.cancelled()
    assert [lane.alive for lane in lanes] == [False]


async def test_words_on_standard_error_belong_to_their_job() -> None:
    async with pool() as workers:
        await workers.submit(job("//! error of the first"))
        crashed = await workers.submit(job("//! error of the second\n//! exit 1"))
    assert crashed == Crashed("exit 1", "of the second\n")


async def test_a_text_that_crashed_is_not_run_again() -> None:
    async with pool() as workers:
        first = await workers.submit(job("//! kill 11"))
        second = await workers.submit(job("//! kill 11"))
        statistics = workers.statistics("test")
        assert first == second == Crashed("SIGSEGV")
        assert (statistics.n_jobs, statistics.n_deaths, statistics.n_quarantined) == (1, 1, 1)
        workers.forget_failures()
        assert await workers.submit(job("//! kill 11")) == first
        assert statistics.n_jobs == 2


async def test_the_same_crash_waiting_twice_costs_one_death() -> None:
    async with pool() as workers:
        results = await asyncio.gather(*(workers.submit(job("//! kill 11")) for _ in range(5)))
        statistics = workers.statistics("test")
    assert results == [Crashed("SIGSEGV")] * 5
    assert statistics.n_deaths == 1


async def test_a_hang_is_ended_at_the_deadline() -> None:
    async with pool() as workers:
        await workers.info("test")
        hung, after = await asyncio.gather(workers.submit(job("//! hang"), deadline=0.3), workers.submit(job("fine")))
    assert hung == TimedOut(0.3)
    assert isinstance(after, Accepted)


@pytest.mark.skipif(sys.platform == "win32", reason="only the clock ends a worker there")
async def test_what_a_text_makes_a_worker_compute_is_bounded() -> None:
    """A worker that answers has its time anew for the next text."""
    async with pool(deadline=0.4) as workers:
        texts = ["//! sleep 0.6", *["//! spin"] * 4, "fine"]
        slept, *spun, after = [await workers.submit(job(text), deadline=60.0) for text in texts]
        statistics = workers.statistics("test")
    assert isinstance(slept, Accepted) and isinstance(after, Accepted)
    assert spun == [TimedOut(0.4)] * 4
    assert statistics.n_deaths == 4 and statistics.n_quarantined == 0


async def test_a_text_behind_one_that_hangs_does_not_wait_for_its_deadline() -> None:
    command = {"command": scripted, "patience": 0.2}
    async with Pool({"test": 1}, deadline=60.0, **command) as workers:  # type: ignore[arg-type]
        await workers.info("test")
        hanging = asyncio.ensure_future(workers.submit(job("//! hang")))
        await asyncio.sleep(0.4)  # alone it needs no help
        assert workers.statistics("test").n_starts == 1
        async with asyncio.timeout(30):
            assert isinstance(await workers.submit(job("fn f() {}")), Accepted)
            assert isinstance(await workers.submit(job("fn g() {}")), Accepted)
        assert not hanging.done()
        assert 2 <= workers.statistics("test").n_starts <= 3
        hanging.cancel()
    async with asyncio.timeout(5):
        while _children():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(("pause", "most"), [("", 3), ("//! sleep 0.02\n", 1)])
async def test_short_texts_wait_at_the_worker(pause: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on without waiting until its answers are read; of long ones it has no more than it works on."""
    given = [0]
    hand, answer = Lane.hand, Lane.answer

    def handed(lane: Lane, frame: bytes) -> None:
        given.append(given[-1] + 1)
        hand(lane, frame)

    async def answered(lane: Lane, deadline: float) -> object:
        found = await answer(lane, deadline)
        given.append(given[-1] - isinstance(found, Accepted))
        return found

    monkeypatch.setattr(Lane, "hand", handed)
    monkeypatch.setattr(Lane, "answer", answered)
    async with pool() as workers:
        await workers.submit(job(f"{pause}a"))
        texts = [job(f"{pause}b{n}") for n in range(12)]
        assert all(isinstance(one, Accepted) for one in await asyncio.gather(*map(workers.submit, texts)))
    assert (max(given) > most) if most > 1 else (max(given) == most)
    assert given[-1] == 0


@pytest.mark.parametrize(
    ("order", "result"),
    [
        ("//! error last words\n//! kill 11", Crashed("SIGSEGV", "last words\n")),
        ("//! hang", TimedOut(1.5)),
        ("//! lose", DeviceLost("gone")),
    ],
)
async def test_what_ends_a_worker_that_has_more_texts_costs_its_own_alone(order: str, result: CompileResult) -> None:
    async with pool(deadline=0.25) as workers:  # of computing; by the clock it is six times that
        await workers.submit(job("a"))
        texts = ["b", "c", order, "d", "e", f"{order}\n", "f"]
        answers = await asyncio.gather(*(workers.submit(job(text)) for text in texts))
        assert [one for one in answers if not isinstance(one, Accepted)] == [result, result]
        assert [answers[2], answers[5]] == [result, result]
        assert isinstance(await workers.submit(job("g")), Accepted)


async def test_texts_that_a_worker_has_behind_one_that_hangs_are_answered_by_another() -> None:
    async with Pool({"test": 1}, deadline=60.0, patience=0.2, command=scripted) as workers:
        await workers.submit(job("a"))
        hanging = asyncio.ensure_future(workers.submit(job("//! hang")))
        async with asyncio.timeout(30):
            answers = await asyncio.gather(*(workers.submit(job(f"{n}")) for n in range(3)))
        assert all(isinstance(one, Accepted) for one in answers)
        assert not hanging.done()
        hanging.cancel()


async def test_a_worker_cannot_eat_the_memory_of_the_machine(tmp_path: Path) -> None:
    script = tmp_path / "engine.py"
    script.write_text("def compile(job):\n    return len(bytearray(1 << 30))\n")
    small = {"WGSL_LS_WORKER_BYTES": str(200 << 20)}
    async with Pool({"test": 1}, command=lambda _: engine_command(f"scripted:{script}"), environment=small) as workers:
        crashed = await workers.submit(job("x"))
    assert isinstance(crashed, Crashed)
    assert "MemoryError" in crashed.stderr_tail


async def test_garbage_on_standard_output_harms_nothing() -> None:
    async with pool(start="//! print driver 1.2 says hello") as workers:
        results = [await workers.submit(job(f"//! print garbage {number}\n")) for number in range(3)]
        statistics = workers.statistics("test")
    assert all(isinstance(result, Accepted) for result in results)
    assert statistics.n_deaths == 0


async def test_nothing_is_imported_from_the_folder_where_we_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("wgpu", "numpy", "json", "argparse", "sitecustomize", "usercustomize", "wgsl_ls"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'RAN')!r}, 'w')\n")
    where = tmp_path / "where.py"
    where.write_text("import os, sys, numpy\ndef compile(job):\n    raise SystemExit(str((os.getcwd(), sys.path)))\n")
    monkeypatch.chdir(tmp_path)
    # What `PYTHONPATH=$PYTHONPATH:…` leaves when it was empty; a relative entry is the user's word and holds.
    (tmp_path / "own").mkdir()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(("", "own", "")))
    async with Pool({"test": 1}, command=lambda _: engine_command(f"scripted:{where}")) as workers:
        answer = await workers.submit(job("fine"))
    assert isinstance(answer, Crashed) and str(tmp_path / "own") in answer.stderr_tail
    assert f"'{tmp_path}'" not in answer.stderr_tail
    assert not (tmp_path / "RAN").exists()


async def test_garbage_in_the_pipe_of_frames_is_stepped_over() -> None:
    noisy = "import os; os.write(1, b'a site hook prints this\\n'); import runpy, sys;"
    noisy += "sys.argv = ['x', 'scripted']; runpy.run_module('wgsl_ls.engines', run_name='__main__')"
    async with Pool({"test": 1}, command=lambda _: (sys.executable, "-c", noisy)) as workers:
        assert isinstance(await workers.submit(job("fine")), Accepted)


async def test_a_worker_that_answers_nonsense_is_a_crash(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("def compile(job):\n    return job\n")
    async with Pool({"test": 1}, command=lambda _: engine_command(f"scripted:{script}")) as workers:
        answer = await workers.submit(job("echo"))
    assert answer == Crashed("it answered a CompileJob")


async def test_a_bug_in_an_engine_is_a_crash_with_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long a busy machine takes to print it."""
    monkeypatch.setattr("wgsl_ls.workers.lane._GRACE_SECONDS", 0.1)
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, time\n"
        "sys.excepthook = lambda *error: (time.sleep(0.5), sys.__excepthook__(*error))\n"
        "def compile(job):\n    return 1 // len(job.text)\n"
    )
    async with Pool({"test": 1}, command=lambda _: engine_command(f"scripted:{script}")) as workers:
        crashed = await workers.submit(job(""))
    assert isinstance(crashed, Crashed)
    assert crashed.signal == "exit 1"
    assert "ZeroDivisionError" in crashed.stderr_tail


async def test_a_worker_whose_end_is_not_waited_for_is_reaped_all_the_same() -> None:
    lane = await start_lane(scripted("test"), {})
    await lane.answer(60.0)
    ending = asyncio.ensure_future(lane.close())
    await asyncio.sleep(0)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    with pytest.raises(ProcessLookupError):
        os.kill(lane.pid, 0)


async def test_many_texts_that_crash_do_not_condemn_a_healthy_engine() -> None:
    async with pool() as workers:
        results = await asyncio.gather(*(workers.submit(job(f"//! exit {n}")) for n in range(1, 6)))
        after = await workers.submit(job("fine"))
    assert results == [Crashed(f"exit {n}") for n in range(1, 6)]
    assert isinstance(after, Accepted)


async def test_three_deaths_at_the_start_make_the_engine_unavailable() -> None:
    async with pool(start="//! error no such library\n//! exit 7") as workers:
        results = await asyncio.gather(*(workers.submit(job(str(n))) for n in range(20)))
        statistics = workers.statistics("test")
        later = await workers.submit(job("later"))
        info = await workers.info("test")
        known = workers.unavailable("test")
    assert set(results) == {later} == {info} == {known}
    assert isinstance(later, Unavailable)
    assert "exit 7" in later.why
    assert "no such library" in later.why
    assert (statistics.n_starts, statistics.n_jobs) == (3, 0)


async def test_an_engine_that_dies_with_every_text_becomes_unavailable(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import os\ndef compile(job):\n    os._exit(9)\n")
    async with Pool({"test": 1}, command=lambda _: engine_command(f"scripted:{script}")) as workers:
        results = [await workers.submit(job(str(n))) for n in range(5)]
        statistics = workers.statistics("test")
    assert results[:3] == [Crashed("exit 9")] * 3
    assert all(isinstance(result, Unavailable) for result in results[3:])
    assert statistics.n_starts == 4


async def test_an_engine_that_says_it_is_unavailable_is_believed() -> None:
    async with pool(2, start="//! unavailable no driver here") as workers:
        results = await asyncio.gather(*(workers.submit(job(str(n))) for n in range(5)))
        statistics = workers.statistics("test")
    assert results == [Unavailable("no driver here", "install it")] * 5
    assert statistics.n_starts <= 2


async def test_a_worker_that_never_says_hello() -> None:
    async with pool(start="//! hang", start_deadline=0.2) as workers:
        result = await workers.submit(job("x"))
    assert isinstance(result, Unavailable)
    assert "said nothing" in result.why


async def test_a_command_that_does_not_exist() -> None:
    async with Pool({"test": 1}, command=lambda _: ("/nonexistent/python",)) as workers:
        result = await workers.submit(job("x"))
    assert isinstance(result, Unavailable)
    assert "cannot be started" in result.why


@pytest.mark.parametrize("n_failing", [1, 2, 1000])
async def test_a_system_without_room_for_a_process(monkeypatch: pytest.MonkeyPatch, n_failing: int) -> None:
    plain, n_starts = subprocess.Popen, 0

    def start(*arguments: Any, **named: Any) -> Any:
        nonlocal n_starts
        n_starts += 1
        if n_starts <= n_failing:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return plain(*arguments, **named)

    monkeypatch.setattr(subprocess, "Popen", start)
    async with pool() as workers:
        result = await workers.submit(job("x"))
    if n_failing == 1000:
        assert isinstance(result, Unavailable) and "Resource temporarily unavailable" in result.why
    else:
        assert isinstance(result, Accepted)


async def test_low_numbers_run_first_and_equal_ones_in_order(tmp_path: Path) -> None:
    order: list[str] = []

    async def run(workers: Pool, text: str, priority: float) -> None:
        await workers.submit(job(text), priority=priority)
        order.append(text)

    async with pool() as workers:
        await workers.info("test")
        blocker = workers.enqueue(job("//! sleep 0.1"))
        async with asyncio.TaskGroup() as group:
            for text, priority in [("c1", 5), ("a1", -1), ("b1", 0), ("c2", 5), ("a2", -1), ("b2", 0)]:
                group.create_task(run(workers, text, priority))
        await blocker
    assert order == ["a1", "a2", "b1", "b2", "c1", "c2"]


async def test_waiting_jobs_can_be_cancelled() -> None:
    async with pool() as workers:
        await workers.info("test")
        running = workers.enqueue(job("//! sleep 0.1"))
        await asyncio.sleep(0.02)
        waiting = [workers.enqueue(job(f"text {number}")) for number in range(6)]
        assert workers.cancel(lambda waiting_job: waiting_job.text in ("text 1", "text 4")) == 2
        waiting[2].cancel()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(await running, Accepted)
        n_jobs = workers.statistics("test").n_jobs
    assert [isinstance(outcome, asyncio.CancelledError) for outcome in outcomes] == [
        False, True, True, False, True, False,
    ]  # fmt: skip
    assert n_jobs == 1 + 1 + 3  # the harmless one of `info`, the running one, those left


async def test_several_lanes_work_at_the_same_time() -> None:
    async with pool(3) as workers:
        files = [workers.enqueue(job(f"//! sleep 0.4\n{number}")) for number in range(3)]
        await asyncio.gather(*files)
        statistics = workers.statistics("test")
    assert statistics.n_starts == 3


async def test_closing_cancels_what_waits_and_leaves_no_process() -> None:
    others = _children()
    async with pool() as workers:
        await workers.info("test")
        running = workers.enqueue(job("//! hang"))
        waiting = workers.enqueue(job("x"))
        await asyncio.sleep(0.05)
        pids = [pid for pid in _children() if pid not in others]
        assert pids
    assert running.cancelled()
    assert waiting.cancelled()
    assert not [pid for pid in pids if _runs(pid)]


_PARENT = """
import asyncio, os, sys
from wgsl_ls.wire.jobs import CompileJob
from wgsl_ls.workers.pool import Pool, engine_command

async def main():
    async with Pool({"test": 2}, command=lambda _: engine_command("scripted")) as pool:
        await pool.info("test")
        hung = [pool.enqueue(CompileJob("test", f"//! hang\\n{number}")) for number in range(2)]
        while pool.statistics("test").n_starts < 2 or pool.statistics("test").n_jobs < 3:
            await asyncio.sleep(0.01)
        print("ready", flush=True)
        await asyncio.gather(*hung)

asyncio.run(main())
"""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
async def test_workers_end_with_a_parent_that_is_killed_while_they_hang() -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        assert await asyncio.to_thread(parent.stdout.readline) == "ready\n"
        pids = _children(parent.pid)
        assert len(pids) == 2
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert parent.stdout is not None
        parent.stdout.close()
    async with asyncio.timeout(20):
        while any(_runs(pid) for pid in pids):
            await asyncio.sleep(0.02)


def _children(parent: int | None = None) -> list[int]:
    parent = os.getpid() if parent is None else parent
    return [pid for pid, ppid in _workers() if ppid == parent and _runs(pid)]


def _workers() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if b"wgsl_ls.engines" not in (entry / "cmdline").read_bytes():
                    continue
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                yield int(entry.name), int(fields[1])


def _runs(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


async def test_a_dead_idle_worker_costs_no_result() -> None:
    """It died between two jobs: the second one did not do it."""
    others = _children()
    async with pool() as workers:
        await workers.info("test")
        for pid in _children():
            if pid not in others:
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.1)
        result = await workers.submit(job("fine"))
        again = await workers.submit(job("fine"))
    assert isinstance(result, Accepted)
    assert isinstance(again, Accepted)


LOST = """
import os, sys
from wgsl_ls.wire.dispatch_jobs import DispatchFailed
from wgsl_ls.wire.frames import PROTOCOL, decode_message, encode_frame, read_frame
from wgsl_ls.wire.jobs import EngineInfo

def say(message):
    os.write(1, encode_frame(message))

say(EngineInfo("test", "1", PROTOCOL))
stream = open(0, "rb", buffering=0)
while (payload := read_frame(stream)) is not None:
    job = decode_message(payload)
    kind = "device-lost" if job.matrices == "native" else "device-error"
    say(DispatchFailed(kind, f"worker {os.getpid()}"))
"""


async def test_a_worker_whose_device_is_lost_runs_nothing_more(tmp_path: Path) -> None:
    script = tmp_path / "lost.py"
    script.write_text(LOST)
    workers = Pool({"test": 1}, command=lambda engine: (sys.executable, str(script)))
    async with workers:

        async def asked(matrices: Matrices) -> DispatchFailed:
            answer = await workers.enqueue(DispatchJob("test", (), (), 0, matrices), deadline=30.0)
            assert isinstance(answer, DispatchFailed)
            return answer

        first, second = await asked("emulated"), await asked("native")
        assert second.kind == "device-lost" and first.message != second.message
        third, fourth = await asked("emulated"), await asked("emulated")
        assert third.kind == "device-error"
        assert third.message == fourth.message != first.message
        assert workers.statistics("test").n_starts == 3  # it was asked once more
