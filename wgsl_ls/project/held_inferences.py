"""HeldInferences: for an editor, the sets of macros that were found last for each undeclared root. The search for them
takes longer than a keystroke may; whoever has the time (ProjectWorkspace.inference_steps) makes it anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Self

from wgsl_ls.project.inference import Inferred
from wgsl_ls.project.variants import VariantSet


@dataclass(frozen=True, slots=True)
class HeldInference:
    """`key`: what the search rests on; `found`: None when the conditions were nested too deeply."""

    key: object
    found: Inferred | None


class HeldInferences:
    """`held`: by root; replaced, never changed, so that a frozen one keeps its moment's. `wanted`: root -> its variants
    without inferred ones, shared by all frozen ones."""

    def __init__(self) -> None:
        self.held: Mapping[str, HeldInference] = {}
        self.wanted: dict[str, VariantSet] = {}

    def frozen(self) -> Self:
        return copy(self)

    def hold(self, root: str, key: object, found: Inferred | None) -> None:
        self.held = {**self.held, root: HeldInference(key, found)}
