/* expect changed load */
#include "pair.h"

/*
 * _ASM_EXTABLE_EX() of kernels up to 4.5 adds a mark to the address of the fixup, which thereby
 * lies far outside of its section.
 */
#define LOAD(val, ptr, fixed, mark)                          \
	__asm__ volatile("1: movl %1,%0\n"                   \
			 "2:\n"                              \
			 ".pushsection .fixup,\"ax\"\n"      \
			 "3: movl $" fixed ",%0\n"           \
			 "jmp 2b\n"                          \
			 ".popsection\n"                     \
			 ".pushsection __ex_table,\"a\"\n"   \
			 ".balign 4\n"                       \
			 ".long 1b - ., 3b - . + " mark "\n" \
			 ".popsection"                       \
			 : "=r"(val)                         \
			 : "m"(*(ptr)))

#define MARK "0x7ffffff0"

#ifdef PATCHED
#define FIXED "0x1234"
#else
#define FIXED "0x5678"
#endif

int first(const int *p)
{
	int v;

	LOAD(v, p, "1", MARK);
	return v + read_value();
}

int load(const int *p)
{
	int v;

	LOAD(v, p, FIXED, MARK);
	return v + read_value();
}

int last(const int *p)
{
	int v;

	LOAD(v, p, "2", "0");
	return v - read_value();
}
