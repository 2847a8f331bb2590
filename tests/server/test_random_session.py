"""A long random editing session; after it the server answers as a fresh one does on the same texts."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from tests.server.client import Client

pytestmark = [pytest.mark.gpu, pytest.mark.slow]
OPTIONS: dict[str, Any] = {"cache": False, "engines": ["dawn"], "workers": 1}
N_EDITS = 2_000
MOST_GROWTH = 40
"""MiB that the server may grow from the first quarter of the session to its end."""

CONFIG = """[[shader]]
files = ["scale.wgsl", "copy.wgsl"]

[[shader.variant]]
name = "plain"

[[shader.variant]]
name = "wide"
defines = ["WIDE"]
"""
TEXTS = {
    "wgsl-ls.toml": CONFIG,
    "types.tmpl": "#ifdef WIDE\n#define VALUE i32\n#else\n#define VALUE f32\n#endif\nconst one = VALUE(1);\n",
    "scale.wgsl": """#include "types.tmpl"
#define STEP 4u
@group(0) @binding(0) var<storage, read_write> data: array<VALUE>;
#ifdef WIDE
const step = STEP;
#else
const step = 1u;
#endif
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    data[id.x * step] += one;
}
""",
    "copy.wgsl": """#include "types.tmpl"
#if defined(WIDE) && !defined(SLOW)
fn helper(x: VALUE) -> VALUE { return x * 2; }
#else
fn helper(x: VALUE) -> VALUE { return x; }
#endif
@compute @workgroup_size(1)
fn main() { _ = helper(one); }
""",
}
SNIPPETS = (
    "#endif\n", "#else\n", "#ifdef WIDE\n", "#if defined(A) || B > 1\n", "#define STEP 8u\n", "#undef STEP\n",
    "fn f() -> u32 { return STEP; }\n", "const k = 1;\n", "{", "}", ";", "VALUE", "\r\n", "/*", "*/", "// 😀 \u2028\n",
    "#include \"types.tmpl\"\n", "x", " ", "1.5", "\"",
)  # fmt: skip
MORE_VARIANTS = (
    '\n[[shader.variant]]\nname = "slow"\ndefines = ["SLOW", "STEP=2u"]\n',
    '\n[[shader.variant]]\nname = "both"\ndefines = ["WIDE", "SLOW"]\n',
    "\nnonsense =",
)


class Typist:
    """Edits as a person does, and undoes most of what it broke."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.random = folder, random.Random(seed)
        self.texts = dict(TEXTS)
        self.versions = dict.fromkeys(TEXTS, 1)
        self.undo: dict[str, list[str]] = {name: [] for name in TEXTS}

    def path(self, name: str) -> Path:
        return self.folder / name

    def step(self, client: Client) -> None:
        chance = self.random.random()
        name = self.random.choices(list(TEXTS), (3, 15, 60, 22))[0]
        if chance < 0.02:
            self.save(client, name)
            return
        if self.undo[name] and (chance < 0.35 or len(self.undo[name]) > 12):
            self.send(client, name, self.undo[name].pop())
            return
        text = self.texts[name]
        self.undo[name].append(text)
        if name == "wgsl-ls.toml":
            self.send(client, name, text + self.random.choice(MORE_VARIANTS))
            return
        place = self.random.randrange(len(text) + 1)
        if chance < 0.55:
            self.send(client, name, text[:place] + text[place + self.random.randrange(1, 12) :])
        elif chance < 0.8:
            self.send(client, name, text[:place] + self.random.choice(SNIPPETS) + text[place:])
        else:
            lines = text.splitlines(keepends=True)
            line = self.random.randrange(len(lines) + 1)
            self.send(client, name, "".join([*lines[:line], self.random.choice(SNIPPETS), *lines[line:]]))

    def send(self, client: Client, name: str, text: str) -> None:
        self.texts[name] = text
        self.versions[name] += 1
        client.change(self.path(name), text, self.versions[name])

    def save(self, client: Client, name: str) -> None:
        path = self.path(name)
        path.write_bytes(self.texts[name].encode())
        client.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": path.as_uri(), "type": 2}]})

    async def choose(self, client: Client) -> None:
        """Another active variant, and some questions whose answers nobody reads."""
        uri = self.path(self.random.choice(("scale.wgsl", "copy.wgsl"))).as_uri()
        document = {"textDocument": {"uri": uri}}
        variants = (await client.request("wgsl/variants", document))["variants"]
        if variants:
            wanted = self.random.choice(variants)["name"]
            await client.request("wgsl/setActiveVariant", {**document, "variant": wanted})
        place = {"line": self.random.randrange(12), "character": self.random.randrange(20)}
        for method in ("hover", "completion", "definition"):
            await client.request(f"textDocument/{method}", {**document, "position": place})


