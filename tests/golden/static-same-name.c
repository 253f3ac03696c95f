/* expect changed tick */
/* expect new state. */
/* expect refused ambiguous-twin state. */
/* expect refused ambiguous-twin state. */
#include "pair.h"

/*
 * Two statics of one name in one function: which of them is the original's cannot be told. clang
 * gives the first in the source the plain name "tick.state", which is then another variable.
 */
int tick(int a)
{
#ifdef PATCHED
	if (a > 3) {
		static int state;

		state += read_value();
		printk("%d\n", state);
	}
#endif
	if (a > 2) {
		static int state;

		state += a;
		printk("%d\n", state);
	}
	return read_value();
}
