// The sums so far are not scaled down when a larger score comes: the new maximum is used for both.
#define DECAY_FROM best
#include "small_attention.tmpl"
