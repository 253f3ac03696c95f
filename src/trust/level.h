/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * level: from verified targets to the module of one level.
 *
 *	level_list(client, &how, "x86_64", build_id, &list, &err);
 *	entry = levels_newest(list, "stable");
 *	level_open(client, &how, list, entry, &level, &err);
 *	level_fetch(level, client, &fetcher, &module, &err);
 *
 * The path of a target only narrows the search; the list and the manifest, both signed, must
 * agree with it and with each other. The caller still compares manifest->kernel.build_id with the
 * running kernel itself.
 */
#ifndef OAK_TRUST_LEVEL_H
#define OAK_TRUST_LEVEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "trust/client.h"
#include "trust/levels.h"
#include "trust/manifest.h"

/**
 * level_list() - the signed list of a kernel's levels
 * @arch:     "x86_64"
 * @build_id: 40 lower-case hex
 *
 * Errors: OAK_E_NOTFOUND "the repository has no level for kernel <build-id> ...", OAK_E_FORMAT
 * where the list is malformed or that of another kernel, those of tuf_client_find().
 */
int level_list(struct tuf_client *c, const struct tuf_lookup *how, const char *arch,
	       const char *build_id, struct levels **ret, struct oak_error *err) _must_check_;

struct level {
	struct tuf_target target;         /* borrowed from the client */
	const struct levels_entry *entry; /* borrowed from the list */
	struct manifest *manifest;        /* NULL: not fetched yet */
};

/* Errors: OAK_E_TRUST where the list names a level that nothing vouches for. */
int level_open(struct tuf_client *c, const struct tuf_lookup *how, const struct levels *list,
	       const struct levels_entry *entry, struct level **ret, struct oak_error *err)
	_must_check_;

/**
 * level_fetch() - download, verify and unpack; fills level->manifest
 * @ret: replaced by the uncompressed module; its size and SHA-256 are those of the manifest
 *
 * Errors: those of tuf_client_download() and level_read().
 */
int level_fetch(struct level *level, const struct tuf_client *c, const struct fetcher *fetcher,
		struct buf *ret, struct oak_error *err) _must_check_;

/**
 * level_read() - the same from the bytes of the target
 * @path: of the target; its manifest must be that of this path
 *
 * Errors: OAK_E_FORMAT, OAK_E_TRUST: see trust/container.h.
 */
int level_read(const char *path, const void *data, size_t len, struct manifest **ret,
	       struct buf *ret_module, struct oak_error *err) _must_check_;

/* Is the manifest that of the level in the list? Errors: OAK_E_TRUST. */
int level_agrees(const struct manifest *m, const struct levels_entry *entry, struct oak_error *err)
	_must_check_;

void level_free(struct level *level); /* NULL is fine */
DEFINE_CLEANUP(struct level *, level_free)

#endif
