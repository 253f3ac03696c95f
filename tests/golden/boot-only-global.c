/* expect changed start later */
/* expect new ready */
/* expect refused init-code start */
/* expect refused boot-only-global ready */
#include "pair.h"

#ifdef PATCHED
int ready;
#endif

int __init start(void)
{
#ifdef PATCHED
	ready = 1;
#endif
	return read_value();
}

int later(int a)
{
#ifdef PATCHED
	if (!ready)
		return -22;
#endif
	return a + read_value();
}
