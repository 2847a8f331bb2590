"""A build of Dawn in node: its life with a program that obeys, and the real one where it is there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wgsl_ls.wire.engine_specs import EngineSpec, engine_spec, use_builds
from wgsl_ls.wire.jobs import (
    Accepted,
    CompileJob,
    CompileResult,
    Crashed,
    DeviceLost,
    EngineInfo,
    MessageSpan,
    Rejected,
    Unavailable,
)
from wgsl_ls.workers.pool import Pool

NAME = "dawn-node"
# What is asked for stands in the module's text: a name of a line below.
OBEYING = """#!{python}
import json, os, sys
def say(words, **told):
    os.write(1, words.encode() + b"\\x01wgsl-ls " + json.dumps(told).encode() + b"\\n")
if "missing" in sys.argv[2]:
    say("", unavailable="no such package")
    sys.exit(0)
say("a driver prints\\nand more", version="1", adapter="none", features=["f"], limits=dict(most=3), language=[])
for line in sys.stdin:
    asked = json.loads(line)
    text = asked.get("text", "")
    if "die" in text:
        print("its last words", file=sys.stderr, flush=True)
        os.kill(os.getpid(), 11)
    elif "quit" in text:
        os._exit(7)
    elif "lose" in text:
        say("", lost="the device is lost: unknown")
    elif "refuse" in text:
        # Offsets of the API count UTF-16: two for a character beyond its plane.
        at = text.encode("utf-16-le").index(b"r\\0e\\0f\\0") // 2
        say("noise", error="no", messages=[["error", at, 6, "not it"]])
    elif asked["kind"] == "pipeline":
        say("", error="exceeds the max 1" if asked["device"] == 0 and asked["constants"] else "")
    else:
        say("", error="", messages=[])
"""


@pytest.fixture(autouse=True)
def no_builds() -> Iterator[None]:
    yield
    use_builds(())


def build(node: str, package: str) -> EngineSpec:
    spec = engine_spec("dawn")
    assert spec is not None
    made = spec.node_build(NAME, node, package)
    use_builds((made,))
    return made


@pytest.fixture
def obeying(tmp_path: Path) -> str:
    node = tmp_path / "node"
    node.write_text(OBEYING.format(python=sys.executable))
    node.chmod(0o755)
    return str(node)


async def answers(*texts: str) -> list[CompileResult]:
    async with Pool({NAME: 1}) as pool:
        return [await pool.submit(CompileJob(NAME, text, (("N", 1.0),))) for text in texts]


MAIN = "override N: u32 = 1;\n@compute @workgroup_size(1) fn main() {\n}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a script with a first line of its own is no program there")
async def test_the_life_of_a_build_in_node(obeying: str) -> None:
    build(obeying, "/x/webgpu")
    async with Pool({NAME: 1}) as pool:
        info = await pool.info(NAME)
    assert isinstance(info, EngineInfo)
    assert (info.version, info.features, info.limits) == ("1", ("f",), (("most", 3),))
    fine, refused, lost, died, quit_, again = await answers(
        MAIN, "// 𝒳é refuse", "// lose", "// die", "// quit", "fn f() {\n}\n"
    )
    assert isinstance(fine, Accepted)
    assert [(one.severity, one.kind) for one in fine.messages] == [("info", "limit")]
    assert isinstance(refused, Rejected)
    assert refused.messages[0].spans == (MessageSpan(6, 12),)
    assert lost == DeviceLost("the device is lost: unknown")
    assert died == Crashed("SIGSEGV", "its last words\n")
    assert quit_ == Crashed("exit 7")
    assert isinstance(again, Accepted)


@pytest.mark.skipif(sys.platform == "win32", reason="a script with a first line of its own is no program there")
@pytest.mark.parametrize(
    ("node", "package", "words"),
    [("", "/x/missing", "node cannot use the package in /x/missing: no such package"), ("/x/node", "/x/y", "/x/node")],
)
async def test_what_is_not_there_is_said(obeying: str, node: str, package: str, words: str) -> None:
    build(node or obeying, package)
    (answer,) = await answers("")
    assert isinstance(answer, Unavailable)
    assert words in answer.why


def real_package() -> tuple[str, str] | str:
    """node and the folder of npm's `webgpu`, or why there is none."""
    node = shutil.which("node")
    if node is None:
        return "there is no node here"
    folder = os.environ.get("WGSL_LS_NODE_WEBGPU", "")
    if not folder and (npm := shutil.which("npm")):
        folder = subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=False).stdout.strip()
        folder = str(Path(folder) / "webgpu")
    if not (Path(folder) / "package.json").is_file():
        return "npm's webgpu is not here (npm install -g webgpu, or its folder as WGSL_LS_NODE_WEBGPU)"
    return node, folder


