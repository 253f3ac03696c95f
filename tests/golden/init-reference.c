/* expect changed later */
/* expect refused init-reference setup */
#include "pair.h"

int __init noinline setup(void)
{
	return read_value();
}

int later(int a)
{
#ifdef PATCHED
	if (a == 7)
		return setup();
#endif
	return a;
}
