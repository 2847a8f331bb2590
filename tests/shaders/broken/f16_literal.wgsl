// A literal of a type that this variant did not enable.
#ifdef K_F16
enable f16;
#endif
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
#ifdef CLAMPED
    let largest = 65504.0h;
    scores[id.x] = min(scores[id.x], f32(largest));
#else
    scores[id.x] *= 0.125;
#endif
}
