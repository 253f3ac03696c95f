/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * staged: the files that are made but not published, with the signatures that they have so far.
 *
 * One document, DIR/.staged.json in the repository; the same document, as a file of its own, is
 * what is passed around among people who hold keys elsewhere (a signing request):
 *
 *	{"schema": 1, "roles": [{"name": "targets", "signers": [{"keyids", "threshold"}, ...],
 *	                         "envelope": {"signatures", "signed"}}, ...]}
 *
 * "signers" tells whose signatures are wanted; it proves nothing, publishing looks at the root and
 * at the delegations again.
 *
 * Pure. Source: docs/formats/repository.md, "Signing in several sittings".
 */
#ifndef OAK_TRUST_AUTHOR_STAGED_H
#define OAK_TRUST_AUTHOR_STAGED_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/error.h"
#include "trust/metadata.h"

#define STAGED_SCHEMA    1
#define STAGED_BYTES_MAX (256u << 20) /* every role of a large repository at once */

/* Who must sign a file: more than one set while keys change hands. */
#define STAGED_SETS_MAX 2

struct staged_role {
	char *name; /* "targets", "kernels-0a" */
	struct metadata *m;
	json_t *signers; /* the list above */
};

struct staged {
	struct staged_role *roles; /* in the order in which they were staged first */
	size_t n;
};

/* @what names the document in messages. @ret: zeroed by the caller. Errors: OAK_E_FORMAT. */
int staged_parse(const void *data, size_t len, const char *what, struct staged *ret,
		 struct oak_error *err) _must_check_;

int staged_text(const struct staged *s, struct buf *ret, struct oak_error *err) _must_check_;

/* NULL: not staged. */
struct metadata *staged_find(const struct staged *s, const char *name);

/* Adds or replaces; takes @m, also on failure. */
int staged_put(struct staged *s, const char *name, struct metadata *m, struct oak_error *err)
	_must_check_;

void staged_drop(struct staged *s, const char *name); /* a name that is not staged is fine */

/* Says whose signatures the role wants: @n sets, each read as {"keyids", "threshold"}. */
int staged_want(struct staged *s, const char *name, const struct signers *const *sets, size_t n,
		struct oak_error *err) _must_check_;

/* Is the key one of those that the role wants? */
bool staged_wants_key(const struct staged_role *role, const char *keyid);

/*
 * Takes over the signatures of @from for what is exactly the same in both; @ret_n counts them.
 * What @from has and @s has not, or has otherwise, is refused: OAK_E_REFUSED.
 */
int staged_merge(struct staged *s, const struct staged *from, size_t *ret_n, struct oak_error *err)
	_must_check_;

void staged_free(struct staged *s); /* also the guard */

#endif
