/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client: what a host believes of a repository, and how it comes to believe more.
 *
 * The workflow of the TUF specification 1.0.x, section 5. Trusted metadata lies in one directory
 * as root.json, timestamp.json, snapshot.json, targets.json, byte for byte as served; delegated
 * roles that were needed beside them, see trust/safe-name.h, until snapshot.json lists them no
 * more. All of the directory's *.json are the client's. A file is replaced (fsync, rename) only
 * after all of its checks passed, so a failed refresh leaves the last good state, and a crash
 * leaves the old or the new.
 *
 *	tuf_client_init("/var/lib/oakum/trust", root, len, &err);           once
 *	tuf_client_open("/var/lib/oakum/trust", NULL, &client, &err);
 *	fetcher_open("https://patches.example.org/", &fetcher, &err);
 *	tuf_client_refresh(client, &fetcher, &(struct tuf_refresh){ .now_s = time(NULL) }, &err);
 *	level_find(...)                                                    see trust/level.h
 *
 * Errors: OAK_E_TRUST (a signature, version, hash or expiry check failed), OAK_E_FORMAT, those of
 * the fetcher, OAK_E_IO where the state cannot be written.
 */
#ifndef OAK_TRUST_CLIENT_H
#define OAK_TRUST_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/progress.h"
#include "trust/fetch.h"
#include "trust/metadata.h"
#include "trust/target.h"

struct tuf_client;

struct tuf_options {
	const char *targets_prefix; /* of target paths given to the fetcher; NULL: "targets/" */
	bool opaque_keyids; /* take keyids that are not hashes of their keys: other repositories' */
};

/**
 * tuf_client_init() - start to trust a repository
 * @dir:  made where missing
 * @root: bytes of a root.json that came by a trusted way
 *
 * A directory that already trusts another root is OAK_E_REFUSED; the same one is fine.
 */
int tuf_client_init(const char *dir, const void *root, size_t len, struct oak_error *err)
	_must_check_;

/* The same with options. */
int tuf_client_init_as(const char *dir, const struct tuf_options *opt, const void *root, size_t len,
		       struct oak_error *err) _must_check_;

/**
 * tuf_client_open() - read the trusted root; nothing else is read, no network
 * @opt: NULL for the defaults; borrowed for the call
 *
 * Errors: OAK_E_NOTFOUND (never initialised), OAK_E_FORMAT, OAK_E_IO.
 */
int tuf_client_open(const char *dir, const struct tuf_options *opt, struct tuf_client **ret,
		    struct oak_error *err) _must_check_;

/* A client that starts from @root and stores nothing; for audits. */
int tuf_client_open_memory(const void *root, size_t len, struct tuf_client **ret,
			   struct oak_error *err) _must_check_;

struct tuf_refresh {
	int64_t now_s; /* the one "now" of all expiry checks, seconds since the epoch */
	/*
	 * Ask for timestamp.json first and stop there when it is byte for byte the trusted one
	 * and nothing has expired: one small request for a host that is up to date. Safe where
	 * publishing a new root also publishes a new timestamp, as oakum-repo does; whoever can
	 * serve an old timestamp can as well hide a new root.
	 */
	bool quick;
	const struct progress *progress; /* may be NULL */
};

/**
 * tuf_client_refresh() - bring the trusted metadata up to date
 *
 * Afterwards the targets can be read. On failure the client still holds what it held on disk;
 * tuf_client_load() may still make the targets readable.
 *
 * Return: 1 where something new was taken, 0 where nothing changed, or a negative enum oak_code.
 */
int tuf_client_refresh(struct tuf_client *c, const struct fetcher *fetcher,
		       const struct tuf_refresh *how, struct oak_error *err) _must_check_;

/**
 * tuf_client_load() - make the targets of the last refresh readable, without network
 *
 * Every stored file is verified again. Expired metadata is OAK_E_TRUST; @now_s < 0 skips expiry,
 * for showing what is known, never for loading a level.
 */
int tuf_client_load(struct tuf_client *c, int64_t now_s, struct oak_error *err) _must_check_;

/* What is trusted now; NULL where not loaded. For status reports; borrowed until the next call. */
const struct metadata *tuf_client_metadata(const struct tuf_client *c, enum tuf_role role);

struct tuf_lookup {
	const struct fetcher *fetcher; /* of delegated roles that are not stored; NULL: those alone */
	int64_t now_s; /* as that of the refresh; < 0 skips expiry: to show things */
	const struct progress *progress; /* may be NULL */
};

/**
 * tuf_client_find() - the target of a path, by whatever role may vouch for it
 * @ret: borrowed until the next refresh or load
 *
 * targets.json first, then the roles that it delegates the path to, by priority and in depth; at
 * most 32. The first that lists the path wins; after the subtree of a terminating delegation the
 * search ends. A role that cannot be had fails it: one of lower priority must not take its place.
 *
 * Errors: OAK_E_NOTFOUND: no role has it, never anything else; OAK_E_AGAIN: nothing is loaded, or
 * a role that may have it is neither stored nor served; otherwise as refresh.
 */
int tuf_client_find(struct tuf_client *c, const char *path, const struct tuf_lookup *how,
		    struct tuf_target *ret, struct oak_error *err) _must_check_;

/**
 * tuf_client_delegated() - one delegated role
 * @signers: those that its delegator names
 * @ret:     borrowed until the next refresh or load
 *
 * From memory, the trust directory or the repository (then stored); all is checked each time.
 *
 * Errors: OAK_E_TRUST (also where snapshot.json does not list it); as tuf_client_find().
 */
int tuf_client_delegated(struct tuf_client *c, const char *name, const struct signers *signers,
			 const struct tuf_lookup *how, const struct metadata **ret,
			 struct oak_error *err) _must_check_;

/* The bytes of a target, length and hashes checked. @ret is appended to, untouched on failure. */
int tuf_client_download(const struct tuf_client *c, const struct tuf_target *target,
			const struct fetcher *fetcher, struct buf *ret, struct oak_error *err)
	_must_check_;

void tuf_client_close(struct tuf_client *c); /* NULL is fine */
DEFINE_CLEANUP(struct tuf_client *, tuf_client_close)

#endif
