/* expect changed hidden */
/* expect refused no-fentry hidden */
#include "pair.h"

int notrace hidden(int a)
{
#ifdef PATCHED
	a++;
#endif
	return a + read_value();
}
