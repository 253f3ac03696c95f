/* expect changed left */
/* expect changed right */
#include "pair.h"

static inline __attribute__((always_inline)) int check(int a)
{
#ifdef PATCHED
	return a > 0 && a < 64;
#else
	return a < 64;
#endif
}

int left(int a)
{
	return check(a) ? read_value() : -1;
}

int right(int a)
{
	return check(a) ? read_value() * 2 : -2;
}

int other(int a)
{
	return a + read_value();
}
