// The condition names a macro that does not exist: it counts as zero, in silence.
#define HEAD_DIM 64
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
#if HEAD_DMI > 64
    scores[id.x] *= 0.0625;
#else
    scores[id.x] *= 0.125;
#endif
    scores[id.x] -= f32(HEAD_DIM);
}
