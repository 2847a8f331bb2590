"""Builds of engines that the user has beside this program's own: `engines = ["dawn", { name = "dawn-next", python =
"/…/bin/python" }]` in the user's own settings, or with `node` and `package` in place of `python`. Versions stand there
in their order: a build in front of its engine's name is an older one. A build is a program that is started, so no
workspace may name one.

The settings are a TOML file: `WGSL_LS_SETTINGS` names it, else it lies where the platform keeps a user's settings. An
editor may hand in builds of its user, too.
"""

from __future__ import annotations

import os
import sys
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeGuard

from wgsl_ls.wire.engine_specs import EngineSpec, engine_spec, listed_engines

VARIABLE: Final = "WGSL_LS_SETTINGS"
_MOST_BUILDS: Final = 8
_KEYS: Final = ("name", "python", "node", "package", "engine")


@dataclass(frozen=True, slots=True)
class UserEngines:
    """`asked`: listed engines by name, empty when none was named; `problems`: what is wrong, in words."""

    asked: tuple[str, ...] = ()
    builds: tuple[EngineSpec, ...] = ()
    problems: tuple[str, ...] = ()


def settings_path() -> Path:
    """Where the user's own settings are kept."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "wgsl-ls" / "settings.toml"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "wgsl-ls" / "settings.toml"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "wgsl-ls" / "settings.toml"


_MOST_CHARACTERS: Final = 1_000_000


def user_engines() -> UserEngines:
    """Those of the user's settings; none where there is no file."""
    path = settings_path()
    try:
        with path.open(encoding="utf-8") as file:
            values = tomllib.loads(file.read(_MOST_CHARACTERS))
    except FileNotFoundError:
        return UserEngines()
    except (OSError, ValueError, RecursionError) as error:
        return UserEngines(problems=(f"{path}: {error}",))
    found = read_engines(values.get("engines", []))
    unknown = [f"there is no setting '{name}'; there is: engines" for name in values if name != "engines"]
    return UserEngines(found.asked, found.builds, tuple(f"{path}: {one}" for one in (*unknown, *found.problems)))


def read_engines(values: Any) -> UserEngines:
    """Names of listed engines, and tables for builds. What is wrong with one costs only that one."""
    if not isinstance(values, list):
        return UserEngines(problems=("engines: a list is wanted",))
    asked: dict[str, None] = {}
    builds: dict[str, EngineSpec] = {}
    problems = []
    for value in values[:_MOST_BUILDS]:
        if isinstance(value, dict):
            build = _build(value)
            if isinstance(build, str):
                problems.append(f"engines: {build}")
            elif build.name in builds:
                problems.append(f"engines: there are two builds called {build.name}; the first counts")
            else:
                builds[build.name] = build
        elif isinstance(value, str) and value in listed_engines():
            asked[value] = None
            older = {name: replace(one, is_older=True) for name, one in builds.items() if one.base == value}
            builds |= older
        else:
            problems.append(f"engines: {value!r} is none of {', '.join(listed_engines())}")
    if len(values) > _MOST_BUILDS:
        problems.append(f"engines: only the first {_MOST_BUILDS} count")
    return UserEngines(tuple(asked), tuple(builds.values()), tuple(problems))


def _build(table: dict[str, Any]) -> EngineSpec | str:
    name, python, node, package = (table.get(key) for key in ("name", "python", "node", "package"))
    if not isinstance(name, str) or not name.replace("-", "").replace(".", "").isalnum() or not name.isascii():
        return "a build wants a name of letters, digits, '-' and '.', such as dawn-next"
    if unknown := next((key for key in table if key not in _KEYS), None):
        return f"{name}: there is no key '{unknown}'; there are: {', '.join(_KEYS)}"
    if name in listed_engines():
        return f"{name} is the engine's own name; a build of it wants another one"
    engine = table.get("engine", next((one for one in listed_engines() if name.startswith(f"{one}-")), None))
    spec = engine_spec(engine) if isinstance(engine, str) and engine in listed_engines() else None
    if spec is None:
        return f"{name}: of which engine is not said; name it {listed_engines()[0]}-…, or write engine = …"
    if node is None and package is None:
        if not _is_whole(python):
            return f"{name}: python wants the whole path of the interpreter that has this build"
        return spec.build(name, python)
    if python is not None:
        return f"{name}: either python, or node and package"
    if not spec.node_runtime:
        return f"{name}: {spec.name} has no package for node"
    if not _is_whole(node) or not _is_whole(package):
        return f"{name}: node and package want whole paths, of the program and of its package's folder"
    return spec.node_build(name, node, package)


def _is_whole(path: Any) -> TypeGuard[str]:
    return isinstance(path, str) and Path(path).is_absolute()
