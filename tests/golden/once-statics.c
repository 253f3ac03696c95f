/* expect changed second */
/* expect new added */
#include "pair.h"

/*
 * Statics that macros make at each use. Most may start anew with the patched function; what
 * guards a thing that may happen once, the secret of a hash table, may not.
 */
struct lock_class_key {
	char sub[8];
};
struct ratelimit {
	int interval, burst;
};
void init_lock(int *lock, struct lock_class_key *key);
int ratelimit(struct ratelimit *rs);
int do_once(_Bool *done);

#define WARN_ONCE(text)                                                             \
	({                                                                          \
		static _Bool __attribute__((section(".data.once"))) __already_done; \
		if (!__already_done) {                                              \
			__already_done = 1;                                         \
			printk(text);                                               \
		}                                                                   \
	})
#define WARN_OLD(text)                                                            \
	({                                                                        \
		static _Bool __attribute__((section(".data.unlikely"))) __warned; \
		if (!__warned) {                                                  \
			__warned = 1;                                             \
			printk(text);                                             \
		}                                                                 \
	})
#define PRINT_LIMITED(text)                              \
	({                                               \
		static struct ratelimit _rs = { 5, 10 }; \
		if (ratelimit(&_rs))                     \
			printk(text);                    \
	})
#define INIT_LOCK(lock)                             \
	({                                          \
		static struct lock_class_key __key; \
		init_lock(lock, &__key);            \
	})
#define DO_ONCE()                                                            \
	({                                                                   \
		static _Bool __attribute__((section(".data.once"))) ___done; \
		do_once(&___done);                                           \
	})

#ifdef PATCHED
/* Moves the numbers of all below. */
int added(int a)
{
	WARN_ONCE("added\n");
	PRINT_LIMITED("added\n");
	return read_value() * a;
}
#endif

int first(int a, int *lock)
{
	if (a > 3)
		WARN_ONCE("first\n");
	WARN_OLD("first\n");
	PRINT_LIMITED("first\n");
	INIT_LOCK(lock);
	return DO_ONCE() + read_value() + a;
}

int second(int a, int *lock)
{
#ifdef PATCHED
	if (a > 4)
		WARN_ONCE("second, more\n");
#endif
	if (a > 3)
		WARN_ONCE("second\n");
	WARN_OLD("second\n");
	PRINT_LIMITED("second\n");
	INIT_LOCK(lock);
	return DO_ONCE() + read_value() - a;
}
