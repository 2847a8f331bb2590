"""Rules for texts that were too much for a compiler."""

from __future__ import annotations

from wgsl_ls.analysis.rule import Rule
from wgsl_ls.text.diagnostic import Severity

RULES = (
    Rule(
        id="engine/crashed",
        title="A compiler crashed",
        meaning="A compiler died of this text; the message has the signal and its last words.",
        remedy="Worth a report to the compiler's authors, with the output of `wgsl-ls expand`.",
    ),
    Rule(
        id="engine/timed-out",
        title="A compiler did not answer in time",
        meaning="A compiler computed for longer than the deadline and was stopped; by the clock it has more, for others"
        " want the cores too. Whether it would accept the text is not known: the compiler has not judged it.",
        severity=Severity.INFORMATION,
        remedy="Look for code that grows when it is unrolled, or give more time with `--deadline`.",
    ),
    Rule(
        id="engine/device-lost",
        title="The device was lost while a compiler used it",
        meaning="The GPU or its driver gave up twice while a compiler made pipelines of a text on it. That says "
        "nothing of the text: the compiler has not judged it.",
        remedy="Run it again; if it stays so, look at the driver, or have the compiler use another adapter.",
    ),
)
