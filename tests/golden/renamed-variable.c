/* expect changed release take */
/* expect new sockets */
/* expect refused ambiguous-twin sockets */
#include "pair.h"

/* Under its new name it would begin at 0, however many there are. */
#ifdef PATCHED
#define COUNT sockets
#else
#define COUNT count
#endif

static long COUNT;

int take(int a)
{
	COUNT++;
	return read_value() + a;
}

int release(int a)
{
	COUNT--;
	return read_value() - a;
}
