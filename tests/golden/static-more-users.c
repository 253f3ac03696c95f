/* expect changed first second */
#include "pair.h"

/* A helper with a static changes and gets another caller: no caller stays as it was. */
static inline __attribute__((always_inline)) int count(int a)
{
	static int state;

	state += a;
#ifdef PATCHED
	if (state > 10)
		state = 0;
#endif
	return state;
}

int first(int a)
{
	return count(a) + read_value();
}

int second(int a)
{
#ifdef PATCHED
	if (a > 3)
		return count(a);
#endif
	return read_value() - a;
}
