/* expect new __export_symbol_helper helper */
/* expect warning new-export __export_symbol_helper */
#include "pair.h"

/* As EXPORT_SYMBOL() writes it since 6.4: modpost makes the table of exports of it. */
#define EXPORT_SYMBOL(name)                           \
	__asm__(".pushsection .export_symbol,\"a\"\n" \
		"__export_symbol_" #name ":\n"        \
		".asciz \"GPL\"\n"                    \
		".asciz \"\"\n"                       \
		".balign 8\n"                         \
		".quad " #name "\n"                   \
		".popsection")

int old(int a)
{
	return read_value() + a;
}
EXPORT_SYMBOL(old);

#ifdef PATCHED
int helper(int a)
{
	return read_value() - a;
}
EXPORT_SYMBOL(helper);
#endif
