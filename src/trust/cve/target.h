/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target: the CVE database in a repository, docs/formats/repository.md, "The CVE database".
 *
 *	cves/cves.db.zst    the newest as a whole; "custom" says what comes out of it
 *	cves/<sha256>.delta what makes the next of the one that has this SHA-256; the same
 *
 * All by the delegated role "cves", which hosts read only when they look for a database.
 */
#ifndef OAK_TRUST_CVE_TARGET_H
#define OAK_TRUST_CVE_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/progress.h"
#include "trust/client.h"

#define CVE_TARGET_ROLE     "cves"
#define CVE_TARGET_PATTERN  "cves/*"
#define CVE_TARGET_WHOLE    "cves/cves.db.zst"
#define CVE_TARGET_SCHEMA   1
#define CVE_TARGET_PATH_MAX 96
#define CVE_DELTAS_MAX      64 /* of one role, and that a host puts behind each other */

/* What comes out of a target. */
struct cve_product {
	char sha256[SHA256_HEX_MAX];
	uint64_t size;
};

struct cve_target {
	struct tuf_target target; /* borrowed from the client */
	struct cve_product makes;
};

/* The path of the delta that is of the database with this SHA-256. */
void cve_target_delta_path(const char *sha256, char ret[CVE_TARGET_PATH_MAX]);

/* "custom" of a target. Errors: OAK_E_FORMAT. */
int cve_target_product(const struct tuf_target *target, struct cve_product *ret,
		       struct oak_error *err) _must_check_;
json_t *cve_target_custom(const struct cve_product *p); /* NULL: out of memory */

/* Are these the bytes that were signed? Errors: OAK_E_TRUST. */
int cve_product_check(const struct cve_product *p, const struct buf *db, struct oak_error *err)
	_must_check_;

/**
 * cve_target_find() - the newest database
 *
 * Errors: OAK_E_NOTFOUND (the repository has none), those of tuf_client_find().
 */
int cve_target_find(struct tuf_client *c, const struct tuf_lookup *how, struct cve_target *ret,
		    struct oak_error *err) _must_check_;

/* What it cost. */
struct cve_fetched {
	unsigned deltas; /* 0: the whole */
	uint64_t bytes;
};

/**
 * cve_target_fetch() - that database, its hash checked
 * @db: what the host has, or empty; becomes the new one, and is unusable after a failure
 *
 * By deltas where there is a way of them that is shorter than the whole; what goes wrong with them
 * is no error: then the whole is fetched. Errors: those of tuf_client_download(), OAK_E_TRUST,
 * OAK_E_FORMAT.
 */
int cve_target_fetch(struct tuf_client *c, const struct tuf_lookup *how,
		     const struct cve_target *want, struct buf *db, struct cve_fetched *ret,
		     struct oak_error *err) _must_check_;

#endif
