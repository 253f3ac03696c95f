/* expect changed inner */
/* expect caller outer */
/* expect refused no-fentry inner */
#include "pair.h"

/* A pointer that the kernel holds already leads to the old function. */
static noinline notrace int inner(int a)
{
#ifdef PATCHED
	if (a < 0)
		return -22;
#endif
	return a + read_value();
}

int (*hook)(int) = inner;

int outer(int a)
{
	return inner(a) * 3 + 1;
}
