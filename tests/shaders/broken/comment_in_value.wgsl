// The comment behind a value becomes part of it, and hides what follows the macro where it is used.
#ifdef SMALL_TILES
#define KV_TILE 8 // fits everywhere
#else
#define KV_TILE 32
#endif

var<workgroup> scores: array<f32, KV_TILE>;
@group(0) @binding(0) var<storage, read_write> outputs: array<f32>;

@compute @workgroup_size(32)
fn main(@builtin(local_invocation_index) thread: u32) {
    scores[min(thread, 7u)] = outputs[thread];
    workgroupBarrier();
    outputs[thread] = scores[0];
}
