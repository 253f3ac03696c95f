/* expect unchanged */
#include "pair.h"

/* Lines as arguments of functions that are known to take them, all moved by the lines below. */
void __might_sleep(const char *file, int line, int offset);
void warn_slowpath_null(const char *file, int line);
void warn_slowpath_fmt(const char *file, int line, const char *fmt, ...);
void lockdep_rcu_suspicious(const char *file, int line, const char *s);
void __warn_printk(const char *fmt, ...);
void __ext4_error(void *sb, const char *function, unsigned int line, const char *fmt, ...);

#ifdef PATCHED
/* Everything below moves down. */

#endif

int sleeps(int a)
{
	__might_sleep("golden.c", __LINE__, 0);
	return read_value() + a;
}

int warns(int a)
{
	if (a > 3)
		warn_slowpath_null("golden.c", __LINE__);
	if (a > 4)
		warn_slowpath_fmt("golden.c", __LINE__, "%d\n", a);
	if (!read_value())
		lockdep_rcu_suspicious("golden.c", __LINE__, "suspicious");
	return read_value() - a;
}

/* As fortified copies of 6.1 warn: the line is a part of the text. */
#define TEXT_OF(n) #n
#define TEXT(n)    TEXT_OF(n)

int copies(int a)
{
	if (a > 3)
		printk("%s\n", "field \"a\" at golden.c:" TEXT(__LINE__));
	return read_value() | a;
}

int asserts(int a, void *sb)
{
	if (!read_value())
		__warn_printk("RTNL: assertion failed at %s (%d)\n", "golden.c", __LINE__);
	if (a > 3)
		__ext4_error(sb, __func__, __LINE__, "%d\n", a);
	return read_value() ^ a;
}
