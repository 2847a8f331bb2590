"""Rules for what had to be rewritten before an engine could judge a text: elsewhere its compiler refuses it."""

from __future__ import annotations

from wgsl_ls.analysis.rule import Rule
from wgsl_ls.text.diagnostic import Severity

_REFUSED = (
    "The text was judged all the same, rewritten for this engine. A program that gives the text to the same compiler "
    "as it is (wgpu, or Firefox with naga) has it refused."
)

RULES = (
    Rule(
        id="portability/enable",
        title="An engine does not know an extension's line",
        meaning=f"The engine does not know this `enable` or `requires` line, only what it enables. {_REFUSED}",
        remedy="Write the line under a condition that the host sets for runtimes that want it.",
        severity=Severity.INFORMATION,
    ),
    Rule(
        id="portability/diagnostic-rule",
        title="An engine does not know a diagnostic rule",
        meaning=f"The engine does not know the rule that a `diagnostic` directive or attribute names. {_REFUSED}",
        remedy="Leave the directive out where the host runs on this engine.",
        severity=Severity.INFORMATION,
    ),
    Rule(
        id="portability/subgroup-matrix",
        title="An engine has no subgroup matrices",
        meaning=f"The engine has no subgroup matrices; they were replaced by arrays that do the same. {_REFUSED}",
        remedy="Give the host a variant without them for such runtimes, and choose it by the adapter's features.",
        severity=Severity.INFORMATION,
    ),
    Rule(
        id="portability/f16-bitcast",
        title="An engine cannot compile a bitcast of f16",
        meaning=f"The engine cannot compile this `bitcast` to or from f16 vectors as it is written. {_REFUSED}",
        remedy="Use `unpack2x16float` and `pack2x16float`, or keep such code out of the variants for this engine.",
        severity=Severity.INFORMATION,
    ),
)
