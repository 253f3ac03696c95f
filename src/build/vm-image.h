/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm-image: all that is in a test machine, as one initramfs:
 *
 *	/init                    our program
 *	/oakum/plan              the steps
 *	/oakum/level.N.ko        levels
 *	/oakum/modules/NAME.ko   shipped modules
 *	/oakum/probe, probe.args the author's program
 *
 * Not compressed: the machine is emulated, and copying is cheaper for it than unpacking.
 */
#ifndef OAK_BUILD_VM_IMAGE_H
#define OAK_BUILD_VM_IMAGE_H

#include "build/vm.h"

/* Errors: OAK_E_NOTFOUND and OAK_E_IO (a file), OAK_E_FORMAT (an argument that holds a newline),
 * OAK_E_TOOLARGE, OAK_E_NOMEM. */
int vm_image(const struct vm_options *opt, const struct vm_modules *modules,
	     const struct vm_plan *plan, struct buf *ret, struct oak_error *err) _must_check_;

#endif
