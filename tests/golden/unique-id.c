/* expect changed second */
#include "pair.h"

/* Names that a counter makes unique: its value means nothing. */
struct ddebug {
	const char *format;
	long flags;
};
void __dynamic_pr_debug(struct ddebug *d, const char *fmt, ...);

#define JOIN(a, b)   a##b
#define UNIQUE(a, b) JOIN(a, b)
#define pr_debug_of(name, fmt)                                                               \
	do {                                                                                 \
		static struct ddebug __attribute__((section("__dyndbg"))) name = { fmt, 0 }; \
		__dynamic_pr_debug(&name, fmt);                                              \
	} while (0)
#define pr_debug(fmt) pr_debug_of(UNIQUE(__UNIQUE_ID_ddebug, __COUNTER__), fmt)
#define ADDRESSABLE(sym)                                                    \
	static void *__attribute__((section(".discard.addressable"), used)) \
	UNIQUE(__UNIQUE_ID___addressable_##sym, __COUNTER__) = (void *)&sym

#ifdef PATCHED
int unused = __COUNTER__;
#else
int unused;
#endif

int first(int a)
{
	pr_debug("first\n");
	return read_value() + a;
}
ADDRESSABLE(first);

int second(int a)
{
#ifdef PATCHED
	pr_debug("second, more\n");
#endif
	pr_debug("second\n");
	return read_value() - a;
}
ADDRESSABLE(second);
