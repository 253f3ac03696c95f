/* expect changed load */
#include "pair.h"

/*
 * As kernels up to 5.15 read user memory: what is to be done after a fault stands in .fixup, one
 * section for all functions; entries are of eight bytes up to 4.5.
 */
#define LOAD(val, ptr, fixed)                              \
	__asm__ volatile("1: movl %1,%0\n"                 \
			 "2:\n"                            \
			 ".pushsection .fixup,\"ax\"\n"    \
			 "3: movl $" fixed ",%0\n"         \
			 "jmp 2b\n"                        \
			 ".popsection\n"                   \
			 ".pushsection __ex_table,\"a\"\n" \
			 ".balign 4\n"                     \
			 ".long 1b - ., 3b - .\n"          \
			 ".popsection"                     \
			 : "=r"(val)                       \
			 : "m"(*(ptr)))

#ifdef PATCHED
#define FIXED "0x1234"
#else
#define FIXED "0x5678"
#endif

int first(const int *p)
{
	int v;

	LOAD(v, p, "1");
	return v + read_value();
}

int load(const int *p)
{
	int v;

	LOAD(v, p, FIXED);
	return v + read_value();
}

int last(const int *p)
{
	int v;

	LOAD(v, p, "2");
	return v - read_value();
}
