// Two macros stand for each other.
#define Q_TILE 4
#ifdef SQUARE_TILES
#define ROWS COLUMNS
#define COLUMNS ROWS
#else
#define ROWS Q_TILE
#define COLUMNS 32
#endif

@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
    scores[thread] = scores[thread] + f32(ROWS);
}
