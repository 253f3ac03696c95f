/* expect changed hidden */
/* expect refused no-fentry hidden */
/* expect refused data-changed limit */
#include "pair.h"

#ifdef PATCHED
int limit = 2;
#else
int limit = 1;
#endif

int notrace hidden(int a)
{
#ifdef PATCHED
	a += 2;
#endif
	return a + limit + read_value();
}
