/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * key-priv: the inside of a key, shared by the key-*.c and keystore.c alone.
 *
 * key.c knows the private half only through its operations, so that a program which verifies and
 * never signs (a host's) needs neither private keys nor tokens.
 */
#ifndef OAK_TRUST_KEY_PRIV_H
#define OAK_TRUST_KEY_PRIV_H

#include "base/buf.h"
#include "trust/key.h"

/* One way to sign: a row of the table in key.c. */
struct key_scheme {
	const char *keytype;
	const char *scheme;
	/*
	 * keyval.public to bytes. Keys that can verify and are equal give equal bytes.
	 * -EINVAL: not such a key; -ENOMEM.
	 */
	int (*decode)(const struct key_scheme *s, const char *text, struct buf *ret);
	bool (*verify)(const struct key_scheme *s, const struct buf *public, const void *data,
		       size_t len, const uint8_t *sig, size_t sig_len);
	const char *digest; /* OpenSSL's name; NULL: the scheme hashes by itself */
	bool rsa;
	bool pss; /* RSASSA-PSS with MGF1 of the same digest; else, of rsa, PKCS #1 v1.5 */
	/* The head of its DER, down to the point; the point is uncompressed. NULL: no such. */
	const uint8_t *spki_head;
	size_t spki_head_len, point_len;
};

struct key_secret_ops {
	int (*sign)(const struct tuf_key *key, const void *data, size_t len, struct buf *ret,
		    struct oak_error *err);
	void (*free)(void *secret);
};

struct tuf_key {
	char *id;
	json_t *json;
	const struct key_scheme *scheme; /* NULL: one that we do not know */
	struct buf public;               /* as the scheme decoded it; empty: not usable */
	void *secret;                    /* the private half; NULL: public alone */
	const struct key_secret_ops *secret_ops;
};

/*
 * key_move_secret() - the private half of @from becomes that of @to, which keeps its own object
 * and keyid (a .pub file may have further members)
 *
 * Return: false where the two are not the same key; nothing moved then.
 */
bool key_move_secret(struct tuf_key *from, struct tuf_key *to);

#endif
