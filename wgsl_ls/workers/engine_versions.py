"""Which version an engine had when it last ran here, so that a run answered by the cache starts no engine.

Kept in a small file beside the cache. A version is trusted only while the engine's installed package is the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from wgsl_ls.wire.engine_specs import engine_spec


def package_version(engine: str) -> str | None:
    """Version of the Python package an engine comes in; None when it is not installed, or elsewhere."""
    from importlib.metadata import PackageNotFoundError, version  # dear, and not needed to start a server

    spec = engine_spec(engine)
    try:
        return version(spec.package) if spec is not None and not spec.base else None
    except PackageNotFoundError:
        return None


def remembered_versions(cache_path: Path, engines: Iterable[str]) -> dict[str, str]:
    """Engine -> version, for those whose package has not changed since."""
    notes = _read(cache_path)
    found = {}
    for engine in engines:
        note = notes.get(engine)
        if isinstance(note, list) and len(note) == 2 and note[0] is not None and note[0] == package_version(engine):
            found[engine] = str(note[1])
    return found


def remember_versions(cache_path: Path, versions: Mapping[str, str]) -> None:
    notes = _read(cache_path)
    before = dict(notes)
    notes.update({engine: [package_version(engine), text] for engine, text in versions.items()})
    if notes == before:
        return
    path = _path(cache_path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(notes), encoding="utf-8")
        temporary.replace(path)
    except OSError:
        return  # a read-only cache directory only costs time


def _path(cache_path: Path) -> Path:
    return cache_path.parent / "engine-versions.json"


def _read(cache_path: Path) -> dict[str, object]:
    try:
        loaded = json.loads(_path(cache_path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}
