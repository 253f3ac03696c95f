/* expect new added */
#include "pair.h"

struct ops {
	void (*call)(void);
} pv_ops;

/* The entry that was the last of its section has no padding until another follows. */
#define PARAVIRT()                                                \
	__asm__ volatile("771: call *pv_ops(%rip)\n"              \
			 "772:\n"                                 \
			 ".pushsection .parainstructions,\"a\"\n" \
			 ".balign 8\n"                            \
			 ".quad 771b\n"                           \
			 ".byte 4, 772b-771b\n"                   \
			 ".short 1\n"                             \
			 ".popsection")

int first(int a)
{
	PARAVIRT();
	return a + read_value();
}

int second(int a)
{
	PARAVIRT();
	return a - read_value();
}

#ifdef PATCHED
int added(int a)
{
	PARAVIRT();
	return a ^ read_value();
}
#endif
