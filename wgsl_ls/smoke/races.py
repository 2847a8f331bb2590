"""Races: accesses of two invocations to one cell of which one writes, with nothing between that orders them; and
barriers that not all invocations of a workgroup come to.

The shader records its own accesses. Every cell has a shadow in a buffer of ours: the highest and the lowest invocation
that wrote it, and that read it, since the last barrier, each with the place of the access. An access looks whether
another invocation stands there that it conflicts with. What is found does not depend on the order in which a driver
runs invocations, so a software driver tells what a real one hides. Lanes of one subgroup are ordered by a subgroup
function too, which none of them leaves before all have come: what a lane read in front of it cannot be changed by
what another one writes behind it. Storage memory that a text may write has a second shadow, of workgroups: nothing
orders two of them. Barriers count who comes, which is compared when the run has ended.

Atomics of workgroup memory do not race, but what is loaded from one while another invocation changes it is anything:
a barrier is missing there, too. Several may change it, and several may store into it.

Not watched: accesses through pointers, atomics of storage memory, atomics that somebody compares and exchanges. How
far the watch went is said: which workgroups, which elements, and up to which barrier.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wgsl_ls.smoke.race_writer import SHADOW_WORDS, STOPPED, STORAGE_SHADOW_WORDS, UNCOUNTED, RaceWriter, Sizes
from wgsl_ls.wgsl.entry_inputs import compute_entries
from wgsl_ls.wgsl.memory_accesses import Accesses, AccessKind, accesses
from wgsl_ls.wgsl.rewriting import Edit
from wgsl_ls.wgsl.symbols import Analysis

_MOST_INVOCATIONS = 1024
_COUNT_BITS = 4
"""Subgroup functions since the last barrier are counted up to 14; what comes later is taken for ordered."""
_LEAST_EPOCH_BITS = 6
_MOST_SHADOW_BYTES = 1 << 25
_MOST_COUNTED_GROUPS = 256
_MOST_COUNTED_BARRIERS = 1 << 14
_MOST_COUNTS = 1 << 20


@dataclass(frozen=True, slots=True)
class Site:
    """A place that accesses memory of `space` ("workgroup" or "storage"). `start`, `end`: in the text that was
    instrumented."""

    variable: str
    kind: AccessKind
    start: int
    end: int
    space: str
    is_atomic: bool = False


@dataclass(frozen=True, slots=True)
class Race:
    """`cell`: of the variable, counted in scalars or vectors; `who`: (earlier, later), invocations of a workgroup by
    local index, or workgroups by number if `between_groups`; `n_found`: how often this pair of places was seen."""

    earlier: Site
    later: Site
    cell: int
    who: tuple[int, int]
    n_found: int
    between_groups: bool


@dataclass(frozen=True, slots=True)
class Parting:
    """Invocations of a workgroup that part at barriers: to the `number`-th one of the run only `n_came` of `n_all`
    came, or they came to different places. `places`: (start, end) of one or two barriers."""

    group: int
    number: int
    n_came: int
    n_all: int
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class RaceWatch:
    """How a text watches itself. `n_words`: u32 of the buffer that it records in, zero at the start. `n_groups`:
    workgroups whose own memory is watched. `barriers`: places. `unwatched`: what is not watched, in words."""

    edits: tuple[Edit, ...]
    sites: tuple[Site, ...]
    bases: Mapping[str, int]
    n_words: int
    n_groups: int
    barriers: tuple[tuple[int, int], ...]
    sizes: Sizes
    unwatched: tuple[str, ...]

    def races(self, record: bytes) -> tuple[Race, ...]:
        """What a run left in the buffer; the pair seen most often first. Of a storage variable that workgroups conflict
        on only that is told: its cells tell invocations of different workgroups not apart."""
        words = np.frombuffer(record, "<u4")
        n_sites = len(self.sites)
        between = list(self._pairs(words[self.sizes.between :][: n_sites * n_sites * 4], True))
        shared = {race.later.variable for race in between}
        within = self._pairs(words[: n_sites * n_sites * 4], False)
        found = between + [race for race in within if race.later.variable not in shared]
        return tuple(sorted(found, key=lambda race: (-race.n_found, race.earlier.start, race.later.start)))

    def _pairs(self, words: NDArray[np.uint32], between_groups: bool) -> Iterator[Race]:
        pairs = words.reshape(len(self.sites), len(self.sites), 4)
        for earlier, later in np.argwhere(pairs[:, :, 0]):
            count, cell, *who = (int(word) for word in pairs[earlier, later])
            site = self.sites[later]
            if site.is_atomic and site.kind == self.sites[earlier].kind == "write":
                continue
            first, second = who
            yield Race(
                self.sites[earlier], site, cell - self.bases[site.variable], (first, second), count, between_groups
            )

    def partings(self, record: bytes) -> tuple[Parting, ...]:
        """The first one of each workgroup, one for each set of places."""
        sizes = self.sizes
        n_words = sizes.counted_groups * sizes.counted_barriers * 3
        came = np.frombuffer(record, "<u4")[sizes.arrivals :][:n_words].reshape(
            sizes.counted_groups, sizes.counted_barriers, 3
        )
        wrong = (came[:, :, 0] != 0) & (
            (came[:, :, 0] != sizes.n_invocations) | (came[:, :, 1] + came[:, :, 2] != len(self.barriers) + 1)
        )
        found: dict[tuple[tuple[int, int], ...], Parting] = {}
        for group in np.flatnonzero(wrong.any(axis=1)):
            number = int(np.argmax(wrong[group]))
            count, highest, lowest = (int(word) for word in came[group, number])
            places = tuple(dict.fromkeys((self.barriers[highest - 1], self.barriers[len(self.barriers) - lowest])))
            found.setdefault(places, Parting(int(group), number + 1, count, sizes.n_invocations, places))
        return tuple(found.values())

    def stopped_at(self, record: bytes) -> bool:
        """Some invocation went through more barriers than can be told apart."""
        return bool(np.frombuffer(record, "<u4")[self.n_words - 1] & STOPPED)

    def n_lost(self, record: bytes, n_groups: int) -> int:
        """Of the invocations of all `n_groups` workgroups those that waited at a barrier and never came to the end."""
        n_ended = int(np.frombuffer(record, "<u4")[self.n_words - 2])
        return self.sizes.n_invocations * n_groups - n_ended if self.sizes.counted_groups else 0

    def counted(self, record: bytes, n_groups: int) -> bool:
        """Who came was counted for all barriers of all `n_groups` workgroups."""
        is_over = bool(np.frombuffer(record, "<u4")[self.n_words - 1] & UNCOUNTED)
        return self.sizes.counted_groups >= n_groups and not is_over


def watch_races(
    analysis: Analysis,
    invocations: int | None,
    n_groups: int,
    binding: tuple[int, int],
    bound: Mapping[str, int] | None,
) -> RaceWatch | str:
    """The edits that make a text watch its memory; `invocations`: of a workgroup, None when not known; `binding`:
    (group, binding) of the buffer; `bound`: bytes bound to each storage variable; None: no memory is watched, only who
    comes to barriers. Or why that cannot be."""
    entry_invocations = invocations or _MOST_INVOCATIONS
    if entry_invocations > _MOST_INVOCATIONS:
        return f"more than {_MOST_INVOCATIONS} invocations in a workgroup"
    own = _known(accesses(analysis, "workgroup")) if bound is not None else Accesses()
    shared = _written(_known(accesses(analysis, "storage", bound))) if bound is not None else Accesses()
    both = ((own, "workgroup"), (shared, "storage"))
    sites = [
        Site(one.variable, one.kind, one.start, one.end, space, one.is_atomic)
        for found, space in both
        for one in found.all
    ]
    site_bits, thread_bits = len(sites).bit_length(), (entry_invocations - 1).bit_length()
    epoch_bits = 32 - site_bits - thread_bits - _COUNT_BITS
    if epoch_bits < _LEAST_EPOCH_BITS or n_groups >= (1 << (32 - site_bits)) - 2:
        return f"{len(sites)} places that access memory are more than can be told apart"
    bases, n_own = _placed(own)
    storage_bases, n_shared = _placed(shared)
    unwatched = [f"{what} ({count} places)" for what, count in _counted([*own.unfollowed, *shared.unfollowed])]
    n_cells = min(n_shared, _MOST_SHADOW_BYTES // (STORAGE_SHADOW_WORDS * 4))
    if n_cells < n_shared:
        unwatched.append(f"elements of storage memory behind the first {n_cells:,} of {n_shared:,}")
    watched = max(1, min(n_groups, _MOST_SHADOW_BYTES // (n_own * SHADOW_WORDS * 4))) if n_own else n_groups
    writer = RaceWriter(analysis.module.text, bases | storage_bases)
    for found, space in both:
        writer.accesses(found, space == "storage")
    barriers = writer.barriers(analysis, unwatched)
    if barriers and invocations is None:
        unwatched.append("who comes to barriers: the size of the workgroup is not known")
    if not sites and not barriers:
        return "it writes no memory that invocations share"
    n_counted = min(n_groups, _MOST_COUNTED_GROUPS) if barriers and invocations is not None else 0
    sizes = Sizes.of(
        len(sites),
        n_own,
        n_cells,
        watched if n_own else 0,
        n_counted,
        min(_MOST_COUNTED_BARRIERS, _MOST_COUNTS // max(1, n_counted)),
        entry_invocations,
    )
    together = bool(sites) and writer.collectives(analysis)
    writer.ends(analysis)
    lane = [("subgroup_invocation_id", "u32", "race_lane_input")] if own.matrices or shared.matrices else []
    wanted = [
        ("local_invocation_index", "u32", "race_thread_input"),
        ("workgroup_id", "vec3<u32>", "race_group_input"),
        ("num_workgroups", "vec3<u32>", "race_groups_input"),
        *lane,
        *([("subgroup_size", "u32", "race_lanes_input")] if together else []),
    ]
    note = (
        "race_thread = {local_invocation_index}; race_group = {workgroup_id}.x + {num_workgroups}.x * "
        "({workgroup_id}.y + {num_workgroups}.y * {workgroup_id}.z); race_epoch = 1u; race_storage_epoch = 1u;"
    )
    if lane:
        note += " race_lane = {subgroup_invocation_id};"
    if together:
        note += " race_lanes = {subgroup_size};"
    for entry in compute_entries(analysis):
        writer.edits += entry.edits(wanted, note)
    writer.support(binding, sizes, site_bits, thread_bits, _COUNT_BITS, len(barriers))
    return RaceWatch(
        tuple(writer.edits),
        tuple(sites),
        bases | storage_bases,
        sizes.n_words,
        watched,
        barriers,
        sizes,
        tuple(unwatched),
    )


def _known(found: Accesses) -> Accesses:
    """Without those to variables whose size is not known."""
    for one in found.found:
        if found.cells[one.variable] is None:
            found.unfollowed.append((one.start, one.end, "a size that is not known"))
    found.found = [one for one in found.found if found.cells[one.variable] is not None]
    found.matrices = [one for one in found.matrices if found.cells[one.variable] is not None]
    return found


def _written(found: Accesses) -> Accesses:
    """Without variables that nothing writes."""
    written = {one.variable for one in found.all if one.kind != "read"}
    found.found = [one for one in found.found if one.variable in written]
    found.matrices = [one for one in found.matrices if one.variable in written]
    found.cells = {name: size for name, size in found.cells.items() if name in written}
    return found


def _placed(found: Accesses) -> tuple[dict[str, int], int]:
    """The first cell of each variable, and how many there are."""
    bases: dict[str, int] = {}
    n_cells = 0
    for variable, size in found.cells.items():
        if size is not None:
            bases[variable] = n_cells
            n_cells += size
    return bases, n_cells


def _counted(places: list[tuple[int, int, str]]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for _, _, what in places:
        counts[what] = counts.get(what, 0) + 1
    return list(counts.items())
