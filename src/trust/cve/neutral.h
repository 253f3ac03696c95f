/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * neutral: the CVE database with what its entries refer to by name instead of by place, for deltas.
 *
 * In the database a new record moves all that lies behind: its title moves the offsets of the
 * titles after it, a new interval the numbers of those above it, so that each record differs and a
 * delta of one day has 250 KB. Here a string, a path and an interval are referred to by a hash of
 * what they are, and "first" of a list is the distance from where the list before ends, which is 0.
 * A record that did not change is the same bytes again; the delta of a day has some 20 KB.
 *
 * The form has the database's length and one byte more for each range: the low bits of its word,
 * whose place the hash takes. Two things with one hash would be a mistake: a salt is chosen with
 * which there are none, else the form is refused.
 *
 * Pure. Fuzzed by tests/fuzz/fuzz-cve-delta.c.
 */
#ifndef OAK_TRUST_CVE_NEUTRAL_H
#define OAK_TRUST_CVE_NEUTRAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define NEUTRAL_BYTES_MAX (2 * (size_t)CVE_FILE_MAX)

/**
 * cve_neutral_make() - a database into that form, in its own place
 * @db: passed cve_file_check(); unusable after a failure
 *
 * Errors: OAK_E_UNSUPPORTED (with this salt two names are the same, or a reference is not to the
 * beginning of anything), OAK_E_NOMEM.
 */
int cve_neutral_make(struct buf *db, uint32_t salt, struct oak_error *err) _must_check_;

/**
 * cve_neutral_undo() - and back
 * @size: bytes that the database should have
 *
 * Whether it is the right one only its hash tells. Errors: OAK_E_FORMAT, OAK_E_NOMEM.
 */
int cve_neutral_undo(struct buf *form, size_t size, uint32_t salt, struct oak_error *err)
	_must_check_;

#endif
