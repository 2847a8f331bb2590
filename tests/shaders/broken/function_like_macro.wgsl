// This preprocessor has no macros with parameters.
#ifdef K_Q4_0
#define NIBBLE(word, index) ((word >> (4u * index)) & 15u)
#endif
@group(0) @binding(0) var<storage, read> keys: array<u32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    var sum = 0.0;
    for (var index = 0u; index < 8u; index += 1u) {
#ifdef K_Q4_0
        sum += f32(NIBBLE(keys[id.x], index)) - 8.0;
#else
        sum += bitcast<f32>(keys[id.x * 8u + index]);
#endif
    }
    sums[id.x] = sum;
}
