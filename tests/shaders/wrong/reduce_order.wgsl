// The parts are looked up in the order of another layout.
#define PART_PLACE split * params.n_heads + row
#include "small_reduce.tmpl"
