"""Sizes: what the numbers of a text say of its workgroups; see number_model.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sizes:
    """`workgroup_sizes`: by entry point, None for a dimension that is not known. `variables`: bytes of workgroup
    variables by name. Only what numbers change."""

    workgroup_sizes: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    variables: Mapping[str, int] = field(default_factory=dict)
