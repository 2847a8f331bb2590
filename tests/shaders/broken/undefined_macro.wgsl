// One branch uses a macro that only the others define.
#ifdef K_F16
enable f16;
#define KEY_STORAGE f16
#define KEY_WIDTH 1u
#elif defined(K_Q8_0)
#define KEY_STORAGE u32
#else
#define KEY_STORAGE f32
#define KEY_WIDTH 1u
#endif
#define HEAD_DIM 64

@group(0) @binding(0) var<storage, read> keys: array<KEY_STORAGE>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    var sum = 0.0;
    for (var column = 0u; column < HEAD_DIM; column += KEY_WIDTH) {
        sum += f32(keys[id.x * HEAD_DIM + column]);
    }
    sums[id.x] = sum;
}
