"""Rules for what is wrong between a host program's code and its shaders."""

from __future__ import annotations

from wgsl_ls.analysis.rule import Rule
from wgsl_ls.text.diagnostic import Severity

RULES = (
    Rule(
        id="host/define-not-read",
        title="A macro that the host gives and no shader reads",
        meaning="Every macro that this place of the host's C++ gives goes to shaders in which no line has its name.",
        remedy="Remove it, or correct its name here or in the shader.",
        severity=Severity.WARNING,
    ),
    Rule(
        id="host/macro-not-given",
        title="A macro that a shader asks for and the host never gives",
        meaning="A condition of the shader asks for this macro. The host's code was understood without a gap for this "
        "shader, and on no path does it give the macro; nothing in the shader defines it either.",
        remedy="Remove the branch, correct the name, or give the macro in the host's code.",
        severity=Severity.INFORMATION,
    ),
    Rule(
        id="host/alias",
        title="An operation in place that the host has no variant for",
        meaning="Asked for this operation into one of its sources, or on two views of one tensor, the host binds "
        "ranges that overlap to variables of which the shader may write one. No device runs that. `validate` and "
        "`wgsl-ls host` look for it, on the tensors of our own cases.",
        remedy="Give the shader a variant that has one variable for both, choose it where the tensors overlap, or "
        "refuse the operation in the gate. `wgsl-ls aliases` shows all that is asked.",
        severity=Severity.WARNING,
    ),
    Rule(
        id="host/gap",
        title="A place of the host's code that was not understood",
        meaning="The C++ is read, never run. Paths of the host through this place gave no variant, so some may be "
        "missing; what was read of other paths holds. `wgsl-ls host` lists which functions and shaders it concerns.",
        remedy="Say what cannot be seen in the code under `[host]` of `wgsl-ls.toml`, or declare the variants there.",
        severity=Severity.INFORMATION,
    ),
)
