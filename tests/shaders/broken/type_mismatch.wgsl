// The sum is kept in the type of K, which agrees with Q for f32 only.
#ifdef K_F16
enable f16;
#define K_TYPE f16
#else
#define K_TYPE f32
#endif
#define HEAD_DIM 64

@group(0) @binding(0) var<storage, read> queries: array<f32>;
@group(0) @binding(1) var<storage, read> keys: array<K_TYPE>;
@group(0) @binding(2) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    var sum = 0.0;
    for (var column = 0u; column < HEAD_DIM; column += 1u) {
        sum += queries[column] * keys[id.x * HEAD_DIM + column];
    }
    scores[id.x] = sum;
}
