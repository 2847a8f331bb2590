// An #endif is missing, so the rest of the file depends on the mask.
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

#ifdef MASK
@group(0) @binding(1) var<storage, read> mask: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
#ifdef ALIBI
    scores[id.x] += 0.5 * mask[id.x];
#else
    scores[id.x] += mask[id.x];
#endif
}
