/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oakum/patch.h: what a fix can say to the live patch builder beside its diff.
 *
 * A .c file of the fix includes it as <oakum/patch.h>; "oakum-build make" brings it along. Nothing
 * of it is part of the running kernel: the macros leave records in sections ".oakum.*" that the
 * builder reads and does not carry. docs/author-guide.md has an example of each.
 *
 * Source: include/linux/livepatch.h, Documentation/livepatch/{callbacks,shadow-vars}.rst.
 */
#ifndef OAKUM_PATCH_H
#define OAKUM_PATCH_H

/* Prototypes of exported symbols must hash as they did without these headers. */
#ifndef __GENKSYMS__

#include <linux/livepatch.h>

#define OAKUM_RECORD(name) __attribute__((__used__, __section__(".oakum." name), __aligned__(1)))

/*
 * Callbacks: functions of this file, new in the fix, that the kernel calls around the switch of the
 * object that the file is part of (vmlinux, or a module): one of each kind an object, in the whole
 * level. All may sleep. Each is called as well when a patched module comes or goes while the level
 * is on.
 *
 *	int  pre_patch(struct klp_object *obj)     before; not 0: the object stays as it is
 *	void post_patch(struct klp_object *obj)    all tasks run the new code
 *	void pre_unpatch(struct klp_object *obj)   before the way back begins
 *	void post_unpatch(struct klp_object *obj)  all tasks run the old code; if pre_patch gave 0
 *
 * A level that is replaced by the next is not asked: only the next one's callbacks are called.
 */
#define OAKUM_HOOK(kind, fn)                                                         \
	static typeof(((struct klp_callbacks *)0)->kind) const __oakum_##kind##_##fn \
		__attribute__((__used__, __section__(".oakum.callbacks." #kind))) = fn

#define OAKUM_PRE_PATCH(fn)    OAKUM_HOOK(pre_patch, fn)
#define OAKUM_POST_PATCH(fn)   OAKUM_HOOK(post_patch, fn)
#define OAKUM_PRE_UNPATCH(fn)  OAKUM_HOOK(pre_unpatch, fn)
#define OAKUM_POST_UNPATCH(fn) OAKUM_HOOK(post_unpatch, fn)

/*
 * Shadow variables: klp_shadow_alloc(), _get(), _get_or_alloc(), _free(), _free_all() of the kernel
 * take an id that must be one fix's own among all live patches of a host. Made of what the fix
 * closes, it is: OAKUM_SHADOW_ID(2026, 89603) for CVE-2026-89603.
 */
#define OAKUM_SHADOW_ID(year, number) (((unsigned long)(year) << 32) | (unsigned long)(number))

/*
 * Not carried on purpose: what changed, or is new, in the section, or the function of this name.
 * The running kernel keeps its own: patched code may read such a variable, but not call such a
 * function. The names are those that the refusal gives.
 */
#define OAKUM_IGNORE(kind, id, text) static const char id[] OAKUM_RECORD("ignore." kind) = text

#define OAKUM_IGNORE_SECTION(name) OAKUM_IGNORE("section", __UNIQUE_ID(oakum_ignore), name)
#define OAKUM_IGNORE_FUNCTION(fn)  OAKUM_IGNORE("function", __UNIQUE_ID(oakum_ignore), #fn)

/*
 * The body of a system call, in the place of SYSCALL_DEFINEn where that does not do: it is an
 * ordinary function, __oakum_sys_<name>(), carried once, and seen by that name in traces and stacks.
 * __x64_sys_<name>() and __ia32_sys_<name>() are replaced, and call it. What describes the call to
 * tracers stays in the running kernel.
 */
#define OAKUM_SYSCALL_DEFINEx(x, name, ...)                                       \
	static noinline long __oakum_sys##name(__MAP(x, __SC_DECL, __VA_ARGS__)); \
	__SYSCALL_DEFINEx(x, name, __VA_ARGS__)                                   \
	{                                                                         \
		return __oakum_sys##name(__MAP(x, __SC_ARGS, __VA_ARGS__));       \
	}                                                                         \
	static noinline long __oakum_sys##name(__MAP(x, __SC_DECL, __VA_ARGS__))

#define OAKUM_SYSCALL_DEFINE1(name, ...) OAKUM_SYSCALL_DEFINEx(1, _##name, __VA_ARGS__)
#define OAKUM_SYSCALL_DEFINE2(name, ...) OAKUM_SYSCALL_DEFINEx(2, _##name, __VA_ARGS__)
#define OAKUM_SYSCALL_DEFINE3(name, ...) OAKUM_SYSCALL_DEFINEx(3, _##name, __VA_ARGS__)
#define OAKUM_SYSCALL_DEFINE4(name, ...) OAKUM_SYSCALL_DEFINEx(4, _##name, __VA_ARGS__)
#define OAKUM_SYSCALL_DEFINE5(name, ...) OAKUM_SYSCALL_DEFINEx(5, _##name, __VA_ARGS__)
#define OAKUM_SYSCALL_DEFINE6(name, ...) OAKUM_SYSCALL_DEFINEx(6, _##name, __VA_ARGS__)

#else /* __GENKSYMS__ */

#define OAKUM_PRE_PATCH(fn)
#define OAKUM_POST_PATCH(fn)
#define OAKUM_PRE_UNPATCH(fn)
#define OAKUM_POST_UNPATCH(fn)
#define OAKUM_SHADOW_ID(year, number) 0
#define OAKUM_IGNORE_SECTION(name)
#define OAKUM_IGNORE_FUNCTION(fn)
#define OAKUM_SYSCALL_DEFINE1 SYSCALL_DEFINE1
#define OAKUM_SYSCALL_DEFINE2 SYSCALL_DEFINE2
#define OAKUM_SYSCALL_DEFINE3 SYSCALL_DEFINE3
#define OAKUM_SYSCALL_DEFINE4 SYSCALL_DEFINE4
#define OAKUM_SYSCALL_DEFINE5 SYSCALL_DEFINE5
#define OAKUM_SYSCALL_DEFINE6 SYSCALL_DEFINE6

#endif
#endif
