"""Types as values: a name with arguments, one object per type, so that `is` compares types.

Built-in types are what one writes: `vec3` with argument `f32`; `array` with its element and count (an int, or
the text of an expression that is not a constant); `ptr` with address space, store type and access mode. Structs
carry their members. `AbstractInt` and `AbstractFloat` are the types of literals without suffix.

Sizes and offsets are in layout.py; what operators and calls do with types in operators.py and overloads.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakValueDictionary

DEFAULT_ACCESS = {"storage": "read", "uniform": "read", "immediate": "read", "handle": "read"}


class Type:
    """Make types with the functions below only. `members` is None except for structs (and never empty for
    one that parsed without errors)."""

    __slots__ = ("__weakref__", "_fields", "arguments", "depth", "members", "name")

    def __init__(
        self, name: str, arguments: tuple[Type | int | str, ...], members: tuple[StructField, ...] | None
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.members = members
        self._fields = {member.name: member for member in reversed(members or ())}
        inner = [one for one in arguments if isinstance(one, Type)] + [one.type for one in members or ()]
        self.depth: int = 1 + max((one.depth for one in inner), default=0)
        """How many types lie in each other, this one included."""

    def __str__(self) -> str:
        if not self.arguments:
            return self.name
        arguments = self.arguments
        if self.depth > _DEEPEST_WRITTEN:
            return f"{self.name}<…>"
        if self.name == "ptr" and arguments[0] != "storage":
            arguments = arguments[:2]
        return f"{self.name}<{', '.join(map(str, arguments))}>"

    def __repr__(self) -> str:
        return f"<Type {self}>"

    @property
    def is_struct(self) -> bool:
        return self.members is not None

    @property
    def is_vector(self) -> bool:
        return self.name in _VECTOR_WIDTHS

    @property
    def is_matrix(self) -> bool:
        return self.name in _MATRIX_SIZES

    @property
    def is_scalar(self) -> bool:
        return self.name in SCALAR_NAMES

    @property
    def is_pointer(self) -> bool:
        return self.name == "ptr"

    @property
    def is_array(self) -> bool:
        return self.name == "array"

    @property
    def is_runtime_array(self) -> bool:
        return self.name == "array" and len(self.arguments) == 1

    @property
    def is_texture_or_sampler(self) -> bool:
        return self.name.startswith(("texture_", "sampler", "texel_buffer", "input_attachment"))

    @property
    def width(self) -> int:
        """Components of a vector, 1 for anything else."""
        return _VECTOR_WIDTHS.get(self.name, 1)

    @property
    def columns_and_rows(self) -> tuple[int, int]:
        """Of a matrix; (0, 0) for anything else."""
        return _MATRIX_SIZES.get(self.name, (0, 0))

    @property
    def element(self) -> Type | None:
        """What indexing gives: a vector's or array's component, a matrix' column; None for anything else."""
        if self.name in _VECTOR_WIDTHS or self.name in ("array", "binding_array"):
            first = self.arguments[0] if self.arguments else None
            return first if isinstance(first, Type) else None
        if self.name in _MATRIX_SIZES:
            component = self.arguments[0]
            assert isinstance(component, Type)
            return vector(_MATRIX_SIZES[self.name][1], component)
        return None

    @property
    def component(self) -> Type:
        """The scalar inside a vector or matrix; the type itself for anything else."""
        if self.name in _VECTOR_WIDTHS or self.name in _MATRIX_SIZES:
            first = self.arguments[0]
            assert isinstance(first, Type)
            return first
        return self

    @property
    def count(self) -> int | str | None:
        """Elements of a fixed-size array; the text of the expression when it has no constant value."""
        if self.name == "array" and len(self.arguments) == 2:
            found = self.arguments[1]
            return found if isinstance(found, (int, str)) else None
        return None

    @property
    def pointer_parts(self) -> tuple[str, Type, str] | None:
        """(address space, store type, access mode) of a pointer."""
        if self.name != "ptr":
            return None
        space, store, access = self.arguments
        assert isinstance(space, str) and isinstance(store, Type) and isinstance(access, str)
        return space, store, access

    @property
    def is_abstract(self) -> bool:
        """Made of abstract numbers, so only constants have it."""
        return concrete(self) is not self

    def field(self, name: str) -> StructField | None:
        return self._fields.get(name)


@dataclass(frozen=True, slots=True)
class StructField:
    """A member of a struct type. `align`, `size`: bytes of its attributes, None where there are none."""

    name: str
    type: Type
    align: int | None = None
    size: int | None = None


_DEEPEST_WRITTEN = 30
"""Types in each other that are written out."""
_VECTOR_WIDTHS = {"vec2": 2, "vec3": 3, "vec4": 4}
_MATRIX_SIZES = {f"mat{columns}x{rows}": (columns, rows) for columns in (2, 3, 4) for rows in (2, 3, 4)}

_TYPES: WeakValueDictionary[object, Type] = WeakValueDictionary()


