"""wgsl.smokeRun: runs of unsaved texts, their findings at the entry point, and cancelling."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.client import Client, ServerError
from tests.smoke.conftest import small_family

pytestmark = pytest.mark.gpu
SHADERS = Path(__file__).parents[1] / "shaders"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHADERS / "wrong", tmp_path / "wrong"))


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    started = await Client.start(folder, options={"engines": ["wgpu"], "cache": False})
    yield started
    await started.stop()


async def run(client: Client, path: Path, **more: Any) -> Any:
    params = {"command": "wgsl.smokeRun", "arguments": [{"uri": path.as_uri(), **more}]}
    return await client.request("workspace/executeCommand", params)


def begun_smoke(params: dict[str, Any]) -> bool:
    """The progress of a smoke run begins; a slow machine shows that it checks too."""
    value = params["value"]
    return value["kind"] == "begin" and value["title"].startswith("Smoke run")


def smoke(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for item in items if str(item.get("code", "")).startswith("smoke/")]


async def test_a_right_kernel_passes(client: Client, folder: Path) -> None:
    path = folder / "right.wgsl"
    client.open(path)
    answer = await run(client, path)
    assert answer["ok"] is True
    assert answer["summary"].startswith("wgpu · ")
    assert " · NMSE " in answer["summary"] and answer["summary"].endswith(" · no NaN")
    assert answer["report"]["format"] == "wgsl-ls smoke report"
    assert [entry["verdict"] for entry in answer["report"]["runs"]] == ["pass"]
    assert "<svg" in answer["html"] or "<img" in answer["html"]
    assert (await client.wait_for("wgsl/smokeFinished"))["summary"] == answer["summary"]
    assert smoke(client.diagnostics(path)) == []
    progress = [message["params"] for message in client.notifications if message["method"] == "$/progress"]
    token = next(one["token"] for one in progress if begun_smoke(one))
    shown = [one["value"] for one in progress if one["token"] == token]
    kinds, said = [one["kind"] for one in shown], [one.get("message") or "" for one in shown]
    assert "0/1 planned" in said and any(one.startswith("1/1 ") for one in said)
    assert kinds[0] == "begin" and kinds[-1] == "end" and "report" in kinds


@pytest.mark.slow
async def test_a_run_that_watches_itself_and_other_subgroups(folder: Path) -> None:
    smoke_settings = {"sanitize": ["race", "range", "alias", "none"], "subgroupSizes": [8, 128, 5]}
    client = await Client.start(folder, options={"engines": ["wgpu"], "cache": False, "smoke": smoke_settings})
    path = folder / "right.wgsl"
    client.open(path)
    (entry,) = (await run(client, path))["report"]["runs"]
    await client.stop()
    assert entry["verdict"] == "pass"
    assert list(entry["sanitizers"]) == ["race", "range", "alias", "subgroup-size"]
    assert entry["sanitizers"]["race"]["cost"] > 0


@pytest.mark.slow
async def test_a_missing_barrier_is_marked_at_both_places(tmp_path: Path) -> None:
    """Each barrier of a kernel of our family in turn left out, as somebody edits it; none without that."""
    path = small_family(tmp_path, "flash_attn_vec_split.wgsl")
    right = path.read_text(encoding="utf-8")
    settings = {"engines": ["wgpu"], "cache": False, "smoke": {"sanitize": ["race"]}}
    client = await Client.start(tmp_path, options=settings)
    client.open(path)

    def at(place: dict[str, Any], texts: dict[str, str]) -> str:
        start, end = place["range"]["start"], place["range"]["end"]
        line = texts[place["uri"].rpartition("/")[2]].splitlines()[start["line"]]
        return line[start["character"] : end["character"]]

    async def marked(text: str, version: int) -> list[set[str]]:
        """The texts at the two places of each race."""
        client.change(path, text, version)
        answer = await run(client, path, variant="plain", case="small")
        (entry,) = answer["report"]["runs"]
        texts = {one.name: one.read_text(encoding="utf-8") for one in tmp_path.glob("*.tmpl")} | {path.name: text}
        found, codes = [], set[str]()
        for file in [path, *tmp_path.glob("*.tmpl")]:
            for one in smoke(client.diagnostics(file)):
                codes.add(one["code"])
                if one["code"] != "smoke/race":
                    continue  # the numbers may be wrong, too
                places = [{"uri": file.as_uri(), "range": one["range"]}]
                places += [other["location"] for other in one["relatedInformation"]]
                found.append({at(place, texts) for place in places})
        assert {f"smoke/{one['name']}" for one in entry["failed_checks"]} == codes
        assert answer["ok"] is not bool(codes) and bool(codes) == bool(found)
        assert all(html.escape(one["message"]) in answer["html"] for one in entry["failed_checks"])
        return found

    try:
        assert await marked(right, 2) == []
        told = []
        for number, barrier in enumerate(re.finditer(r"workgroupBarrier\(\);", right)):
            found = await marked(right[: barrier.start()] + right[barrier.end() :], 3 + number)
            assert all(1 <= len(places) <= 2 for places in found), found
            told.append({re.findall(r"\w+", text)[0] for places in found for text in places})
        assert await marked(right, 99) == [], "what was mended is not told any more"
    finally:
        await client.stop()
    # The first one is needed only where an invocation stages other elements than it has read. An include stages the
    # tile, by a macro's name.
    staged = {"STAGE_TILE", "kv_tile"}
    assert told == [set(), staged, {*staged, "scores"}, {"weights"}, {"part_sums"}]


@pytest.mark.slow
async def test_a_wrong_kernel_is_marked_until_its_text_changes(client: Client, folder: Path) -> None:
    path, include = folder / "wrong_scale.wgsl", folder / "small_attention.tmpl"
    client.open(path)
    answer = await run(client, path, variant="only")
    assert answer["ok"] is False
    assert answer["summary"].startswith("failed: reference · wgpu · ")

    found = await client.wait_for("textDocument/publishDiagnostics", lambda params: smoke(params["diagnostics"]))
    (item,) = smoke(found["diagnostics"])
    assert item["code"] == "smoke/reference" and item["severity"] == 1
    text = Path(found["uri"].removeprefix("file://")).read_text(encoding="utf-8")
    start, end = item["range"]["start"], item["range"]["end"]
    assert start["line"] == end["line"]
    line = text.splitlines()[start["line"]]
    assert line.startswith("fn " + line[start["character"] : end["character"]] + "(")

    # A comment line above moves the finding; another number in the code takes it back.
    where = Path(found["uri"].removeprefix("file://"))
    assert where == include
    client.open(include, "#define UNUSED_HERE 1\n" + text)
    moved = await client.wait_for(
        "textDocument/publishDiagnostics",
        lambda params: [one["range"]["start"]["line"] for one in smoke(params["diagnostics"])] == [start["line"] + 1],
    )
    assert moved["uri"] == found["uri"]
    client.change(include, text.replace("fn ", "const another = 1;\nfn ", 1), 2)
    gone = await client.wait_for(
        "textDocument/publishDiagnostics",
        lambda params: params["uri"] == found["uri"] and not smoke(params["diagnostics"]),
    )
    assert gone["version"] == 2


@pytest.mark.slow
async def test_the_unsaved_text_is_what_runs(client: Client, folder: Path) -> None:
    path = folder / "wrong_scale.wgsl"
    client.open(path, (folder / "right.wgsl").read_text(encoding="utf-8"))
    assert (await run(client, path))["ok"] is True


@pytest.mark.slow
async def test_cancelling_the_request_ends_the_run(client: Client, folder: Path) -> None:
    path = folder / "right.wgsl"
    client.open(path)
    params = {"command": "wgsl.smokeRun", "arguments": [{"uri": path.as_uri()}]}
    number, answer = client.ask("workspace/executeCommand", params)
    await client.wait_for("$/progress", begun_smoke)
    client.notify("$/cancelRequest", {"id": number})
    with pytest.raises(ServerError, match="cancel"):
        await answer
    ended = await client.wait_for("$/progress", lambda params: params["value"].get("message") == "cancelled")
    assert ended["value"]["kind"] == "end"
    assert (await run(client, path))["ok"] is True


async def test_cancelling_the_progress_ends_the_run(client: Client, folder: Path) -> None:
    path = folder / "right.wgsl"
    client.open(path)
    params = {"command": "wgsl.smokeRun", "arguments": [{"uri": path.as_uri()}]}
    _, answer = client.ask("workspace/executeCommand", params)
    begun = await client.wait_for("$/progress", begun_smoke)
    client.notify("window/workDoneProgress/cancel", {"token": begun["token"]})
    with pytest.raises(ServerError, match="cancelled"):
        await answer
    await client.wait_for(
        "$/progress", lambda params: params["token"] == begun["token"] and params["value"]["kind"] == "end"
    )


async def test_what_cannot_run_is_said(client: Client, folder: Path) -> None:
    path = folder / "right.wgsl"
    client.open(path)
    with pytest.raises(ServerError, match="no variant 'another'"):
        await run(client, path, variant="another")
    with pytest.raises(ServerError, match="no engine 'metal'"):
        await run(client, path, engine="metal")
    answer = await run(client, path, adapter="no such adapter")
    assert answer["ok"] is False and answer["summary"].startswith("not run · wgpu")


@pytest.mark.slow
async def test_a_shader_with_a_host_runs_what_the_host_would_run(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHADERS.parent / "smoke" / "host", tmp_path / "host"))
    path = folder / "kernels" / "binary.wgsl"
    client = await Client.start(folder, options={"engines": ["wgpu"], "cache": False})
    try:
        client.open(path)
        answer = await run(client, path)
        runs = answer["report"]["runs"]
        assert answer["ok"] is True
        assert {(entry["op"], entry["verdict"]) for entry in runs} <= {("ADD", "pass"), ("MUL", "pass")}
        assert runs and "no reference" not in answer["summary"] and "guesses" not in answer["summary"]
        client.change(path, path.read_text().replace("OP second", "OP (second * 2.0)"), 2)
        answer = await run(client, path)
        assert answer["ok"] is False and answer["summary"].startswith("failed: reference")
        assert [item["code"] for item in smoke(client.diagnostics(path))] == ["smoke/reference"]
    finally:
        await client.stop()
