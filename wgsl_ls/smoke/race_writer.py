"""RaceWriter: the edits of a text that records its accesses and barriers (races.py), and the functions that they call.

Of every access only the outside is touched: a subscript, a value that is read or stored goes through a function that
records and hands it on, so what is computed stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass

from wgsl_ls.wgsl.lexer import trivia_end
from wgsl_ls.wgsl.memory_accesses import Access, Accesses, MatrixAccess, collectives
from wgsl_ls.wgsl.rewriting import Edit
from wgsl_ls.wgsl.symbols import Analysis
from wgsl_ls.wgsl.syntax import Block, Call, CallStatement, FunctionDeclaration, Identifier, Node, Return, Unary, walk

SHADOW_WORDS = 4
STORAGE_SHADOW_WORDS = 8
"""Of a cell in storage memory: of workgroups, and behind them of invocations."""
STOPPED, UNCOUNTED = 1, 2
"""In the record's last word: there were more barriers than can be told apart; more than can be counted."""
_BARRIERS = {"workgroupBarrier": "race_workgroup()", "storageBarrier": "race_storage()", "textureBarrier": ""}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How the record is laid out, in u32: pairs of places that conflict within a workgroup, then from `between` on
    those of workgroups, from `shadow` on the cells of `watched` workgroups, from `shared` on those of storage memory,
    from `arrivals` on who came to which barrier, then how many came to the end, and one that tells whether there were
    too many barriers for either."""

    n_sites: int
    n_own: int
    n_shared: int
    watched: int
    counted_groups: int
    counted_barriers: int
    n_invocations: int
    between: int
    shadow: int
    shared: int
    arrivals: int
    n_words: int

    @staticmethod
    def of(
        n_sites: int, n_own: int, n_shared: int, watched: int, groups: int, barriers: int, n_invocations: int
    ) -> Sizes:
        between = n_sites * n_sites * 4
        shadow = between + n_sites * n_sites * 4
        shared = shadow + watched * n_own * SHADOW_WORDS
        arrivals = shared + n_shared * STORAGE_SHADOW_WORDS
        n_words = arrivals + groups * barriers * 3 + 2
        return Sizes(
            n_sites,
            n_own,
            n_shared,
            watched,
            groups,
            barriers,
            n_invocations,
            between,
            shadow,
            shared,
            arrivals,
            n_words,
        )


class RaceWriter:
    """Collects edits, and the functions that they call. `bases`: the first cell of each variable."""

    def __init__(self, text: str, bases: dict[str, int]) -> None:
        self.text = text
        self.bases = bases
        self.edits: list[Edit] = []
        self.functions: list[str] = []
        self.n_sites = 0

    def accesses(self, found: Accesses, is_storage: bool) -> None:
        prefix = "race_storage" if is_storage else "race"
        for one in found.found:
            self._access(one, f"{prefix}_atomic" if one.is_atomic else prefix, found.cells[one.variable] or 0)
            self.n_sites += 1
        for matrix in found.matrices:
            self._matrix(matrix, prefix, found.cells[matrix.variable] or 0)
            self.n_sites += 1

    def _access(self, access: Access, prefix: str, size: int) -> None:
        number = self.n_sites
        base = self.bases[access.variable]
        end = base + size
        call = f"{prefix}_{'write' if access.kind == 'update' and not access.is_atomic else access.kind}"
        first = base + access.offset
        if access.n_collectives:
            call = f"race_ahead({access.n_collectives}u); {call}"
        back = f" race_ahead(0xffffffffu - {access.n_collectives - 1}u);" if access.n_collectives else ""
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
            return
        self.functions.append(
            f"fn race_at_{number}(v: {access.type}) -> {access.type} "
            f"{{ {call}({first}u, {access.n_cells}u, {end}u, {number}u);{back} return v; }}\n"
        )
        if access.value is not None:
            self._around(*access.value, f"race_at_{number}")
        else:
            # `x++` has no expression to go along with; `x += f(1)` has, also where a loop counts.
            at = trivia_end(self.text, access.end)
            self.edits.append(Edit(at, at + 2, f"{self.text[at]}= race_at_{number}(1)"))

    def _matrix(self, access: MatrixAccess, prefix: str, size: int) -> None:
        number = self.n_sites
        base = self.bases[access.variable]
        call = f"{prefix}_{'read' if access.kind == 'read' else 'write'}"
        self.functions.append(
            f"fn race_at_{number}(first: u32, stride: u32) -> u32 {{ if (race_lane == 0u) {{ for (var row = 0u; "
            f"row < {access.rows}u; row += 1u) {{ {call}({base}u + first + row * stride, {access.columns}u, "
            f"{base + size}u, {number}u); }} }} return first; }}\n"
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
            self.functions.append(f"fn race_together_{number}(v: {name}) -> {name} {{ race_ahead(1u); return v; }}\n")
        return bool(kinds)

    def _around(self, start: int, end: int, name: str) -> None:
        self.edits.append(Edit(start, start, f"{name}("))
        self.edits.append(Edit(end, end, ")"))

    def barriers(self, analysis: Analysis, unwatched: list[str]) -> tuple[tuple[int, int], ...]:
        """Their places."""
        found: list[tuple[int, int]] = []
        for start, node, facts in analysis.entries:
            if not isinstance(node, FunctionDeclaration):
                continue
            in_blocks: set[Node] = set()
            for inner in walk(node.body):
                if isinstance(inner, Block):
                    in_blocks.update(inner.statements)
                if isinstance(inner, CallStatement) and isinstance(inner.call, Call) and inner in in_blocks:
                    own = _BARRIERS.get(facts.called.get(inner.call, ""))
                    if own is not None:
                        at = start + inner.start
                        self.edits.append(Edit(at, at, f"race_arrive({len(found)}u); {own + '; ' if own else ''}"))
                        found.append((at, start + inner.call.end))
                elif isinstance(inner, Call) and facts.called.get(inner) == "workgroupUniformLoad":
                    found += self._uniform_load(start, inner, str(facts.types.get(inner)), len(found), unwatched)
        return tuple(found)

    def ends(self, analysis: Analysis) -> None:
        """Counts who comes to the end of an entry point."""
        for start, node, _ in analysis.entries:
            if isinstance(node, FunctionDeclaration) and any(one.name == "compute" for one in node.attributes):
                ways = [one.start for one in walk(node.body) if isinstance(one, Return)]
                if not (node.body.statements and isinstance(node.body.statements[-1], Return)):
                    ways.append(node.body.end - 1)
                self.edits += [Edit(start + at, start + at, "race_end(); ") for at in ways]

    def _uniform_load(
        self, start: int, call: Call, kind: str, number: int, unwatched: list[str]
    ) -> list[tuple[int, int]]:
        """It is a barrier, a load and another barrier (https://www.w3.org/TR/WGSL/#workgroupUniformLoad-builtin)."""
        argument = call.arguments[0] if call.arguments else None
        whole = argument.operand if isinstance(argument, Unary) and argument.operator == "&" else None
        if not isinstance(whole, Identifier):
            unwatched.append("a workgroupUniformLoad of a part of a variable, taken for no barrier")
            return []
        name = f"race_uniform_{whole.name}"
        function = (
            f"fn {name}(barrier: u32) -> {kind} {{ race_arrive(barrier); race_workgroup(); "
            f"let v = workgroupUniformLoad(&{whole.name}); race_workgroup(); return v; }}\n"
        )
        if function not in self.functions:
            self.functions.append(function)
        self.edits.append(Edit(start + call.start, start + call.end, f"{name}({number}u)"))
        return [(start + call.start, start + call.end)]

    def support(
        self, binding: tuple[int, int], sizes: Sizes, site_bits: int, thread_bits: int, count_bits: int, n_barriers: int
    ) -> None:
        """The functions that the edits call, behind the text."""
        epoch_bits = 32 - site_bits - thread_bits - count_bits
        support = _SUPPORT.format(
            group=binding[0],
            binding=binding[1],
            n_sites=sizes.n_sites,
            n_own=sizes.n_own,
            n_shared=sizes.n_shared,
            watched=sizes.watched,
            counted_groups=sizes.counted_groups,
            counted_barriers=sizes.counted_barriers,
            between=sizes.between,
            shadow=sizes.shadow,
            shared=sizes.shared,
            arrivals=sizes.arrivals,
            ended=sizes.n_words - 2,
            stopped=sizes.n_words - 1,
            at_an_end=STOPPED,
            uncounted=UNCOUNTED,
            n_barriers=n_barriers,
            epochs=(1 << epoch_bits) - 1,
            thread_shift=site_bits + count_bits,
            site_bits=site_bits,
            epoch_shift=32 - epoch_bits,
            thread_mask=(1 << thread_bits) - 1,
            count_mask=(1 << count_bits) - 1,
            site_mask=(1 << site_bits) - 1,
            group_mask=(1 << (32 - site_bits)) - 1,
        )
        end = len(self.text)
        self.edits.append(Edit(end, end, support + "".join(self.functions)))


_SUPPORT = """
@group({group}) @binding({binding}) var<storage, read_write> race_record: array<atomic<u32>>;
var<private> race_thread: u32;
var<private> race_group: u32;
var<private> race_epoch: u32;
var<private> race_storage_epoch: u32;
var<private> race_count: u32;
var<private> race_storage_count: u32;
var<private> race_arrived: u32;
var<private> race_lane: u32;
var<private> race_lanes: u32 = 1u;
fn race_workgroup() {{
  race_epoch += 1u;
  race_count = 0u;
}}
fn race_storage() {{
  race_storage_epoch += 1u;
  race_storage_count = 0u;
}}
fn race_ahead(n: u32) {{
  race_count += n;
  race_storage_count += n;
}}
fn race_arrive(barrier: u32) {{
  if (race_group < {counted_groups}u && race_arrived < {counted_barriers}u) {{
    let at = {arrivals}u + (race_group * {counted_barriers}u + race_arrived) * 3u;
    atomicAdd(&race_record[at], 1u);
    atomicMax(&race_record[at + 1u], barrier + 1u);
    atomicMax(&race_record[at + 2u], {n_barriers}u - barrier);
  }} else if (race_group < {counted_groups}u) {{
    atomicOr(&race_record[{stopped}u], {uncounted}u);
  }}
  race_arrived += 1u;
}}
fn race_end() {{
  atomicAdd(&race_record[{ended}u], 1u);
}}
fn race_off(epoch: u32) -> bool {{
  if (epoch > {epochs}u) {{ atomicOr(&race_record[{stopped}u], {at_an_end}u); }}
  return epoch > {epochs}u;
}}
fn race_mine(epoch: u32, count: u32, thread: u32, site: u32) -> u32 {{
  return (epoch << {epoch_shift}u) | (thread << {thread_shift}u) | (min(count, {count_mask}u) << {site_bits}u) | site;
}}
fn race_found(at: u32, cell: u32, earlier: u32, later: u32) {{
  if (atomicAdd(&race_record[at], 1u) == 0u) {{
    atomicStore(&race_record[at + 1u], cell);
    atomicStore(&race_record[at + 2u], earlier);
    atomicStore(&race_record[at + 3u], later);
  }}
}}
fn race_with(other: u32, epoch: u32, own_count: u32, thread: u32, site: u32, cell: u32) -> bool {{
  if (other == 0u || (other >> {epoch_shift}u) != epoch || thread == race_thread) {{ return false; }}
  let count = (other >> {site_bits}u) & {count_mask}u;
  let together = thread / race_lanes == race_thread / race_lanes;
  if (together && (count != own_count || count == {count_mask}u)) {{ return false; }}
  race_found(((other & {site_mask}u) * {n_sites}u + site) * 4u, cell, thread, race_thread);
  return true;
}}
// `at`: of the highest invocation; behind it stands the lowest, counted from above, so that a maximum keeps it too.
fn race_look(at: u32, epoch: u32, count: u32, site: u32, cell: u32) {{
  let highest = atomicLoad(&race_record[at]);
  if (!race_with(highest, epoch, count, (highest >> {thread_shift}u) & {thread_mask}u, site, cell)) {{
    let lowest = atomicLoad(&race_record[at + 1u]);
    let thread = {thread_mask}u - ((lowest >> {thread_shift}u) & {thread_mask}u);
    _ = race_with(lowest, epoch, count, thread, site, cell);
  }}
}}
fn race_stand(at: u32, epoch: u32, count: u32, site: u32) {{
  atomicMax(&race_record[at], race_mine(epoch, count, race_thread, site));
  atomicMax(&race_record[at + 1u], race_mine(epoch, count, {thread_mask}u - race_thread, site));
}}
fn race_reads(at: u32, epoch: u32, count: u32, site: u32, cell: u32) {{
  race_stand(at + 2u, epoch, count, site);
  race_look(at, epoch, count, site, cell);
}}
fn race_writes(at: u32, epoch: u32, count: u32, site: u32, cell: u32) {{
  race_stand(at, epoch, count, site);
  race_look(at, epoch, count, site, cell);
  race_look(at + 2u, epoch, count, site, cell);
}}
fn race_read_one(cell: u32, end: u32, site: u32) {{
  if (race_group >= {watched}u || cell >= end || race_off(race_epoch)) {{ return; }}
  race_reads({shadow}u + (race_group * {n_own}u + cell) * 4u, race_epoch, race_count, site, cell);
}}
fn race_write_one(cell: u32, end: u32, site: u32) {{
  if (race_group >= {watched}u || cell >= end || race_off(race_epoch)) {{ return; }}
  race_writes({shadow}u + (race_group * {n_own}u + cell) * 4u, race_epoch, race_count, site, cell);
}}
// Atomics conflict unless both change, or both write. A store stands among those that read, too, so that no later
// change of the same invocation hides it from the changes of others.
fn race_atomic_read(cell: u32, n: u32, end: u32, site: u32) {{
  race_read_one(cell, end, site);
}}
fn race_atomic_update(cell: u32, n: u32, end: u32, site: u32) {{
  if (race_group >= {watched}u || cell >= end || race_off(race_epoch)) {{ return; }}
  let at = {shadow}u + (race_group * {n_own}u + cell) * 4u;
  race_stand(at, race_epoch, race_count, site);
  race_look(at + 2u, race_epoch, race_count, site, cell);
}}
fn race_atomic_write(cell: u32, n: u32, end: u32, site: u32) {{
  if (race_group >= {watched}u || cell >= end || race_off(race_epoch)) {{ return; }}
  let at = {shadow}u + (race_group * {n_own}u + cell) * 4u;
  race_stand(at + 2u, race_epoch, race_count, site);
  race_writes(at, race_epoch, race_count, site, cell);
}}
fn race_between(other: u32, group: u32, site: u32, cell: u32) -> bool {{
  if (other == 0u || group == race_group) {{ return false; }}
  race_found({between}u + ((other & {site_mask}u) * {n_sites}u + site) * 4u, cell, group, race_group);
  return true;
}}
fn race_other_group(at: u32, site: u32, cell: u32) -> bool {{
  let highest = atomicLoad(&race_record[at]);
  if (race_between(highest, (highest >> {site_bits}u) - 1u, site, cell)) {{ return true; }}
  let lowest = atomicLoad(&race_record[at + 1u]);
  return race_between(lowest, {group_mask}u - (lowest >> {site_bits}u), site, cell);
}}
fn race_stand_group(at: u32, site: u32) {{
  atomicMax(&race_record[at], ((race_group + 1u) << {site_bits}u) | site);
  atomicMax(&race_record[at + 1u], (({group_mask}u - race_group) << {site_bits}u) | site);
}}
fn race_storage_read_one(cell: u32, end: u32, site: u32) {{
  if (cell >= min(end, {n_shared}u) || race_off(race_storage_epoch)) {{ return; }}
  let at = {shared}u + cell * 8u;
  race_stand_group(at + 2u, site);
  if (race_other_group(at, site, cell)) {{ return; }}
  race_reads(at + 4u, race_storage_epoch, race_storage_count, site, cell);
}}
fn race_storage_write_one(cell: u32, end: u32, site: u32) {{
  if (cell >= min(end, {n_shared}u) || race_off(race_storage_epoch)) {{ return; }}
  let at = {shared}u + cell * 8u;
  race_stand_group(at, site);
  if (race_other_group(at, site, cell) || race_other_group(at + 2u, site, cell)) {{ return; }}
  race_writes(at + 4u, race_storage_epoch, race_storage_count, site, cell);
}}
// Loops are kept for what needs them: llvmpipe lets an invocation do 65,535 rounds in all.
"""
_SUPPORT += "".join(
    """\
fn NAME(first: u32, n: u32, end: u32, site: u32) {{
  if (n == 1u) {{ NAME_one(first, end, site); return; }}
  for (var cell = first; cell < first + n; cell += 1u) {{ NAME_one(cell, end, site); }}
}}
""".replace("NAME", name)
    for name in ("race_read", "race_write", "race_storage_read", "race_storage_write")
)
