/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client-state: what the files of the client share; not for other rooms. */
#ifndef OAK_TRUST_CLIENT_STATE_H
#define OAK_TRUST_CLIENT_STATE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "trust/client.h"

struct tuf_client {
	int dirfd;    /* -1: in memory, nothing is stored */
	char *prefix; /* of target paths */
	struct metadata *trusted[TUF_ROLES];
	struct buf timestamp; /* the bytes of the trusted timestamp.json */
};

/*
 * Makes @m, all of whose checks have passed, the trusted metadata of its role. @m is taken, also
 * on failure. @bytes of the file are stored first where @store.
 */
int client_take(struct tuf_client *c, struct metadata *m, const struct buf *bytes, bool store,
		struct oak_error *err) _must_check_;

/* Forgets a role in memory; what is stored stays. */
void client_forget(struct tuf_client *c, enum tuf_role role);

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

#endif
