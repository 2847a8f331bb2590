// f16 is enabled for K and was forgotten for V.
#ifdef K_F16
enable f16;
#define K_TYPE f16
#else
#define K_TYPE f32
#endif
#ifdef V_F16
#define V_TYPE f16
#else
#define V_TYPE f32
#endif

@group(0) @binding(0) var<storage, read> keys: array<K_TYPE>;
@group(0) @binding(1) var<storage, read> values: array<V_TYPE>;
@group(0) @binding(2) var<storage, read_write> outputs: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    outputs[id.x] = exp(f32(keys[id.x])) * f32(values[id.x]);
}
