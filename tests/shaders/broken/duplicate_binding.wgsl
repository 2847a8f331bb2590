// With a mask and sinks, the sinks get the number that the output has.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
#ifdef MASK
@group(0) @binding(1) var<storage, read> mask: array<f32>;
#define SINKS_BINDING 2
#define OUTPUT_BINDING 2
#else
#define SINKS_BINDING 1
#define OUTPUT_BINDING 2
#endif
#ifdef SINKS
@group(0) @binding(SINKS_BINDING) var<storage, read> sinks: array<f32>;
#endif
@group(0) @binding(OUTPUT_BINDING) var<storage, read_write> outputs: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    var score = logits[id.x];
#ifdef MASK
    score += mask[id.x];
#endif
#ifdef SINKS
    score -= sinks[0];
#endif
    outputs[id.x] = exp(score);
}
