/* expect changed caller */
#include "pair.h"

/* Whether a function can be seen from outside says nothing of what it does. */
#ifdef PATCHED
#define MAYBE_STATIC static
#else
#define MAYBE_STATIC
#endif

MAYBE_STATIC int noinline helper(int a)
{
	return printk("%d\n", a) + read_value();
}

MAYBE_STATIC int level = 3;

int caller(int a)
{
#ifdef PATCHED
	if (a > 3)
		return helper(a + 1);
#endif
	level += a;
	return helper(a) + level;
}

int other(int a)
{
	level -= a;
	return helper(a - 1) - level;
}
