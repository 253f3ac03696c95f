/* expect refused data-changed limit */
#include "pair.h"

#ifdef PATCHED
int limit = 20;
#else
int limit = 10;
#endif

int over(int a)
{
	return a > limit;
}
