// One #endif too many.
#ifdef MASK
#define SLOPE 0.5
#else
#define SLOPE 1.0
#endif
#endif
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    scores[id.x] *= SLOPE;
}
