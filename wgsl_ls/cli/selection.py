"""Which variants a run is about: those that a change touches, a shard of them, or all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from wgsl_ls.analysis.cover import Cover, cover
from wgsl_ls.cli.composition import Session, UserError
from wgsl_ls.cli.impact import changes_since
from wgsl_ls.wire.engine_specs import in_order

SHARD = "K/N"
Selection = Mapping[str, Collection[str]]
"""Root -> names of its variants."""


@dataclass(frozen=True, slots=True)
class Selected:
    """`only`: the variants that a run is about, None for all; `cover`: how they were chosen by what has changed."""

    only: Selection | None = None
    cover: Cover | None = None


def select(
    session: Session, roots: list[str], changed: str | None, shard: str | None, by_cover: bool = False
) -> Selected:
    """`changed`: only variants that differ from this git revision, with `by_cover` few in which all changed lines are
    active; `shard`: "K/N", the K-th of N equal parts. Raises UserError."""
    if by_cover and not changed:
        raise UserError("--cover takes few of the variants that a change touches: say since when with --changed REV")
    if not shard and not changed:
        return Selected()
    chosen = [(root, variant.name) for root in roots for variant in session.workspace.settings(root).variants]
    covered = None
    if changed:
        changes = changes_since(session, roots, changed)
        touched = changes.touched
        if by_cover:
            views = [view for root in roots if (view := session.snapshot.root(root)) is not None and view.variants]
            covered = cover(session.snapshot, views, changes.lines, changes.given, touched)
            touched = {(root, name) for root, names in covered.chosen.items() for name in names}
        chosen = [item for item in chosen if item in touched]
    if shard:
        part, n_parts = _parts(shard)
        chosen = chosen[part - 1 :: n_parts]
    selection: dict[str, list[str]] = {}
    for root, name in chosen:
        selection.setdefault(root, []).append(name)
    return Selected(selection, covered)


def wanted_engines(session: Session, roots: list[str], asked: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `asked` that some variant shall pass."""
    settings = [session.workspace.settings(root) for root in roots]
    return in_order(name for one in settings for variant in one.variants for name in variant.judges if name in asked)


def _parts(shard: str) -> tuple[int, int]:
    try:
        part, n_parts = (int(word) for word in shard.split("/"))
    except ValueError:
        raise UserError(f"--shard wants {SHARD}, e.g. 2/8, not '{shard}'") from None
    if not 1 <= part <= n_parts:
        raise UserError(f"--shard {shard}: the part must be between 1 and {n_parts}")
    return part, n_parts
