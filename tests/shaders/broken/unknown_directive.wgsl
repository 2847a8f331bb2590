// A directive from another language.
#ifdef K_F16
#define N_BYTES 2u
#elseif defined(K_Q8_0)
#define N_BYTES 1u
#else
#define N_BYTES 4u
#endif
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    scores[id.x] *= f32(N_BYTES);
}
