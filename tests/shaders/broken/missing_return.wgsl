// With a soft cap, one way through the function ends without a value.
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

fn logit(product: f32) -> f32 {
    let score = product * 0.125;
#ifdef LOGIT_SOFTCAP
    if (abs(score) > 0.01) {
        return 30.0 * tanh(score / 30.0);
    }
#else
    return score;
#endif
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    scores[id.x] = logit(scores[id.x]);
}
