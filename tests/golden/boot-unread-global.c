/* expect changed start later */
/* expect new ready calls. */
/* expect refused init-code start */
#include "pair.h"

/* Boot code alone uses the one, code that is carried alone the other. */
#ifdef PATCHED
static int ready __used;
#endif

int __init start(void)
{
#ifdef PATCHED
	ready = read_value();
#endif
	return read_value();
}

int later(int a)
{
#ifdef PATCHED
	static int calls;

	if (calls++ > 7)
		return -22;
#endif
	return a + read_value();
}
