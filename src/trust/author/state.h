/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state: what the files of the author share; not for other rooms. */
#ifndef OAK_TRUST_AUTHOR_STATE_H
#define OAK_TRUST_AUTHOR_STATE_H

#include <jansson.h>

#include "trust/author/author.h"
#include "trust/author/staged.h"
#include "trust/client.h"
#include "trust/keystore.h"
#include "trust/metadata.h"

#define AUTHOR_SPEC_VERSION "1.0.31"
#define AUTHOR_STAGED_FILE  ".staged.json"
#define AUTHOR_FILE_MODE    0644 /* the web server reads everything */

struct repo {
	const struct repo_options *opt;
	int dirfd;
	int lockfd;
	struct keystore *keys; /* NULL: none at hand */
	struct fetcher fetcher;
	struct tuf_client *client; /* sees what is published as a host does; NULL: nothing is */
	struct staged staged;
};

/* How long a signature of the role is good for, in seconds. */
int64_t author_life_s(enum tuf_role role);

/* A fresh "signed" object with the members that every role has; NULL: out of memory. */
json_t *author_new_signed(enum tuf_role role, uint64_t version, int64_t now_s, int64_t life_s);

/* {"version", "length", "hashes"} of the bytes of a file; NULL: out of memory. */
json_t *author_link(uint64_t version, const struct buf *bytes, bool hashes);

/* Looks at what is published again, as a host would. */
int author_reload(struct repo *repo, struct oak_error *err) _must_check_;

/* What hosts see of a role; *@ret NULL: it was never published. */
int author_published(struct repo *repo, const char *name, const struct metadata **ret,
		     struct oak_error *err) _must_check_;

/* The same, or what is staged of it. */
int author_latest(struct repo *repo, const char *name, const struct metadata **ret,
		  struct oak_error *err) _must_check_;

/*
 * The "signed" of the next version of a role, to be changed: that of author_latest() with the
 * version after the published one and a new life. New reference.
 */
int author_next(struct repo *repo, const char *name, json_t **ret, struct oak_error *err)
	_must_check_;

/* Stages @signed_part (taken, also on failure) in memory; author_save() writes it. */
int author_stage(struct repo *repo, const char *name, json_t *signed_part, struct oak_error *err)
	_must_check_;
int author_save(struct repo *repo, struct oak_error *err) _must_check_;

/*
 * Whose signatures a role needs once everything staged is published. sets[0] must sign; of a root,
 * so must sets[1], the root before it. For the other roles sets[1] are the keys that give way: with
 * their signatures too, a host that reads during the publishing never fails.
 */
int author_signers(struct repo *repo, const char *name, const struct signers *sets[STAGED_SETS_MAX],
		   size_t *ret_n, struct oak_error *err) _must_check_;

/* Signs with every key at hand that one of the sets has. */
int author_sign(const struct repo *repo, struct metadata *m, const struct signers *const *sets,
		size_t n, struct oak_error *err) _must_check_;

/* Text of @m, no larger than hosts accept. */
int author_text(const struct metadata *m, struct buf *ret, struct oak_error *err) _must_check_;

/* Writes a file whose name ends with a hash or begins with a version, and its directory. */
int author_write_file(const struct repo *repo, const char *path, const struct buf *bytes,
		      struct oak_error *err) _must_check_;

/* A file that hosts fetch. */
struct author_target {
	const char *path;
	const struct buf *bytes;
	json_t *custom;   /* what is said of it; NULL: nothing */
	char *ret_sha256; /* room for SHA256_HEX_MAX */
};

/* Writes it, though nothing published names it yet, and its entry in @targets. */
int author_put_target(const struct repo *repo, json_t *targets, const struct author_target *target,
		      struct oak_error *err) _must_check_;

#endif
