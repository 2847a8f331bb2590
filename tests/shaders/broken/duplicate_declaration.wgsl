// Two features bring the same helper, which shows when both are on.
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

#ifdef ALIBI
fn slope_of(head: u32) -> f32 {
    return exp2(-f32(head + 1u));
}
#endif
#ifdef SLOPE_TABLE
fn slope_of(head: u32) -> f32 {
    return scores[head];
}
#endif
#if !defined(ALIBI) && !defined(SLOPE_TABLE)
fn slope_of(head: u32) -> f32 {
    return 1.0;
}
#endif

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    scores[id.x] *= slope_of(id.y);
}
