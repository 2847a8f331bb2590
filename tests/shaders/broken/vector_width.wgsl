// Rows of this length are read in threes, but multiplied with fours.
#define HEAD_DIM 64
#if HEAD_DIM % 64 == 0
#define CHUNK vec4<f32>
#else
#define CHUNK vec3<f32>
#endif

var<workgroup> query_row: array<vec4<f32>, 32>;
@group(0) @binding(0) var<storage, read> keys: array<CHUNK>;
@group(0) @binding(1) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
    query_row[thread % 32u] = vec4<f32>(scores[thread]);
    workgroupBarrier();
    scores[thread] = dot(query_row[0], keys[thread]);
}
