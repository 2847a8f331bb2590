// The smallest tile is cut into eighths.
#define Q_TILE 16

var<workgroup> row_max: array<f32, Q_TILE / 8>;
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
    if (thread == 0u) {
        row_max[0] = scores[0];
    }
    workgroupBarrier();
    scores[thread] -= row_max[0];
}
