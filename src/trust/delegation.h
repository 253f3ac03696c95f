/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * delegation: the "delegations" member of a targets file: which other roles may vouch for which
 * paths, and with whose keys.
 *
 * Two forms: "roles", a list in order of priority, each with "paths" (patterns) or
 * "path_hash_prefixes"; or "succinct_roles" (TAP 15), 2^bit_length bins by the first bits of the
 * SHA-256 of the path.
 *
 *	struct delegation_iter it = { 0 };
 *	struct delegation d;
 *	while (delegations_next(ds, path, &it, &d))
 *		... d.name may vouch for path, signed by d.signers ...
 *
 * Pure. Fuzzed with its file by tests/fuzz/fuzz-metadata.c.
 * Source: TUF 1.0.x section 4.5; TAP 15.
 */
#ifndef OAK_TRUST_DELEGATION_H
#define OAK_TRUST_DELEGATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"
#include "trust/signers.h"

#define DELEGATED_ROLES_MAX 16384 /* of one file */
#define ROLE_NAME_MAX       256   /* bytes with the NUL */
#define SUCCINCT_BITS_MAX   32

struct delegated_role {
	const char *name; /* borrowed from the document, as the patterns are */
	struct signers signers;
	bool terminating;
	const json_t *paths;    /* patterns, or NULL */
	const json_t *prefixes; /* hexadecimal prefixes of the path's SHA-256, or NULL */
};

struct delegations {
	struct keyring keys;
	struct delegated_role *roles; /* NULL: succinct */
	size_t n;
	struct { /* bits 0: not succinct */
		unsigned bits;
		const char *prefix;
		struct signers signers;
	} succinct;
};

/**
 * delegations_parse() - decode and check the member
 * @ret: zeroed by the caller; free it also after a failure
 *
 * A role is called once only, and never like one of the four that the root names.
 * Errors: OAK_E_FORMAT, OAK_E_NOMEM.
 */
int delegations_parse(const json_t *object, enum keyid_rule rule, struct delegations *ret,
		      struct oak_error *err) _must_check_;

/* One role that may vouch for a path. */
struct delegation {
	char name[ROLE_NAME_MAX];
	const struct signers *signers; /* borrowed from the delegations */
	bool terminating;              /* nothing after its own subtree may vouch for the path */
};

struct delegation_iter {
	size_t next;
};

/* The next role, in order of priority, whose patterns match @path. */
bool delegations_next(const struct delegations *d, const char *path, struct delegation_iter *it,
		      struct delegation *ret);

/* The keys of the role of that name; NULL: not delegated here. */
const struct signers *delegations_signers(const struct delegations *d, const char *name);

/*
 * A shell pattern where no '*', '?' or "[...]" matches a '/': both sides have as many parts, and
 * each part matches.
 */
bool delegation_pattern_matches(const char *pattern, const char *path);

/* The bin of @path among 2^bits, 1 <= bits <= SUCCINCT_BITS_MAX. */
uint32_t delegation_bin(const char *path, unsigned bits);

/* "<prefix>-<bin>", the bin in as many hexadecimal digits as the last one needs. */
void delegation_bin_name(const char *prefix, uint32_t bin, unsigned bits, char ret[ROLE_NAME_MAX]);

void delegations_free(struct delegations *d);

#endif
