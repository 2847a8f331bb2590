"""Which of some C++ texts are the host's code, and which library it works with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from wgsl_ls.host.library import GGML, PLAIN, HostLibrary

_INCLUDE: Final = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^">\n]+)[">]', re.MULTILINE)
_GGML: Final = re.compile(r"\bggml_(?:tensor|backend|webgpu)\w*")


def library_of(texts: Iterable[str]) -> HostLibrary:
    return GGML if any(_GGML.search(text) for text in texts) else PLAIN


def host_files(texts: Mapping[str, str], stems: Iterable[str], preprocess: Iterable[str]) -> tuple[str, ...]:
    """Of the files `texts` (by path) those that call a preprocessor and name a shader, those that include them,
    and those that either include, as far as they are among the texts. Empty: no host's code here."""
    calls = re.compile(rf"(?:\.|->|::|\b)(?:{'|'.join(map(re.escape, preprocess))})\s*\(")
    names = [re.compile(rf"{re.escape(stem)}(?![A-Za-z0-9_])") for stem in sorted(stems)]
    found = [
        path
        for path, text in texts.items()
        if calls.search(text) and not _defines_preprocessor(text) and any(name.search(text) for name in names)
    ]
    if not found:
        return ()
    by_name: dict[str, list[str]] = {}
    for path in texts:
        by_name.setdefault(path.rsplit("/", 1)[-1], []).append(path)
    includes = {path: _INCLUDE.findall(text) for path, text in texts.items()}
    chosen = dict.fromkeys(found)
    for path, included in includes.items():
        if any(name.rsplit("/", 1)[-1] == one.rsplit("/", 1)[-1] for name in included for one in found):
            chosen[path] = None
    for path in list(chosen):
        for name in includes[path]:
            for one in by_name.get(name.rsplit("/", 1)[-1], ()):
                if not _defines_preprocessor(texts[one]):
                    chosen[one] = None
    return tuple(chosen)


def _defines_preprocessor(text: str) -> bool:
    """Is this the preprocessor itself? (It has a class of that name with the method.)"""
    return re.search(r"\bclass\s+Preprocessor\b", text) is not None
