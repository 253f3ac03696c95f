/* expect changed branch */
#include "pair.h"

struct key {
	int enabled;
	void *entries;
} key_a, key_b;

/* As kernels up to 4.18 write static_key_false(): three words of eight bytes. */
#define BRANCH(key, yes)                                   \
	__asm__ goto("1: .byte 0x0f,0x1f,0x44,0x00,0x00\n" \
		     ".pushsection __jump_table,\"aw\"\n"  \
		     ".balign 8\n"                         \
		     ".quad 1b, %l[" #yes "], %c0\n"       \
		     ".popsection"                         \
		     :                                     \
		     : "i"(key)                            \
		     :                                     \
		     : yes)

#ifdef PATCHED
#define KEY key_b
#else
#define KEY key_a
#endif

int branch(int a)
{
	BRANCH(&KEY, yes);
	return a;
yes:
	return read_value();
}

int other(int a)
{
	BRANCH(&key_b, yes);
	return a + 1;
yes:
	return read_value() + 1;
}
