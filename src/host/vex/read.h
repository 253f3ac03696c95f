/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * read: a document that vex_write() wrote, for an auditor: which CVE has which status.
 *
 * Strict: every statement must be of a form that this host writes. It is no reader of anybody's
 * VEX. Pure. Fuzzed by tests/fuzz/fuzz-vex.c.
 */
#ifndef OAK_HOST_VEX_READ_H
#define OAK_HOST_VEX_READ_H

#include "host/vex/write.h"

#define VEX_DOCUMENT_MAX   (64u << 20) /* bytes */
#define VEX_STATEMENTS_MAX 1000000u

struct vex_said {
	uint32_t year, number;
	enum vex_status status;
	enum vex_justification justification;
};

struct vex_document {
	enum vex_format format;
	uint32_t version;
	char product[PURL_MAX]; /* of the kernel */
	struct vex_said *v;     /* rising by id, each once */
	size_t n;
};

/* Errors: OAK_E_FORMAT, OAK_E_TOOLARGE, OAK_E_NOMEM; the message begins with @what. */
int vex_document_parse(const void *data, size_t len, const char *what, struct vex_document *ret,
		       struct oak_error *err) _must_check_;

const struct vex_said *vex_document_find(const struct vex_document *d, uint32_t year,
					 uint32_t number);

void vex_document_free(struct vex_document *d); /* also the guard */

#endif
