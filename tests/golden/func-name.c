/* expect changed second */
#include "pair.h"

int first(void)
{
	return printk("%s\n", __func__);
}

int second(int a)
{
#ifdef PATCHED
	if (a > 3)
		return printk("%s: %d\n", __func__, a);
#endif
	return a;
}

int third(void)
{
	return printk("%s\n", __func__);
}
