/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signers: who may sign a file: a threshold of some keys of a keyring. The root names them for
 * the four roles; a delegation would name them the same way.
 *
 * Source: TUF 1.0.x sections 4.2, 4.3 (root, roles) and 5 (threshold counting).
 */
#ifndef OAK_TRUST_SIGNERS_H
#define OAK_TRUST_SIGNERS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/error.h"
#include "trust/key.h"

/* Far beyond any real repository; they bound the work that an unverified file can cause. */
#define KEYRING_KEYS_MAX 1024
#define SIGNATURES_MAX   256

struct keyring {
	struct tuf_key **keys; /* owned */
	size_t n;
};

/*
 * What a keyid is. Ours are hashes of their keys; other repositories, sigstore's for one, choose
 * them in their own way, and TUF 1.0.30 and later let clients take them as they are. Keys are told
 * apart by their bytes in either case.
 */
enum keyid_rule {
	KEYID_IS_HASH,
	KEYID_OPAQUE
};

/**
 * keyring_parse() - the "keys" member {keyid: key, ...}
 * @ret: zeroed by the caller; free it also after a failure
 *
 * A key that cannot be used (junk in "public", a scheme that we do not know) is kept and verifies
 * nothing: one such key of many must not lock hosts out of a root that a threshold signed.
 *
 * Errors: OAK_E_FORMAT (with KEYID_IS_HASH: a keyid that is not the hash of its key, among them),
 * OAK_E_NOMEM.
 */
int keyring_parse(const json_t *object, enum keyid_rule rule, struct keyring *ret,
		  struct oak_error *err) _must_check_;
const struct tuf_key *keyring_find(const struct keyring *ring, const char *keyid);
void keyring_free(struct keyring *ring);

struct signers {
	const char **ids;            /* distinct; strings borrowed from the document */
	const struct tuf_key **keys; /* parallel; borrowed from the keyring; NULL: not listed there */
	size_t n;
	unsigned threshold; /* 1 and up */
};

/* A role {"keyids": [...], "threshold": n}; @ret as above. */
int signers_parse(const json_t *role, const struct keyring *ring, struct signers *ret,
		  struct oak_error *err) _must_check_;

bool signers_have(const struct signers *s, const char *keyid);
bool signers_equal(const struct signers *a, const struct signers *b); /* the same set of keyids */

/* Checks the form of "signatures" [{"keyid", "sig"}, ...]. Errors: OAK_E_FORMAT. */
int signatures_check(const json_t *signatures, struct oak_error *err) _must_check_;

/**
 * signers_count() - how many distinct keys of @s signed the bytes, at most the threshold
 * @signatures: passed signatures_check()
 */
unsigned signers_count(const struct signers *s, const json_t *signatures, const void *data,
		       size_t len);

void signers_free(struct signers *s);

#endif
