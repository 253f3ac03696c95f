/* expect changed alpha beta */
/* expect-gcc refused ambiguous-twin state. */
/* expect-gcc refused ambiguous-twin state. */
#include "pair.h"

/*
 * Two inlined helpers with a static of one name each change places: by their users alone the two
 * statics would be taken for each other. clang's names hold the helper's.
 */
static inline __attribute__((always_inline)) int up(int a)
{
	static int state;

	state += a;
	return state;
}

static inline __attribute__((always_inline)) int down(int a)
{
	static int state;

	state -= a;
	return state;
}

#ifdef PATCHED
#define first  down
#define second up
#else
#define first  up
#define second down
#endif

int alpha(int a)
{
	return printk("%d\n", first(a)) + read_value();
}

int beta(int a)
{
	return printk("%d\n", second(a)) - read_value();
}
