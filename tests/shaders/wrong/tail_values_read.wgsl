// Values behind the last key are read, with the weight zero.
#define N_TILE_VALUES 16u
#include "small_attention.tmpl"
