// The last column of every row is left out.
#define IS_WRITTEN query < params.n_queries && lane < 15u
#include "small_attention.tmpl"
