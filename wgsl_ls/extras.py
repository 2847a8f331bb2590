"""The optional parts of this package: which command brings one where this program runs.

pyproject.toml is the one list of what a part needs; it is read from the installed package's metadata. The package
itself is on no index, so the command names what the part consists of.
"""

from __future__ import annotations

import sys


def remedy(extra: str) -> str:
    """A command for a shell."""
    quoted = " ".join(f'"{one}"' for one in requirements(extra))
    return f"{sys.executable} -m pip install {quoted}"


def requirements(extra: str) -> tuple[str, ...]:
    """Of `smoke`, say: ("numpy>=1.26", ...). Raises LookupError for a part that does not exist."""
    from importlib.metadata import PackageNotFoundError, requires  # dear, and not needed to start a server

    try:
        listed = requires("wgsl-ls") or []
    except PackageNotFoundError:
        listed = []
    found = []
    for line in listed:
        requirement, _, marker = line.partition(";")
        if marker.replace("'", '"').replace(" ", "") == f'extra=="{extra}"':
            found.append(requirement.strip())
    if not found:
        raise LookupError(f"wgsl-ls has no part called {extra}, or it is not installed as a package")
    return tuple(found)
