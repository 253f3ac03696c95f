/* expect changed setup */
/* expect refused init-code setup */
#include "pair.h"

int __init setup(void)
{
#ifdef PATCHED
	printk("ready\n");
#endif
	return read_value();
}
