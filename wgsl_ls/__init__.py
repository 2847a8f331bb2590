"""wgsl-ls: every variant of a preprocessed WGSL shader, expanded, mapped, compiled and run.

The public API is `expand`. Everything else is the language server's and the command line's own. What it needs is
imported when it is called, because the processes that host an engine import this package and never expand.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from wgsl_ls.preprocess.expansion import Expansion

__all__ = ["Expansion", "expand"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "Expansion":
        from wgsl_ls.preprocess.expansion import Expansion

        return Expansion
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def expand(
    main: str | os.PathLike[str],
    *,
    defines: Iterable[str | tuple[str, str]] = (),
    files: Mapping[str, str] | None = None,
    include_dirs: Iterable[str | os.PathLike[str]] = (),
    dialect: Literal["ggml", "pre-wgsl"] = "ggml",
    includes: Literal["native", "textual"] = "native",
) -> Expansion:
    """Preprocess one shader as the real preprocessor does, to the byte.

    `main`: a path, or a key of `files` (name -> text); includes are looked up among `files` first, then in
    `include_dirs`, by default the directory of `main`. `defines`: "NAME", "NAME=VALUE" or pairs; they are locked.
    `includes`: "native" opens active includes while preprocessing, "textual" pastes all of them before, as ggml's
    build does. Never raises for what a shader contains: see `.failed` and `.diagnostics`.

    Raises OSError when `main` cannot be read, KeyError for an unknown dialect.
    """
    from pathlib import Path

    from wgsl_ls.lookup import loader, read_text
    from wgsl_ls.preprocess.dialect import DIALECTS
    from wgsl_ls.preprocess.expansion import Expander, parse_defines
    from wgsl_ls.text.source_file import SourceFile

    name = os.fspath(main)
    texts = files or {}
    directories = list(include_dirs) or [Path(name).parent]
    if name in texts:
        root = SourceFile(name, texts[name])
        root_name = name
    else:
        root = SourceFile(name, read_text(name))
        root_name = Path(name).name
    expander = Expander(loader(texts, directories, includes == "textual"), DIALECTS[dialect], includes)
    return expander.expand(root, parse_defines(defines), root_name)
