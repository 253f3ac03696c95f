/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metadata: one signed file of the repository, parsed strictly from bounded bytes.
 *
 * Envelope {"signatures": [{"keyid", "sig"}], "signed": {"_type", "spec_version", "version",
 * "expires", ...}}. Parsing proves nothing: call metadata_verify() with the keys of the role that
 * vouches for the file, then metadata_check_fresh(). Members that we do not know are kept, since
 * the signature covers them.
 *
 * Pure: no I/O, no clock. Fuzzed by tests/fuzz/fuzz-metadata.c.
 * Source: docs/formats/repository.md; TUF 1.0.x section 4.
 */
#ifndef OAK_TRUST_METADATA_H
#define OAK_TRUST_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "trust/delegation.h"
#include "trust/hashes.h"
#include "trust/key.h"

enum tuf_role {
	TUF_ROOT,
	TUF_TIMESTAMP,
	TUF_SNAPSHOT,
	TUF_TARGETS, /* also every role that a targets file delegates to; those have names of their own */
	TUF_ROLES
};

/* The bytes accepted of each file where its parent names no length. Same figures as python-tuf. */
#define TUF_ROOT_BYTES_MAX      512000
#define TUF_TIMESTAMP_BYTES_MAX 16384
#define TUF_SNAPSHOT_BYTES_MAX  2000000
#define TUF_TARGETS_BYTES_MAX   5000000

const char *tuf_role_name(enum tuf_role role); /* "root" */
const char *tuf_role_file(enum tuf_role role); /* "root.json" */
size_t tuf_role_max_bytes(enum tuf_role role);

struct metadata; /* opaque, immutable but for metadata_sign() */

/**
 * metadata_parse() - decode one file
 * @role: what it must be
 * @name: the file, unquoted, as its parent lists it and as messages name it ("timestamp.json",
 *        "kernels-0a.json")
 *
 * Errors: OAK_E_FORMAT, OAK_E_TOOLARGE (more than tuf_role_max_bytes()), OAK_E_NOMEM. A keyid
 * that signs twice refuses the whole file.
 */
int metadata_parse(enum tuf_role role, const void *data, size_t len, const char *name,
		   struct metadata **ret, struct oak_error *err) _must_check_;

/* The same where keyids are what @rule says; metadata_parse() wants hashes of keys. */
int metadata_parse_as(enum tuf_role role, enum keyid_rule rule, const void *data, size_t len,
		      const char *name, struct metadata **ret, struct oak_error *err) _must_check_;

/* The same from a "signed" object that the author made; takes the reference, also on failure. */
int metadata_new(enum tuf_role role, const char *name, json_t *signed_part, struct metadata **ret,
		 struct oak_error *err) _must_check_;

/* The same from a parsed envelope; takes its own reference. NULL is OAK_E_FORMAT. */
int metadata_from_envelope(enum tuf_role role, const json_t *envelope, const char *name,
			   struct metadata **ret, struct oak_error *err) _must_check_;

/**
 * metadata_verify() - is @m signed by a threshold of @signers, those that its delegator names?
 *
 * Counts distinct keys. A bad or foreign signature beside enough good ones does not matter.
 *
 * Errors: OAK_E_TRUST "<name>: signed by <n> of <threshold> required keys".
 */
int metadata_verify(const struct metadata *m, const struct signers *signers, struct oak_error *err)
	_must_check_;

/* How many distinct keys of @signers did sign @m, at most its threshold. */
unsigned metadata_count_good(const struct metadata *m, const struct signers *signers);

/* Errors: OAK_E_TRUST "<name>: expired <date>; the repository is frozen or your clock is wrong". */
int metadata_check_fresh(const struct metadata *m, int64_t now_s, struct oak_error *err)
	_must_check_;

enum tuf_role metadata_role(const struct metadata *m);
const char *metadata_name(const struct metadata *m);      /* the @name of metadata_parse() */
uint64_t metadata_version(const struct metadata *m);      /* 1 and up */
int64_t metadata_expires_s(const struct metadata *m);     /* seconds since the epoch, UTC */
const char *metadata_expires(const struct metadata *m);   /* "2026-01-01T00:00:00Z" */
const json_t *metadata_signed(const struct metadata *m);  /* borrowed; never change it */
json_t *metadata_envelope(const struct metadata *m);      /* the same */
const json_t *metadata_targets(const struct metadata *m); /* of a targets file: see target.h */
const struct delegations *metadata_delegations(const struct metadata *m); /* the same; NULL: none */
size_t metadata_n_signatures(const struct metadata *m);

/* root: who signs for @role, and whether file names carry versions and hashes. */
const struct signers *metadata_signers(const struct metadata *root, enum tuf_role role);
bool metadata_consistent_snapshot(const struct metadata *root);

/* timestamp, snapshot: what "meta" says of a file. */
struct metadata_link {
	uint64_t version;
	uint64_t length;      /* bytes; 0: not said */
	struct hashes hashes; /* both NULL: not said */
};

/* False where @file ("snapshot.json") is not listed. */
bool metadata_find_link(const struct metadata *m, const char *file, struct metadata_link *ret);

/* Length and hashes of fetched bytes. Errors: OAK_E_TRUST "<name>: sha256 does not match <m>". */
int metadata_link_check(const struct metadata_link *link, const char *name, const char *parent,
			const void *data, size_t len, struct oak_error *err) _must_check_;

/* Adds a signature (replacing one of the same keyid). */
int metadata_sign(struct metadata *m, const struct tuf_key *key, struct oak_error *err)
	_must_check_;

/* A second one of the same file, to be signed on its own. */
int metadata_copy(const struct metadata *m, struct metadata **ret, struct oak_error *err)
	_must_check_;

/* Takes over the signatures of @from, whose "signed" is the same; adds their number to *@n. */
int metadata_join(struct metadata *m, const struct metadata *from, size_t *n, struct oak_error *err)
	_must_check_;

/* Drops every signature that is not good for one of the sets of keys. */
int metadata_keep_good(struct metadata *m, const struct signers *const *sets, size_t n,
		       struct oak_error *err) _must_check_;

bool metadata_signed_by(const struct metadata *m, const char *keyid); /* says so; not verified */

/* The file's text for publishing: compact JSON, sorted, and a final newline. */
int metadata_text(const struct metadata *m, struct buf *ret, struct oak_error *err) _must_check_;

void metadata_free(struct metadata *m); /* NULL is fine */
DEFINE_CLEANUP(struct metadata *, metadata_free)

#endif
