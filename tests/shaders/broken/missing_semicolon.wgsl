// A statement without its end, in the branch for sinks.
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    var best = scores[id.x];
#ifdef SINKS
    best = max(best, scores[0])
#endif
    scores[id.x] = exp(scores[id.x] - best);
}
