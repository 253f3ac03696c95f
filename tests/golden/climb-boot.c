/* expect changed inner */
/* expect caller late */
/* expect caller start */
/* expect refused no-fentry inner */
#include "pair.h"

static noinline notrace int inner(int a)
{
#ifdef PATCHED
	if (a < 0)
		return -22;
#endif
	return a + read_value();
}

int late(int a)
{
	return inner(a) * 3 + 1;
}

int __init start(int a)
{
	return inner(a) * 5 + 1;
}
