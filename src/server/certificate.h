/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * certificate: the server's own, self-signed, for those who have none: ECDSA P-256, two years. Hosts believe
 * it by its fingerprint ("oakum register --fingerprint").
 */
#ifndef OAK_SERVER_CERTIFICATE_H
#define OAK_SERVER_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

#define CERTIFICATE_NAMES_MAX 64

/**
 * certificate_make() - a key and a certificate for it, both files
 * @names: host names and IP addresses; the first is the subject
 *
 * The key has mode 0600. Nothing that exists is overwritten: OAK_E_REFUSED.
 */
struct certificate_new {
	const char *const *names;
	size_t n_names;
	const char *certificate, *key; /* paths */
	int64_t now_s;
};
int certificate_make(const struct certificate_new *c, struct oak_error *err) _must_check_;

/* SHA-256 of the first certificate of a PEM file, as hexadecimal digits; and its last second. */
int certificate_read(const char *path, char ret_sha256[SHA256_HEX_MAX], int64_t *ret_expires_s,
		     struct oak_error *err) _must_check_;

#endif
