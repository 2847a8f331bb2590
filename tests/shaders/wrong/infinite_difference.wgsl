// A row in which everything is masked starts with minus infinity, and subtracts it from itself.
#define FIRST_BEST -1.0 / f32(params.n_queries - params.n_queries)
#include "small_attention.tmpl"
