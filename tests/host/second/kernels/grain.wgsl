@group(0) @binding(0) var<storage, read_write> image: array<T>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
#ifdef WITH_SEED
    _ = &image[id.x + RADIUS];
#endif
}
