/* expect new before after again */
/* expect-gcc refused callbacks after */
/* expect-clang refused callbacks again */
/* expect refused callbacks __oakum_post_unpatch_old */
#include "pair.h"

/* The macros of include/oakum/patch.h, which needs the kernel's headers. */
#define HOOK(kind, type, fn)                               \
	static type (*const __oakum_##kind##_##fn)(void *) \
		__attribute__((used, section(".oakum.callbacks." #kind))) = fn

int old(void *obj)
{
	return 0;
}

#ifdef PATCHED
static int before(void *obj)
{
	return read_value();
}
HOOK(pre_patch, int, before);

static void after(void *obj)
{
	printk("switched\n");
}
HOOK(post_patch, void, after);

/* Two of a kind, and one that the running kernel has. */
static void again(void *obj)
{
	printk("again\n");
}
HOOK(post_patch, void, again);
HOOK(post_unpatch, int, old);
#endif
