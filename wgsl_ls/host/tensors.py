"""HostTensor: a tensor of a host's graph with known numbers, and the tensor library's functions on such.

What the host's own text does not hold (the functions of ggml.c and ggml-impl.h) is stated here as facts: their
names, and what they answer. https://github.com/ggml-org/ggml, include/ggml.h and src/ggml.c.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from wgsl_ls.host.fractions import Single
from wgsl_ls.host.library import HostLibrary
from wgsl_ls.host.values import ListValue, Outside, Pointer, Ref, StructValue, held, reached

N_DIMENSIONS: Final = 4
_MOST_SOURCES: Final = 10
_N_PARAMS: Final = 16
_COMPUTE: Final = "GGML_TENSOR_FLAG_COMPUTE"


@dataclass(frozen=True, slots=True, eq=False)
class HostTensor:
    """`type`, `op`: enumerators without their prefix ("F32", "ADD"); `ne`: extents and `nb`: strides in bytes, the
    innermost first; `buffer`: which allocation, and `offset` in it, in bytes; `params`: its operation's
    parameters as 32-bit words; `view_of`: the tensor whose memory it is a view of."""

    name: str
    type: str
    ne: tuple[int, int, int, int]
    nb: tuple[int, int, int, int]
    buffer: str
    offset: int = 0
    op: str = "NONE"
    params: tuple[int, ...] = ()
    sources: tuple[HostTensor | None, ...] = ()
    view_of: HostTensor | None = None


class Graph:
    """The tensors of one run as the interpreter's values: one object per tensor and per allocation. `base`: the
    address that the host says its buffers begin at."""

    def __init__(self, enumerators: Mapping[str, int], base: int) -> None:
        self._enumerators = enumerators
        self._base = base
        self._tensors: dict[HostTensor, Pointer] = {}
        self._buffers: dict[str, Pointer] = {}

    def pointer(self, tensor: HostTensor | None) -> Pointer | None:
        if tensor is None:
            return None
        known = self._tensors.get(tensor)
        if known is not None:
            return known
        origin = tensor.view_of
        words = [_signed(word) for word in tensor.params] + [0] * (_N_PARAMS - len(tensor.params))
        value = StructValue(
            "ggml_tensor",
            {
                "type": self._enumerators[f"GGML_TYPE_{tensor.type}"],
                "op": self._enumerators[f"GGML_OP_{tensor.op}"],
                "ne": listed(tensor.ne),
                "nb": listed(tensor.nb),
                "op_params": listed(words),
                "flags": self._enumerators.get(_COMPUTE, 16),
                "view_src": self.pointer(origin),
                "view_offs": tensor.offset - origin.offset if origin is not None else 0,
                "data": self._base + tensor.offset,
                "buffer": self._buffer(tensor.buffer),
                "name": tensor.name,
            },
        )
        made = self._tensors[tensor] = Pointer(value)
        sources = [self.pointer(source) for source in tensor.sources]
        value.fields["src"] = listed([*sources, *[None] * (_MOST_SOURCES - len(sources))])
        return made

    def _buffer(self, name: str) -> Pointer:
        known = self._buffers.get(name)
        if known is None:
            fields = {"context": Outside(name, None), "name": name}
            known = self._buffers[name] = Pointer(StructValue("ggml_backend_buffer", fields))
        return known

    def graph(self, nodes: Sequence[HostTensor]) -> Pointer:
        """The nodes as a compute graph."""
        pointers = listed([self.pointer(node) for node in nodes])
        return Pointer(StructValue("ggml_cgraph", {"nodes": pointers, "n_nodes": len(nodes)}))


def listed(values: Sequence[Any]) -> ListValue:
    return ListValue(list(values), [None] * len(values))


def _signed(word: int) -> int:
    return word - 2**32 if word >= 2**31 else word


def float_bits(value: float) -> int:
    """The bits of a float32; one that is too large is infinite."""
    try:
        return int(struct.unpack("<I", struct.pack("<f", value))[0])
    except OverflowError:
        return 0xFF800000 if value < 0 else 0x7F800000


def bits_float(bits: int) -> Single:
    return Single(struct.unpack("<f", struct.pack("<I", bits & 0xFFFFFFFF))[0])


# The library's functions


@dataclass(frozen=True, slots=True)
class TensorFunctions:
    """`enumerators`: of the program; `library`: with the table of types."""

    library: HostLibrary
    enumerators: Mapping[str, int]
    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def find(self, name: str) -> Callable[..., Any] | None:
        """The function called `name`: takes the interpreter's values."""
        found = self.functions.get(name)
        if found is None and (method := getattr(self, f"_{name}", None)) is not None:
            found = self.functions[name] = method
        return found

    def _trait(self, column: str, tensor: StructValue) -> int:
        value = self.library.tables["ggml_type_size"].shipped[column][tensor.fields["type"]]
        return int(value)  # type: ignore[call-overload, no-any-return]  # a table of numbers

    def _ggml_nbytes(self, one: Any) -> int:
        tensor = of(one)
        ne, nb = numbers(tensor, "ne"), numbers(tensor, "nb")
        if min(ne) <= 0:
            return 0
        block = self._trait("blck_size", tensor)
        if block == 1:
            return self._trait("type_size", tensor) + sum((n - 1) * step for n, step in zip(ne, nb, strict=True))
        rest = sum((n - 1) * step for n, step in zip(ne[1:], nb[1:], strict=True))
        return ne[0] * nb[0] // block + rest

    def _ggml_nelements(self, one: Any) -> int:
        return math.prod(numbers(of(one), "ne"))

    def _ggml_nrows(self, one: Any) -> int:
        return math.prod(numbers(of(one), "ne")[1:])

    def _ggml_element_size(self, one: Any) -> int:
        return self._trait("type_size", of(one))

    def _ggml_row_size(self, type_: Any, n_elements: Any) -> int:
        traits = self.library.tables["ggml_type_size"].shipped
        return int(traits["type_size"][type_]) * n_elements // int(traits["blck_size"][type_])  # type: ignore[call-overload, no-any-return]

    def _contiguous(self, tensor: StructValue, free: int) -> bool:
        """Rows follow each other without a gap beyond dimension `free`."""
        ne, nb = numbers(tensor, "ne"), numbers(tensor, "nb")
        block, following = self._trait("blck_size", tensor), self._trait("type_size", tensor)
        if ne[0] != block and nb[0] != following:
            return False
        following *= ne[0] // block
        for index in range(1, N_DIMENSIONS):
            if ne[index] == 1:
                continue
            if index > free:
                if nb[index] != following:
                    return False
                following *= ne[index]
            else:
                following = ne[index] * nb[index]
        return True

    def _ggml_is_contiguous(self, one: Any) -> bool:
        return self._contiguous(of(one), 0)

    _ggml_is_contiguous_0 = _ggml_is_contiguous

    def _ggml_is_contiguous_1(self, one: Any) -> bool:
        return self._contiguous(of(one), 1)

    def _ggml_is_contiguous_2(self, one: Any) -> bool:
        return self._contiguous(of(one), 2)

    def _ggml_is_contiguous_rows(self, one: Any) -> bool:
        tensor = of(one)
        same = numbers(tensor, "ne")[0] == self._trait("blck_size", tensor)
        return same or numbers(tensor, "nb")[0] == self._trait("type_size", tensor)

    def _ggml_is_contiguous_channels(self, one: Any) -> bool:
        nb = numbers(of(one), "nb")
        return nb[0] > nb[2] and nb[1] > nb[0] and nb[2] == self._trait("type_size", of(one))

    def _ggml_is_permuted(self, one: Any) -> bool:
        nb = numbers(of(one), "nb")
        return nb[0] > nb[1] or nb[1] > nb[2] or nb[2] > nb[3]

    def _ggml_is_transposed(self, one: Any) -> bool:
        nb = numbers(of(one), "nb")
        return nb[0] > nb[1]

    def _ggml_is_empty(self, one: Any) -> bool:
        return 0 in numbers(of(one), "ne")

    def _ggml_is_scalar(self, one: Any) -> bool:
        return all(n == 1 for n in numbers(of(one), "ne"))

    def _ggml_is_vector(self, one: Any) -> bool:
        return all(n == 1 for n in numbers(of(one), "ne")[1:])

    def _ggml_is_matrix(self, one: Any) -> bool:
        return all(n == 1 for n in numbers(of(one), "ne")[2:])

    def _ggml_is_3d(self, one: Any) -> bool:
        return numbers(of(one), "ne")[3] == 1

    def _ggml_are_same_shape(self, one: Any, other: Any) -> bool:
        return numbers(of(one), "ne") == numbers(of(other), "ne")

    def _ggml_are_same_stride(self, one: Any, other: Any) -> bool:
        return numbers(of(one), "nb") == numbers(of(other), "nb")

    def _ggml_can_repeat(self, one: Any, other: Any) -> bool:
        pairs = zip(numbers(of(one), "ne"), numbers(of(other), "ne"), strict=True)
        return all(n != 0 and m % n == 0 for n, m in pairs)

    def _ggml_get_op_params_i32(self, one: Any, index: Any) -> int:
        return int(numbers(of(one), "op_params")[held(index)])

    def _ggml_get_op_params_f32(self, one: Any, index: Any) -> float:
        return bits_float(numbers(of(one), "op_params")[held(index)])

    def _ggml_get_unary_op(self, one: Any) -> int:
        return int(numbers(of(one), "op_params")[0])

    _ggml_get_glu_op = _ggml_get_unary_op

    def _ggml_can_fuse(self, graph: Any, index: Any, ops: Any) -> bool:
        """Do the nodes from `index` on have these operations, each used by the next alone?"""
        nodes = of(graph).fields["nodes"].items
        wanted = ops.get().items if isinstance(ops, Ref) else ops.items
        first = held(index)
        if first + len(wanted) > len(nodes):
            return False
        for at, op in enumerate(wanted):
            if of(nodes[first + at]).fields["op"] != op:
                return False
            if at and not any(one is nodes[first + at - 1] for one in of(nodes[first + at]).fields["src"].items):
                return False
        return all(
            sum(one is nodes[first + at] for node in nodes for one in of(node).fields["src"].items) == 1
            for at in range(len(wanted) - 1)
        )

    def _ggml_rope_yarn_corr_dims(
        self, n_dims: Any, n_original: Any, base: Any, fast: Any, slow: Any, dims: Any
    ) -> None:
        """The dimensions between which YaRN mixes (arXiv:2309.00071, section 3.2)."""
        n_dims, n_original, base, fast, slow = map(held, (n_dims, n_original, base, fast, slow))

        def dimension(n_rotations: float) -> float:
            if n_original <= 0 or n_rotations <= 0 or base <= 1:
                return 0.0
            turned = Single(math.log(n_original / (Single(n_rotations) * 2 * Single(math.pi))))
            return float(n_dims * turned / (2 * Single(math.log(base))))

        start, end = math.floor(dimension(fast)), math.ceil(dimension(slow))
        target = held(dims)
        target.items[:] = [Single(max(0, start)), Single(min(n_dims - 1, end))]
        target.origins[:] = [None, None]


def of(value: Any) -> StructValue:
    """The struct that a pointer or place leads to."""
    value = reached(value)
    if not isinstance(value, StructValue):
        raise TypeError(f"{type(value).__name__} is no tensor")
    return value


def numbers(tensor: StructValue, name: str) -> list[int]:
    items: list[int] = tensor.fields[name].items
    return items
