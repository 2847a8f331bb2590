struct Params {
    n: u32,
    row: u32,
    start_a: u32,
    start_out: u32,
    scale: f32,
    bias: f32,
}
@group(0) @binding(0) var<storage, read_write> a: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;
@compute @workgroup_size(WG_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    for (var i = local.x; i < params.n; i += WG_SIZE) {
        out[params.start_out + group.x * params.n + i] = a[params.start_a + group.x * params.row + i] * params.scale + params.bias;
    }
}
