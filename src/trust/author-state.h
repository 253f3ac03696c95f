/* SPDX-License-Identifier: GPL-2.0-or-later */
/* author-state: what the files of the author share; not for other rooms. */
#ifndef OAK_TRUST_AUTHOR_STATE_H
#define OAK_TRUST_AUTHOR_STATE_H

#include <jansson.h>

#include "trust/author.h"
#include "trust/client.h"
#include "trust/metadata.h"
#include "trust/signers.h"

#define AUTHOR_SPEC_VERSION "1.0.31"
#define AUTHOR_STAGED_DIR   ".staged"
#define AUTHOR_STAGED_FILE  AUTHOR_STAGED_DIR "/targets.json"
#define AUTHOR_FILE_MODE    0644 /* the web server reads everything */

struct repo {
	const struct repo_options *opt;
	int dirfd;
	int lockfd;
	struct keyring keys; /* private ones, out of opt->keys */
	struct fetcher fetcher;
	struct tuf_client *client; /* sees the repository as a host does, without expiry */
	struct metadata *staged;   /* the next targets; NULL: none */
};

/* How long a signature of the role is good for, in seconds. */
int64_t author_life_s(enum tuf_role role);

/* A fresh "signed" object with the members that every role has; NULL: out of memory. */
json_t *author_new_signed(enum tuf_role role, uint64_t version, int64_t now_s);

/* {"version", "length", "hashes"} of the bytes of a file; NULL: out of memory. */
json_t *author_link(uint64_t version, const struct buf *bytes);

/* Every KEYS/<name>.pem; free @ret also after a failure. */
int author_load_keys(const char *dir, struct keyring *ret, struct oak_error *err) _must_check_;

/* Signs with every key that @root names for the role of @m; how many it takes is not checked. */
int author_sign(struct metadata *m, const struct metadata *root, const struct keyring *keys,
		struct oak_error *err) _must_check_;

/* Text of @m, no larger than hosts accept. */
int author_text(const struct metadata *m, struct buf *ret, struct oak_error *err) _must_check_;

/* Writes "<version>.<role>.json", or timestamp.json, and returns its bytes in @ret. */
int author_write(int dirfd, const struct metadata *m, struct buf *ret, struct oak_error *err)
	_must_check_;

/* Looks at the repository again, as a host would. */
int author_reload(struct repo *repo, struct oak_error *err) _must_check_;

/* Replaces repo->staged, in memory and on disk; takes @m, also on failure. */
int author_stage(struct repo *repo, struct metadata *m, struct oak_error *err) _must_check_;

#endif
