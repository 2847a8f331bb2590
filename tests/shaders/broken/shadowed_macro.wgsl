// The quantised branch gives a macro another value for itself and leaves it behind.
#define ROW_STRIDE 64
const TILE_SIZE: u32 = 4 * ROW_STRIDE;
#ifdef K_Q8_0
#undef ROW_STRIDE
#define ROW_STRIDE 34
const BLOCK_WORDS: u32 = 2 * ROW_STRIDE / 4;
#endif

var<workgroup> key_tile: array<f32, 4 * ROW_STRIDE>;
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

fn tile_sum(tile: array<f32, TILE_SIZE>) -> f32 {
    return tile[0] + tile[1];
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
    key_tile[thread] = scores[thread];
    workgroupBarrier();
    scores[thread] = tile_sum(key_tile);
}
