/* expect changed alpha beta */
/* expect-clang new state. */
/* expect-gcc refused ambiguous-twin state. */
#include "pair.h"

/*
 * A static leaves one function while another gets one of its name: two variables, though each is
 * the only one of its stem. clang tells them apart by name, gcc does not.
 */
int alpha(int a)
{
#ifndef PATCHED
	static int state;

	state += a;
	printk("%d\n", state);
#endif
	return read_value() + a;
}

int beta(int a)
{
#ifdef PATCHED
	static int state;

	state -= a;
	printk("beta %d\n", state);
#endif
	return read_value() - a;
}
