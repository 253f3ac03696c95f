/* expect changed inner */
/* expect caller middle */
/* expect caller outer */
#include "pair.h"

static noinline notrace int inner(int a)
{
#ifdef PATCHED
	if (a < 0)
		return -22;
#endif
	return a + read_value();
}

static noinline notrace int middle(int a)
{
	return inner(a) * 2 + read_value();
}

int outer(int a)
{
	return middle(a) * 3 + 1;
}
