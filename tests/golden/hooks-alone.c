/* expect new before */
#include "pair.h"

/* A callback and nothing else is a change, and its record is none. */
int old(void *obj)
{
	return 0;
}

#ifdef PATCHED
static int before(void *obj)
{
	return read_value();
}
static int (*const __oakum_pre_patch_before)(void *)
	__attribute__((used, section(".oakum.callbacks.pre_patch"))) = before;
#endif
