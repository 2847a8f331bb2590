// The scale is applied twice.
#define LOGIT_SCALE params.scale * params.scale
#include "small_attention.tmpl"
