/* expect changed second */
#include "pair.h"

/* As pr_debug() of 6.1: a static in a table of its own, which holds the line and the flags. */
struct ddebug {
	const char *modname, *function, *filename, *format;
	unsigned int line : 18, class_id : 6, flags : 8;
	long key[2];
} __attribute__((aligned(8)));

void __dynamic_pr_debug(struct ddebug *d, const char *fmt, ...);

#define pr_debug(with, fmt, ...)                                                                \
	do {                                                                                    \
		static struct ddebug __attribute__((section("__dyndbg")))                       \
		descriptor = { "golden", __func__, "golden.c", fmt, __LINE__, 0, with, { 0 } }; \
		__dynamic_pr_debug(&descriptor, fmt, __VA_ARGS__);                              \
	} while (0)

#ifdef PATCHED
/* Everything below moves down. */

#define FLAGS 1
#else
#define FLAGS 0
#endif

int first(int a)
{
	pr_debug(0, "first %d\n", a);
	return read_value() + a;
}

int second(int a)
{
	pr_debug(FLAGS, "second %d\n", a);
	return read_value() - a;
}
