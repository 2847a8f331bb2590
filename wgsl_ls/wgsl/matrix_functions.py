"""The WGSL functions that stand for subgroup matrix operations, and the edits that call them.

Matrices are passed by pointer wherever they are whole variables: a composite passed by value becomes hundreds of
copies in a driver's compiler (90 seconds instead of 2 for one kernel on llvmpipe). For the same reason loops end
at a bound that no compiler can compute, so that none of them is unrolled.
"""

from __future__ import annotations

from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.matrix_facts import Call, Copy, MatrixType, Operand, Target, TypeUse
from wgsl_ls.wgsl.rewriting import Edit

PREFIX = "wgsl_ls_"
LANE = PREFIX + "lane"
LANES = PREFIX + "lanes"
ONE = PREFIX + "one"


class FunctionGenerator:
    """Collects the structs and functions that the edits ask for."""

    def __init__(self) -> None:
        self._parts: dict[str, str] = {}

    def source(self) -> str:
        if not self._parts:
            return ""
        names = (LANE, LANES, ONE)
        lanes = "".join(f"var<private> {name}: u32;\n" for name in names)
        return "\n" + lanes + "\n".join(self._parts.values()) + "\n"

    def struct(self, matrix: MatrixType) -> str:
        name = f"{PREFIX}{matrix.kind}_{matrix.component}_{matrix.columns}x{matrix.rows}"
        if name not in self._parts:
            vector = f"vec4<{matrix.component}>"
            self._parts[name] = f"struct {name} {{ e: array<{vector}, {_n_vectors(matrix)}u> }}"
        return name

    def type_edit(self, use: TypeUse) -> Edit:
        name = self.struct(use.matrix)
        if use.splat:
            function = f"{name}_splat"
            component = use.matrix.component
            self._parts.setdefault(
                function,
                f"fn {function}(value: {component}) -> {name} {{\n  var m: {name};\n"
                f"  for (var i = 0u; i < {_n_vectors(use.matrix)}u * {ONE}; i++) "
                f"{{ m.e[i] = vec4<{component}>(value); }}\n  return m;\n}}",
            )
            name = function
        return _replaced(use.span, name)

    def call_edits(self, call: Call) -> list[Edit]:
        """A call whose matrices all have addresses passes pointers; any other one goes through a function that
        takes and gives values, which costs compilers much more."""
        if call.name == "subgroupMatrixLoad":
            assert call.result is not None
            name = self._load(call.variable, call.result)
            if call.target is not None:
                return [self._opening(call, call.target, call.result, name), _replaced(call.pointer, "")]
            return [_replaced(call.head, self._load_value(name, call.result)), _replaced(call.pointer, "")]
        if call.name == "subgroupMatrixStore":
            name = self._store(call.variable, call.matrices[0])
            if call.operands[0].root:
                return [_replaced(call.head, name), _replaced(call.pointer, ""), _address(call.operands[0])]
            return [
                _replaced(call.head, self._store_value(name, call.matrices[0])),
                _replaced(call.pointer, ""),
            ]
        if call.name in ("subgroupMatrixMultiply", "subgroupMatrixMultiplyAccumulate"):
            return self._multiply_edits(call)
        return self._scalar_edits(call)

    def copy_edit(self, copy: Copy) -> Edit:
        declaration = f"var {copy.to}: {self.struct(copy.matrix)}; " if copy.declares else ""
        return _replaced(copy.span, f"{declaration}{self._copy(copy.matrix)}(&{copy.to}, &{copy.source})")

    def _opening(self, call: Call, target: Target, matrix: MatrixType, function: str, before: str = "") -> Edit:
        """`x = call(` becomes `function(&x, `, with the declaration of x in front if it was one."""
        declaration = f"var {target.root}: {self.struct(matrix)}; " if target.declares else ""
        return Edit(target.start, call.head.end + 1, f"{declaration}{before}{function}(&{target.root}, ")

    def _multiply_edits(self, call: Call) -> list[Edit]:
        assert call.result is not None
        accumulates = len(call.matrices) == 3
        name = self._multiply(call.matrices[0], call.matrices[1], call.result, accumulates)
        target, operands = call.target, call.operands
        roots = [operand.root for operand in operands]
        if target is None or "" in roots or target.root in roots[:2]:
            return [_replaced(call.head, self._multiply_value(name, call))]
        before = ""
        if accumulates and roots[2] != target.root:
            before = f"{self._copy(call.result)}(&{target.root}, &{roots[2]}); "
        edits = [self._opening(call, target, call.result, name, before), *map(_address, operands[:2])]
        # The accumulator is the target now: drop the argument, and whatever follows the second one.
        return [*edits, Edit(operands[1].span.end, call.end - 1, "")]

    def _scalar_edits(self, call: Call) -> list[Edit]:
        matrix, operand, target = call.matrices[0], call.operands[0], call.target
        name = self._scalar(matrix, call.name)
        if target is None or not operand.root:
            return [_replaced(call.head, self._scalar_value(name, matrix))]
        before = ""
        if operand.root != target.root:
            before = f"{self._copy(matrix)}(&{target.root}, &{operand.root}); "
        opening = self._opening(call, target, matrix, name, before)
        # The pointer takes the place of the matrix; the comma behind it stays.
        shorter = Edit(opening.start, opening.end, opening.replacement.removesuffix(", "))
        return [shorter, _replaced(operand.span, "")]

    def _add(self, name: str, source: str) -> str:
        self._parts.setdefault(name, source)
        return name

    def _copy(self, matrix: MatrixType) -> str:
        struct = self.struct(matrix)
        return self._add(
            f"{struct}_copy",
            f"fn {struct}_copy(to: {_pointer(struct)}, source: {_pointer(struct)}) {{\n"
            f"  for (var i = 0u; i < {_n_vectors(matrix)}u * {ONE}; i++) {{ (*to).e[i] = (*source).e[i]; }}\n}}",
        )

    def _load(self, variable: str, matrix: MatrixType) -> str:
        struct = self.struct(matrix)
        name = f"{struct}_load_{_identifier(variable)}"
        head = f"fn {name}(m: {_pointer(struct)}, offset: u32, by_columns: bool, stride: u32) {{\n{_STEPS}"
        if matrix.kind == "result":
            body = _for_owned_groups(matrix) + (
                "    let at = offset + row * row_step + column * column_step;\n"
                "    (*m).e[i] = "
                f"{_gather(matrix, variable, 'at', 'column_step', 'column', matrix.columns)};\n  }}\n"
            )
        else:
            outer, outer_step, inner_step, n_outer, n_inner = _packing(matrix)
            body = (
                f"  for (var {outer} = 0u; {outer} < {n_outer}u * {ONE}; {outer}++) {{\n"
                f"    for (var q = 0u; q < {_quads(n_inner)}u * {ONE}; q++) {{\n"
                f"      let at = offset + {outer} * {outer_step} + q * 4u * {inner_step};\n"
                f"      (*m).e[{outer} * {_quads(n_inner)}u + q] = "
                f"{_gather(matrix, variable, 'at', inner_step, 'q * 4u', n_inner)};\n"
                "    }\n  }\n"
            )
        return self._add(name, head + body + "}")

    def _load_value(self, name: str, matrix: MatrixType) -> str:
        struct = self.struct(matrix)
        return self._add(
            f"{name}_value",
            f"fn {name}_value(offset: u32, by_columns: bool, stride: u32) -> {struct} {{\n"
            f"  var m: {struct};\n  {name}(&m, offset, by_columns, stride);\n  return m;\n}}",
        )

    def _store(self, variable: str, matrix: MatrixType) -> str:
        struct = self.struct(matrix)
        name = f"{struct}_store_{_identifier(variable)}"
        head = f"fn {name}(offset: u32, m: {_pointer(struct)}, by_columns: bool, stride: u32) {{\n{_STEPS}"
        if matrix.kind == "result":
            writes = "".join(
                f"    {_guard(matrix, lane)}{{ {variable}[offset + row * row_step"
                f" + (column + {lane}u) * column_step] = (*m).e[i][{lane}]; }}\n"
                for lane in range(4)
            )
            body = _for_owned_groups(matrix) + writes + "  }\n"
        else:
            # Every lane holds the whole matrix; lane 0 alone writes it.
            _, outer_step, inner_step, n_outer, n_inner = _packing(matrix)
            body = (
                f"  if ({LANE} != 0u) {{ return; }}\n"
                f"  for (var outer = 0u; outer < {n_outer}u * {ONE}; outer++) {{\n"
                f"    for (var inner = 0u; inner < {n_inner}u * {ONE}; inner++) {{\n"
                f"      {variable}[offset + outer * {outer_step} + inner * {inner_step}] = "
                f"(*m).e[outer * {_quads(n_inner)}u + inner / 4u][inner % 4u];\n"
                "    }\n  }\n"
            )
        return self._add(name, head + body + "}")

    def _store_value(self, name: str, matrix: MatrixType) -> str:
        return self._add(
            f"{name}_value",
            f"fn {name}_value(offset: u32, value: {self.struct(matrix)}, by_columns: bool, stride: u32) {{\n"
            f"  var m = value;\n  {name}(offset, &m, by_columns, stride);\n}}",
        )

    def _multiply(self, left: MatrixType, right: MatrixType, result: MatrixType, accumulate: bool) -> str:
        struct = self.struct(result)
        name = f"{struct}_{'mad' if accumulate else 'mul'}_{left.component}_{left.columns}"
        quads = _quads(left.columns)
        vector = f"vec4<{result.component}>"
        columns = ["column" if lane == 0 else f"(column + {lane}u)" for lane in range(4)]
        if right.columns % 4:
            columns = [f"min({column}, {right.columns - 1}u)" for column in columns]
        products = "\n".join(
            f"      sum[{lane}] += dot(l, {vector}((*right).e[{column} * {quads}u + k]));"
            for lane, column in enumerate(columns)
        )
        pointers = f"left: {_pointer(self.struct(left))}, right: {_pointer(self.struct(right))}"
        return self._add(
            name,
            f"fn {name}(m: {_pointer(struct)}, {pointers}) {{\n"
            + _for_owned_groups(result)
            + f"    var sum = {'(*m).e[i]' if accumulate else f'{vector}()'};\n"
            f"    for (var k = 0u; k < {quads}u * {ONE}; k++) {{\n"
            f"      let l = {vector}((*left).e[row * {quads}u + k]);\n{products}\n    }}\n"
            "    (*m).e[i] = sum;\n  }\n}",
        )

    def _multiply_value(self, name: str, call: Call) -> str:
        assert call.result is not None
        struct = self.struct(call.result)
        accumulates = len(call.matrices) == 3
        parameters = f"a: {self.struct(call.matrices[0])}, b: {self.struct(call.matrices[1])}"
        return self._add(
            f"{name}_value",
            f"fn {name}_value({parameters}{f', c: {struct}' if accumulates else ''}) -> {struct} {{\n"
            f"  var left = a;\n  var right = b;\n  var m{' = c' if accumulates else f': {struct}'};\n"
            f"  {name}(&m, &left, &right);\n  return m;\n}}",
        )

    def _scalar(self, matrix: MatrixType, builtin: str) -> str:
        name = f"{self.struct(matrix)}_{builtin.removeprefix('subgroupMatrix')}"
        operator = _OPERATORS[builtin.removeprefix("subgroupMatrixScalar")]
        return self._add(
            name,
            f"fn {name}(m: {_pointer(self.struct(matrix))}, value: {matrix.component}) {{\n"
            f"  for (var i = 0u; i < {_n_vectors(matrix)}u * {ONE}; i++) "
            f"{{ (*m).e[i] = (*m).e[i] {operator} value; }}\n}}",
        )

    def _scalar_value(self, name: str, matrix: MatrixType) -> str:
        struct = self.struct(matrix)
        return self._add(
            f"{name}_value",
            f"fn {name}_value(matrix: {struct}, value: {matrix.component}) -> {struct} {{\n"
            f"  var m = matrix;\n  {name}(&m, value);\n  return m;\n}}",
        )


