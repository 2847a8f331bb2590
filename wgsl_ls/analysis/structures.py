"""Structures: the variants of one root whose expansions differ only in numbers, and which of them can stand for others.

Variants of one structure have equal tokens but for the digits of integers (wgsl/skeleton.py). Those whose numbers say
the same to a compiler (the facts of wgsl/number_model.py) form a class; the first of a class is its representative, and
what a judge says of it holds for the others. Where nothing is promised a variant represents itself.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from wgsl_ls import __version__
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.guesses import is_guessed
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.skeletons import Skeletons, TextSkeleton
from wgsl_ls.text.source_file import text_digest
from wgsl_ls.text.steps import Steps
from wgsl_ls.wgsl.sizes import Sizes

if TYPE_CHECKING:
    from wgsl_ls.wgsl.number_model import NumberModel

_ROLES_VERSION = f"roles 3 {__version__}"
"""Part of their key in the disk cache: to be changed when number_model.py says something else."""
_PLAIN = 2
"""The format of marshal in which equal values have equal bytes."""


@dataclass
class _Group:
    """One structure. `members`: in the root's order; `texts`: of each. `roles`: of each, filled when somebody asks;
    `work`: what fills it."""

    skeleton: TextSkeleton
    members: list[int] = field(default_factory=list)
    texts: list[TextSkeleton] = field(default_factory=list)
    roles: list[_Role] | None = None
    work: Iterator[None] | None = None

    @cached_property
    def numbers(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """Of each member, piece by piece."""
        return tuple([text.numbers for text in self.texts])


@dataclass(frozen=True, slots=True)
class _Role:
    """`representative`: by its place among the members; `is_within`: it keeps the limits of every engine; `sizes`: what
    its numbers say of workgroups."""

    representative: int
    is_within: bool = True
    sizes: Sizes = field(default_factory=Sizes)


class Structures:
    """Of one view; every answer is worked out when it is asked for, in one go unless `steps` ran before."""

    def __init__(self, view: RootView, front_end: FrontEnd) -> None:
        self._view = view
        self._front_end = front_end
        self._groups: list[_Group] | None = None
        self._of: list[tuple[_Group, int]] = []
        self._work: Iterator[None] | None = None
        self._skeletons = Skeletons()

    @property
    def is_ready(self) -> bool:
        """`steps` has run to its end."""
        return self._groups is not None

    @property
    def n_structures(self) -> int:
        """Of the variants that preprocess."""
        return len(self._grouped())

    def one_of_each_first(self, then: Iterable[int] = ()) -> list[int]:
        """All variants: the first ones of the structures, those of `then`, the others; each time those first in which
        the last edit is active."""
        touched = self._view.is_touched
        self._grouped()
        some_ranked = (self._view.firsts, then, range(len(self._of)))
        ranked = [sorted(some, key=lambda index: not touched(index)) for some in some_ranked]
        return list(dict.fromkeys(chain.from_iterable(ranked)))

    def by_structure(self) -> list[int]:
        """All variants, those of a structure one after another: what was found out about a text is still at hand for
        the next that needs it."""
        found = dict.fromkeys(member for group in self._grouped() for member in group.members)
        return [*found, *(index for index in range(len(self._view.variants)) if index not in found)]

    def is_told(self, index: int) -> bool:
        """It is known who represents a variant; else `role_steps` is the work of finding out."""
        if self._groups is None:
            return False
        group, _ = self._of[index]
        return group.roles is not None or len(group.members) < 2

    def role_steps(self, index: int) -> Iterator[None]:
        """Find out who represents whom in the structure of a variant, in small steps, which several callers may do in
        turns; nothing until the structures are known."""
        if self._groups is None or self.is_told(index):
            return
        group, _ = self._of[index]
        if group.work is None:
            group.work = self._find_roles(group)
        for _ in group.work:  # whoever stops leaves it to the others
            yield

    def representative(self, index: int) -> int:
        """The variant whose verdict holds for this one; itself when there is no other."""
        self._grouped()
        group, _ = self._of[index]
        if len(group.members) < 2:
            return index
        return group.members[self._role(index).representative]

    def is_same_place(self, index: int, other: int) -> bool:
        """Of two variants of one structure: what stands in their texts was written at the same places of the files."""
        (group, mine), (_, others) = self._of[index], self._of[other]
        return group.texts[mine].places == group.texts[others].places

    def is_within_limits(self, index: int) -> bool:
        """The variant keeps the limits of every engine, so that its pipelines are made and looked at."""
        return self._role(index).is_within

    def sizes(self, index: int) -> Sizes:
        """What the numbers of a variant that another one represents say of workgroups."""
        return self._role(index).sizes

    def steps(self) -> Iterator[None]:
        """Do the work in small steps, for callers that share their thread; several may do it in turns."""
        if self._work is None:
            self._work = self._find()
        for _ in self._work:  # whoever stops leaves it to the others
            yield

    def _find(self) -> Iterator[None]:
        found: dict[object, _Group] = {}
        of: list[tuple[_Group, int]] = []
        nobody = _Group(TextSkeleton((), (), 0))
        for index, variant in enumerate(self._view.variants):
            expansion = self._view.expansion(index)
            if expansion.failed:
                of.append((nobody, 0))
                continue
            one = self._skeletons.of(expansion)
            key = one.pieces, variant.overrides, index if is_guessed(variant) else -1
            group = found.get(key)
            if group is None:
                group = found[key] = _Group(one)
            of.append((group, len(group.members)))
            group.members.append(index)
            group.texts.append(one)
            if index % 8 == 7:
                yield
        for group in found.values():
            if len(group.members) > 1 and len(self._front_end.roles):
                group.roles = self._front_end.roles.get(self._note(group))
                yield
        self._of = of
        self._groups = list(found.values())
        self._view.firsts = tuple(group.members[0] for group in self._groups)

    def _grouped(self) -> list[_Group]:
        for _ in self.steps():
            pass
        assert self._groups is not None
        return self._groups

    def _role(self, index: int) -> _Role:
        for _ in self.role_steps(index):
            pass
        group, member = self._of[index]
        assert group.roles is not None
        return group.roles[member]

    def _note(self, group: _Group) -> str:
        """What its roles rest on."""
        numbers = marshal.dumps(group.numbers, _PLAIN).decode("latin-1")
        return f"{_ROLES_VERSION}\0{self._skeletons.digest(group.skeleton)}\0{text_digest(numbers)}"

    def _find_roles(self, group: _Group) -> Iterator[None]:
        note = self._note(group)
        kept = self._front_end.roles
        roles = kept.get(note) or _from_json(self._front_end.notes.get_note(note), len(group.members))
        if roles is None:
            found = yield from self._assigned(group)
            roles = [found[member] for member in range(len(group.members))]
            self._front_end.notes.put_note(note, [_as_json(role) for role in roles])
        group.roles = kept.put(note, roles)

    def _assigned(self, group: _Group) -> Steps[dict[int, _Role]]:
        """Who represents whom. Numbers that decide by themselves (of matrices, say) part a structure first."""
        from wgsl_ls.wgsl.number_model import NumberModel

        roles: dict[int, _Role] = {}
        parts = [list(range(len(group.members)))]
        while parts:
            members = parts.pop()
            columns, rows = _columns([group.numbers[member] for member in members])
            if not columns:
                roles.update((member, _Role(members[0])) for member in members)
                continue
            first = self._view.expansion(group.members[members[0]])
            analysis = self._front_end.analysis(first)
            yield
            model = NumberModel(analysis, self._sites(first, columns))
            yield
            if model.decisive:
                by_value: dict[tuple[int, ...], list[int]] = {}
                for member, row in zip(members, rows, strict=True):
                    by_value.setdefault(tuple(row[column] for column in model.decisive), []).append(member)
                parts.extend(reversed(by_value.values()))
                continue
            roles.update((yield from _classified(model, members, rows)))
        return roles

    def _sites(self, expansion: Expansion, columns: dict[tuple[int, int], int]) -> dict[int, int]:
        """Offset in the text -> column, of the numbers that differ. `columns`: by (piece, number in it), pieces without
        numbers left out."""
        by_piece: dict[int, list[tuple[int, int]]] = {}
        for (piece, number), column in columns.items():
            by_piece.setdefault(piece, []).append((number, column))
        found: dict[int, int] = {}
        n_pieces = 0
        for at, _, _, outcome in expansion.pieces():
            one = self._skeletons.piece(outcome.text)
            if one.numbers:
                for number, column in by_piece.get(n_pieces, ()):
                    found[at + one.starts[number]] = column
                n_pieces += 1
        return found


def structures(view: RootView, front_end: FrontEnd) -> Structures:
    """Kept with the view."""
    found = view.structures
    if not isinstance(found, Structures):
        found = view.structures = Structures(view, front_end)
    return found


def _classified(
    model: NumberModel, members: Sequence[int], rows: Sequence[tuple[int, ...]]
) -> Steps[list[tuple[int, _Role]]]:
    """Variants with equal facts are represented by the first that keeps all limits; where none does, by the first that
    keeps the same."""
    told = {}
    for row in dict.fromkeys(rows):
        told[row] = (model.facts(row), model.within(row))
        yield
    first: dict[object, int] = {}
    for member, row in zip(members, rows, strict=True):
        facts, within = told[row]
        if facts is not None and within is not None:
            first.setdefault((facts, within), member)
            if all(within):
                first.setdefault(facts, member)
    roles = []
    for member, row in zip(members, rows, strict=True):
        facts, within = told[row]
        if facts is None or within is None:
            representative = first.setdefault((None, row), member)
        else:
            representative = first.get(facts, first[facts, within])
        roles.append((member, _Role(representative, within is not None and all(within), model.sizes(row))))
    return roles


def _as_json(role: _Role) -> list[Any]:
    return [role.representative, role.is_within, role.sizes.workgroup_sizes, role.sizes.variables]


def _from_json(plain: Any, n_members: int) -> list[_Role] | None:
    """None for anything but the roles of so many members."""
    try:
        roles = [
            _Role(
                int(representative),
                bool(is_within),
                Sizes({name: tuple(one) for name, one in groups.items()}, variables),
            )
            for representative, is_within, groups, variables in plain
        ]
    except (TypeError, ValueError, AttributeError):
        return None
    return roles if len(roles) == n_members and all(0 <= one.representative < n_members for one in roles) else None


def _columns(
    numbers: Sequence[tuple[tuple[int, ...], ...]],
) -> tuple[dict[tuple[int, int], int], list[tuple[int, ...]]]:
    """Which numbers differ among texts, those that are always equal to each other as one: (piece, number in it) ->
    column, and of each text its values."""
    first = numbers[0]
    columns: dict[tuple[int, int], int] = {}
    values: dict[tuple[int, ...], int] = {}
    for piece, of_first in enumerate(first):
        of_all = [one[piece] for one in numbers]
        if all(one is of_first or one == of_first for one in of_all):
            continue
        for number, column in enumerate(zip(*of_all, strict=True)):
            if any(value != column[0] for value in column):
                columns[piece, number] = values.setdefault(column, len(values))
    if not values:
        return columns, [()] * len(numbers)
    return columns, list(zip(*values, strict=True))
