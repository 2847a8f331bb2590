// The counts of keys and of tiles have different types in the variant with splits.
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
#ifdef SPLIT_KV
    let n_splits = i32(id.y) + 1;
#else
    let n_splits = 1u;
#endif
    let part = min(id.x, n_splits);
    scores[part] = 0.0;
}
