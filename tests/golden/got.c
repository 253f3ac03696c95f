/* expect changed second */
/* expect refused got-relocation second */
#include "pair.h"

extern int level;

/* The linker may turn either form into an address, but the kernel's module loader knows none. */
int first(int a)
{
	int *p;

	__asm__("movq level@GOTPCREL(%%rip), %0" : "=r"(p));
	return *p + a + read_value();
}

int second(int a)
{
	int *p;

	__asm__("movq level@GOTPCREL(%%rip), %0" : "=r"(p));
#ifdef PATCHED
	if (a > 3)
		return *p;
#endif
	return *p - a + read_value();
}
