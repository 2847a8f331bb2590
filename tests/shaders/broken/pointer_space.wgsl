// The helper takes a row in registers; the staged variant gives it one in workgroup memory.
var<workgroup> shared_row: array<f32, 64>;
@group(0) @binding(0) var<storage, read_write> scores: array<f32>;

fn row_sum(row: ptr<function, array<f32, 64>>) -> f32 {
    var sum = 0.0;
    for (var index = 0u; index < 64u; index += 1u) {
        sum += (*row)[index];
    }
    return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
    shared_row[thread] = scores[thread];
    workgroupBarrier();
#ifdef STAGED
    scores[thread] = row_sum(&shared_row);
#else
    var own_row = shared_row;
    scores[thread] = row_sum(&own_row);
#endif
}
