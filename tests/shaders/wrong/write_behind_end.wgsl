// Rows behind the last query are written too.
#define IS_WRITTEN true
#include "small_attention.tmpl"
