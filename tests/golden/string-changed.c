/* expect changed greet */
#include "pair.h"

int greet(void)
{
#ifdef PATCHED
	return printk("hello, patched world\n");
#else
	return printk("hello, world\n");
#endif
}

int farewell(void)
{
	return printk("good bye\n");
}
