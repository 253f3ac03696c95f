/* expect changed over */
/* expect refused data-size limits */
/* expect refused data-changed unused */
#include "pair.h"

#ifdef PATCHED
int limits[] = { 10, 20, 30 };
int unused[] = { 1, 2, 3 };
#else
int limits[] = { 10, 20 };
int unused[] = { 1, 2 };
#endif

int over(unsigned a)
{
	return a < sizeof(limits) / sizeof(limits[0]) && limits[a] > read_value();
}
