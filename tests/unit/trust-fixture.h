/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trust-fixture: a real repository in a fresh directory, written by the author code, and the
 * means to forge it as somebody would who holds some of its keys. Time is FIXTURE_NOW.
 */
#ifndef OAK_TRUST_FIXTURE_H
#define OAK_TRUST_FIXTURE_H

#include "test.h"

#include "trust/author/author.h"
#include "trust/client.h"
#include "trust/metadata.h"
#include "trust/signers.h"

#define FIXTURE_NOW      1800000000 /* 2027-01-15T08:00:00Z */
#define FIXTURE_BUILD_ID "0123456789abcdef0123456789abcdef01234567"

struct fixture {
	char repo[256];
	char keys_dir[256];
	char state[256];
	struct tuf_key *keys[TUF_ROLES];
	struct repo_options opt;
	struct fetcher fetcher; /* of the repository's directory */
};

void fixture_new(struct fixture *f); /* repository, keys, a client's state that trusts the root */
void fixture_new_with_bins(struct fixture *f, unsigned bin_digits); /* fixture_new(): 0, no bins */
/* As fixture_new(), but of another time: for what asks the clock itself. */
void fixture_new_at(struct fixture *f, int64_t now_s);
void fixture_free(struct fixture *f);

/* Module and manifest of a level as oakum-build writes them; returns their directory (static). */
const char *fixture_level(const struct fixture *f, unsigned level, const char *channel);
void fixture_publish_level(const struct fixture *f, unsigned level, const char *channel);

/* A refresh of the state, as a new process would do it. The result and *err are the client's. */
int fixture_refresh(const struct fixture *f, bool quick, struct oak_error *err);
struct tuf_client *fixture_open(const struct fixture *f);

void fixture_read(const char *dir, const char *name, struct buf *ret);
void fixture_write(const char *dir, const char *name, const void *data, size_t len);

/* What to change of the next version of each role; everything else is done right. */
struct forge {
	const char *overlay[TUF_ROLES]; /* JSON laid over "signed"; NULL: only the next version */
	bool by_root_key[TUF_ROLES];    /* sign with the key of root instead of the role's own */
	bool bare_links;                /* links carry the version alone: no length, no hashes */
};

/* Publishes targets, snapshot and timestamp, one version on. */
void fixture_forge(const struct fixture *f, const struct forge *forge);

/* The present "signed" of a role, to change. */
json_t *fixture_signed(const struct fixture *f, enum tuf_role role);

/* Signs @signed_part (taken) with @n keys and writes it under its consistent-snapshot name. */
void fixture_sign(const struct fixture *f, enum tuf_role role, json_t *signed_part,
		  struct tuf_key *const *keys, size_t n);

/* A root's "roles" entry and key: sets the only signer of @role; threshold 1. */
void fixture_set_signer(json_t *root, enum tuf_role role, const struct tuf_key *key);

#endif
