/* expect changed add both */
#include "pair.h"

/*
 * Statics of one name whose users change: an inlined helper gets another caller. The caller that
 * did not change tells which is which.
 */
static inline __attribute__((always_inline)) int count(int a)
{
	static int state;

	state += a;
	return state;
}

static inline __attribute__((always_inline)) int level(int a)
{
	static int state;

	state ^= a;
	return state;
}

int steady(int a)
{
	return printk("%d\n", count(a)) + level(a);
}

int add(int a)
{
#ifdef PATCHED
	if (a > 3)
		return count(a);
#endif
	return read_value() + a;
}

int both(int a)
{
#ifdef PATCHED
	if (a > 3)
		return level(a);
#endif
	return read_value() - a;
}
