// Sums start with what the output buffer happens to hold.
#define FIRST_SUM outputs[place]
#include "small_attention.tmpl"
