// The tile is read while other threads still fill it.
#define STAGED_BARRIER
#include "small_attention.tmpl"
