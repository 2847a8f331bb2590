"""Which bindings of an entry point must not lie over each other: a range of a buffer that is bound as writable storage
may be bound to nothing else of the same dispatch, not even in part; a runtime refuses the whole pass
(https://www.w3.org/TR/webgpu/#encoder-bind-groups). Told from the text alone; what a host binds is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass

from wgsl_ls.wgsl.memory_accesses import accesses
from wgsl_ls.wgsl.reflection import Binding, EntryPoint
from wgsl_ls.wgsl.symbols import Analysis


@dataclass(frozen=True, slots=True)
class Exclusive:
    """`written`: declared writable; `others`: bindings of the same entry point that it must not overlap. `writes`: the
    places that write it (start, end), empty when none was found: pointers are not followed."""

    written: Binding
    others: tuple[Binding, ...]
    writes: tuple[tuple[int, int], ...]


def exclusive_bindings(analysis: Analysis, entry: EntryPoint) -> tuple[Exclusive, ...]:
    """In the order of bindings; a pair of two writable ones is told with each, for each has places of its own."""
    writes: dict[str, list[tuple[int, int]]] = {}
    for variable, kind, start, end in accesses(analysis, "storage").places:
        if kind != "read":
            writes.setdefault(variable, []).append((start, end))
    buffers = [one for one in entry.bindings if one.space in ("storage", "uniform")]
    found = []
    for binding in buffers:
        if binding.space != "storage" or binding.access == "read":
            continue
        others = tuple(one for one in buffers if one is not binding)
        if others:
            found.append(Exclusive(binding, others, tuple(writes.get(binding.name, ()))))
    return tuple(found)
