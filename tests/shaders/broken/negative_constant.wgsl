// The padding is what a row lacks to 128 elements, and the longest row has more.
#define HEAD_DIM 64
const PADDING: u32 = 128 - HEAD_DIM;

var<workgroup> row: array<f32, HEAD_DIM + PADDING>;
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
    row[thread] = scores[thread];
    workgroupBarrier();
    scores[thread] = row[63u - thread];
}
