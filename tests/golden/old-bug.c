/* expect changed careful */
#include "pair.h"

/* Without CONFIG_DEBUG_BUGVERBOSE: address and flags alone, of eight bytes. */
#define WARN(flags)                                          \
	__asm__ volatile("1: ud2\n"                          \
			 ".pushsection __bug_table,\"aw\"\n" \
			 "2: .long 1b - 2b\n"                \
			 ".word %c0\n"                       \
			 ".org 2b+8\n"                       \
			 ".popsection"                       \
			 :                                   \
			 : "i"(flags))

#ifdef PATCHED
#define FLAGS 3
#else
#define FLAGS 1
#endif

int first(int a)
{
	if (a > 3)
		WARN(1);
	return read_value();
}

int careful(int a)
{
	if (a > 4)
		WARN(FLAGS);
	return read_value() + a;
}
