/* expect changed handler */
#include "pair.h"

struct ops {
	int (*run)(int a);
};

static noinline int handler(int a)
{
#ifdef PATCHED
	if (a < 0)
		return -22;
#endif
	return a + read_value();
}

const struct ops ops = { .run = handler };

const struct ops *get_ops(void)
{
	return &ops;
}
