/* expect changed flush */
#include "pair.h"

#ifdef PATCHED
#define REPLACEMENT "lfence"
#else
#define REPLACEMENT "mfence"
#endif

/* As ALTERNATIVE() writes it: only the replacement differs, not the function's own bytes. */
int flush(int a)
{
	__asm__ volatile("1: .byte 0x0f,0x1f,0x00\n"
			 ".pushsection .altinstructions,\"a\"\n"
			 ".long 1b - ., 2f - .\n"
			 ".word 7\n"
			 ".byte 3, 3\n"
			 ".popsection\n"
			 ".pushsection .altinstr_replacement,\"ax\"\n"
			 "2: " REPLACEMENT "\n"
			 ".popsection");
	return a + read_value();
}

int other(int a)
{
	return a - read_value();
}