SAID_BY_BOTH = (
    "fn ä() { let é = x; }\n",
    "// 𝒳\n@compute @workgroup_size(1) fn main() { let a: f16 = 1.0h; }\n",
    "@compute @workgroup_size(2000) fn main() {\n}\n",
    MAIN.replace(" = 1", "").replace("N: u32", "OTHER: u32").replace("size(1)", "size(OTHER)"),
    "enable wgpu_ray_query;\n",
    """@group(0) @binding(0) var<storage, read_write> a: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) i: u32) {
    if (a[i] > 0) {
        workgroupBarrier();
    }
}
""",
    MAIN,
)


@pytest.mark.slow
async def test_the_real_one_speaks_as_the_python_package_does() -> None:
    """Whatever its version is, these have not changed: verdicts, places in code points, kinds."""
    found = real_package()
    if isinstance(found, str):
        pytest.skip(found)
    build(*found)
    async with Pool({NAME: 1, "dawn": 1}) as pool:
        for text in SAID_BY_BOTH:
            ours, theirs = [await pool.submit(CompileJob(engine, text)) for engine in ("dawn", NAME)]
            assert type(ours) is type(theirs), text
            if isinstance(ours, Accepted | Rejected) and isinstance(theirs, Accepted | Rejected):
                assert [(one.kind, one.stage, one.spans[:1]) for one in theirs.messages] == [
                    (one.kind, one.stage, one.spans[:1]) for one in ours.messages
                ], text


OLDER = "0.4.0"
"""A version of npm's package whose Dawn is from before that of the Python package."""


@pytest.fixture
def older_package(tmp_path: Path) -> tuple[str, str]:
    """node and the folder of that version, as npm has it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("there is no node with npm here")
    words = (npm, "install", "--prefix", str(tmp_path), "--ignore-scripts", "--no-audit", "--no-fund")
    done = subprocess.run((*words, f"webgpu@{OLDER}"), capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        pytest.skip(f"npm has no webgpu {OLDER}: {done.stderr[-200:]}")
    return node, str(tmp_path / "node_modules" / "webgpu")


@pytest.mark.slow
def test_what_a_real_version_refuses_that_the_one_before_accepts(
    older_package: tuple[str, str], tmp_path: Path
) -> None:
    """Tint had the feature for a while, and has not any more; that of attributes for subgroups' sizes came later, as
    did the check of what a matrix is loaded from."""
    node, package = older_package
    settings = tmp_path / "settings.toml"
    settings.write_text(
        f'engines = [{{ name = "dawn-older", node = {json.dumps(node)}, package = {json.dumps(package)} }}, "dawn"]\n'
    )
    environment = {**os.environ, "WGSL_LS_SETTINGS": str(settings), "WGSL_LS_CACHE": str(tmp_path / "cache")}

    def told(first: str, body: str = "") -> list[tuple[list[str], str | None]]:
        (tmp_path / "a.wgsl").write_text(f"{first}\n@compute @workgroup_size(32) fn main() {{ {body} }}\n")
        command = (sys.executable, "-m", "wgsl_ls", "validate", str(tmp_path / "a.wgsl"), "--format", "json")
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        findings = json.loads(done.stdout)["findings"]
        return [(one["engines"], one.get("newSince")) for one in findings if one["severity"] == "error"]

    assert told("requires filtering_parameters;") == [(["dawn"], "dawn-older")]
    assert told("enable subgroup_size_control;") == [(["dawn-older"], None)]
    assert told("requires linear_indexing;") == []
    extensions = "enable f16;\nenable chromium_experimental_subgroup_matrix;\n"
    buffers = "var<workgroup> tile: array<f16, 512>;\n@group(0) @binding(0) var<storage, read_write> out: array<f16>;"
    load = "let made = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>>(&tile, 0u, false, {stride});"
    body = f"{load} subgroupMatrixStore(&out, 0u, made, false, 16u);"
    assert told(extensions + buffers, body.format(stride="16u")) == []
    assert told(extensions + buffers, body.format(stride="8u")) == [(["dawn"], "dawn-older")]
