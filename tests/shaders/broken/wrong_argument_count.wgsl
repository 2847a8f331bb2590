// The helper got one more parameter, and one of its callers was not told.
@group(0) @binding(0) var<storage, read> mask: array<f32>;
@group(0) @binding(1) var<storage, read_write> scores: array<f32>;

fn masked(score: f32, place: u32, slope: f32) -> f32 {
    return score + slope * mask[place];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
#ifdef ALIBI
    scores[id.x] = masked(scores[id.x], id.x, 0.5);
#else
    scores[id.x] = masked(scores[id.x], id.x);
#endif
}
