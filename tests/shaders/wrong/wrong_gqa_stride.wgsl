// Query heads are dealt out to the heads of K and V in turn, not in groups.
#define KV_HEAD head % params.n_kv_heads
#include "small_attention.tmpl"
