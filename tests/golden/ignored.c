/* expect changed entry */
/* expect refused ignored untouched */
/* expect refused ignored table */
#include "pair.h"

/* The macros of include/oakum/patch.h, which needs the kernel's headers. */
#define IGNORE(n, kind, text)          \
	static const char ignore_##n[] \
		__attribute__((used, section(".oakum.ignore." kind), aligned(1))) = text

int untouched(void)
{
	return 1;
}

#ifdef PATCHED
int limit = 9;
int table[3] = { 1, 2, 3 };
IGNORE(1, "section", ".data.limit");
IGNORE(2, "section", ".data.table");
IGNORE(3, "function", "start");
IGNORE(4, "function", "untouched");
IGNORE(5, "section", "__param_like");
static void *const hint __attribute__((used, section("__param_like"))) = &limit;
#else
int limit = 7;
int table[2] = { 1, 2 };
#endif

int __init start(void)
{
#ifdef PATCHED
	return read_value() + 1;
#else
	return read_value();
#endif
}

int entry(void)
{
#ifdef PATCHED
	return limit;
#else
	return limit + 1;
#endif
}
