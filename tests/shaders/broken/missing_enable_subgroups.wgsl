// A subgroup reduction without the extension. naga takes it, Tint does not.
#ifdef STAGED
enable subgroups;
#endif
@group(0) @binding(0) var<storage, read> weights: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
    let total = subgroupAdd(weights[thread]);
    sums[thread] = total;
}
