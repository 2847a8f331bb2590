// The sinks are missing in the denominator.
#define SINK_TERM 0.0
#include "small_attention.tmpl"
