/* expect unchanged */
#include "pair.h"

int one(int a);
int two(int a);

#ifdef PATCHED
int two(int a)
{
	return a + read_value() + 2;
}
#endif

int one(int a)
{
	return a + read_value() + 1;
}

#ifndef PATCHED
int two(int a)
{
	return a + read_value() + 2;
}
#endif
