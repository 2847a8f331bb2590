// Only the quantised variants include this file, and nobody wrote it.
#ifdef K_Q8_0
#include "block_formats.tmpl"
#else
fn read_key(word: u32) -> f32 {
    return bitcast<f32>(word);
}
#endif

@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    words[id.x] = u32(read_key(words[id.x]));
}
