// A fixed place behind the end of a tile that became smaller.
#define KV_TILE 32

var<workgroup> tile: array<f32, KV_TILE>;
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
    tile[thread % KV_TILE] = scores[thread];
    workgroupBarrier();
    scores[thread] = tile[0] + tile[16];
}
