/* expect new later __initcall_later */
/* expect refused unsupported-section __initcall_later */
#include "pair.h"

#ifdef PATCHED
static noinline int later(void)
{
	return read_value();
}

static int (*__initcall_later)(void) __used __attribute__((section(".initcall6"))) = later;
#endif

int other(int a)
{
	return a + read_value();
}
