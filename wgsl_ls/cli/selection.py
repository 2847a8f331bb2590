"""Which variants a run is about: those that a change touches, a shard of them, or all."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from wgsl_ls.cli.composition import Session, UserError
from wgsl_ls.cli.impact import changed_variants
from wgsl_ls.wire.engine_specs import in_order

SHARD = "K/N"
Selection = Mapping[str, Collection[str]]
"""Root -> names of its variants."""


def select(session: Session, roots: list[str], changed: str | None, shard: str | None) -> Selection | None:
    """`changed`: only variants that differ from this git revision; `shard`: "K/N", the K-th of N equal parts. None:
    all variants. Raises UserError."""
    if not shard and not changed:
        return None
    chosen = [(root, variant.name) for root in roots for variant in session.workspace.settings(root).variants]
    if changed:
        touched = changed_variants(session, roots, changed)
        chosen = [item for item in chosen if item in touched]
    if shard:
        part, n_parts = _parts(shard)
        chosen = chosen[part - 1 :: n_parts]
    selection: dict[str, list[str]] = {}
    for root, name in chosen:
        selection.setdefault(root, []).append(name)
    return selection


def wanted_engines(session: Session, roots: list[str], asked: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `asked` that some variant shall pass."""
    settings = [session.workspace.settings(root) for root in roots]
    return in_order(name for one in settings for variant in one.variants for name in variant.engines if name in asked)


def _parts(shard: str) -> tuple[int, int]:
    try:
        part, n_parts = (int(word) for word in shard.split("/"))
    except ValueError:
        raise UserError(f"--shard wants {SHARD}, e.g. 2/8, not '{shard}'") from None
    if not 1 <= part <= n_parts:
        raise UserError(f"--shard {shard}: the part must be between 1 and {n_parts}")
    return part, n_parts
