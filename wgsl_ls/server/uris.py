"""File addresses as clients write them, and the addresses of expanded documents."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from wgsl_ls.project.file_kind import CONFIG_NAME, FileKind, kind_of

EXPANDED_SCHEME = "wgsl-expanded"
RULE_SCHEME = "wgsl-ls-rule"
_UNSAVED = "/untitled:/"
_EXPANDED = "/expanded:/"


def path_of(uri: str) -> str | None:
    """The absolute path of a `file:` address; of a document that was never saved, or an expanded one, a name that no
    file has; None for every other scheme."""
    expanded = parse_expanded_uri(uri)
    if expanded is not None:
        return _EXPANDED + quote(expanded_uri(*expanded), safe="")
    if uri.startswith("untitled:"):
        return _UNSAVED + quote(uri.removeprefix("untitled:"), safe="")
    try:
        parts = urlsplit(uri)
    except ValueError:  # half an address of IPv6
        return None
    if parts.scheme != "file":
        return None
    path = unquote(parts.path)
    if os.name == "nt" and path[:1] == "/" and path[2:3] == ":":
        path = path[1:]
    return os.path.normpath(path)


def document_kind(uri: str) -> FileKind:
    """What a document is to us; of other schemes only those that are WGSL come here."""
    if parse_expanded_uri(uri) is not None:
        return FileKind.OTHER
    path = path_of(uri)
    return FileKind.OTHER if path is None else kind_of(path)


def is_configuration(uri: str) -> bool:
    """Is it ours, and no other program's TOML?"""
    return (path_of(uri) or "").rpartition("/")[2] == CONFIG_NAME


def is_host_code(uri: str) -> bool:
    """Is it a file of a host program's language? Only what concerns the variants is said there."""
    return document_kind(uri) is FileKind.HOST


@lru_cache(maxsize=1000)
def uri_of(path: str) -> str:
    """The address of an absolute path, as `path_of` reads it."""
    if path.startswith(_EXPANDED):
        return unquote(path.removeprefix(_EXPANDED))
    if path.startswith(_UNSAVED):
        return f"untitled:{unquote(path.removeprefix(_UNSAVED))}"
    return Path(path).as_uri() if path.startswith("/") or os.name == "nt" else path


def rule_uri(rule: str) -> str:
    """The address of the page of a rule, which the server gives out; the suffix tells an editor its language."""
    return f"{RULE_SCHEME}:/{rule}.md"


def parse_rule_uri(uri: str) -> str | None:
    """The rule's id; None for other addresses."""
    scheme, _, path = uri.partition(":")
    return unquote(path).strip("/").removesuffix(".md") if scheme == RULE_SCHEME else None


def expanded_uri(root: str, variant: str) -> str:
    """The address under which the expansion of a root in a variant is shown."""
    return f"{EXPANDED_SCHEME}:{quote(root)}?variant={quote(variant, safe='')}"


def parse_expanded_uri(uri: str) -> tuple[str, str] | None:
    """(root path, variant name) of an expanded document's address; None for other addresses. Clients encode
    differently (`=` as %3D, `//` before the path), all of which is understood."""
    scheme, colon, rest = uri.partition(":")
    if scheme != EXPANDED_SCHEME or not colon:
        return None
    path, _, query = rest.partition("?")
    path = unquote(path)
    if path.startswith("//"):
        path = path[1:].lstrip("/")
        path = "/" + path
    query = unquote(query) if "variant=" not in query else query
    name = unquote(query.partition("variant=")[2])
    return os.path.normpath(path), name
