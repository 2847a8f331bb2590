// The macro is defined, but without a value.
#ifdef WIDE_TILES
#define KV_TILE
#else
#define KV_TILE 16
#endif

var<workgroup> scores: array<f32, KV_TILE>;
@group(0) @binding(0) var<storage, read_write> outputs: array<f32>;

@compute @workgroup_size(16)
fn main(@builtin(local_invocation_index) thread: u32) {
    scores[thread] = outputs[thread];
    workgroupBarrier();
    outputs[thread] = scores[15u - thread];
}
