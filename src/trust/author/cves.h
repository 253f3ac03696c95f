/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cves: the CVE database as targets of a role of its own, which targets.json delegates "cves" to.
 * The role is made with the first database. It has the keys of targets, or keys of its own: a
 * database comes each day, and the keys of targets should be offline.
 */
#ifndef OAK_TRUST_AUTHOR_CVES_H
#define OAK_TRUST_AUTHOR_CVES_H

#include "trust/author/author.h"

struct repo_cves_added {
	char sha256[65]; /* of the database */
	uint64_t size;   /* the same */
	uint64_t bytes;  /* of it as a whole, compressed */
	uint64_t delta;  /* of what makes it of the one before; 0: there is none */
	size_t deltas;   /* that are kept */
	bool delegated;  /* targets was staged too */
};

/**
 * repo_add_cves() - stage a database, and what makes it of the one that is published
 * @path:    the file of "oakum-repo cves"
 * @signers: the role's own keys, public, borrowed; NULL: as it is (at first: those of targets)
 *
 * Deltas of the last CVE_DELTAS_MAX databases are kept, as long as they are shorter than the whole.
 *
 * Errors: OAK_E_NOTHING (exactly this one is published), OAK_E_FORMAT (no database).
 */
int repo_add_cves(struct repo *repo, const char *path, const struct repo_signers *signers,
		  struct repo_cves_added *ret, struct oak_error *err) _must_check_;

/* Of a delegated role as targets.json lists it: does it have other keys than targets has? */
bool repo_has_own_keys(const json_t *delegated, const json_t *targets_role);

#endif
