// K is scaled in place, by the first workgroups that come along.
#define KEY_ACCESS read_write
#define PREPARE_KEYS keys[first_element + index] = keys[first_element + index] * 1.0001;
#include "small_attention.tmpl"
