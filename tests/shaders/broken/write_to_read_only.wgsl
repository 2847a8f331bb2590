// K is scaled in place, which its buffer does not allow when V lies in it too.
#ifdef KV_OVERLAP
#define KV_ACCESS read
#else
#define KV_ACCESS read_write
#endif

@group(0) @binding(0) var<storage, KV_ACCESS> keys: array<f32>;
@group(0) @binding(1) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    keys[id.x] = keys[id.x] * 0.125;
    scores[id.x] = keys[id.x];
}
