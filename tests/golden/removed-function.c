/* expect changed entry */
#include "pair.h"

#ifndef PATCHED
static noinline int helper(int a)
{
	return a + read_value() * 7;
}
#endif

int entry(int a)
{
#ifdef PATCHED
	return a;
#else
	return helper(a);
#endif
}
