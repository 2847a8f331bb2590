"""The subgroup sizes that an adapter may run a shader with, as its information says them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def subgroup_sizes(info: Mapping[str, Any]) -> str:
    """ "MIN MAX", "" where the adapter does not say. (wgpu 0.32 spells the keys "stackgroup_min_size".)"""
    found = []
    for ending in ("group_min_size", "group_max_size"):
        value = next((value for key, value in info.items() if key.endswith(ending)), 0)
        found.append(int(value or 0))
    return " ".join(map(str, found)) if all(found) else ""
