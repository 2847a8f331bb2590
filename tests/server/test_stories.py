"""Whole stories with a real server over its pipes: what a person at an editor would see, with Dawn as the engine."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.client import CAPABILITIES, Client, ServerError

pytestmark = pytest.mark.gpu
OPTIONS: dict[str, Any] = {"cache": False, "engines": ["dawn"], "workers": 1}

CONFIG = """
[[shader]]
name = "scale"
files = ["scale.wgsl"]

[[shader.variant]]
name = "plain"

[[shader.variant]]
name = "wide"
defines = ["WIDE"]
"""
SCALE = """#include "types.tmpl"
@group(0) @binding(0) var<storage, read_write> data: array<VALUE>;
#ifdef WIDE
const step = 4u;
#else
const step = 1u;
#endif
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    data[id.x * step] += VALUE(1);
}
"""
TYPES = "#ifdef WIDE\n#define VALUE i32\n#else\n#define VALUE f32\n#endif\n"


def write(folder: Path, config: str = CONFIG) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "wgsl-ls.toml").write_text(config)
    (folder / "types.tmpl").write_text(TYPES)
    (folder / "scale.wgsl").write_text(SCALE)
    return folder / "scale.wgsl"


@pytest.fixture
async def started(tmp_path: Path) -> AsyncIterator[tuple[Client, Path]]:
    path = write(tmp_path)
    client = await Client.start(tmp_path, options=OPTIONS)
    yield client, path
    assert await client.stop() == 0


async def shown(client: Client, path: Path) -> list[tuple[int, str, str]]:
    """(line, code, first line of the message) of what the file shows once everything is checked."""
    await client.checked()
    items = client.diagnostics(path)
    return sorted(
        (item["range"]["start"]["line"], item["code"], item["message"].partition("\n")[0])
        for item in items
        if item["code"] != "inactive"
    )


async def verdicts(client: Client, path: Path) -> dict[str, str]:
    found = await client.request("wgsl/variants", {"textDocument": {"uri": path.as_uri()}})
    return {entry["name"]: entry["verdicts"]["dawn"] for entry in found["variants"]}


async def regions(client: Client, path: Path) -> list[tuple[int, int]]:
    found = await client.request("wgsl/inactiveRegions", {"textDocument": {"uri": path.as_uri()}})
    return [(one["start"]["line"], one["end"]["line"]) for one in found["regions"]]


def jobs(statistics: Any) -> int:
    return int(statistics["engines"]["dawn"]["jobs"])


async def test_from_open_to_the_verdicts_of_all_variants(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path, SCALE + "fn unfinished( {\n")
    first = await client.wait_for("textDocument/publishDiagnostics", lambda params: params["version"] == 1)
    early = [item["message"] for item in first["diagnostics"] if item["range"]["start"]["line"] == 11]
    assert early, "syntax errors come at once"
    assert "variant" not in early[0], "before anybody knows which variants have them"
    await client.checked()
    assert await verdicts(client, path) == {"plain": "rejected", "wide": "rejected"}

    client.change(path, SCALE, 2)
    assert await shown(client, path) == []
    assert await verdicts(client, path) == {"plain": "accepted", "wide": "accepted"}


async def test_an_edit_of_active_code_is_judged_per_variant(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path)
    await client.checked()
    client.change(path, SCALE.replace("VALUE(1)", "vec2<VALUE>(1.5).x"), 2)
    found = await shown(client, path)
    assert [line for line, _, _ in found] == [9]
    assert await verdicts(client, path) == {"plain": "accepted", "wide": "rejected"}
    assert "wide" in client.diagnostics(path)[-1]["message"] or "WIDE" in str(client.diagnostics(path))


async def test_an_edit_that_no_variant_reads_compiles_nothing(started: tuple[Client, Path]) -> None:
    client, path = started
    text = SCALE + "#ifdef NEVER\nfn f() {}\n#endif\n"
    client.open(path, text)
    before = jobs(await client.checked())
    assert before >= 2
    client.change(path, text.replace("fn f() {}", "fn f() { this is not even WGSL }"), 2)
    assert jobs(await client.checked()) == before
    client.change(path, text.replace("const step = 1u", "const step = 2u"), 3)
    assert jobs(await client.checked()) == before + 1, "only the variant in which the line is active"


async def test_engines_may_be_switched_while_the_server_runs(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path, SCALE.replace("VALUE(1)", "nowhere"))
    broken = await shown(client, path)
    assert broken
    for engines in ([], ["dawn"]):
        client.notify("workspace/didChangeConfiguration", {"settings": {"wgsl": {**OPTIONS, "engines": engines}}})
        # Without an engine we see it ourselves.
        assert await shown(client, path) == (broken if engines else [(9, "wgsl/name", "'nowhere' is declared nowhere")])
        found = await client.request("wgsl/variants", {"textDocument": {"uri": path.as_uri()}})
        assert {entry["state"] for entry in found["variants"]} == {"fail"}
    client.change(path, SCALE, 2)
    assert await shown(client, path) == []
    assert await verdicts(client, path) == {"plain": "accepted", "wide": "accepted"}


async def test_an_edit_of_an_include_is_judged_in_its_roots(started: tuple[Client, Path]) -> None:
    client, path = started
    types = path.parent / "types.tmpl"
    client.open(path)
    client.open(types)
    await client.checked()
    client.change(types, TYPES.replace("f32", "f23"), 2)
    assert await shown(client, types) or await shown(client, path)
    assert await verdicts(client, path) == {"plain": "rejected", "wide": "accepted"}
    client.change(types, TYPES, 3)
    assert await shown(client, types) == await shown(client, path) == []


async def test_the_configuration_counts_as_soon_as_it_is_typed_or_saved(started: tuple[Client, Path]) -> None:
    client, path = started
    config = path.parent / "wgsl-ls.toml"
    more = CONFIG + '\n[[shader.variant]]\nname = "typed"\ndefines = ["WIDE=2"]\n'
    client.open(path)
    await client.checked()
    client.open(config)
    client.change(config, more, 2)
    await client.checked()
    assert set(await verdicts(client, path)) == {"plain", "wide", "typed"}
    client.change(config, "[[shader", 3)
    assert await shown(client, config), "broken TOML is said"
    client.close(config)

    config.write_text(more.replace("typed", "saved"))
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": config.as_uri(), "type": 2}]})
    await client.checked()
    assert await verdicts(client, path) == {"plain": "accepted", "wide": "accepted", "saved": "accepted"}


async def test_another_active_variant_moves_inactive_code_and_the_expansion(started: tuple[Client, Path]) -> None:
    client, path = started
    document = {"textDocument": {"uri": path.as_uri()}}
    client.open(path)
    await client.checked()
    assert await regions(client, path) == [(3, 4)]
    expanded = (await client.request("wgsl/expansion", document))["text"]
    assert "array<f32>" in expanded

    client.drop()
    await client.request("wgsl/setActiveVariant", {**document, "variant": "wide"})
    note = await client.wait_for("wgsl/inactiveRegions")
    assert [one["start"]["line"] for one in note["regions"]] == [5]
    found = await client.request("wgsl/expansion", document)
    assert "array<i32>" in found["text"]

    client.notify(
        "textDocument/didOpen",
        {"textDocument": {"uri": found["uri"], "languageId": "wgsl", "version": 1, "text": found["text"]}},
    )
    client.change(path, SCALE.replace("4u", "8u"), 2)
    changed = await client.wait_for("wgsl/expansionChanged")
    assert changed["variant"] == "wide"
    assert "step = 8u" in (await client.request("wgsl/expansion", document))["text"]
    with pytest.raises(ServerError, match="no variant 'none'"):
        await client.request("wgsl/setActiveVariant", {**document, "variant": "none"})


async def test_a_client_that_pulls_is_told_when_to_ask_again(tmp_path: Path) -> None:
    path = write(tmp_path)
    capabilities = copy.deepcopy(CAPABILITIES)
    capabilities["textDocument"]["diagnostic"] = {"dynamicRegistration": False}
    capabilities["workspace"]["diagnostics"] = {"refreshSupport": True}
    client = await Client.start(tmp_path, options=OPTIONS, capabilities=capabilities)
    assert client.capabilities["diagnosticProvider"]["workspaceDiagnostics"]
    params = {"textDocument": {"uri": path.as_uri()}}
    client.open(path, SCALE.replace("VALUE(1)", "vec2<VALUE>(1.5).x"))
    await client.checked()
    assert "workspace/diagnostic/refresh" in [request["method"] for request in client.requests]
    full = await client.request("textDocument/diagnostic", params)
    assert full["kind"] == "full" and any(
        "WIDE" in item["message"] or "wide" in item["message"] for item in full["items"]
    )
    again = await client.request("textDocument/diagnostic", {**params, "previousResultId": full["resultId"]})
    assert again == {"kind": "unchanged", "resultId": full["resultId"]}
    client.change(path, SCALE, 2)
    await client.checked()
    changed = await client.request("textDocument/diagnostic", {**params, "previousResultId": full["resultId"]})
    assert changed["kind"] == "full" and [item for item in changed["items"] if item["code"] != "inactive"] == []
    everything = await client.request("workspace/diagnostic", {"previousResultIds": []})
    assert path.as_uri() in [entry["uri"] for entry in everything["items"]]
    assert not [one for one in client.notifications if one["method"] == "textDocument/publishDiagnostics"]
    assert await client.stop() == 0


async def test_whom_diagnostics_are_pushed_to_is_not_told_to_ask_for_them(tmp_path: Path) -> None:
    """It would show each of them twice. Helix spells `diagnostics` in the workspace's capabilities otherwise."""
    path = write(tmp_path)
    capabilities = copy.deepcopy(CAPABILITIES)
    capabilities["textDocument"]["diagnostic"] = {"dynamicRegistration": False}
    capabilities["workspace"]["diagnostic"] = {"refreshSupport": True}
    client = await Client.start(tmp_path, options=OPTIONS, capabilities=capabilities)
    assert "diagnosticProvider" not in client.capabilities
    client.open(path, SCALE.replace("VALUE(1)", "nowhere"))
    await client.checked()
    assert any("nowhere" in item["message"] for item in client.diagnostics(path))
    assert await client.stop() == 0


