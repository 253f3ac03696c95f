/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evidence: what is signed. Not the documents themselves, but their SHA-256 in an in-toto statement
 * whose predicate says what they rest on: the kernel, the level in it, and of each fix the
 * functions and whether sysfs showed them redirected. docs/formats/vex.md has the members.
 *
 * evidence_write() and evidence_parse() are pure; the second is fuzzed by tests/fuzz/fuzz-vex.c.
 */
#ifndef OAK_HOST_VEX_EVIDENCE_H
#define OAK_HOST_VEX_EVIDENCE_H

#include <jansson.h>

#include "host/host.h"
#include "host/vex/vex.h"

#define VEX_ENVELOPE_PATH  "run/oakum/vex.dsse.json"
#define EVIDENCE_TYPE      "application/vnd.in-toto+json"
#define EVIDENCE_PREDICATE "urn:oakum:vex-evidence:1"

/* A document that was written. */
struct vex_file {
	const char *name;
	char sha256[SHA256_HEX_MAX];
};

/* @m, @p: of the level in the kernel, or NULL. Errors: OAK_E_NOMEM. */
int evidence_write(const struct vex *v, const struct manifest *m, const struct livepatch *p,
		   const struct vex_file *files, size_t n, struct buf *ret, struct oak_error *err)
	_must_check_;

/* Texts are borrowed from .doc. */
struct evidence {
	json_t *doc;
	const char *build_id, *release, *product;
	const char *state, *manifest_sha256, *module_sha256; /* of the level; NULL: none */
	uint32_t level;                                      /* 0: none */
	const char *database;                                /* of when; NULL: there was none */
	const json_t *fixes;                                 /* of the level */
};

/* Errors: OAK_E_FORMAT, OAK_E_TOOLARGE, OAK_E_NOMEM. */
int evidence_parse(const void *data, size_t len, struct evidence *ret, struct oak_error *err)
	_must_check_;

/* Does it vouch for a document with that SHA-256? */
bool evidence_has(const struct evidence *e, const char *sha256);

void evidence_free(struct evidence *e); /* also the guard */

#endif
