/* expect changed entry helper */
/* expect caller work */
/* expect refused noinstr entry */
#include "pair.h"

#define noinstr __attribute__((__noinline__, no_instrument_function, section(".noinstr.text")))

/* Called from assembly: no caller can stand in for it. */
noinstr int entry(int a)
{
#ifdef PATCHED
	if (a < 0)
		return -22;
#endif
	return a + read_value();
}

/* The code that calls this one may be traced. */
static noinstr int helper(int a)
{
#ifdef PATCHED
	if (a < 0)
		return -22;
#endif
	return a * read_value();
}

int work(int a)
{
	return helper(a) * 3 + 1;
}
