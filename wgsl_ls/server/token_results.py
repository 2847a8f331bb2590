"""TokenResults: the semantic tokens last sent of each document, so that the next answer can be a difference."""

from __future__ import annotations

from wgsl_ls.text.memo import Memo

_DOCUMENTS_KEPT = 64


class TokenResults:
    def __init__(self) -> None:
        self._kept: Memo[str, tuple[str, list[int]]] = Memo(_DOCUMENTS_KEPT)
        self._n_results = 0

    def keep(self, uri: str, data: list[int]) -> str:
        """The id of a new result."""
        self._n_results += 1
        return self._kept.put(uri, (str(self._n_results), data))[0]

    def get(self, uri: str, result_id: str) -> list[int] | None:
        """The result of this id, if it is the document's last one."""
        found = self._kept.get(uri)
        return found[1] if found is not None and found[0] == result_id else None
