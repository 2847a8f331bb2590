// The gap behind every row is written too.
#define AT_THE_END if (lane > 11u) { outputs[place + 4u] = 0.0; }
#include "small_attention.tmpl"
