/* expect changed limit wait log used twice text huge */
#include "pair.h"

/* Constants that look like lines and are none, or are not only that. */
void __might_sleep(const char *file, int line, int offset);
void __warn_printk(const char *fmt, ...);
int set_limit(const char *what, int limit);

#ifdef PATCHED
#define N    41
#define HUGE 0x12345678
#else
#define N    40
#define HUGE 0x12345679
#endif

/* Another function. */
int limit(int a)
{
	return set_limit("golden.c", N) + a;
}

/* Another argument. */
int wait(int a)
{
	__might_sleep("golden.c", 40, N);
	return read_value() + a;
}

/* Another format. */
int log(int a)
{
	__warn_printk("%s has %d\n", "golden.c", N);
	return read_value() + a;
}

/* Something else reads it too. */
int used(int a)
{
	register int line __asm__("esi") = N;

	__asm__ volatile("addl %%esi, %0" : "+r"(a) : "r"(line));
	__might_sleep("golden.c", line, 0);
	return read_value() + a;
}

/* Not alone. */
int twice(int a)
{
	__might_sleep("golden.c", N, 0);
	return read_value() + a * N;
}

/* Not a line of ours. */
int text(int a)
{
	return printk("%s\n", N == 40 ? "device at golden.c:40" : "device at golden.c:41") + a;
}

/* No source is that long. */
int huge(int a)
{
	__might_sleep("golden.c", HUGE, 0);
	return read_value() + a;
}
