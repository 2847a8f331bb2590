// No mistake: what the others are compared with.
#include "small_attention.tmpl"
