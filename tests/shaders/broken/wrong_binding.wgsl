// The number of one binding is a macro with a letter too few.
#define MASK_BINDING 1
#ifdef MASK
#define OUTPUT_BINDING 2
#else
#define OUTPUT_BINDING 1
#endif
@group(0) @binding(0) var<storage, read> logits: array<f32>;
#ifdef MASK
@group(0) @binding(MASK_BINDIG) var<storage, read> mask: array<f32>;
#endif
@group(0) @binding(OUTPUT_BINDING) var<storage, read_write> outputs: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    var score = logits[id.x];
#ifdef MASK
    score += mask[id.x];
#endif
    outputs[id.x] = exp(score);
}
