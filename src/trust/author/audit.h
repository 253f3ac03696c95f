/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit: everything about a repository, as a host that starts from 1.root.json sees it.
 *
 * Every root, every role file, the bytes of every target; that each list of levels says what its
 * file says, that each level is in its kernel's list and its module is the one of its manifest.
 * Reads only; takes no lock and needs no keys.
 */
#ifndef OAK_TRUST_AUTHOR_AUDIT_H
#define OAK_TRUST_AUTHOR_AUDIT_H

#include "trust/author/author.h"

struct repo_audit {
	uint64_t root_version, timestamp_version, snapshot_version, targets_version;
	size_t roles;   /* that targets delegates to */
	size_t kernels; /* with a list of levels */
	size_t levels;
	size_t targets;          /* files, of any kind */
	uint64_t bytes;          /* of all of them */
	char first_expiry[21];   /* of the metadata that expires first, timestamp left out */
	char first_expired[256]; /* its name */
};

/*
 * @opt: dir, now_s and progress alone are looked at.
 *
 * Errors: the first thing that is wrong; OAK_E_TRUST, OAK_E_FORMAT, OAK_E_NOTFOUND.
 */
int repo_verify(const struct repo_options *opt, struct repo_audit *ret, struct oak_error *err)
	_must_check_;

#endif
