"""Which variants a run is about: those that a change touches, a shard of them, or all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from wgsl_ls.analysis.cover import Cover, cover, is_number
from wgsl_ls.cli.composition import Selection, Session, UserError
from wgsl_ls.cli.impact import changes_since
from wgsl_ls.wire.engine_specs import in_order

SHARD = "K/N"


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
    """Variants of one root share most of their text, which each part would read anew, so roots are cut as seldom as
    can be; what differs in numbers alone is judged together, so it stays together too. Else a root is shuffled, always
    alike, for variants that lie beside each other cost alike. Parts are equal in characters of their roots."""
    part, n_parts = parts(shard)
    roots = dict.fromkeys(root for root, _ in chosen)
    defines = {
        (root, variant.name): variant.defines for root in roots for variant in session.workspace.settings(root).variants
    }
    sizes = {root: len(session.files.text_of(root) or "") + 1 for root in roots}
    ranked = sorted(chosen, key=lambda item: (item[0], _without_numbers(defines[item])))
    ends = list(accumulate(sizes[root] for root, _ in ranked))
    middles = (2 * end - sizes[root] for (root, _), end in zip(ranked, ends, strict=True))
    return [item for item, at in zip(ranked, middles, strict=True) if at * n_parts // (2 * ends[-1]) == part - 1]


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
