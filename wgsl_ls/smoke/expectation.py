"""What the outputs of a plan must hold: the reference's arguments as the device has them, and its result in place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wgsl_ls.smoke.config import SmokeConfig, TensorConfig
from wgsl_ls.smoke.elements import Array, Format, Tensor, dense_strides
from wgsl_ls.smoke.evaluator import (
    Environment,
    ExpressionError,
    evaluate,
    evaluate_integer,
    evaluate_integers,
)
from wgsl_ls.smoke.references import REFERENCES
from wgsl_ls.smoke.uniforms import PlanError


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """An output buffer: its format, its bytes at the start, and the tensor that must be written. `free_from`: elements
    from this one on are room to work in, -1 for none. `unordered`: rows are right in any order."""

    buffer: str
    format: Format
    start: bytes
    tensor: Tensor
    poisoned: bool
    free_from: int = -1
    unordered: bool = False


@dataclass(frozen=True, slots=True)
class Expectation:
    """`formats`, `tensors`, `stored`: of every storage buffer by name; `stored` are its bytes at the start."""

    config: SmokeConfig
    environment: Environment
    formats: Mapping[str, Format]
    tensors: Mapping[str, Tensor]
    stored: Mapping[str, bytes]

    def of(self, outputs: Sequence[OutputPlan], own: Callable[..., Any] | None) -> dict[str, Array]:
        """Output's buffer -> what its tensor must hold; `own`: the user's reference. Raises PlanError."""
        if own is None and not self.config.reference:
            return {}
        if own is None:
            own = REFERENCES.get(self.config.reference)
            if own is None:
                known = ", ".join(REFERENCES)
                raise PlanError(f"unknown reference {self.config.reference!r}; built in: {known}")
        arguments: dict[str, Any] = {}
        for name, tensor_config in self.config.tensors.items():
            if not name.startswith("output") and evaluate(tensor_config.when, self.environment):
                arguments[name] = self._tensor(tensor_config)
        for name, expression in self.config.arguments:
            arguments[name] = evaluate(expression, self.environment)
        accepted = inspect.signature(own).parameters
        for name in arguments:
            if name not in accepted and not any(p.kind is p.VAR_KEYWORD for p in accepted.values()):
                raise PlanError(f"the reference takes no argument {name!r}; it takes {', '.join(accepted)}")
        missing = [n for n, p in accepted.items() if p.default is p.empty and n not in arguments
                   and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]  # fmt: skip
        if missing:
            raise PlanError(f"the reference needs {missing[0]!r}: add it to `tensors` or `arguments`")
        try:
            result = own(**arguments)
            named = result if isinstance(result, Mapping) else {"": result}
            return dict(self._expected_output(outputs, key, array) for key, array in named.items())
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
            raise PlanError(f"the reference cannot be computed: {error}") from error

    def _expected_output(self, outputs: Sequence[OutputPlan], key: str, array: Any) -> tuple[str, Array]:
        """The buffer for the result called `key` ("" for the only one), and the array in its tensor's shape."""
        result = np.asarray(array, np.float64)
        output = self._output_of_reference(outputs, f"output_{key}" if key else "output")
        if result.size != output.tensor.n_elements:
            raise PlanError(f"the reference has shape {result.shape}, the output {output.buffer} {output.tensor.shape}")
        return output.buffer, result.reshape(output.tensor.shape)

    def _output_of_reference(self, outputs: Sequence[OutputPlan], name: str) -> OutputPlan:
        named = self.config.tensors.get(name)
        if named is not None:
            found = next((output for output in outputs if output.buffer == self._named_buffer(named)), None)
            if found is None:
                raise PlanError(f"the output {named.buffer} is not bound by this variant")
            return found
        if len(outputs) != 1:
            names = ", ".join(output.buffer for output in outputs) or "none"
            raise PlanError(f"which output is the reference's? outputs: {names}; set `tensors.{name}`")
        return outputs[0]

    def _named_buffer(self, config: TensorConfig) -> str:
        if config.buffer in self.stored:
            return config.buffer
        try:
            return str(evaluate(config.buffer, self.environment))
        except ExpressionError:
            return config.buffer

    def _tensor(self, config: TensorConfig) -> Array:
        """The numbers as the device has them: rounded to the element type, quantised and back."""
        name = self._named_buffer(config)
        if name not in self.stored:
            raise PlanError(f"the reference needs the buffer {name}, which this variant does not bind")
        own = self.tensors[name]
        tensor = own
        if config.shape is not None:
            shape = evaluate_integers(config.shape, self.environment)
            strides = (
                dense_strides(shape) if config.strides is None else evaluate_integers(config.strides, self.environment)
            )
            if len(shape) != len(strides):
                raise PlanError(f"{name}: {len(shape)} dimensions, but {len(strides)} strides")
            tensor = Tensor(name, shape, strides, evaluate_integer(config.offset, self.environment))
        flat = self.formats[name].decode(self.stored[name])
        if tensor.end > flat.size:
            raise PlanError(f"{name}: a view ends at element {tensor.end}, the buffer has {flat.size}")
        return tensor.read(flat)
