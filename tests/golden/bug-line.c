/* expect unchanged */
#include "pair.h"

/* As arch/x86 writes WARN(): the line number is data of the entry, not code. */
#define WARN()                                                                                     \
	__asm__ volatile("1: ud2\n"                                                                \
			 ".pushsection __bug_table,\"aw\"\n"                                       \
			 "2: .long 1b - .\n"                                                       \
			 ".long %c0 - .\n"                                                         \
			 ".word %c1, 0\n"                                                          \
			 ".popsection"                                                             \
			 :                                                                         \
			 : "i"("golden.c"), "i"(__LINE__))

#ifdef PATCHED
/* Everything below moves down. */


#endif

int careful(int a)
{
	if (a > 3)
		WARN();
	return read_value();
}
