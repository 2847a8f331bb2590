// The last part is left out.
#define N_PARTS (params.n_splits - 1u)
#include "small_reduce.tmpl"
