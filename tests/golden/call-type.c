/* expect unchanged */
#include "pair.h"

/* Assemblers write a call with one type or the other (PLT32 since binutils 2.31). */
#ifdef PATCHED
#define TYPE "R_X86_64_PLT32"
#else
#define TYPE "R_X86_64_PC32"
#endif

__asm__(".pushsection .text.direct,\"ax\",@progbits\n"
	".globl direct\n"
	".type direct,@function\n"
	"direct: call __fentry__\n"
	"1: .byte 0xe8, 0, 0, 0, 0\n"
	".reloc 1b+1, " TYPE ", read_value-4\n"
	"ret\n"
	".size direct, . - direct\n"
	".popsection");

int steady(int a)
{
	return read_value() + a;
}
