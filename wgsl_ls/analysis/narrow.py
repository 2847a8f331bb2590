"""Narrow: in which function is what crashes an engine? Bodies of the other functions are replaced by ones that do
nothing, half of them at a time, and the text is compiled again.

An engine that dies says no place. Every trial that dies too costs a new process, so there is a budget; a place is told
only when the text with that one body alone still crashes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from wgsl_ls.analysis.left_out import Code
from wgsl_ls.wire.jobs import CompileJob, CompileResult, Crashed

MOST_TRIALS = 8
Submit = Callable[[CompileJob], Awaitable[CompileResult]]


async def narrowed(submit: Submit, job: CompileJob, crashed: Crashed) -> Crashed:
    """`crashed`, the result of `job`, with the name of the function that does it, if it is found."""
    code = Code(job.text)
    suspects = code.functions
    n_trials = 0
    while suspects and n_trials < MOST_TRIALS:
        half = suspects[: (len(suspects) + 1) // 2]
        others = [function for function in code.functions if function not in half]
        n_trials += 1
        result = await submit(replace(job, text=code.without(others).text))
        if not isinstance(result, Crashed):
            suspects = suspects[len(half) :]
        elif len(half) == 1:
            start, node = half[0]
            return replace(crashed, start=start + node.name_start, end=start + node.name_end)
        else:
            suspects = half
    return crashed
