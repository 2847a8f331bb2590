// The denominators of the parts are added as they are, although each refers to its own maximum.
#define PART_TOTAL stats.y
#include "small_reduce.tmpl"
