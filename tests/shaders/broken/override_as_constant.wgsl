// What is chosen when the pipeline is made cannot be part of a constant.
#ifdef TUNABLE
override n_rows: u32 = 4u;
#else
const n_rows: u32 = 4u;
#endif
const tile_size: u32 = n_rows * 64u;

var<workgroup> key_tile: array<f32, tile_size>;
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
    key_tile[thread] = scores[thread];
    workgroupBarrier();
    scores[thread] = key_tile[63u - thread];
}
