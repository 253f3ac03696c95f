/* expect changed tick */
#include "pair.h"

int tick(int a)
{
	static int state;

	state += a;
#ifdef PATCHED
	if (state > 10)
		state = 0;
#endif
	printk("%d\n", state);
	return state;
}

int tock(int a)
{
	static int state;

	state -= a;
	printk("%d\n", state);
	return state;
}
