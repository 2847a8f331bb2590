// A shape that one vendor has, in a variant that another vendor's devices must run.
enable f16;
enable chromium_experimental_subgroup_matrix;
#define SG_MAT_M 16
#define SG_MAT_N 16
#define SG_MAT_K 16

alias Left = subgroup_matrix_left<f16, SG_MAT_K, SG_MAT_M>;
alias Right = subgroup_matrix_right<f16, SG_MAT_N, SG_MAT_K>;
alias Result = subgroup_matrix_result<f32, SG_MAT_N, SG_MAT_M>;

@group(0) @binding(0) var<storage, read_write> outputs: array<f32>;

@compute @workgroup_size(128)
fn main(@builtin(local_invocation_index) thread: u32) {
    let left = Left(0.5);
    let right = Right(2.0);
    let sum = subgroupMatrixMultiplyAccumulate(left, right, Result());
    outputs[thread] = f32(SG_MAT_K);
}
