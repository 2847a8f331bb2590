// What the plain variant keeps, the one with a mask wants to change.
@group(0) @binding(0) var<storage, read> mask: array<f32>;
@group(0) @binding(1) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let score = scores[id.x] * 0.125;
#ifdef MASK
    score += mask[id.x];
#endif
    scores[id.x] = exp(score);
}
