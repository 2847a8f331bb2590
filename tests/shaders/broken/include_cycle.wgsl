// Two files include each other, in the variant with a mask.
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

#include "cycle_scores.tmpl"

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    scores[id.x] = logit(scores[id.x]);
}
