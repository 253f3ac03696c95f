/* expect changed add_limit */
#include "pair.h"

int add_limit(int a)
{
#ifdef PATCHED
	if (a > 100)
		return -1;
#endif
	return a + read_value();
}

int untouched(int a)
{
	return a * 3 + read_value();
}
