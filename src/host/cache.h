/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache: levels on disk, /var/lib/oakum/levels/<build-id>/<n>/{oakum_<n>.ko,manifest.json}.
 *
 * A level is stored whole or not at all: it is written into a directory beside, fsynced and
 * renamed. What a crash leaves behind begins with a dot and is removed by the next store. Reading
 * checks everything again: the manifest's form, its kernel, level, and the module's size and
 * SHA-256. Writers hold the lock (host/lock.h).
 */
#ifndef OAK_HOST_CACHE_H
#define OAK_HOST_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "trust/manifest.h"

#define CACHE_LEVELS_DIR "var/lib/oakum/levels"

/* Errors: OAK_E_IO, OAK_E_NOMEM. The module's content is the caller's to check before. */
int cache_store(int root, const struct manifest *m, const void *module, size_t len,
		struct oak_error *err) _must_check_;

/* The same with the manifest's document as text, where @m was not parsed from it. */
int cache_store_text(int root, const struct manifest *m, const struct buf *text,
		     const struct buf *module, struct oak_error *err) _must_check_;

/* The manifest alone. Errors: OAK_E_NOTFOUND, OAK_E_FORMAT, OAK_E_REFUSED (other kernel). */
int cache_manifest(int root, const char *build_id, uint32_t level, struct manifest **ret,
		   struct oak_error *err) _must_check_;

/**
 * cache_module() - the module of a level
 * @ret: appended to
 *
 * Errors: OAK_E_NOTFOUND, OAK_E_TRUST (size or SHA-256 is not the manifest's).
 */
int cache_module(int root, const struct manifest *m, struct buf *ret, struct oak_error *err)
	_must_check_;

/* Size and SHA-256 of bytes against the manifest. Errors: OAK_E_TRUST. */
int cache_check_module(const struct manifest *m, const void *module, size_t len,
		       struct oak_error *err) _must_check_;

/* The levels on disk for one kernel, ascending; the caller frees. None is fine. */
int cache_list(int root, const char *build_id, uint32_t **ret, size_t *ret_n, struct oak_error *err)
	_must_check_;

#endif
