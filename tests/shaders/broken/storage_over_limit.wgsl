// The staged rows of the largest head do not fit into workgroup memory.
#define HEAD_DIM 64
#define KV_TILE 32

var<workgroup> query_row: array<vec4<f32>, HEAD_DIM / 4>;
var<workgroup> kv_tile: array<vec4<f32>, KV_TILE * HEAD_DIM / 4>;
@group(0) @binding(0) var<storage, read> keys: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
    for (var index = thread; index < KV_TILE * HEAD_DIM / 4; index += 64u) {
        kv_tile[index] = keys[index];
    }
    if (thread < HEAD_DIM / 4) {
        query_row[thread] = keys[thread];
    }
    workgroupBarrier();
    var sum = 0.0;
    for (var chunk = 0u; chunk < HEAD_DIM / 4; chunk += 1u) {
        sum += dot(query_row[chunk], kv_tile[(thread % KV_TILE) * (HEAD_DIM / 4) + chunk]);
    }
    scores[thread] = sum;
}
