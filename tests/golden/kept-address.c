/* expect changed start rank */
/* expect new expire compare handler called hook. */
/* expect warning kept-address expire */
/* expect warning kept-address compare */
/* expect warning kept-address handler */
#include "pair.h"

void call_later(void *what, void (*fn)(void *));
void order(void *v, int n, int (*cmp)(const void *, const void *));

#ifdef PATCHED
static void expire(void *what)
{
	might(what != NULL);
}

static int compare(const void *a, const void *b)
{
	return read_value() + (a > b);
}

static noinline int handler(int n)
{
	return read_value() * n;
}

/* Only called: nobody else learns where it is. */
static noinline int called(int n)
{
	might(n);
	return n + read_value();
}
#endif

void start(void *what)
{
#ifdef PATCHED
	static int (*volatile hook)(int) = handler;

	might(hook(3));
	call_later(what, expire);
#endif
	might(what == NULL);
}

void rank(void *v, int n)
{
#ifdef PATCHED
	order(v, called(n), compare);
#else
	might(n);
#endif
}
