"""What an identifier can mean: a local, a module-scope declaration, a struct member, or something predeclared.

Locals belong to the tree of one declaration and have offsets relative to it. A GlobalInfo is what other
declarations can see of a global; it is compared by content, which decides whether they must be analysed anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from wgsl_ls.wgsl.builtins import FUNCTIONS, PREDECLARED, TYPES
from wgsl_ls.wgsl.syntax import Node
from wgsl_ls.wgsl.types import Type
from wgsl_ls.wgsl.values import Value


@dataclass(slots=True, eq=False)
class Local:
    """A parameter or a declaration inside a function. `kind`: "parameter", "let", "var" or "const".
    `visible_from` to `visible_to`: the code points where the name means this."""

    kind: str
    name: str
    start: int
    type: Type | None
    node: Node
    visible_from: int
    visible_to: int
    value: Value | None = None
    has_written_type: bool = True

    @property
    def end(self) -> int:
        return self.start + len(self.name)


@dataclass(frozen=True, slots=True)
class GlobalInfo:
    """What the module may know of a declaration at module scope. `kind`: "function", "struct", "alias", "var",
    "const" or "override". `type`: of the value; of a function, what it returns; of a struct or alias, the type
    itself. `parameters`: (name, type). `value`: of constants, and of overrides when they are given.
    `space`, `access`: of variables."""

    kind: str
    name: str
    type: Type | None
    parameters: tuple[tuple[str, Type | None], ...] = ()
    value: Value | None = None
    space: str = ""
    access: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a struct, by the struct's name."""

    struct: str
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Predeclared:
    """`kind`: "builtin function", "builtin type" or "enumerant"."""

    kind: str
    name: str


Target = Local | GlobalInfo | Field | Predeclared


def _kind(name: str) -> str:
    if name in FUNCTIONS:
        return "builtin function"
    return "builtin type" if name in TYPES else "enumerant"


PREDECLARED_NAMES: dict[str, Predeclared] = {name: Predeclared(_kind(name), name) for name in PREDECLARED}
