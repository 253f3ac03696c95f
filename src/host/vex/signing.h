/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signing: a host's own key, and what it signs.
 *
 * The key is ed25519, made at first use: /var/lib/oakum/vex/key.pem, PKCS#8, mode 0600, and
 * /run/oakum/vex.pub, its public half for auditors. It says "this host wrote that", no more; levels are
 * trusted by the repository's keys, which no host has. Signed with libsodium, so that no program
 * of a host starts OpenSSL (docs/decisions/0019).
 *
 * What is signed is a DSSE envelope: one signature over the payload with its type in front.
 * Source: RFC 8410; DSSE v1.0.2, protocol.md.
 */
#ifndef OAK_HOST_VEX_SIGNING_H
#define OAK_HOST_VEX_SIGNING_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "host/vex/history.h"

#define VEX_KEY_PATH    VEX_DIR "/key.pem"
#define VEX_PUBLIC_PATH "run/oakum/vex.pub"

#define VEX_PUBLIC_BYTES   32
#define VEX_SEED_BYTES     32
#define ENVELOPE_BYTES_MAX (4u << 20)

struct vex_public {
	uint8_t raw[VEX_PUBLIC_BYTES];
	char id[SHA256_HEX_MAX]; /* SHA-256 of the key as RFC 8410 encodes it (44 bytes) */
};

struct vex_key {
	uint8_t secret[64]; /* libsodium's form: seed and public half */
	struct vex_public public;
};

void vex_key_wipe(struct vex_key *k); /* also the guard */

/* Errors: OAK_E_NOTFOUND, OAK_E_FORMAT, OAK_E_PERMISSION, OAK_E_REFUSED (others may read it). */
int vex_key_read(int root, struct vex_key *ret, struct oak_error *err) _must_check_;

/* The same, and makes one where there is none. */
int vex_key_need(int root, struct vex_key *ret, struct oak_error *err) _must_check_;

/* PEM, "-----BEGIN PUBLIC KEY-----". Pure. Errors: OAK_E_FORMAT. */
int vex_public_parse(const char *text, struct vex_public *ret, struct oak_error *err) _must_check_;
int vex_public_text(const struct vex_public *p, struct buf *ret, struct oak_error *err)
	_must_check_;

struct vex_envelope {
	char type[128]; /* of the payload */
	char key_id[SHA256_HEX_MAX];
	uint8_t signature[64];
	struct buf payload;
};

/* Appends a document. Errors: OAK_E_NOMEM. */
int envelope_write(const struct vex_key *k, const char *type, const void *payload, size_t len,
		   struct buf *ret, struct oak_error *err) _must_check_;

/**
 * envelope_parse() - the envelope of one signature; nothing is verified yet
 *
 * Pure. Fuzzed by tests/fuzz/fuzz-vex.c. Errors: OAK_E_FORMAT, OAK_E_TOOLARGE, OAK_E_NOMEM.
 */
int envelope_parse(const void *data, size_t len, struct vex_envelope *ret, struct oak_error *err)
	_must_check_;

/* Errors: OAK_E_TRUST. */
int envelope_verify(const struct vex_envelope *e, const struct vex_public *by,
		    struct oak_error *err) _must_check_;

void envelope_free(struct vex_envelope *e); /* also the guard */

#endif
