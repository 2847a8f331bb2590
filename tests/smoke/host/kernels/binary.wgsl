struct Params {
    n: u32,
    start_a: u32,
    start_b: u32,
    start_out: u32,
    row_a: u32,
    width_a: u32,
    row_b: u32,
    width_b: u32,
    rows_b: u32,
}
@group(0) @binding(0) var<storage, read_write> a: array<f32>;
@group(0) @binding(1) var<storage, read_write> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= params.n) {
        return;
    }
    let row = id.x / params.width_a;
    let column = id.x % params.width_a;
    let first = a[params.start_a + row * params.row_a + column];
    let second = b[params.start_b + (row % params.rows_b) * params.row_b + column % params.width_b];
    out[params.start_out + id.x] = first OP second;
}
