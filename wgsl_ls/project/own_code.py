"""The digest of our own code: part of the keys of what is kept and would be said otherwise by another version."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import wgsl_ls


@cache
def code_digest() -> str:
    """Of every module of this package."""
    package = Path(wgsl_ls.__file__).parent
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(package.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
