// Matrix units are used where their extension is not enabled.
enable f16;
#ifndef MATRIX_UNITS
#define ACCUMULATE sum += f32(query_tile[index]) * f32(key_tile[index])
#else
#define ACCUMULATE sum += f32(products[index])
#endif

var<workgroup> query_tile: array<f16, 256>;
var<workgroup> key_tile: array<f16, 256>;
var<workgroup> products: array<f16, 256>;
@group(0) @binding(0) var<storage, read> inputs: array<f16>;
@group(0) @binding(1) var<storage, read_write> outputs: array<f32>;

@compute @workgroup_size(128)
fn main(@builtin(local_invocation_index) thread: u32) {
    query_tile[thread] = inputs[thread];
    key_tile[thread] = inputs[thread + 128u];
    workgroupBarrier();
#ifdef MATRIX_UNITS
    let left = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>>(&query_tile, 0u, false, 16u);
    let right = subgroupMatrixLoad<subgroup_matrix_right<f16, 16, 16>>(&key_tile, 0u, true, 16u);
    let product = subgroupMatrixMultiply<f16>(left, right);
    subgroupMatrixStore(&products, 0u, product, false, 16u);
    workgroupBarrier();
#endif
    var sum = 0.0;
    for (var index = thread; index < 256u; index += 128u) {
        ACCUMULATE;
    }
    outputs[thread] = sum;
}
