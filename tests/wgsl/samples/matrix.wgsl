enable f16;
enable chromium_experimental_subgroup_matrix;
diagnostic(off, chromium.subgroup_matrix_uniformity);

alias Left = subgroup_matrix_left<f16, 16, 8>;
alias Right = subgroup_matrix_right<f16, 8, 16>;

struct Weights {
    header: vec4<u32>,
    values: array<f16>,
}

@group(0) @binding(0) var<storage, read_write> a: array<f16>;
@group(0) @binding(1) var<storage, read> b: Weights;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;

var<workgroup> staged: array<f16, 16 * 16>;

fn load_left(p: ptr<storage, array<f16>, read_write>, at: u32) -> Left {
    let m = subgroupMatrixLoad<Left>(p, at, false, 16);
    return m;
}

@compute @workgroup_size(128)
fn main(@builtin(local_invocation_index) index: u32) {
    staged[index] = a[index];
    workgroupBarrier();
    var sums: array<subgroup_matrix_result<f32, 8, 8>, 2>;
    let left = load_left(&a, 0);
    let right = subgroupMatrixLoad<Right>(&b.values, 4u, true, 16);
    var other = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 8>>(&staged, 0u, false, 16);
    sums[0] = subgroupMatrixMultiplyAccumulate(left, right, sums[0]);
    sums[1] = subgroupMatrixMultiply<f32>(other, right);
    other = left;
    subgroupMatrixStore(&c, 64u, sums[0], false, 8);
}
