/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel-record: struct kernel as kernel.json, and references in words. Used by the store. */
#ifndef OAK_KERNEL_KERNEL_RECORD_H
#define OAK_KERNEL_KERNEL_RECORD_H

#include <jansson.h>

#include "base/error.h"
#include "kernel/store.h"

struct provider;

/* The parts of "debian:6.1.0-50-amd64=6.1.176-1". */
struct kernel_reference {
	const struct provider *provider;
	char release[96];
	char version[96]; /* "" where none is given */
};

/* Errors: OAK_E_USAGE. Pure. */
int kernel_reference_parse(const char *text, struct kernel_reference *ret, struct oak_error *err)
	_must_check_;

/* A kernel with its names and paths set, the rest NULL; @parent is the store's kernels/. */
int kernel_new(const struct kernel_reference *ref, const char *parent, struct kernel **ret,
	       struct oak_error *err) _must_check_;

/* What kernel.json holds; NULL when out of memory. */
json_t *kernel_to_json(const struct kernel *k);

/**
 * kernel_from_json() - the reverse
 * @dir: the kernel's folder; paths are set below it
 *
 * Errors: OAK_E_FORMAT (a member is missing), OAK_E_NOMEM.
 */
int kernel_from_json(const json_t *j, const char *dir, struct kernel **ret, struct oak_error *err)
	_must_check_;

#endif
