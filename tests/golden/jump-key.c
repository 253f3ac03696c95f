/* expect changed branch */
#include "pair.h"

struct key {
	int enabled;
	void *entries;
} key_a, key_b;

/* As arch/x86 writes static_branch(): which key it is stands in the table alone. */
#ifdef PATCHED
#define KEY key_b
#else
#define KEY key_a
#endif

int branch(int a)
{
	__asm__ goto("1: .byte 0x0f,0x1f,0x44,0x00,0x00\n"
		     ".pushsection __jump_table,\"aw\"\n"
		     ".balign 8\n"
		     ".long 1b - ., %l[yes] - .\n"
		     ".quad %c0 - .\n"
		     ".popsection"
		     :
		     : "i"(&KEY)
		     :
		     : yes);
	return a;
yes:
	return read_value();
}
