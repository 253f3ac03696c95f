/* expect changed count_calls */
/* expect new calls */
#include "pair.h"

#ifdef PATCHED
static int calls;
#endif

int count_calls(int a)
{
#ifdef PATCHED
	calls += a;
	printk("%d\n", calls);
#endif
	return read_value();
}
