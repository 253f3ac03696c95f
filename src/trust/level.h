/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * level: find the level for a kernel among verified targets, and get its module.
 *
 * The path of a target only narrows the search; what counts is the signed manifest, and it must
 * agree with the path. The caller still compares manifest->kernel.build_id with the running
 * kernel itself.
 */
#ifndef OAK_TRUST_LEVEL_H
#define OAK_TRUST_LEVEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "trust/client.h"
#include "trust/manifest.h"

struct level {
	struct tuf_target target; /* borrowed from the client */
	struct manifest *manifest;
};

struct level_query {
	const char *arch;     /* "x86_64" */
	const char *build_id; /* 40 lower-case hex */
	uint32_t level;       /* 0: the newest */
	const char *channel;  /* NULL: any */
};

/* The signed manifest of a target; OAK_E_FORMAT where it is not that of the target's path. */
int level_manifest(const struct tuf_target *target, struct manifest **ret, struct oak_error *err)
	_must_check_;

/**
 * level_find() - the newest level that the query allows and that is not withdrawn
 *
 * Errors: OAK_E_NOTFOUND "no level for kernel <build-id> ...", OAK_E_FORMAT where a manifest of
 * this kernel is malformed or belongs to another path.
 */
int level_find(const struct tuf_client *c, const struct level_query *query, struct level **ret,
	       struct oak_error *err) _must_check_;

/**
 * level_fetch() - download, verify and unpack the module
 * @ret: replaced by the uncompressed module; its size and SHA-256 are those of the manifest
 *
 * Errors: those of tuf_client_download() and level_unpack().
 */
int level_fetch(const struct level *level, const struct tuf_client *c,
		const struct fetcher *fetcher, struct buf *ret, struct oak_error *err) _must_check_;

/**
 * level_unpack() - the module of a .ko.zst, bounded by the signed size
 *
 * Errors: OAK_E_FORMAT (not zstd), OAK_E_TRUST (another size or sha256 than the manifest says).
 */
int level_unpack(const struct manifest *m, const void *packed, size_t len, struct buf *ret,
		 struct oak_error *err) _must_check_;

void level_free(struct level *level); /* NULL is fine */
DEFINE_CLEANUP(struct level *, level_free)

#endif