@pytest.mark.parametrize(("encoding", "width"), [("utf-16", 2), ("utf-8", 4)])
async def test_positions_are_right_beside_unusual_characters(tmp_path: Path, encoding: str, width: int) -> None:
    """Astral characters, CRLF, a lone CR and the separator U+2028, which ends a line in WGSL but not in LSP."""
    write(tmp_path)
    path = tmp_path / "odd.wgsl"
    capabilities = copy.deepcopy(CAPABILITIES)
    capabilities["general"]["positionEncodings"] = [encoding]
    client = await Client.start(tmp_path, options=OPTIONS, capabilities=capabilities)
    assert client.capabilities.get("positionEncoding", "utf-16") == encoding
    text = "// \u2028 // one line for LSP\r\n/* 😀 */ const wrong: u32 = missing_name;\r\n"
    client.open(path, "#define KEEP 1\r\n" + text.replace("\u2028", "-"))
    await client.checked()
    [item] = [one for one in client.diagnostics(path) if "missing_name" in one["message"]]
    start = len("/* ") + width + len(" */ const wrong: u32 = ")
    assert item["range"] == {
        "start": {"line": 2, "character": start},
        "end": {"line": 2, "character": start + len("missing_name")},
    }
    client.change(path, text, 2)
    await client.checked()
    symbols = await client.request("textDocument/documentSymbol", {"textDocument": {"uri": path.as_uri()}})
    [symbol] = [one for one in symbols if one["name"] == "wrong"]
    assert symbol["selectionRange"]["start"] == {"line": 1, "character": len("/* ") + width + len(" */ const ")}
    assert await client.stop() == 0


