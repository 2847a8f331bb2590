"""Expressions of C++ as closures over a Frame, each kind by the class that knows it."""

from __future__ import annotations

from wgsl_ls.host.assignments import Assignments
from wgsl_ls.host.braces import Braces
from wgsl_ls.host.calls import Calls
from wgsl_ls.host.construction import Construction
from wgsl_ls.host.conversions import Conversions
from wgsl_ls.host.evaluator import Value
from wgsl_ls.host.formatting import Formatting
from wgsl_ls.host.initialisation import Initialisation
from wgsl_ls.host.knowledge import Pruned
from wgsl_ls.host.literals import Literals
from wgsl_ls.host.machine import Frame
from wgsl_ls.host.names import Names
from wgsl_ls.host.operators import Operators
from wgsl_ls.host.overloads import Overloads
from wgsl_ls.host.places import Places
from wgsl_ls.host.preprocessing import Preprocessing
from wgsl_ls.host.standard import Standard
from wgsl_ls.host.syntax import Node


class Expressions(
    Literals,
    Names,
    Operators,
    Conversions,
    Places,
    Assignments,
    Initialisation,
    Braces,
    Construction,
    Calls,
    Overloads,
    Preprocessing,
    Formatting,
    Standard,
):
    def expression(self, node: Node) -> Value:
        handler = getattr(self, f"_e_{node.kind}", None)
        if handler is not None:
            value: Value = handler(node)
            return value
        return self.not_understood(node, f"expression {node.kind.replace('_', ' ')}")

    def aborting(self, frame: Frame) -> None:
        raise Pruned

    def _e_lambda_expression(self, node: Node) -> Value:
        return self.closure(node)
