// No mistake: what the other reductions are compared with.
#include "small_reduce.tmpl"
