/* expect changed thunk user */
/* expect refused comdat thunk */
#include "pair.h"

#ifdef PATCHED
#define VALUE "1"
#else
#define VALUE "2"
#endif

/* One of several objects gives the function to the kernel: which, nobody can tell here. */
__asm__(".pushsection .text.thunk,\"axG\",@progbits,thunk,comdat\n"
	".globl thunk\n"
	".type thunk,@function\n"
	"thunk: call __fentry__\n"
	"movl $" VALUE ", %eax\n"
	"ret\n"
	".size thunk, . - thunk\n"
	".popsection\n"
	".pushsection .text.steady,\"axG\",@progbits,steady,comdat\n"
	".globl steady\n"
	".type steady,@function\n"
	"steady: call __fentry__\n"
	"ret\n"
	".size steady, . - steady\n"
	".popsection");

int thunk(void);
int steady(void);

int user(int a)
{
#ifdef PATCHED
	a += 4;
#endif
	return thunk() + steady() + a;
}