async def test_documents_that_are_no_files_are_left_alone(started: tuple[Client, Path]) -> None:
    client, path = started
    uris = ("git:/x/scale.wgsl?HEAD", "vscode-remote://wsl/x.wgsl")
    for uri in uris:
        document = {"uri": uri, "languageId": "wgsl", "version": 1, "text": "#endif"}
        client.notify("textDocument/didOpen", {"textDocument": document})
        client.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "#else"}]},
        )
    client.open(path)
    await client.checked()
    for uri in uris:
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert await verdicts(client, path) == {"plain": "accepted", "wide": "accepted"}
    published = [one["params"] for one in client.notifications if one["method"] == "textDocument/publishDiagnostics"]
    assert not [params for params in published if params["uri"] in uris and params["diagnostics"]]


async def test_a_file_that_is_not_utf_8_is_said_to_be_so(started: tuple[Client, Path]) -> None:
    client, path = started
    (path.parent / "types.tmpl").write_bytes(b"#define VALUE f32 // \xff\xfe\n")
    client.notify(
        "workspace/didChangeWatchedFiles",
        {"changes": [{"uri": (path.parent / "types.tmpl").as_uri(), "type": 2}]},
    )
    client.open(path)
    await client.checked()
    assert (await client.request("wgsl/variants", {"textDocument": {"uri": path.as_uri()}}))["counts"]["total"] == 2
    published = [one["params"] for one in client.notifications if one["method"] == "textDocument/publishDiagnostics"]
    assert "UTF-8" in str(published)


