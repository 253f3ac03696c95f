/* expect changed entry */
/* expect new helper */
#include "pair.h"

#ifdef PATCHED
static noinline int helper(int a)
{
	return a + read_value() * 7;
}
#endif

int entry(int a)
{
#ifdef PATCHED
	return helper(a);
#else
	return a;
#endif
}
