"""A machine without room: a disk that is full, little memory, a cache of somebody else, a terminal that is closed. Real
processes, for the system itself says no."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import write
from tests.server.test_robustness import family, parent

FILES = {
    "a.wgsl": "#ifdef A\nconst a = 1;\n#endif\n@compute @workgroup_size(1) fn main() { }\n",
    "wgsl-ls.toml": "[[shader]]\nfiles = ['*.wgsl']\naxes = { A = ['', 'A'] }\n",
}
LIMITED = """
import resource, sys
from wgsl_ls.cli.main import main
import wgsl_ls.cli.{command}
pages = int(open("/proc/self/statm").read().split()[0])
most = pages * resource.getpagesize() + ({room} << 20)
resource.setrlimit(resource.RLIMIT_AS, (most, most))
sys.exit(main({words!r}))
"""


def run(
    folder: Path, *words: str, before: Callable[[], None] | None = None, cache: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "WGSL_LS_CACHE": str(cache or folder.parent / "cache")}
    return subprocess.run([sys.executable, "-m", "wgsl_ls.cli.main", *words], cwd=folder, env=environment,
                          preexec_fn=before, capture_output=True, text=True, timeout=120, check=False)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "w"
    made.mkdir()
    write(FILES, made)
    return made


def no_room() -> None:
    """No file may grow beyond some bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (256, 256))


@pytest.mark.gpu
def test_a_full_disk_costs_the_cache_and_is_said_of_a_report(folder: Path) -> None:
    (folder / "r.json").write_text("the last one")
    full = run(folder, "validate", "--engine=dawn", "--format=json", before=no_room)
    assert full.returncode == 0 and len(json.loads(full.stdout)["variants"]) == 2, full.stderr
    full = run(folder, "validate", "--engine=dawn", "--format=json", "--output=r.json", before=no_room)
    assert full.returncode == 2 and "cannot write r.json: File too large" in full.stderr
    assert (folder / "r.json").read_text() == "the last one"
    assert sorted(path.name for path in folder.iterdir()) == ["a.wgsl", "r.json", "wgsl-ls.toml"]
    # With room again the cache is what it was, or begun anew.
    for n_compiled in (2, 0):
        again = run(folder, "validate", "--engine=dawn", "--format=json")
        assert again.returncode == 0 and json.loads(again.stdout)["summary"]["jobs"] in (n_compiled, 0)


BY_ANOTHER = "import os, sys; {become}; from wgsl_ls.cli.main import main; sys.exit(main(sys.argv[1:]))"


@pytest.mark.gpu
def test_a_cache_of_another_user(folder: Path) -> None:
    """It can be neither read nor written, which is no reason to fail."""
    become = "os.setuid(65534)" if os.geteuid() == 0 else "pass"
    with tempfile.TemporaryDirectory() as place:
        theirs = Path(place) / "theirs"
        theirs.mkdir(mode=0o700 if os.geteuid() == 0 else 0)
        shaders = Path(place) / "w"
        shaders.mkdir()
        write(FILES, shaders)
        Path(place).chmod(0o755)
        environment = {**os.environ, "WGSL_LS_CACHE": str(theirs), "HOME": place, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-c", BY_ANOTHER.format(become=become), "validate", "--engine=dawn", "--format=json"]
        done = subprocess.run(command, cwd=shaders, env=environment, capture_output=True, text=True, timeout=120,
                              check=False)  # fmt: skip
        if "ModuleNotFoundError" in done.stderr or "can't open" in done.stderr:
            pytest.skip("another user may not read our code")
        assert done.returncode == 0 and len(json.loads(done.stdout)["variants"]) == 2, done.stderr
        theirs.chmod(0o700)
        assert list(theirs.iterdir()) == []


@pytest.mark.parametrize("command", ["variants", "coverage", "expand"])
def test_little_memory_is_an_answer(folder: Path, command: str) -> None:
    text = "".join(f"#ifdef M{i}\nconst c{i} = {i};\n#endif\n" for i in range(300)) + "const x = 1;\n" * 40_000
    (folder / "a.wgsl").write_text(text)
    environment = {**os.environ, "WGSL_LS_CACHE": str(folder.parent / "cache")}
    said = set()
    for room in (1, 4, 16, 64, 400):
        program = LIMITED.format(command=command, room=room, words=[command, "a.wgsl"])
        done = subprocess.run([sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True,
                              text=True, timeout=120, check=False)  # fmt: skip
        assert done.returncode in (0, 2), (room, done.returncode, done.stderr[-2000:])
        assert "Traceback" not in done.stderr and (done.returncode == 0 or done.stderr), (room, done.stderr[-2000:])
        said.add(done.returncode)
    assert said == {0, 2}, "some room is too little, and some is enough"


@pytest.mark.parametrize("words", [("coverage",), ("coverage", "--format=json"), ("validate", "none")])
@pytest.mark.parametrize("closed", [(), (1,), (2,), (1, 2)])
def test_a_terminal_of_few_words_or_none_costs_no_answer(
    folder: Path, words: tuple[str, ...], closed: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.wgsl").write_text("// \u4e2d \u00b7\nconst a = 1; // \u4e2d\n")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")

    def close() -> None:
        for one in closed:
            os.close(one)

    done = run(folder, *words, before=close)
    assert done.returncode == (2 if "none" in words else 0)
    assert "Traceback" not in done.stderr


@pytest.mark.gpu
@pytest.mark.parametrize("signals", [(signal.SIGHUP,), (signal.SIGINT, signal.SIGINT), (signal.SIGTERM,)])
def test_a_run_that_is_ended_leaves_no_process_and_no_half_of_a_report(
    folder: Path, signals: tuple[signal.Signals, ...]
) -> None:
    """Ended while workers compile; the signals go to the whole group, as a terminal sends them."""
    variants = " || ".join(f"defined(V{i})" for i in range(12))
    (folder / "a.wgsl").write_text(f"#if {variants}\n#endif\n" + FILES["a.wgsl"] + "// long\n" * 1000)
    axes = ", ".join(f"V{i} = ['', 'V{i}']" for i in range(12))
    (folder / "wgsl-ls.toml").write_text(f"[[shader]]\nfiles = ['*.wgsl']\naxes = {{ {axes} }}\n")
    environment = {**os.environ, "WGSL_LS_CACHE": str(folder.parent / "cache")}
    command = [sys.executable, "-m", "wgsl_ls.cli.main", "validate", "--exhaustive", "--format=json", "--output=r.json"]
    started = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
    end = time.monotonic() + 60
    while len(processes := family(started.pid)) < 2 and started.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    assert started.poll() is None
    for one in signals:
        os.killpg(started.pid, one)
    started.wait(30)
    end = time.monotonic() + 15
    while any(parent(pid) is not None for pid in processes) and time.monotonic() < end:
        time.sleep(0.05)
    assert [pid for pid in processes if parent(pid) is not None] == []
    assert sorted(path.name for path in folder.iterdir()) == ["a.wgsl", "wgsl-ls.toml"]
