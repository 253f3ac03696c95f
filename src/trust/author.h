/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * author: write a repository: plain files below one directory, nothing to run.
 *
 *	DIR/1.root.json ...          every root for ever; hosts start from one of them
 *	DIR/timestamp.json           the only file that is ever replaced
 *	DIR/N.snapshot.json, DIR/N.targets.json
 *	DIR/targets/kernels/<arch>/<build-id>/<level>/<sha256>.oakum_<level>.ko.zst
 *	DIR/.staged/targets.json     the next targets, not yet published
 *	DIR/.lock                    held by the one publisher
 *
 * Publishing writes target files, targets, snapshot and, last, timestamp.json, each by fsync and
 * rename: a reader sees the old or the new repository, and a crash leaves the old one valid.
 *
 * Keys are files KEYS/<name>.pem outside DIR; those that the root names for a role sign for it.
 *
 * Errors: OAK_E_REFUSED (would break a rule: level exists, hash differs, keys missing),
 * OAK_E_AGAIN (another publisher holds the lock), OAK_E_TRUST (the repository does not verify).
 */
#ifndef OAK_TRUST_AUTHOR_H
#define OAK_TRUST_AUTHOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/progress.h"

struct repo;

struct repo_options {
	const char *dir;
	const char *keys; /* NULL: nothing can be signed */
	int64_t now_s;
	unsigned lock_wait_ms; /* how long to wait for another publisher */
	const struct progress *progress;
};

/* A new repository with four fresh keys, published at version 1. Neither may exist before. */
int repo_create(const struct repo_options *opt, struct oak_error *err) _must_check_;

/* Takes the lock, reads and verifies what is published (expired is fine) and what is staged. */
int repo_open(const struct repo_options *opt, struct repo **ret, struct oak_error *err)
	_must_check_;

/* What repo_add() did; free nothing. */
struct repo_added {
	char path[256];
	char sha256[65]; /* of the compressed file */
	uint64_t bytes;  /* of the compressed file */
	uint64_t targets_version;
};

/**
 * repo_add() - stage one level
 *
 * Writes the compressed module and DIR/.staged/targets.json; hosts see nothing yet. With keys
 * the staged file is signed already as far as they reach.
 *
 * Errors: OAK_E_REFUSED (the module is not the one of the manifest; the level exists with other
 * content), OAK_E_NOTHING (exactly this level is there already), OAK_E_FORMAT (manifest).
 */
int repo_add(struct repo *repo, const char *module_path, const char *manifest_path,
	     struct repo_added *ret, struct oak_error *err) _must_check_;

struct repo_published {
	uint64_t targets_version, snapshot_version, timestamp_version;
	char expires[21]; /* of the timestamp */
};

/* Signs and publishes what is staged. Errors: OAK_E_NOTHING where nothing is staged. */
int repo_sign(struct repo *repo, struct repo_published *ret, struct oak_error *err) _must_check_;

/* A new timestamp; also a new snapshot where less than half of its life is left. */
int repo_refresh(struct repo *repo, struct repo_published *ret, struct oak_error *err) _must_check_;

void repo_close(struct repo *repo); /* NULL is fine */
DEFINE_CLEANUP(struct repo *, repo_close)

struct repo_audit {
	uint64_t root_version, timestamp_version, snapshot_version, targets_version;
	size_t targets;
	uint64_t bytes; /* of all target files */
};

/**
 * repo_verify() - a full audit of a repository, as a host that starts from 1.root.json sees it
 *
 * Every root, every role file, the bytes of every target, and that each module is the one its
 * manifest names. Reads only; takes no lock and needs no keys.
 *
 * Errors: the first thing that is wrong; OAK_E_TRUST, OAK_E_FORMAT, OAK_E_NOTFOUND.
 */
int repo_verify(const struct repo_options *opt, struct repo_audit *ret, struct oak_error *err)
	_must_check_;

#endif
