/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cves: the CVE database of this host, var/lib/oakum/cves.db: from the repository, by deltas where
 * that is shorter, to the disk.
 *
 * The worker gets and checks it, the root side stores it: it cannot be changed under a reader by
 * whoever talks to the network. By hand one process does both, as with levels.
 */
#ifndef OAK_AGENT_CVES_H
#define OAK_AGENT_CVES_H

#include <stdbool.h>

#include "agent/plan.h"
#include "base/buf.h"
#include "base/hash.h"
#include "trust/cve/target.h"

#define CVES_TEXT_MAX 160

struct cves_catch {
	struct buf db; /* the newest; empty: this host has it already */
	bool none;     /* the repository answered, and has no database: OAK_E_NOTFOUND */
	char sha256[SHA256_HEX_MAX];
	struct cve_fetched fetched;
	char text[CVES_TEXT_MAX]; /* for people: what it is and how it came */
};

/**
 * cves_fetch() - ask the repository, its mirrors where it does not answer
 * @o:   its host is not looked at
 * @opt: repository and settings
 * @ret: cves_catch_clear() it, also on failure
 *
 * What comes is whole, has the hash that was signed, and is a database (cve_db_check()).
 * Errors: OAK_E_NOTFOUND (the repository has none; or no repository is set), those of plan_make()
 * and cve_target_fetch().
 */
int cves_fetch(const struct plan_place *o, const struct plan_options *opt,
	       const struct progress *progress, struct cves_catch *ret, struct oak_error *err)
	_must_check_;

/* The same with a source that was refreshed already. */
int cves_look(int root, struct tuf_client *c, const struct tuf_lookup *how, struct cves_catch *ret,
	      struct oak_error *err) _must_check_;

/* In the place of the old one, by renaming. Errors: OAK_E_IO. */
int cves_store(int root, const struct buf *db, struct oak_error *err) _must_check_;

/* What stands at the head of the database of this host; not that it is whole. */
struct cves_head {
	int64_t as_of_s;
	uint32_t records; /* 0: there is none, or it cannot be read */
};
void cves_head_read(int root, struct cves_head *ret);

void cves_catch_clear(struct cves_catch *c); /* also the guard */

#endif