async def test_several_folders_and_files_outside_of_them(tmp_path: Path) -> None:
    first, second = write(tmp_path / "first"), write(tmp_path / "second", CONFIG.replace("plain", "other"))
    outside = tmp_path / "outside.wgsl"
    outside.write_text("#ifdef FAST\nfn fast() {}\n#endif\nfn broken() -> u32 { return 1.5; }\n")
    client = await Client.start(first.parent, options=OPTIONS)
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        {"event": {"added": [{"uri": second.parent.as_uri(), "name": "second"}], "removed": []}},
    )
    for path in (first, second, outside):
        client.open(path)
    await client.checked()
    assert set(await verdicts(client, first)) == {"plain", "wide"}
    assert set(await verdicts(client, second)) == {"other", "wide"}
    assert [line for line, _, _ in await shown(client, outside)] == [3]
    roots = (await client.request("wgsl/roots", {}))["roots"]
    assert {first.as_uri(), second.as_uri()} <= set(roots)
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        {"event": {"added": [], "removed": [{"uri": second.parent.as_uri(), "name": "second"}]}},
    )
    client.close(second)
    await client.checked()
    assert second.as_uri() not in (await client.request("wgsl/roots", {}))["roots"]
    assert await client.stop() == 0


async def test_a_cancelled_request_is_answered_as_such_and_the_next_one_well(started: tuple[Client, Path]) -> None:
    client, path = started
    client.open(path)
    number, answer = client.ask("workspace/executeCommand", {"command": "wgsl.checkAll", "arguments": []})
    client.notify("$/cancelRequest", {"id": number})
    with pytest.raises(ServerError) as refused:
        await asyncio.wait_for(answer, 20)
    assert refused.value.error["code"] == -32800
    client.notify("$/cancelRequest", {"id": 123456})
    counts = await client.request("workspace/executeCommand", {"command": "wgsl.checkAll", "arguments": []})
    assert counts == {"counts": {"total": 2, "pass": 2, "fail": 0, "pending": 0, "unjudged": 0}}
