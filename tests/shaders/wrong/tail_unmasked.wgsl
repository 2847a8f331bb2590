// Keys behind the last one take part with the score zero.
#define IS_VISIBLE true
#include "small_attention.tmpl"
