/* expect changed parse */
#include "pair.h"

void __attribute__((cold)) fail(const char *why);

int parse(const char *p)
{
	int sum = 0;

	for (; *p; p++) {
		if (*p < '0' || *p > '9') {
			fail("not a digit");
#ifdef PATCHED
			fail("and more in the cold part");
#endif
			return -1;
		}
		sum = sum * 10 + *p - '0';
	}
	return sum + read_value();
}

int parse_sign(const char *p)
{
	if (*p != '-' && *p != '+') {
		fail("no sign");
		fail("twice");
		return -2;
	}
	return read_value();
}
