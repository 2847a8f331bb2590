"""The result types of operators: https://www.w3.org/TR/WGSL/#expression-grammar and the tables around it.

None stands for "no such operation"; inference then goes on without a type, because judging wrong programs is the
compilers' work. Results are remembered per operator and operand types.
"""

from __future__ import annotations

from functools import lru_cache

from wgsl_ls.wgsl.types import (
    ABSTRACT_FLOAT,
    ABSTRACT_INT,
    BOOL,
    F16,
    F32,
    I32,
    U32,
    Type,
    common,
    conversion_rank,
    matrix,
    vector,
)

_COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
_BITS = frozenset("&|^")
_FLOATS = frozenset((F32, F16, ABSTRACT_FLOAT))
_INTEGERS = frozenset((I32, U32, ABSTRACT_INT))
_NUMBERS = _FLOATS | _INTEGERS


@lru_cache(maxsize=8192)
def binary_type(operator: str, left: Type, right: Type) -> Type | None:
    """`operator` without the `=` of a compound assignment."""
    if operator in ("&&", "||"):
        return BOOL if left is BOOL and right is BOOL else None
    if operator in ("<<", ">>"):
        return _shift(left, right)
    if left.is_matrix or right.is_matrix:
        return _matrix(operator, left, right)
    if left.component not in _NUMBERS and left.component is not BOOL:
        return None
    component = common(left.component, right.component)
    if component is None or (left.is_vector and right.is_vector and left.width != right.width):
        return None
    mixed = left.is_vector != right.is_vector
    width = max(left.width, right.width)
    if operator in _COMPARISONS:
        return None if mixed else vector(width, BOOL) if left.is_vector else BOOL
    if operator in _BITS:
        if mixed or component in _FLOATS or (component is BOOL and operator == "^"):
            return None
    elif component is BOOL:
        return None
    return vector(width, component) if left.is_vector or right.is_vector else component


def _shift(left: Type, right: Type) -> Type | None:
    if left.component not in _INTEGERS or conversion_rank(right.component, U32) is None or left.width != right.width:
        return None
    return left


def _matrix(operator: str, left: Type, right: Type) -> Type | None:
    component = common(left.component, right.component)
    if component not in _FLOATS or component is None:
        return None
    columns, rows = left.columns_and_rows
    other_columns, other_rows = right.columns_and_rows
    if operator in "+-":
        return matrix(columns, rows, component) if left.name == right.name else None
    if operator != "*":
        return None
    if left.is_matrix and right.is_matrix:
        return matrix(other_columns, rows, component) if columns == other_rows else None
    if left.is_matrix:
        if right.is_vector:
            return vector(rows, component) if right.width == columns else None
        return matrix(columns, rows, component)
    if left.is_vector:
        return vector(other_columns, component) if left.width == other_rows else None
    return matrix(other_columns, other_rows, component)


def unary_type(operator: str, operand: Type) -> Type | None:
    """For `-`, `!` and `~`."""
    component = operand.component
    if operator == "-":
        return operand if component in _NUMBERS and component is not U32 and not operand.is_matrix else None
    if operator == "!":
        return operand if component is BOOL else None
    return operand if component in _INTEGERS else None


_SWIZZLE_SETS = (frozenset("xyzw"), frozenset("rgba"))
_SWIZZLE_INDEX = {letter: index for letters in ("xyzw", "rgba") for index, letter in enumerate(letters)}


def swizzle_indices(width: int, name: str) -> tuple[int, ...] | None:
    """The components that `.name` picks out of a vector of `width`; None when it is no swizzle of it."""
    if not 1 <= len(name) <= 4 or not any(letters.issuperset(name) for letters in _SWIZZLE_SETS):
        return None
    indices = tuple(_SWIZZLE_INDEX[letter] for letter in name)
    return indices if max(indices) < width else None


def member_type(base: Type, name: str) -> Type | None:
    """The type of `base.name` for a struct, vector, or pointer to one."""
    parts = base.pointer_parts
    if parts:
        base = parts[1]
    if base.members is not None:
        field = base.field(name)
        return field.type if field else None
    if base.is_vector:
        indices = swizzle_indices(base.width, name)
        if indices:
            return base.component if len(indices) == 1 else vector(len(indices), base.component)
    return None


def index_type(base: Type) -> Type | None:
    """The type of `base[i]`, also for a pointer to an array, vector or matrix."""
    parts = base.pointer_parts
    return parts[1].element if parts else base.element
