"""Hover, completion, signature help, inlay hints and semantic tokens over the wire: one server, one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.server.client import CAPABILITIES, Client

SHADER = """\
#define SIZE 4
// Doubles 𝒙 é.
fn doubled(value: f32, times: u32) -> f32 { return value * 2.0; }
/* 𝒙 */ fn user(v: vec3f) { let a = doubled(v.x, 3u) + f32(SIZE); }
#ifdef WIDE
const wide = 1;
#endif
"""
CONFIG = '[[shader]]\nfiles = ["a.wgsl"]\naxes = { W = ["", "WIDE"] }\nengines = []\n'


def place(text: str, words: str, delta: int = 0) -> dict[str, int]:
    """Line and UTF-16 column."""
    offset = text.index(words) + delta
    start = text.rfind("\n", 0, offset) + 1
    return {"line": text.count("\n", 0, offset), "character": len(text[start:offset].encode("utf-16-le")) // 2}


async def test_a_file_is_written_with_help(tmp_path: Path) -> None:
    (tmp_path / "wgsl-ls.toml").write_text(CONFIG, encoding="utf-8")
    path = tmp_path / "a.wgsl"
    path.write_text(SHADER, encoding="utf-8")
    capabilities: dict[str, Any] = {
        **CAPABILITIES,
        "textDocument": {
            **CAPABILITIES["textDocument"],
            "completion": {
                "completionItem": {"snippetSupport": True},
                "completionList": {"itemDefaults": ["editRange"]},
            },
        },
    }
    client = await Client.start(tmp_path, options={"cache": False, "engines": []}, capabilities=capabilities)
    client.open(path)
    document = {"uri": path.as_uri()}

    async def ask(method: str, text: str, words: str, delta: int = 0) -> Any:
        return await client.request(
            f"textDocument/{method}", {"textDocument": document, "position": place(text, words, delta)}
        )

    # Hover
    found = await ask("hover", SHADER, "doubled(v")
    assert "Doubles 𝒙 é." in found["contents"]["value"]
    assert found["range"]["start"] == place(SHADER, "doubled(v")
    found = await ask("hover", SHADER, "SIZE)")
    assert f"[a.wgsl:1]({path.as_uri()}#L1)" in found["contents"]["value"]
    found = await ask("hover", SHADER, "#ifdef")
    assert "**1 of 2** variants, when `WIDE`" in found["contents"]["value"]
    assert await ask("hover", SHADER, "Doubles") is None

    # Signature help
    found = await ask("signatureHelp", SHADER, "3u")
    assert found["signatures"][0]["label"] == "doubled(value: f32, times: u32) -> f32"
    assert (found["activeSignature"], found["activeParameter"]) == (0, 1)
    assert found["signatures"][0]["parameters"][1]["label"] == [20, 30]

    # Inlay hints
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    hints = await client.request("textDocument/inlayHint", {"textDocument": document, "range": whole})
    assert {hint["label"] for hint in hints} == {": f32", "value:", "times:", "true in 1/2"}
    assert next(hint["position"] for hint in hints if hint["label"] == ": f32") == place(SHADER, " = doubled")

    # Semantic tokens
    assert client.capabilities["semanticTokensProvider"]["full"] == {"delta": True}
    assert client.capabilities["semanticTokensProvider"]["range"]
    full = await client.request("textDocument/semanticTokens/full", {"textDocument": document})
    assert len(full["data"]) % 5 == 0
    part = await client.request("textDocument/semanticTokens/range", {"textDocument": document, "range": whole})
    assert part["data"] == full["data"]

    # Completion after an edit
    edited = SHADER.replace("v.x, 3u", "v.").replace("𝒙 */ fn", "𝒙 */  fn")
    client.change(path, edited, 2)
    found = await ask("completion", edited, "v.)", 2)
    assert {"x", "xy", "xyz"} <= {item["label"] for item in found["items"]}
    start = place(edited, "v.)", 2)
    assert found["itemDefaults"]["editRange"] == {"start": start, "end": start}
    found = await ask("completion", edited, "ubled(v.)")
    item = next(item for item in found["items"] if item["label"] == "doubled")
    resolved = await client.request("completionItem/resolve", item)
    assert "Doubles 𝒙 é." in resolved["documentation"]["value"]
    delta = await client.request(
        "textDocument/semanticTokens/full/delta", {"textDocument": document, "previousResultId": full["resultId"]}
    )
    data = list(full["data"])
    for edit in delta["edits"]:
        data[edit["start"] : edit["start"] + edit["deleteCount"]] = edit["data"]
    again = await client.request("textDocument/semanticTokens/full", {"textDocument": document})
    assert data == again["data"]
    assert await client.stop() == 0