async def answers(client: Client, folder: Path, active: dict[str, str]) -> dict[str, Any]:
    """What a client can see, without what may differ (order of equal things, versions)."""
    await client.checked()
    for name, variant in active.items():
        if variant:
            document = {"textDocument": {"uri": (folder / name).as_uri()}}
            await client.request("wgsl/setActiveVariant", {**document, "variant": variant})
    await client.checked()
    found: dict[str, Any] = {}
    for name in TEXTS:
        path = folder / name
        document = {"textDocument": {"uri": path.as_uri()}}
        found[name, "diagnostics"] = (await client.request("textDocument/diagnostic", document))["items"]
        if name.endswith(".toml"):
            continue
        found[name, "inactive"] = await client.request("wgsl/inactiveRegions", document)
        found[name, "symbols"] = await client.request("textDocument/documentSymbol", document)
        lines = path.read_bytes().decode().count("\n")
        place = {"line": lines, "character": 0}
        found[name, "defines"] = await client.request("wgsl/defineState", {**document, "position": place})
        if name.endswith(".wgsl"):
            variants = await client.request("wgsl/variants", document)
            found[name, "variants"] = {key: value for key, value in variants.items() if key != "edition"}
    return found


async def active_variants(client: Client, folder: Path) -> dict[str, str]:
    roots = ("scale.wgsl", "copy.wgsl")
    asked = [{"textDocument": {"uri": (folder / name).as_uri()}} for name in roots]
    return {
        name: (await client.request("wgsl/variants", document))["active"]
        for name, document in zip(roots, asked, strict=True)
    }


@pytest.mark.parametrize("seed", [1])
async def test_after_a_long_session_all_is_as_if_freshly_opened(tmp_path: Path, seed: int) -> None:
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text)
    client = await Client.start(tmp_path, options=OPTIONS)
    typist = Typist(tmp_path, seed)
    for name in TEXTS:
        client.open(tmp_path / name)
    sizes: list[float] = []
    for number in range(N_EDITS):
        typist.step(client)
        if typist.random.random() < 0.02:
            await typist.choose(client)
        if typist.random.random() < 0.01:
            await client.checked()
        elif typist.random.random() < 0.2:
            await asyncio.sleep(typist.random.random() * 0.05)
        if number % (N_EDITS // 20) == 0:
            await client.checked()
            assert_versions_only_rise(client)
            client.drop()
            sizes.append(resident(client.process.pid))
    sizes.append(resident(client.process.pid))
    assert sizes[-1] - sizes[len(sizes) // 4] < MOST_GROWTH, sizes

    for name, text in typist.texts.items():
        (tmp_path / name).write_bytes(text.encode())
    active = await active_variants(client, tmp_path)
    after = await answers(client, tmp_path, active)
    assert await client.stop() == 0

    fresh = await Client.start(tmp_path, options=OPTIONS)
    for name, text in typist.texts.items():
        fresh.open(tmp_path / name, text)
    expected = await answers(fresh, tmp_path, active)
    for key, value in expected.items():
        assert after[key] == value, key
    assert await fresh.stop() == 0


def assert_versions_only_rise(client: Client) -> None:
    """A publication never speaks of an older text than one before it, and the last one of each file (all checked by
    now) never of an older one than the inactive regions told with it."""
    seen: dict[str, int] = {}
    for message in client.notifications:
        if message["method"] == "textDocument/publishDiagnostics":
            uri, version = message["params"]["uri"], message["params"].get("version")
            if version is not None:
                assert version >= seen.get(uri, 0), (uri, version, seen[uri])
                seen[uri] = version


def resident(pid: int) -> float:
    """MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
