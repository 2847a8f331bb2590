// A semicolon came into the value of a macro, as if it were a statement.
#ifdef K_Q8_0
#define KEY_SCALE 0.0078125;
#else
#define KEY_SCALE 1.0
#endif
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    scores[id.x] = scores[id.x] * (KEY_SCALE + 1.0);
}
