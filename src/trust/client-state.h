/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client-state: what the files of the client share; not for other rooms. */
#ifndef OAK_TRUST_CLIENT_STATE_H
#define OAK_TRUST_CLIENT_STATE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "trust/client.h"

#define CLIENT_FILE_MODE 0644 /* nothing is secret; "oakum status" may run without root */

struct delegated {
	char *name;
	struct metadata *m; /* agreed with snapshot; who may sign it is asked at each use */
};

struct tuf_client {
	int dirfd;    /* -1: in memory, nothing is stored */
	char *prefix; /* of target paths */
	enum keyid_rule keyids;
	struct metadata *trusted[TUF_ROLES];
	struct buf timestamp;        /* the bytes of the trusted timestamp.json */
	struct delegated *delegated; /* forgotten with the snapshot that they agree with */
	size_t n_delegated;
};

/*
 * Makes @m, all of whose checks have passed, the trusted metadata of its role. @m is taken, also
 * on failure. @bytes of the file are stored first where @store.
 */
int client_take(struct tuf_client *c, struct metadata *m, const struct buf *bytes, bool store,
		struct oak_error *err) _must_check_;

/* Forgets a role in memory, and with it all delegated roles; what is stored stays. */
void client_forget(struct tuf_client *c, enum tuf_role role);
void client_forget_delegated(struct tuf_client *c);

/*
 * Removes stored files of delegated roles that the trusted snapshot does not list, and what
 * crashes left half written. What cannot be removed does no harm. Under the lock of a refresh.
 */
void client_remove_unlisted(const struct tuf_client *c);

/* The stored bytes of a role. Errors: OAK_E_NOTFOUND, also for a client in memory. */
int client_read(const struct tuf_client *c, enum tuf_role role, struct buf *ret,
		struct oak_error *err) _must_check_;

/* What the trusted parent (of snapshot: timestamp; of targets: snapshot) says of @role. */
int client_link(const struct tuf_client *c, enum tuf_role role, struct metadata_link *ret,
		struct oak_error *err) _must_check_;

/* Parses @bytes and checks the signatures with the trusted root; nothing else. */
int client_check(const struct tuf_client *c, enum tuf_role role, const struct buf *bytes,
		 struct metadata **ret, struct oak_error *err) _must_check_;

/* The same for a child: also length, hashes and version against the link of its parent. */
int client_check_child(const struct tuf_client *c, enum tuf_role role,
		       const struct metadata_link *link, const struct buf *bytes,
		       struct metadata **ret, struct oak_error *err) _must_check_;

/* Errors: OAK_E_TRUST "<name>: version 4, but <parent> says 5". */
int client_check_version(const struct metadata *m, const struct metadata_link *link,
			 const char *parent, struct oak_error *err) _must_check_;

#endif
