// The bias belongs to the parameters of variants with a mask, and is read without one.
struct Params {
    n_keys: u32,
    scale: f32,
#ifdef MASK
    max_bias: f32,
#endif
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    var score = scores[id.x] * params.scale;
#ifdef ALIBI
    score -= exp2(-params.max_bias);
#endif
    scores[id.x] = select(0.0, score, id.x < params.n_keys);
}
