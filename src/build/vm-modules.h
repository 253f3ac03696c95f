/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm-modules: the shipped modules that a test machine needs, in the order in which they are loaded.
 *
 * What a module needs is in its .modinfo: "depends" must be there before it; "softdep: pre:" names
 * modules, or algorithms of the crypto API ("crypto-crc32c", "sha256"), which should be there and
 * are taken where a file of that name, or of that name with "_generic", exists.
 *
 * Source: modprobe.d(5) (softdep), crypto/api.c (crypto_larval_lookup), kernel/module/main.c
 * (delete_module: what has an init and no exit function stays).
 */
#ifndef OAK_BUILD_VM_MODULES_H
#define OAK_BUILD_VM_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "kernel/store.h"

#define VM_MODULES_MAX 256

struct vm_module {
	char *name; /* as the kernel spells it */
	char *path;
	uint32_t *needs; /* indexes of those that it depends on; all below its own */
	size_t n_needs;
	bool permanent; /* it cannot be unloaded */
};

struct vm_modules {
	struct vm_module *v; /* each after what it needs */
	size_t n;
};

/**
 * vm_modules_add() - a module and all that it needs
 * @name: one that is in vmlinux adds nothing
 *
 * Errors: OAK_E_NOTFOUND (the kernel's packages have no such module), OAK_E_TOOLARGE, OAK_E_FORMAT,
 * OAK_E_IO, OAK_E_NOMEM.
 */
int vm_modules_add(const struct kernel *k, const char *name, struct vm_modules *m,
		   struct oak_error *err) _must_check_;
void vm_modules_free(struct vm_modules *m); /* zero is fine; also the guard */

/* Its index, or -1. */
int vm_modules_find(const struct vm_modules *m, const char *name);

/**
 * vm_modules_wanted() - which of them a level with these objects needs
 * @ret: m->n flags: the objects and, recursively, what they need
 */
void vm_modules_wanted(const struct vm_modules *m, const char *const *objects, size_t n, bool *ret);

/**
 * vm_modules_moving() - which of them have to go where these objects are to be unloaded
 * @wanted: the modules that are loaded
 * @ret:    m->n flags: the objects, and each loaded module that needs one that has to go
 *
 * Return: false where one of them cannot be unloaded.
 */
bool vm_modules_moving(const struct vm_modules *m, const bool *wanted, const char *const *objects,
		       size_t n, bool *ret);

#endif