_STEPS = "  let row_step = select(stride, 1u, by_columns);\n  let column_step = select(1u, stride, by_columns);\n"
_OPERATORS = {"Add": "+", "Subtract": "-", "Multiply": "*"}


def _packing(matrix: MatrixType) -> tuple[str, str, str, int, int]:
    """How an operand is packed, a left matrix along its columns, a right one along its rows, both along K: the outer
    index, the outer and the inner step, how many there are of each."""
    if matrix.kind == "left":
        return "row", "row_step", "column_step", matrix.rows, matrix.columns
    return "column", "column_step", "row_step", matrix.columns, matrix.rows


def _pointer(struct: str) -> str:
    return f"ptr<function, {struct}>"


def _replaced(span: Span, replacement: str) -> Edit:
    return Edit(span.start, span.end, replacement)


def _address(operand: Operand) -> Edit:
    return Edit(operand.span.start, operand.span.start, "&")


def _quads(n: int) -> int:
    return (n + 3) // 4


def _n_vectors(matrix: MatrixType) -> int:
    """Vectors that one invocation holds. WGSL promises subgroups of at least four lanes, so one lane owns
    at most a quarter of a result (https://www.w3.org/TR/WGSL/#subgroup-size-builtin-value)."""
    if matrix.kind == "left":
        return matrix.rows * _quads(matrix.columns)
    if matrix.kind == "right":
        return matrix.columns * _quads(matrix.rows)
    return _quads(matrix.rows * _quads(matrix.columns))