def make(name: str, *arguments: Type | int | str) -> Type:
    """The built-in type of that name with these arguments; no check that it makes sense."""
    key = (name, arguments)
    found = _TYPES.get(key)
    if found is None:
        found = _TYPES[key] = Type(name, arguments, None)
    return found


def struct(name: str, members: tuple[StructField, ...]) -> Type:
    """The struct type of that name with these members; equal texts give the same type."""
    key = (name, "struct", members)
    found = _TYPES.get(key)
    if found is None:
        found = _TYPES[key] = Type(name, (), members)
    return found


BOOL = make("bool")
I32 = make("i32")
U32 = make("u32")
F32 = make("f32")
F16 = make("f16")
ABSTRACT_INT = make("AbstractInt")
ABSTRACT_FLOAT = make("AbstractFloat")

SCALARS = {kind.name: kind for kind in (BOOL, I32, U32, F32, F16, ABSTRACT_INT, ABSTRACT_FLOAT)}
SCALAR_NAMES = frozenset(SCALARS)

# vector() and matrix() are asked all the time: keep what there is.
_VECTORS = {(n, kind): make(f"vec{n}", kind) for n in (2, 3, 4) for kind in SCALARS.values()}


def vector(width: int, component: Type) -> Type:
    return _VECTORS.get((width, component)) or make(f"vec{width}", component)


def matrix(columns: int, rows: int, component: Type) -> Type:
    return make(f"mat{columns}x{rows}", component)


def array(element: Type, count: int | str | None = None) -> Type:
    """`count` None makes a runtime-sized array."""
    return make("array", element) if count is None else make("array", element, count)


def pointer(space: str, store: Type, access: str | None = None) -> Type:
    return make("ptr", space, store, access or DEFAULT_ACCESS.get(space, "read_write"))


# What an abstract number may become, with the specification's rank (lower is preferred):
# https://www.w3.org/TR/WGSL/#conversion-rank
_RANKS: dict[tuple[Type, Type], int] = {
    (ABSTRACT_FLOAT, F32): 1,
    (ABSTRACT_FLOAT, F16): 2,
    (ABSTRACT_INT, I32): 3,
    (ABSTRACT_INT, U32): 4,
    (ABSTRACT_INT, ABSTRACT_FLOAT): 5,
    (ABSTRACT_INT, F32): 6,
    (ABSTRACT_INT, F16): 7,
}


def conversion_rank(source: Type, target: Type) -> int | None:
    """0 for the same type, a positive number for an automatic conversion, None when there is none."""
    if source is target:
        return 0
    rank = _RANKS.get((source, target))
    if rank is not None:
        return rank
    if source.name != target.name or len(source.arguments) != len(target.arguments) or not source.arguments:
        return None
    if source.name in _VECTOR_WIDTHS or source.name in _MATRIX_SIZES or source.name == "array":
        first, wanted = source.arguments[0], target.arguments[0]
        if source.arguments[1:] != target.arguments[1:]:
            return None
        if isinstance(first, Type) and isinstance(wanted, Type):
            return conversion_rank(first, wanted)
    return None


def concrete(kind: Type) -> Type:
    """The type a value of `kind` takes when it is stored: AbstractInt becomes i32, AbstractFloat f32."""
    if kind is ABSTRACT_INT:
        return I32
    if kind is ABSTRACT_FLOAT:
        return F32
    if kind.name in _VECTOR_WIDTHS or kind.name in _MATRIX_SIZES or kind.name == "array":
        if kind.arguments and isinstance(kind.arguments[0], Type):
            inner = concrete(kind.arguments[0])
            if inner is not kind.arguments[0]:
                return make(kind.name, inner, *kind.arguments[1:])
    elif kind.members and kind.name.startswith("__"):
        fields = tuple(StructField(field.name, concrete(field.type)) for field in kind.members)
        if fields != kind.members:
            return struct(kind.name.replace("abstract", "f32"), fields)
    return kind


def common(left: Type, right: Type) -> Type | None:
    """The type both convert to, the cheaper way; None when there is none."""
    if left is right or conversion_rank(right, left) is not None:
        return left
    if conversion_rank(left, right) is not None:
        return right
    return None


def result_struct(name: str, component: Type, width: int) -> Type:
    """The type that `frexp`, `modf` and `atomicCompareExchangeWeak` return (`name`: "frexp", "modf",
    "atomic_compare_exchange"). Its name cannot be written in WGSL."""
    value = vector(width, component) if width > 1 else component
    suffix = f"vec{width}_" if width > 1 else ""
    suffix += "abstract" if component.name.startswith("Abstract") else component.name
    if name == "modf":
        fields = (StructField("fract", value), StructField("whole", value))
    elif name == "frexp":
        exponent = ABSTRACT_INT if component is ABSTRACT_FLOAT else I32
        whole = vector(width, exponent) if width > 1 else exponent
        fields = (StructField("fract", value), StructField("exp", whole))
    else:
        fields = (StructField("old_value", value), StructField("exchanged", BOOL))
    return struct(f"__{name}_result_{suffix}", fields)
