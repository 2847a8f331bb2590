// The mask of the next key.
#define MASK_COLUMN min(first_key + lane + 1u, params.n_keys - 1u)
#include "small_attention.tmpl"
