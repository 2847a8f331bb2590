// Rows are taken to be closer together than they are, and overwrite each other.
#define OUTPUT_STRIDE (params.output_stride - 8u)
#include "small_attention.tmpl"
