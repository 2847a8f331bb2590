"""Rules of smoke runs: the checks of smoke/judge.py by name."""

from __future__ import annotations

from wgsl_ls.analysis.rule import Rule

RULES = (
    Rule(
        id="smoke/run",
        title="The variant could not be run",
        meaning=(
            "The variant could not be run: it was not planned, not compiled, or the device was lost or did not answer."
        ),
        remedy="The message says which. A loop without an end looks like a device that does not answer.",
    ),
    Rule(
        id="smoke/unwritten",
        title="Elements of an output were not written",
        meaning="Elements of an output still hold the pattern that stood there before the run.",
        remedy="Check the dispatch size, the bounds and the strides of the store.",
    ),
    Rule(
        id="smoke/nan",
        title="An output has NaN",
        meaning="An output has NaN where the reference has none. The first positions are given.",
        remedy=(
            "Typical causes: infinity minus infinity in an online softmax of a fully masked row, 0/0, overflow in "
            "`f16`."
        ),
    ),
    Rule(
        id="smoke/infinity",
        title="An output has infinite elements",
        meaning="An output has infinite elements, and the configuration does not expect any.",
        remedy="Look for overflow in `f16`, or a division by a sum that is zero; set `infinite = true` if it is meant.",
    ),
    Rule(
        id="smoke/host",
        title="The host binds or dispatches what no device takes",
        meaning=(
            "A binding exceeds its allocation, its alignment or a limit, or it is not what the shader declares; or a "
            "dispatch has no workgroups or more than 65,535 in a dimension."
        ),
        remedy="The message names the function of the host: correct the range, the binding or the count there.",
    ),
    Rule(
        id="smoke/guard",
        title="Something was written outside of a buffer",
        meaning="Something was written in front of a buffer or behind its end.",
        remedy="Check the bounds of stores for the last tile.",
    ),
    Rule(
        id="smoke/stray-write",
        title="Elements outside of a tensor were written",
        meaning="Elements of an output buffer outside of its tensor were written, such as the gaps between rows.",
        remedy="Check strides and the bounds of each row.",
    ),
    Rule(
        id="smoke/read-only",
        title="A buffer that is only read was changed",
        meaning="A buffer that is only read holds other bytes after the run.",
        remedy="Look for a store through the wrong binding; bind it as `read`.",
    ),
    Rule(
        id="smoke/determinism",
        title="Two equal runs differ",
        meaning="Two runs with the same inputs gave different bits. The size of the difference is given.",
        remedy=(
            "Usually a missing `workgroupBarrier()`, or a race on shared memory. Atomic sums of floats differ "
            "rightly: set `deterministic = false`."
        ),
    ),
    Rule(
        id="smoke/out-of-range-read",
        title="The result depends on bytes behind an input",
        meaning="The result depends on bytes behind the end of an input.",
        remedy="Bound the loads of the last tile.",
    ),
    Rule(
        id="smoke/race",
        title="Two invocations conflict, or part at a barrier",
        meaning=(
            "Two invocations of a workgroup accessed the same element of workgroup memory, one of them wrote, and no "
            "`workgroupBarrier()` lies between; or the same of storage memory without a `storageBarrier()`; or two "
            "workgroups did so, which nothing orders. Both places are named. Or not all invocations of a workgroup "
            "come to a barrier. Found by a run that watches itself "
            "(`--sanitize race`), whatever the order in which this driver runs invocations; only for what the case at "
            "hand does. Lanes of one subgroup count as ordered by a subgroup function."
        ),
        remedy=(
            "Put a `workgroupBarrier()` or, for storage memory, a `storageBarrier()` between the two places, in "
            "uniform control flow. What workgroups exchange needs atomics or a dispatch of its own."
        ),
    ),
    Rule(
        id="smoke/range",
        title="A value is too large for f16",
        meaning=(
            "A value that becomes an `f16` is larger than 65504 in magnitude, or is no number any more. Found by a run "
            "that watches itself (`--sanitize range`); only for the inputs of the case at hand."
        ),
        remedy="Keep this value in `f32`, or scale it down before it is converted.",
    ),
    Rule(
        id="smoke/alias",
        title="Bindings lie over each other",
        meaning=(
            "Two bindings of one dispatch are ranges of one buffer that overlap, and the shader may write one of them; "
            "or one buffer is bound both for reading only and for writing. Every runtime refuses such a dispatch, so "
            "it was not run. The place of the first write and of an access to the other one are named."
        ),
        remedy=(
            "Give the operation a variant that binds the buffer once and reaches both tensors through it, or have the "
            "host copy. `wgsl-ls aliases` says which bindings of which variants exclude each other, and which "
            "operations the host has no such variant for."
        ),
    ),
    Rule(
        id="smoke/subgroup-size",
        title="Wrong numbers with subgroups of another size",
        meaning=(
            "The run passes on this adapter and fails with subgroups of another size, which are emulated over "
            "workgroup memory (`--subgroup-sizes`). The sizes with which it is right stand beside."
        ),
        remedy=(
            "Use `subgroup_size`, `num_subgroups` and `subgroup_id` instead of a number, and let the work of a row not "
            "end at one subgroup. Devices have 4 to 128 lanes."
        ),
    ),
    Rule(
        id="smoke/reference",
        title="The numbers are too far from the reference",
        meaning=(
            "The normalised mean squared error against the reference is above the tolerance. The position of the "
            "largest error is given."
        ),
        remedy=(
            "Compare the error map of `--html`: whole rows hint at strides or heads, the last columns at the tail, "
            "everything at scale or mask."
        ),
    ),
)
