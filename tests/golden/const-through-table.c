/* expect changed name_of */
/* expect new other_names. */
#include "pair.h"

/*
 * What picked one of two tables picks from a table of both, which gcc makes: the function uses them
 * through that alone, and they are still what they were.
 */
const char *name_of(int new, unsigned int state)
{
	static const char *const old_names[] = { "a", "b", "c", "d" };
	static const char *const new_names[] = { "e", "f", "g", "h", "i" };
#ifdef PATCHED
	static const char *const other_names[] = { "j", "k", "l" };
#endif
	const char *const *names;

	switch (new) {
	case 0:
		names = old_names;
		break;
	case 1:
		names = new_names;
		break;
#ifdef PATCHED
	case 2:
		names = other_names;
		break;
#endif
	default:
		return NULL;
	}
	if (state > 2)
		return NULL;
	return names[state];
}
