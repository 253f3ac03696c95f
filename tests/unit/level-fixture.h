/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * level-fixture: a handmade kernel that can be live patched and a fix for it, ready to be emitted.
 *
 *	f: call __fentry__; [mov $"text",%rdi;] call hidden; call shown; mov $1 [$2],%eax; ret
 *
 * The kernel exports "shown", keeps two functions "hidden" to itself (f calls the second) and knows
 * struct module and livepatch's. What is in brackets is the fix. A failure ends the test.
 */
#ifndef OAK_LEVEL_FIXTURE_H
#define OAK_LEVEL_FIXTURE_H

#include "build/emit.h"

struct level_fixture {
	struct buf image, files[2]; /* bytes of: the kernel, the original and patched object */
	struct kimage *img;
	struct obj *objs[2];
	struct model *models[2];
	struct diff diff;
	struct proof *proof;
	struct unit unit;
	struct emit_input in;
};

/* @l is zeroed; level_fixture_free() it. @thunk: the kernel has __x86_return_thunk. */
void level_fixture_make(struct level_fixture *l, bool thunk);
void level_fixture_free(struct level_fixture *l); /* also the guard */

#endif
