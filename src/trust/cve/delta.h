/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * delta: how the CVE database travels: as a whole, a zstd frame; or as what makes the next version
 * of the one that a host has.
 *
 * A delta is a header and a zstd frame of the new database's neutral form (trust/cve/neutral.h),
 * compressed with that of the old one in front of it ("zstd --patch-from" does the same).
 *
 * What comes out is proven by its SHA-256, which the caller compares. Pure; memory is two databases
 * and a little. Fuzzed by tests/fuzz/fuzz-cve-delta.c.
 */
#ifndef OAK_TRUST_CVE_DELTA_H
#define OAK_TRUST_CVE_DELTA_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* Errors: OAK_E_FAILED (zstd), OAK_E_NOMEM. */
int cve_pack(const struct buf *db, struct buf *ret, struct oak_error *err) _must_check_;

/**
 * cve_unpack() - and back
 * @size: bytes that it should have; at most CVE_FILE_MAX
 *
 * Errors: OAK_E_FORMAT (not zstd, another size), OAK_E_NOMEM.
 */
int cve_unpack(const struct buf *packed, size_t size, struct buf *ret, struct oak_error *err)
	_must_check_;

/**
 * cve_delta_make() - what makes @new of @old
 *
 * Both pass cve_file_check(). Errors: OAK_E_UNSUPPORTED (this pair has none: hosts fetch the
 * whole), OAK_E_FORMAT, OAK_E_FAILED, OAK_E_NOMEM.
 */
int cve_delta_make(const struct buf *old, const struct buf *new, struct buf *ret,
		   struct oak_error *err) _must_check_;

/**
 * cve_delta_apply() - make the new one
 * @db:   the old, which becomes the new; unusable after a failure
 * @size: bytes that the new one should have
 *
 * Errors: OAK_E_FORMAT, OAK_E_UNSUPPORTED (@db is none that a delta can be of), OAK_E_NOMEM.
 */
int cve_delta_apply(struct buf *db, const struct buf *delta, size_t size, struct oak_error *err)
	_must_check_;

#endif
