/* expect changed count */
/* expect new hits */
/* expect refused unsupported-section hits */
#include "pair.h"

#ifdef PATCHED
static __attribute__((section(".data..percpu"))) int hits;
#endif

int count(int a)
{
#ifdef PATCHED
	__asm__ volatile("incl %%gs:%0" : "+m"(hits));
#endif
	return a + read_value();
}
