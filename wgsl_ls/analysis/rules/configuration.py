"""Rules of wgsl-ls.toml and of the variant lists that it imports."""

from __future__ import annotations

from wgsl_ls.analysis.rule import Rule
from wgsl_ls.text.diagnostic import Severity

RULES = (
    Rule(
        id="config/syntax",
        title="The file is no TOML",
        meaning="The file is no TOML. The line at fault is left out, and the rest is read.",
        remedy="Correct the line.",
    ),
    Rule(
        id="config/type",
        title="A value of the wrong type",
        meaning="A value has another type than its key wants: `files = 3`.",
        remedy="Write what the message expects.",
    ),
    Rule(
        id="config/value",
        title="A value that means nothing here",
        meaning=(
            "A value of the right type that means nothing here: an unknown engine, a number that is too small, a rule"
            " without an action."
        ),
        remedy="Write one of the values that the message names.",
    ),
    Rule(
        id="config/unknown-key",
        title="A key that nothing reads",
        meaning="A key that nothing reads; a near one is suggested.",
        remedy="Correct the name.",
    ),
    Rule(
        id="config/unknown-rule",
        title="A rule that does not exist",
        meaning="`[rules]` names a rule that does not exist; a near one is suggested.",
        remedy="Correct the id; `wgsl-ls rules` lists all.",
    ),
    Rule(
        id="config/define",
        title="Something that is no macro definition",
        meaning=(
            "Something in a list of macros is not the name of a macro, or a macro is given twice with different values."
        ),
        remedy='Write `"NAME"` or `"NAME=VALUE"`.',
    ),
    Rule(
        id="config/expression",
        title="An expression that does not parse",
        meaning="An `#if` expression in a rule or constraint does not parse; the place inside of the string is marked.",
        remedy="Correct it. It has the syntax of the preprocessor: `K_Q4_0 && HEAD_DIM >= 128`.",
    ),
    Rule(
        id="config/duplicate-name",
        title="Two things have the same name",
        meaning="Two `[[shader]]` or two variants of a shader have the same name.",
        remedy="Rename one.",
    ),
    Rule(
        id="config/extends",
        title="extends names nothing, or leads back to itself",
        meaning="`extends` names nothing that exists, or leads back to itself.",
        remedy="Correct the name, or break the cycle.",
    ),
    Rule(
        id="config/duplicate-alternative",
        title="An axis has the same alternative twice",
        meaning="An axis has the same alternative twice; the second is left out.",
        remedy="Remove it.",
        severity=Severity.WARNING,
    ),
    Rule(
        id="config/unknown-macro",
        title="A macro that nothing of the shader sets",
        meaning="A rule or constraint asks for a macro that nothing of this shader sets, so it is never defined there.",
        remedy="Correct the name; the message suggests a near one.",
        severity=Severity.WARNING,
    ),
    Rule(
        id="config/rule",
        title="A rule cannot be evaluated or contradicts another",
        meaning=(
            "A rule or constraint cannot be evaluated in some variants, or rules contradict each other there. The "
            "first variant is named."
        ),
        remedy="Correct the expression, or change the rules so that each macro is settled by one of them.",
    ),
    Rule(
        id="config/excluded",
        title="A written variant breaks a constraint",
        meaning=(
            "A variant that is written out breaks a constraint of its shader and is left out. The constraint is a "
            "related place."
        ),
        remedy="Change the variant or the constraint.",
        severity=Severity.WARNING,
    ),
    Rule(
        id="config/no-variant",
        title="The constraints exclude every combination",
        meaning="The constraints exclude every combination of the axes. The smallest set that does is named.",
        remedy="Remove or weaken one of them.",
    ),
    Rule(
        id="config/impossible",
        title="No variant has this alternative",
        meaning="No variant has this alternative of an axis, because of the constraints.",
        remedy="Remove the alternative, or weaken a constraint. Information only.",
        severity=Severity.INFORMATION,
    ),
    Rule(
        id="config/too-many-variants",
        title="The axes make too many variants",
        meaning="The axes make more variants than `max-variants`; a part with all pairs of alternatives is taken.",
        remedy='Set `pick = "pairwise"` or a number to say so, add constraints, or raise `max-variants`.',
    ),
    Rule(
        id="config/too-complex",
        title="The variants take too many steps to work out",
        meaning=(
            "Axes, rules and constraints of a `[[shader]]` are combined within a bound of steps, which is far beyond "
            "what hosts need. Here it was reached: the variants found by then are checked, others are not."
        ),
        remedy="Use fewer axes, rules or constraints, or write the variants out.",
    ),
    Rule(
        id="config/no-match",
        title="A pattern matches no file",
        meaning="A pattern in `files` or `import` matches no file.",
        remedy="Correct the pattern; it is relative to the configuration's folder.",
        severity=Severity.WARNING,
    ),
    Rule(
        id="config/import",
        title="A list of variants or the host's code cannot be read",
        meaning=(
            "A file that `import` or `[host]` names cannot be read or is of no known kind, or none of their patterns "
            "matches a file: what was asked for was not checked."
        ),
        remedy="Import JSON lines (`*.jsonl`); patterns are relative to the configuration's folder.",
    ),
    Rule(
        id="config/smoke",
        title="Something in a smoke table cannot be read",
        meaning="Something in a `smoke` table cannot be read; the rest of the table is used.",
        remedy="As the message says.",
    ),
    Rule(
        id="import/line",
        title="A line of a variant list cannot be read",
        meaning=(
            "A line is no JSON object with `shader` and `defines`, or names a shader that is not here or that several"
            " files are called."
        ),
        remedy=(
            'Write `{"shader": "flash_attn.wgsl", "defines": ["HEAD_DIM=64"]}`; give the path where the name is not '
            "unique."
        ),
    ),
)
