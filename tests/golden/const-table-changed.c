/* expect refused data-changed table */
#include "pair.h"

#ifdef PATCHED
const int table[] = { 1, 2, 3, 5, 8 };
#else
const int table[] = { 1, 2, 3, 4, 5 };
#endif

int lookup(unsigned i)
{
	return i < 5 ? table[i] : 0;
}
