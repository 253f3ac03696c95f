/* expect changed first */
#include "pair.h"

/*
 * Which special section comes first in the file depends on what the file's first function uses: the
 * entries of the others are the same in any order.
 */
struct key {
	int enabled;
	void *entries;
} key;

#define LOCKED()                                           \
	__asm__ volatile("1: .byte 0xf0,0x90\n"            \
			 ".pushsection .smp_locks,\"a\"\n" \
			 ".long 1b - .\n"                  \
			 ".popsection")

#define BRANCH(yes)                                        \
	__asm__ goto("1: .byte 0x0f,0x1f,0x44,0x00,0x00\n" \
		     ".pushsection __jump_table,\"aw\"\n"  \
		     ".balign 8\n"                         \
		     ".long 1b - ., %l[" #yes "] - .\n"    \
		     ".quad %c0 - .\n"                     \
		     ".popsection"                         \
		     :                                     \
		     : "i"(&key)                           \
		     :                                     \
		     : yes)

int first(int a)
{
#ifdef PATCHED
	BRANCH(yes);
	return a;
yes:
#endif
	LOCKED();
	return read_value();
}

int second(int a)
{
	LOCKED();
	BRANCH(yes);
	return a;
yes:
	LOCKED();
	return read_value();
}
