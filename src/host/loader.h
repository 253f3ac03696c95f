/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loader: modules into the kernel and out of it, with errors that tell what to do.
 *
 * What was checked is what is loaded: module_seal() copies the bytes into memory that nobody can
 * change any more (a sealed memfd), hashes that copy, and the kernel reads that very descriptor.
 *
 * Source: finit_module(2), delete_module(2), memfd_create(2); kernel/module/main.c of 6.1.
 */
#ifndef OAK_HOST_LOADER_H
#define OAK_HOST_LOADER_H

#include <stddef.h>

#include "base/error.h"

/**
 * module_seal() - a sealed copy of a module
 * @sha256: 64 lower-case hex digits that the bytes must have
 * @ret:    a descriptor for load; the caller closes it
 *
 * Errors: OAK_E_TRUST (other bytes than the manifest says), OAK_E_IO.
 */
int module_seal(const void *data, size_t len, const char *sha256, int *ret, struct oak_error *err)
	_must_check_;

/* The kernel's two calls, or a fake tree's. Both return 0 or -errno. */
struct module_ops {
	int (*load)(void *ctx, int fd);
	int (*unload)(void *ctx, const char *name);
	void *ctx;
};

extern const struct module_ops module_ops_kernel;

/* Errors: OAK_E_PERMISSION, OAK_E_REFUSED, OAK_E_UNSUPPORTED, OAK_E_NOMEM, OAK_E_IO. */
int module_load(const struct module_ops *ops, int fd, const char *name, struct oak_error *err)
	_must_check_;

/**
 * module_unload() - also where it is not loaded
 *
 * A module is in use for some milliseconds after its patch vanished: EAGAIN and EBUSY are tried
 * again for a second. Errors: OAK_E_AGAIN (still in use), OAK_E_PERMISSION, OAK_E_IO.
 */
int module_unload(const struct module_ops *ops, const char *name, struct oak_error *err)
	_must_check_;

#endif
