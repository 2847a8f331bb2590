// Threads without a row skip the barrier. Only Tint looks.
#define Q_TILE 4

var<workgroup> row_max: array<f32, Q_TILE>;
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
    if (thread < Q_TILE) {
        row_max[thread] = scores[thread];
#ifdef STAGED
        workgroupBarrier();
#endif
    }
#ifndef STAGED
    workgroupBarrier();
#endif
    scores[thread] -= row_max[thread % Q_TILE];
}
