/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * token: an object in a PKCS#11 token (a smart card, an HSM, SoftHSM2), found by its URI.
 * For key-token.c alone.
 *
 * The URI names a token that one of the modules registered with p11-kit serves; its query
 * "module-path=/lib/x.so" loads that module instead. The PIN comes from a passphrase source and is
 * asked for once a token: other keys of a token that was opened need none. A wrong PIN is never
 * tried twice, since tokens count.
 *
 * Source: RFC 7512; PKCS#11 3.0. docs/decisions/0011 says why p11-kit.
 */
#ifndef OAK_TRUST_TOKEN_H
#define OAK_TRUST_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "trust/passphrase.h"

struct token; /* opaque: modules, session */

/* Numbers are those of PKCS#11, each an unsigned long there. */

/**
 * token_open() - a session with the one token that @uri names
 *
 * Errors: OAK_E_FORMAT (not a PKCS#11 URI), OAK_E_REFUSED (it holds a PIN; several tokens match),
 * OAK_E_NOTFOUND (no such token), OAK_E_FAILED (the module says no).
 */
int token_open(const char *uri, struct token **ret, struct oak_error *err) _must_check_;

/* Does nothing where nothing is to do. Errors: those of ask(); OAK_E_REFUSED for a wrong PIN. */
int token_login(struct token *t, const struct passphrase_source *ask, struct oak_error *err)
	_must_check_;

/* The one object of a class (CKO_PRIVATE_KEY) that the URI names. OAK_E_NOTFOUND, OAK_E_REFUSED. */
int token_find(struct token *t, unsigned long class, unsigned long *ret, struct oak_error *err)
	_must_check_;

/* Bytes of an attribute. Errors: OAK_E_FAILED. */
int token_attribute(struct token *t, unsigned long object, unsigned long type, struct buf *ret,
		    struct oak_error *err) _must_check_;

struct token_signing {
	unsigned long mechanism;
	void *param; /* of the mechanism; or NULL */
	size_t param_len;
	const void *data;
	size_t data_len;
};

/* @sig: @len bytes of room, then as many as the token wrote. */
int token_sign(struct token *t, unsigned long key, const struct token_signing *what, uint8_t *sig,
	       unsigned long *len, struct oak_error *err) _must_check_;

void token_close(struct token *t); /* NULL is fine */
DEFINE_CLEANUP(struct token *, token_close)

#endif
