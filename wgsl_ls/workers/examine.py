"""Examine: start every engine once and tell what this machine has, what is missing and how to get it."""

from __future__ import annotations

import asyncio
import platform
import sys
from typing import Any

import wgsl_ls
from wgsl_ls.wire.engine_specs import engine_names, engine_title
from wgsl_ls.wire.jobs import Unavailable
from wgsl_ls.workers.engine_versions import package_version
from wgsl_ls.workers.pool import Pool


async def examine() -> dict[str, Any]:
    """Start every engine once and ask it who it is."""
    engines: dict[str, Any] = {}
    names = engine_names()
    async with Pool(dict.fromkeys(names, 1), deadline=4.0) as pool:
        infos = await asyncio.gather(*(pool.info(engine) for engine in names))
    for engine, info in zip(names, infos, strict=True):
        if isinstance(info, Unavailable):
            engines[engine] = {
                "available": False,
                "package": package_version(engine),
                "why": info.why,
                "remedy": info.remedy,
            }
        else:
            engines[engine] = {
                "available": True,
                "package": package_version(engine),
                "version": info.version,
                "adapter": info.adapter,
                "backend": info.backend,
                "features": list(info.features),
                "limits": dict(info.limits),
                "properties": dict(info.properties),
            }
    return {
        "wgsl-ls": wgsl_ls.__version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "platform": platform.platform(),
        "packages": {name: package_version(name) for name in names},
        "engines": engines,
    }


def as_text(found: dict[str, Any]) -> str:
    lines = [
        f"wgsl-ls   {found['wgsl-ls']}",
        f"Python    {found['python']}",
        f"system    {found['platform']}",
        "",
    ]
    for engine, entry in found["engines"].items():
        if not entry["available"]:
            lines.append(f"✗ {engine_title(engine)}: {entry['why']}")
            if entry["remedy"]:
                lines.append(f"    to get it: {entry['remedy']}")
            continue
        lines.append(f"✓ {engine_title(engine)}: {entry['version']}")
        features = [
            name for name in entry["features"] if any(word in name for word in ("f16", "subgroup", "timestamp"))
        ]
        rows = {
            "adapter": f"{entry['adapter']} ({entry['backend']})",
            "features": ", ".join(features) or "none of f16, subgroups, timestamps",
        }
        limits = entry["limits"]
        storage = next((value for name, value in limits.items() if "workgroup" in name and "storage" in name), None)
        if storage is not None:
            rows["workgroup storage"] = f"{storage:,} bytes"
        for name, value in entry["properties"].items():
            if said := str(value).strip():  # some drivers leave some of them empty
                rows[name.replace("-", " ")] = said.replace(" ", " to " if name == "subgroup-sizes" else " ")
        width = max(map(len, rows))
        lines.extend(f"    {name:<{width}}  {value}" for name, value in rows.items())
    return "\n".join(lines) + "\n"