def _for_owned_groups(matrix: MatrixType) -> str:
    """Opens the loop over the groups of four columns that this lane owns: `i`, `row`, `column`."""
    n_groups, per_row = matrix.rows * _quads(matrix.columns), _quads(matrix.columns)
    return (
        f"  for (var i = 0u; i < {_n_vectors(matrix)}u * {ONE}; i++) {{\n"
        f"    let group = {LANE} + i * {LANES};\n"
        f"    if (group >= {n_groups}u) {{ break; }}\n"
        f"    let row = group / {per_row}u;\n"
        f"    let column = (group % {per_row}u) * 4u;\n"
    )


def _guard(matrix: MatrixType, lane: int) -> str:
    return "" if matrix.columns % 4 == 0 else f"if (column + {lane}u < {matrix.columns}u) "


def _gather(matrix: MatrixType, variable: str, at: str, step: str, position: str, limit: int) -> str:
    """Four elements of `variable` from `at` on, `step` apart; zero behind `limit`."""
    elements = [f"{variable}[{at}{f' + {lane}u * {step}' if lane else ''}]" for lane in range(4)]
    if limit % 4:
        zero = f"{matrix.component}()"
        elements = [
            f"select({zero}, {element}, {position} + {lane}u < {limit}u)" for lane, element in enumerate(elements)
        ]
    return f"vec4<{matrix.component}>({', '.join(elements)})"


def _identifier(path: str) -> str:
    return "".join(character if character.isalnum() else "_" for character in path)
