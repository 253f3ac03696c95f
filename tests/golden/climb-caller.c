/* expect changed inner */
/* expect caller left */
/* expect caller right */
#include "pair.h"

/* An inline of a header that was outlined, or the body of a system call: nothing redirects it. */
static noinline notrace int inner(int a)
{
#ifdef PATCHED
	if (a < 0)
		return -22;
#endif
	return a + read_value();
}

int left(int a)
{
	return inner(a) + read_value();
}

int right(int a)
{
	return inner(a) * 3 + 1;
}

int other(int a)
{
	return a - read_value();
}
