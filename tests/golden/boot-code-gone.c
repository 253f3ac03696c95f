/* expect changed handle */
/* expect refused init-code register_handler */
#include "pair.h"

/* It has run: what it registered stays. */
int handle(int a)
{
#ifdef PATCHED
	return 0;
#else
	return read_value() + a;
#endif
}

#ifndef PATCHED
int __init register_handler(void)
{
	return read_value();
}
#endif
