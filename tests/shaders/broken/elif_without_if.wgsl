// The condition that this branch belongs to was closed too early.
#define KEY_BYTES 4u
#ifdef K_F16
#undef KEY_BYTES
#define KEY_BYTES 2u
#endif
#elif defined(K_Q8_0)
#undef KEY_BYTES
#define KEY_BYTES 1u

@group(0) @binding(0) var<storage, read_write> sums: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    sums[id.x] *= f32(KEY_BYTES);
}
