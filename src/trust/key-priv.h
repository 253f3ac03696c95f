/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * key-priv: the inside of a key, shared by key.c and key-private.c alone.
 *
 * key.c knows the private half only through its operations, so that a program which verifies and
 * never signs (a host's) does not link the library that key-private.c needs.
 */
#ifndef OAK_TRUST_KEY_PRIV_H
#define OAK_TRUST_KEY_PRIV_H

#include "base/buf.h"
#include "trust/key.h"

struct key_scheme;

struct key_secret_ops {
	int (*sign)(const void *secret, const void *data, size_t len, struct buf *ret,
		    struct oak_error *err);
	void (*free)(void *secret);
};

struct tuf_key {
	char id[SHA256_HEX_MAX];
	json_t *json;
	const struct key_scheme *scheme; /* NULL: one that we do not know */
	struct buf public;               /* as the scheme decoded it */
	void *secret;                    /* the private half; NULL: public alone */
	const struct key_secret_ops *secret_ops;
};

#endif
