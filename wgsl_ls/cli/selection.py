"""Which variants a run is about: those that a change touches, a shard of them, or all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from wgsl_ls.analysis.cover import Cover, cover, is_number
from wgsl_ls.cli.composition import Selection, Session, UserError
from wgsl_ls.cli.impact import changes_since
from wgsl_ls.wire.engine_specs import in_order

SHARD = "K/N"
_SHARES = 4
"""What is more than such a share of a part is cut."""


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
            covered = cover(
                session.snapshot, list(session.snapshot.views(roots)), changes.lines, changes.given, touched
            )
            touched = {(root, name) for root, names in covered.chosen.items() for name in names}
        chosen = [item for item in chosen if item in touched]
    if shard:
        chosen = _of_shard(session, chosen, shard)
    selection: dict[str, list[str]] = {}
    for root, name in chosen:
        selection.setdefault(root, []).append(name)
    if shard:
        session.keep(selection)  # the others cost nothing then, not even their expansion
    return Selected(selection, covered)


def wanted_engines(session: Session, roots: list[str], asked: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `asked` that some variant shall pass."""
    settings = [session.workspace.settings(root) for root in roots]
    return in_order(name for one in settings for variant in one.variants for name in variant.judges if name in asked)


def _of_shard(session: Session, chosen: list[tuple[str, str]], shard: str) -> list[tuple[str, str]]:
    """Parts are equal in characters of expanded text, as far as one variant of each root tells. Variants of one root
    share most of theirs, which each part would read anew, so a root stays whole unless it is a large share of a part:
    then each gets its share of it, for what one root costs tells nothing of another. Of what is cut, variants that
    differ in numbers alone are judged together, so they stay together; else they are shuffled, always alike, for those
    that lie beside each other cost alike."""
    part, n_parts = parts(shard)
    by_root: dict[str, list[tuple[str, str]]] = {}
    for item in chosen:
        by_root.setdefault(item[0], []).append(item)
    weights = {root: _length(session, root) * len(items) for root, items in by_root.items()}
    share = sum(weights.values()) / n_parts
    loads = [0] * n_parts
    taken: set[tuple[str, str]] = set()
    for root in sorted(weights, key=lambda root: (-weights[root], root)):
        items = by_root[root]
        if weights[root] * _SHARES > share:
            defines = {one.name: one.defines for one in session.workspace.settings(root).variants}
            ranked = sorted(items, key=lambda item: _without_numbers(defines[item[1]]))
            taken.update(
                one for at, one in enumerate(ranked) if (2 * at + 1) * n_parts // (2 * len(ranked)) == part - 1
            )
        else:
            least = loads.index(min(loads))
            loads[least] += weights[root]
            taken.update(items if least == part - 1 else ())
    return [item for item in chosen if item in taken]


def _length(session: Session, root: str) -> int:
    view = session.snapshot.root(root)
    return len(view.expansion(0).text) + 1 if view is not None and view.variants else 1


def _without_numbers(defines: Iterable[tuple[str, str]]) -> bytes:
    words = (f"{name}={'' if is_number(value) else value}" for name, value in defines)
    return hashlib.blake2b("\0".join(words).encode("utf-8", "surrogatepass"), digest_size=8).digest()


def parts(shard: str) -> tuple[int, int]:
    """K and N of "K/N". Raises UserError."""
    try:
        part, n_parts = (int(word) for word in shard.split("/"))
    except ValueError:
        raise UserError(f"--shard wants {SHARD}, e.g. 2/8, not '{shard}'") from None
    if not 1 <= part <= n_parts:
        raise UserError(f"--shard {shard}: the part must be between 1 and {n_parts}")
    return part, n_parts
