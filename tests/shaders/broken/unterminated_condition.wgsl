// A parenthesis of the condition is never closed.
#define HEAD_DIM 64
#ifdef K_F16
#if (defined(V_F16) && HEAD_DIM > 64
#define N_PARTS 2u
#endif
#endif
#ifndef N_PARTS
#define N_PARTS 1u
#endif

@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    scores[id.x] /= f32(N_PARTS);
}
