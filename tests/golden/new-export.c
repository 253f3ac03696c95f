/* expect new __ksymtab_later */
/* expect warning new-export later */
#include "pair.h"

int later(int a)
{
	return a + read_value();
}

#ifdef PATCHED
static int (*const __ksymtab_later)(int) __used
	__attribute__((section("___ksymtab+later"))) = later;
#endif
