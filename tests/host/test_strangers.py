"""Whole small hosts of strangers (strangers.txt): what they ask for, by which label, and what is said of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.host.host_fixture import BLUR, DEVICE, EDGE
from wgsl_ls.host.library import PLAIN
from wgsl_ls.host.reading import read_host

SHADERS = tuple(replace(one, file=f"{one.stem}.wgsl") for one in (BLUR, EDGE))


def strangers() -> list[tuple[str, dict[str, list[str]]]]:
    text = Path(__file__).with_name("strangers.txt").read_text("utf-8")
    found = []
    for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        title, *parts = re.split(r"^--- (\w+)\n", block, flags=re.MULTILINE)
        lines = (one.strip("\n").splitlines() for one in parts[1::2])
        found.append((title.strip(), dict(zip(parts[::2], lines, strict=True))))
    return found


@pytest.mark.parametrize(("title", "parts"), strangers(), ids=lambda one: one if isinstance(one, str) else "")
def test_a_strangers_host_is_read(title: str, parts: dict[str, list[str]]) -> None:
    reading = read_host({"host.cpp": "\n".join(parts["host"])}, SHADERS, PLAIN, (DEVICE,))
    variants = {
        f"{one.shader} [{one.label}] {' '.join(each.text for each in one.defines)}".strip() for one in reading.variants
    }
    told = [f"{one.stem}: {one.status}, {one.why}" for one in reading.shaders if one.n_variants]
    assert sorted(variants) == parts["gives"]
    assert [one for one in told if ": exact," not in one] == parts.get("status", [])
    assert [one.what for one in reading.gaps] == parts.get("gaps", [])
