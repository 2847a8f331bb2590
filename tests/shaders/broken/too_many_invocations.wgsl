// More threads than a device has to offer.
#define WG_ROWS 4
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(32, WG_ROWS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    scores[id.x] *= 0.125;
}
