/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * container: the file of a level: its manifest and its module in one, so that a host fetches one
 * file and the manifest does not weigh on the metadata that every host reads.
 *
 * A zstd file of two frames. The first is a skippable one (RFC 8878, section 3.1.2; magic number
 * 0x184D2A50) that holds the manifest's JSON, itself a zstd frame; the second is the module.
 * "zstd -d" passes over the first and gives the module.
 *
 * Pure. Fuzzed by tests/fuzz/fuzz-container.c.
 */
#ifndef OAK_TRUST_CONTAINER_H
#define OAK_TRUST_CONTAINER_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "trust/manifest.h"

/* Errors: OAK_E_FAILED (zstd), OAK_E_NOMEM. */
int container_pack(const struct buf *manifest, const struct buf *module, struct buf *ret,
		   struct oak_error *err) _must_check_;

/**
 * container_manifest() - the manifest in front
 * @what: names the file in messages
 *
 * Errors: OAK_E_FORMAT (no such frame, not zstd, not a manifest), OAK_E_TOOLARGE.
 */
int container_manifest(const void *data, size_t len, const char *what, struct manifest **ret,
		       struct oak_error *err) _must_check_;

/**
 * container_module() - the module behind it, bounded by the size that the manifest says
 * @ret: replaced
 *
 * Errors: OAK_E_FORMAT (not zstd), OAK_E_TRUST (another size or SHA-256 than the manifest says).
 */
int container_module(const struct manifest *m, const void *data, size_t len, struct buf *ret,
		     struct oak_error *err) _must_check_;

#endif
