// A slip of the pen in a branch that is off by default.
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let softcap = 30.0;
    var score = scores[id.x];
#ifdef LOGIT_SOFTCAP
    score = softcap * tanh(score / sotfcap);
#endif
    scores[id.x] = clamp(score, -softcap, softcap);
}
