/* expect changed first */
#include "pair.h"

int first(void)
{
#ifdef PATCHED
	printk("one more string in front of all others\n");
#endif
	return printk("first\n");
}

int second(void)
{
	return printk("second\n");
}
