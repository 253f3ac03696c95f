/* expect changed worker ticker once do_poll step */
/* expect caller round_trip */
/* expect warning never-leaves worker */
/* expect warning never-leaves ticker */
/* expect warning never-leaves do_poll */
/* expect warning never-leaves round_trip */
#include "pair.h"

void *kthread_create_on_node(int (*fn)(void *), void *data, int node, const char *name, ...);
_Bool kthread_should_stop(void);
_Bool kthread_should_park(void);
void schedule(void);

#ifdef PATCHED
#define LIMIT 20
#else
#define LIMIT 10
#endif

/* The main function of a thread. */
static int worker(void *data)
{
	schedule();
	return read_value() > LIMIT;
}

void *start(void *data, int n)
{
	might(n);
	return kthread_create_on_node(worker, data, -1, "worker/%d", n);
}

/* Another file starts it. */
int ticker(void *data)
{
	while (!kthread_should_stop()) {
		if (read_value() > LIMIT)
			printk("late\n");
		schedule();
	}
	return 0;
}

/* Asks, but does not wait. */
int once(int a)
{
	for (int i = 0; i < a; i++)
		printk("tick\n");
	if (kthread_should_stop())
		return -LIMIT;
	return read_value();
}

/* Replaced for what it calls. */
static noinline notrace int step(int a)
{
	return read_value() > LIMIT + a;
}

int round_trip(int a)
{
	do {
		schedule();
	} while (step(a) && !kthread_should_park());
	return a;
}

/* One that user space's tasks are in. */
static noinline int do_poll(int a)
{
	return read_value() > LIMIT * a;
}

int poll(int a)
{
	return do_poll(a) ? -22 : 0;
}
