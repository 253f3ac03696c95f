/* expect changed tick */
/* expect new state. */
#include "pair.h"

int tick(int a)
{
#ifdef PATCHED
	static int state;

	state += a;
	printk("%d\n", state);
#endif
	return a;
}

int tock(int a)
{
	static int state;

	state -= a;
	printk("%d\n", state);
	return state;
}
