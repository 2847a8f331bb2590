"""Races on workgroup memory: accesses of two invocations to one cell of which one writes, with no barrier between them.

The shader records its own accesses. Every cell has a shadow in a buffer of ours: the highest and the lowest invocation
that wrote it, and that read it, since the last barrier, each with the place of the access. An access looks whether
another invocation stands there that it conflicts with. What is found does not depend on the order in which a driver
runs invocations, so a software driver tells what a real one hides. Lanes of one subgroup are ordered by a subgroup
function too, which none of them leaves before all have come: what a lane read in front of it cannot be changed by
what another one writes behind it.

Not watched: accesses through pointers, storage memory, atomics (they cannot race with each other). How far the watch
went is said: which workgroups, and up to which barrier.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wgsl_ls.wgsl.entry_inputs import compute_entries
from wgsl_ls.wgsl.lexer import trivia_end
from wgsl_ls.wgsl.memory_accesses import Access, AccessKind, MatrixAccess, accesses, collectives
from wgsl_ls.wgsl.rewriting import Edit
from wgsl_ls.wgsl.symbols import Analysis
from wgsl_ls.wgsl.syntax import Block, Call, CallStatement, FunctionDeclaration, Identifier, Node, Unary, walk

_WORDS_PER_CELL = 4
_WORDS_PER_PAIR = 3
_MOST_INVOCATIONS = 1024
_COUNT_BITS = 4
"""Subgroup functions since the last barrier are counted up to 14; what comes later is taken for ordered."""
_LEAST_EPOCH_BITS = 6
_MOST_SHADOW_BYTES = 1 << 25


@dataclass(frozen=True, slots=True)
class Site:
    """A place that accesses workgroup memory. `start`, `end`: in the text that was instrumented."""

    variable: str
    kind: AccessKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Race:
    """`cell`: of the variable, counted in scalars or vectors; `invocations`: (earlier, later) by local index;
    `n_found`: how often this pair of places was seen."""

    earlier: Site
    later: Site
    cell: int
    invocations: tuple[int, int]
    n_found: int


@dataclass(frozen=True, slots=True)
class RaceWatch:
    """How a text watches itself. `n_words`: u32 of the buffer that it records in, zero at the start. `n_groups`:
    watched workgroups. `unwatched`: what is not watched, in words."""

    edits: tuple[Edit, ...]
    sites: tuple[Site, ...]
    bases: tuple[tuple[str, int], ...]
    n_words: int
    n_groups: int
    unwatched: tuple[str, ...]

    def races(self, record: bytes) -> tuple[Race, ...]:
        """What a run left in the buffer; the pair seen most often first."""
        words = np.frombuffer(record, "<u4")
        n_sites = len(self.sites)
        pairs = words[: n_sites * n_sites * _WORDS_PER_PAIR].reshape(n_sites, n_sites, _WORDS_PER_PAIR)
        found = []
        bases = dict(self.bases)
        for earlier, later in np.argwhere(pairs[:, :, 0]):
            count, cell, invocations = (int(word) for word in pairs[earlier, later])
            site = self.sites[later]
            found.append(
                Race(
                    self.sites[earlier],
                    site,
                    cell - bases[site.variable],
                    (invocations >> 16, invocations & 0xFFFF),
                    count,
                )
            )
        return tuple(sorted(found, key=lambda race: (-race.n_found, race.earlier.start, race.later.start)))

    def stopped_at(self, record: bytes) -> bool:
        """Some invocation went through more barriers than can be told apart."""
        return bool(np.frombuffer(record, "<u4")[self.n_words - 1])


def watch_races(analysis: Analysis, entry_invocations: int, n_groups: int, binding: tuple[int, int]) -> RaceWatch | str:
    """The edits that make a text watch its workgroup memory; `binding`: (group, binding) of the buffer. Or why that
    cannot be."""
    if entry_invocations > _MOST_INVOCATIONS:
        return f"more than {_MOST_INVOCATIONS} invocations in a workgroup"
    found = accesses(analysis, "workgroup")
    for one in found.found:
        if found.cells[one.variable] is None:
            found.unfollowed.append((one.start, one.end, "a size that is not known"))
    found.found = [one for one in found.found if found.cells[one.variable] is not None]
    sites = [Site(one.variable, one.kind, one.start, one.end) for one in found.found]
    sites += [Site(matrix.variable, matrix.kind, matrix.start, matrix.end) for matrix in found.matrices]
    if not sites:
        return "it uses no workgroup memory"
    site_bits, thread_bits = len(sites).bit_length(), (entry_invocations - 1).bit_length()
    epoch_bits = 32 - site_bits - thread_bits - _COUNT_BITS
    if epoch_bits < _LEAST_EPOCH_BITS:
        return f"{len(sites)} places that access workgroup memory are more than can be told apart"
    bases: dict[str, int] = {}
    n_cells = 0
    for variable, n_own in found.cells.items():
        if n_own is not None:
            bases[variable] = n_cells
            n_cells += n_own
    watched = max(1, min(n_groups, _MOST_SHADOW_BYTES // (n_cells * _WORDS_PER_CELL * 4)))
    n_pairs = len(sites) * len(sites) * _WORDS_PER_PAIR
    n_words = n_pairs + watched * n_cells * _WORDS_PER_CELL + 1
    writer = _Writer(analysis.module.text, bases, dict(found.cells))
    for number, access in enumerate(found.found):
        writer.access(number, access)
    for number, matrix in enumerate(found.matrices, len(found.found)):
        writer.matrix(number, matrix)
    unwatched = [f"{what} ({count} places)" for what, count in _counted(found.unfollowed)]
    writer.barriers(analysis, unwatched)
    together = writer.collectives(analysis)
    size = [("subgroup_size", "u32", "race_lanes_input")] if together else []
    lane = [("subgroup_invocation_id", "u32", "race_lane_input")] if found.matrices else []
    wanted = [
        ("local_invocation_index", "u32", "race_thread_input"),
        ("workgroup_id", "vec3<u32>", "race_group_input"),
        ("num_workgroups", "vec3<u32>", "race_groups_input"),
        *lane,
        *size,
    ]
    note = (
        "race_thread = {local_invocation_index}; race_group = {workgroup_id}.x + {num_workgroups}.x * "
        "({workgroup_id}.y + {num_workgroups}.y * {workgroup_id}.z); race_epoch = 1u;"
    )
    if lane:
        note += " race_lane = {subgroup_invocation_id};"
    if size:
        note += " race_lanes = {subgroup_size};"
    for entry in compute_entries(analysis):
        writer.edits += entry.edits(wanted, note)
    end = len(analysis.module.text)
    support = _SUPPORT.format(
        group=binding[0],
        binding=binding[1],
        n_sites=len(sites),
        pair=_WORDS_PER_PAIR,
        shadow=n_pairs,
        n_cells=n_cells,
        watched=watched,
        epochs=(1 << epoch_bits) - 1,
        thread_shift=site_bits + _COUNT_BITS,
        count_shift=site_bits,
        epoch_shift=32 - epoch_bits,
        thread_mask=(1 << thread_bits) - 1,
        count_mask=(1 << _COUNT_BITS) - 1,
        site_mask=(1 << site_bits) - 1,
        stopped=n_words - 1,
    )
    writer.edits.append(Edit(end, end, support + "".join(writer.functions)))
    return RaceWatch(tuple(writer.edits), tuple(sites), tuple(bases.items()), n_words, watched, tuple(unwatched))


def _counted(places: list[tuple[int, int, str]]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for _, _, what in places:
        counts[what] = counts.get(what, 0) + 1
    return list(counts.items())


class _Writer:
    """Collects edits, and the functions that they call."""

    def __init__(self, text: str, bases: dict[str, int], sizes: dict[str, int | None]) -> None:
        self.text = text
        self.bases = bases
        self.sizes = sizes
        self.edits: list[Edit] = []
        self.functions: list[str] = []

    def access(self, number: int, access: Access) -> None:
        base = self.bases[access.variable]
        end = base + (self.sizes[access.variable] or 0)
        call = "race_read" if access.kind == "read" else "race_write"
        first = base + access.offset
        if access.n_collectives:
            call = f"race_count += {access.n_collectives}u; {call}"
        back = f" race_count -= {access.n_collectives}u;" if access.n_collectives else ""
        if access.subscripts:
            *outer, last = access.subscripts
            before = ""
            for level, subscript in enumerate(outer):
                # A subscript may itself read through other places, never through this one.
                plus = f"race_path_{number} + " if level else ""
                name = f"race_at_{number}_{level}"
                kind = subscript.type
                self.functions.append(
                    f"fn {name}(i: {kind}) -> {kind} "
                    f"{{ race_path_{number} = {plus}u32(i) * {subscript.stride}u; return i; }}\n"
                )
                self._around(subscript.start, subscript.end, name)
                before = f"race_path_{number} + "
            if outer:
                self.functions.append(f"var<private> race_path_{number}: u32;\n")
            kind = last.type
            self.functions.append(
                f"fn race_at_{number}(i: {kind}) -> {kind} {{ {call}({first}u + {before}u32(i) * {last.stride}u, "
                f"{access.n_cells}u, {end}u, {number}u);{back} return i; }}\n"
            )
            self._around(last.start, last.end, f"race_at_{number}")
        elif access.value is not None:
            self.functions.append(
                f"fn race_at_{number}(v: {access.type}) -> {access.type} "
                f"{{ {call}({first}u, {access.n_cells}u, {end}u, {number}u); return v; }}\n"
            )
            self._around(*access.value, f"race_at_{number}")
        else:
            # `x++` has no expression to go along with; `x += f(1)` has, also where a loop counts.
            self.functions.append(
                f"fn race_at_{number}(v: {access.type}) -> {access.type} "
                f"{{ {call}({first}u, {access.n_cells}u, {end}u, {number}u); return v; }}\n"
            )
            at = trivia_end(self.text, access.end)
            self.edits.append(Edit(at, at + 2, f"{self.text[at]}= race_at_{number}(1)"))

    def matrix(self, number: int, access: MatrixAccess) -> None:
        base = self.bases[access.variable]
        end = base + (self.sizes[access.variable] or 0)
        call = "race_read" if access.kind == "read" else "race_write"
        self.functions.append(
            f"fn race_at_{number}(first: u32, stride: u32) -> u32 {{ if (race_lane == 0u) {{ for (var row = 0u; "
            f"row < {access.rows}u; row += 1u) {{ {call}({base}u + first + row * stride, {access.columns}u, {end}u, "
            f"{number}u); }} }} return first; }}\n"
        )
        start, stop = access.offset
        stride = self.text[slice(*access.stride)]
        self.edits.append(Edit(start, start, f"race_at_{number}(u32("))
        self.edits.append(Edit(stop, stop, f"), u32({stride}))"))

    def collectives(self, analysis: Analysis) -> bool:
        """Counts the subgroup functions that a lane has left."""
        kinds: dict[str, int] = {}
        for start, node, facts in analysis.entries:
            for call in collectives(node, facts) if isinstance(node, FunctionDeclaration) else ():
                kind = facts.types.get(call)
                if kind is not None and "subgroup_matrix" not in kind.name and kind.name != "void":
                    number = kinds.setdefault(str(kind), len(kinds))
                    self._around(start + call.start, start + call.end, f"race_together_{number}")
        for name, number in kinds.items():
            self.functions.append(f"fn race_together_{number}(v: {name}) -> {name} {{ race_count += 1u; return v; }}\n")
        return bool(kinds)

    def _around(self, start: int, end: int, name: str) -> None:
        self.edits.append(Edit(start, start, f"{name}("))
        self.edits.append(Edit(end, end, ")"))

    def barriers(self, analysis: Analysis, unwatched: list[str]) -> None:
        for start, node, facts in analysis.entries:
            if not isinstance(node, FunctionDeclaration):
                continue
            in_blocks: set[Node] = set()
            for inner in walk(node.body):
                if isinstance(inner, Block):
                    in_blocks.update(inner.statements)
                if isinstance(inner, CallStatement) and isinstance(inner.call, Call) and inner in in_blocks:
                    if facts.called.get(inner.call) == "workgroupBarrier":
                        self.edits.append(Edit(start + inner.start, start + inner.start, "race_barrier(); "))
                elif isinstance(inner, Call) and facts.called.get(inner) == "workgroupUniformLoad":
                    self._uniform_load(start, inner, str(facts.types.get(inner)), unwatched)

    def _uniform_load(self, start: int, call: Call, kind: str, unwatched: list[str]) -> None:
        """It is a barrier, a load and another barrier (https://www.w3.org/TR/WGSL/#workgroupUniformLoad-builtin)."""
        argument = call.arguments[0] if call.arguments else None
        whole = argument.operand if isinstance(argument, Unary) and argument.operator == "&" else None
        if not isinstance(whole, Identifier):
            unwatched.append("a workgroupUniformLoad of a part of a variable, taken for no barrier")
            return
        name = f"race_uniform_{whole.name}"
        function = (
            f"fn {name}() -> {kind} {{ race_barrier(); let v = workgroupUniformLoad(&{whole.name}); race_barrier(); "
            "return v; }\n"
        )
        if function not in self.functions:
            self.functions.append(function)
        self.edits.append(Edit(start + call.start, start + call.end, f"{name}()"))


_SUPPORT = """
@group({group}) @binding({binding}) var<storage, read_write> race_record: array<atomic<u32>>;
var<private> race_thread: u32;
var<private> race_group: u32;
var<private> race_epoch: u32;
var<private> race_count: u32;
var<private> race_lane: u32;
var<private> race_lanes: u32 = 1u;
fn race_barrier() {{
  race_epoch += 1u;
  race_count = 0u;
}}
fn race_off(cell: u32, end: u32) -> bool {{
  if (race_epoch > {epochs}u) {{ atomicStore(&race_record[{stopped}u], 1u); }}
  return race_group >= {watched}u || race_epoch > {epochs}u || cell >= end;
}}
fn race_mine(thread: u32, site: u32) -> u32 {{
  let count = min(race_count, {count_mask}u);
  return (race_epoch << {epoch_shift}u) | (thread << {thread_shift}u) | (count << {count_shift}u) | site;
}}
fn race_with(other: u32, thread: u32, site: u32, cell: u32) -> bool {{
  if (other == 0u || (other >> {epoch_shift}u) != race_epoch || thread == race_thread) {{ return false; }}
  let count = (other >> {count_shift}u) & {count_mask}u;
  let together = thread / race_lanes == race_thread / race_lanes;
  if (together && (count != race_count || count == {count_mask}u)) {{ return false; }}
  let at = ((other & {site_mask}u) * {n_sites}u + site) * {pair}u;
  if (atomicAdd(&race_record[at], 1u) == 0u) {{
    atomicStore(&race_record[at + 1u], cell);
    atomicStore(&race_record[at + 2u], (thread << 16u) | race_thread);
  }}
  return true;
}}
// `at`: of the highest invocation; behind it stands the lowest, counted from above, so that a maximum keeps it too.
fn race_look(at: u32, site: u32, cell: u32) {{
  let highest = atomicLoad(&race_record[at]);
  if (!race_with(highest, (highest >> {thread_shift}u) & {thread_mask}u, site, cell)) {{
    let lowest = atomicLoad(&race_record[at + 1u]);
    _ = race_with(lowest, {thread_mask}u - ((lowest >> {thread_shift}u) & {thread_mask}u), site, cell);
  }}
}}
fn race_stand(at: u32, site: u32) {{
  atomicMax(&race_record[at], race_mine(race_thread, site));
  atomicMax(&race_record[at + 1u], race_mine({thread_mask}u - race_thread, site));
}}
fn race_read_one(cell: u32, end: u32, site: u32) {{
  if (race_off(cell, end)) {{ return; }}
  let at = {shadow}u + (race_group * {n_cells}u + cell) * 4u;
  race_stand(at + 2u, site);
  race_look(at, site, cell);
}}
fn race_write_one(cell: u32, end: u32, site: u32) {{
  if (race_off(cell, end)) {{ return; }}
  let at = {shadow}u + (race_group * {n_cells}u + cell) * 4u;
  race_stand(at, site);
  race_look(at, site, cell);
  race_look(at + 2u, site, cell);
}}
// Loops are kept for what needs them: llvmpipe lets an invocation do 65,535 rounds in all.
fn race_read(first: u32, n: u32, end: u32, site: u32) {{
  if (n == 1u) {{ race_read_one(first, end, site); return; }}
  for (var cell = first; cell < first + n; cell += 1u) {{ race_read_one(cell, end, site); }}
}}
fn race_write(first: u32, n: u32, end: u32, site: u32) {{
  if (n == 1u) {{ race_write_one(first, end, site); return; }}
  for (var cell = first; cell < first + n; cell += 1u) {{ race_write_one(cell, end, site); }}
}}
"""
