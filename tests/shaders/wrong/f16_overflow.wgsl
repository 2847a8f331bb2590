// Products are summed in f16, whose largest number is 65504.
enable f16;
#define SUM_TYPE f16
#include "small_attention.tmpl"
