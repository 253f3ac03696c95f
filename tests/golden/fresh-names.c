/* expect changed first second */
/* expect new __warned. */
/* expect refused ambiguous-twin __warned. */
/* expect refused ambiguous-twin __warned. */
#include "pair.h"

/* A name that a macro uses too, but not where the macro puts it: the author's own state. */
int first(int a)
{
#ifdef PATCHED
	if (a > 3) {
		static int __warned;

		__warned += read_value();
		printk("%d\n", __warned);
	}
#endif
	if (a > 2) {
		static int __warned;

		__warned += a;
		printk("%d\n", __warned);
	}
	return read_value();
}

int second(int a)
{
	static int descriptor;

	descriptor += a;
#ifdef PATCHED
	if (descriptor > 10)
		descriptor = 0;
#endif
	return descriptor;
}
