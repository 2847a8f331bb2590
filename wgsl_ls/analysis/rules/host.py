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
        id="host/equal-keys",
        title="Two keys of a host's cache that are equal and give different macros",
        meaning="The host looks here for what it has made already, under a key. Two of the inputs that it takes give "
        "one key and different macros, so that whichever is asked for second gets what was made for the first. What "
        "the C++ compares (its `operator==`) is not looked at: all members of the key are.",
        remedy="Put what tells them apart into the key.",
        severity=Severity.WARNING,
    ),
    Rule(
        id="host/not-served",
        title="An input that the host lets through and ends at",
        meaning="The function that says what the host takes lets these values through, and on the way to a shader an "
        "assertion fails or the host aborts. Told of values of an enum that this function asks about; of others the "
        "library may take care.",
        remedy="Refuse them there, or serve them here.",
        severity=Severity.WARNING,
    ),
    Rule(
        id="host/lets-failing-through",
        title="An operation that the host takes and a shader fails for",
        meaning="Shown in an editor where the host's gate says that it takes the operation: variants that are asked "
        "for it fail, with the error that the shader shows at its own place. `validate` says that place beside the "
        "error.",
        remedy="Mend the shader, or refuse there what it cannot do.",
        severity=Severity.WARNING,
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
