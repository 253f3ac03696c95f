/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * author: write a repository: plain files below one directory, nothing to run.
 *
 *	DIR/1.root.json ...          every root for ever; hosts start from one of them
 *	DIR/timestamp.json           the only file that is ever replaced
 *	DIR/N.snapshot.json, DIR/N.targets.json, DIR/N.kernels-XX.json
 *	DIR/targets/kernels/<arch>/<build-id>/<sha256>.levels.json
 *	DIR/targets/kernels/<arch>/<build-id>/<level>/<sha256>.oakum_<level>.ko.zst
 *	DIR/.staged.json             the next files, not yet published: see trust/author/staged.h
 *	DIR/.publish.json            what is being published; a crash leaves it, repo_open() ends it
 *	DIR/.lock                    held by the one publisher
 *
 * Changes are staged, signed (by several people where thresholds ask for it), published: see
 * trust/author/publish.h.
 *
 * Errors: OAK_E_REFUSED (would break a rule: level exists, hash differs, keys missing),
 * OAK_E_AGAIN (another publisher holds the lock), OAK_E_TRUST (the repository does not verify).
 */
#ifndef OAK_TRUST_AUTHOR_AUTHOR_H
#define OAK_TRUST_AUTHOR_AUTHOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/progress.h"
#include "trust/keystore.h"
#include "trust/metadata.h"

struct repo;

struct repo_options {
	const char *dir;
	const char *keys;                    /* NULL: nothing can be signed */
	const struct passphrase_source *ask; /* for keys that are encrypted; NULL: none can be read */
	int64_t now_s;
	unsigned lock_wait_ms; /* how long to wait for another publisher */
	const struct progress *progress;
};

/* Who signs for a role of a new repository, or of the next root. */
struct repo_signers {
	struct tuf_key **keys; /* public halves are enough; borrowed */
	size_t n;              /* 1 and up */
	unsigned threshold;    /* 1 to n */
};

struct repo_design {
	struct repo_signers roles[TUF_ROLES];
	unsigned bin_digits; /* kernels are spread over 16^digits bins; 0 to BINS_DIGITS_MAX */
};

/* Takes the lock, reads and verifies what is published (expired is fine) and what is staged. */
int repo_open(const struct repo_options *opt, struct repo **ret, struct oak_error *err)
	_must_check_;
void repo_close(struct repo *repo); /* NULL is fine */
DEFINE_CLEANUP(struct repo *, repo_close)

/*
 * Makes the directories of a new repository and of its keys where they are missing. Refuses a
 * directory that holds a repository, and keys below it: a web server would hand them out.
 */
int repo_prepare(const struct repo_options *opt, struct oak_error *err) _must_check_;

/* A new repository, staged; repo_sign() publishes it. After repo_prepare(). */
int repo_create(const struct repo_options *opt, const struct repo_design *design, struct repo **ret,
		struct oak_error *err) _must_check_;

/* What repo_add() did; free nothing. */
struct repo_added {
	char path[256];
	char sha256[65];          /* of the file of the level */
	uint64_t bytes;           /* the same */
	char role[ROLE_NAME_MAX]; /* that vouches for it */
};

/**
 * repo_add() - stage one level, in the channel of its manifest
 *
 * Errors: OAK_E_REFUSED (the module is not the one of the manifest; the level exists with other
 * content), OAK_E_NOTHING (exactly this level is there already), OAK_E_FORMAT (manifest).
 */
int repo_add(struct repo *repo, const char *module_path, const char *manifest_path,
	     struct repo_added *ret, struct oak_error *err) _must_check_;

/* A level by name: "<build-id>/<level>"; of the build-id eight digits are enough. */
struct repo_level {
	char arch[33], build_id[41];
	uint32_t level;
};
int repo_find_level(struct repo *repo, const char *name, struct repo_level *ret,
		    struct oak_error *err) _must_check_;

/* Stage the level in one more channel. Errors: OAK_E_NOTHING (it is there), OAK_E_REFUSED. */
int repo_promote(struct repo *repo, const struct repo_level *level, const char *channel,
		 struct oak_error *err) _must_check_;

/* Stage that no host takes the level for now; those that have it keep it. @why NULL: ends that. */
int repo_hold(struct repo *repo, const struct repo_level *level, const char *why,
	      struct oak_error *err) _must_check_;

/* Stage the statement that makes hosts leave the level. Errors: OAK_E_NOTHING, OAK_E_FORMAT. */
int repo_withdraw(struct repo *repo, const struct repo_level *level, const char *why,
		  struct oak_error *err) _must_check_;

/* What changes of a role's signers. */
struct repo_rotation {
	enum tuf_role role;
	struct tuf_key **add; /* public ones, borrowed */
	size_t n_add;
	const char **remove; /* keyids */
	size_t n_remove;
	unsigned threshold; /* 0: as it is */
};

/* Stages the next root, and whatever else the new keys must sign. */
int repo_rotate(struct repo *repo, const struct repo_rotation *what, struct oak_error *err)
	_must_check_;

/* Stages the next version of targets and of every bin whose life is more than half over. */
int repo_renew(struct repo *repo, size_t *ret_n, struct oak_error *err) _must_check_;

struct repo_waiting {
	char role[ROLE_NAME_MAX];
	unsigned have, need;
};
struct repo_outcome {
	bool published;
	uint64_t root_version, targets_version, snapshot_version, timestamp_version;
	char expires[21];                /* of the timestamp */
	struct repo_waiting waiting[16]; /* where not published: the first of n_waiting */
	size_t n_waiting, n_signed;
};

/* Signs what is staged with the keys at hand, and publishes it once every threshold is met. */
int repo_sign(struct repo *repo, struct repo_outcome *ret, struct oak_error *err) _must_check_;

/* Writes what is staged as a request for other key holders; takes their answers over. */
int repo_request(struct repo *repo, const char *path, struct oak_error *err) _must_check_;
int repo_merge(struct repo *repo, const char *path, size_t *ret_n, struct oak_error *err)
	_must_check_;

/* A new timestamp that lives @wanted_s (0: the usual day); a new snapshot with it where needed. */
int repo_refresh(struct repo *repo, int64_t wanted_s, struct repo_outcome *ret,
		 struct oak_error *err) _must_check_;

#endif
