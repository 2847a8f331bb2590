// Rows that are shorter than a warp reads give a divisor of nought.
#define HEAD_DIM 128
const THREADS_PER_ROW: u32 = HEAD_DIM / 128u;
const ROWS_AT_ONCE: u32 = 64u / THREADS_PER_ROW;

@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
    scores[thread] += f32(thread / ROWS_AT_ONCE);
}
