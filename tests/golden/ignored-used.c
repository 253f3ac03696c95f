/* expect changed entry other */
/* expect refused ignored fresh */
/* expect refused ignored more */
/* expect refused ignored callee */
#include "pair.h"

/* What patched code needs cannot be left out; but the address of a function can be kept. */
#define IGNORE(n, kind, text)          \
	static const char ignore_##n[] \
		__attribute__((used, section(".oakum.ignore." kind), aligned(1))) = text

#ifdef PATCHED
int fresh;
IGNORE(1, "section", ".bss.fresh");
IGNORE(2, "function", "more");
IGNORE(3, "function", "callee");
IGNORE(4, "function", "kept");

noinline int more(void)
{
	return fresh++;
}
#endif

noinline int callee(int a)
{
#ifdef PATCHED
	return read_value() + a;
#else
	return read_value() - a;
#endif
}

int kept(void)
{
#ifdef PATCHED
	return 2;
#else
	return 1;
#endif
}

int (*entry(void))(void)
{
#ifdef PATCHED
	might(1);
#endif
	return kept;
}

int other(void)
{
#ifdef PATCHED
	return callee(more());
#else
	return callee(7);
#endif
}
