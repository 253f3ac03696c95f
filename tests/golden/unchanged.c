/* expect unchanged */
#include "pair.h"

#ifdef PATCHED
/* A longer comment, which moves every line below it. */


#define LIMIT (20 + 22)
#else
#define LIMIT 42
#endif

int over(int a)
{
	return a > LIMIT ? read_value() : 0;
}
