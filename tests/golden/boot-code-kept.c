/* expect changed set_size resize */
/* expect refused init-code set_size */
#include "pair.h"

/* The running kernel has freed set_size(): there is nothing left to redirect. */
#ifdef PATCHED
#define BOOT
#else
#define BOOT __init
#endif

noinline int BOOT set_size(int size)
{
	return read_value() * size;
}

int resize(int size)
{
#ifdef PATCHED
	return set_size(size);
#else
	return size;
#endif
}
