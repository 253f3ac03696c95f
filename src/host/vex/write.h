/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * write: one list of statements in four formats.
 *
 *	openvex    OpenVEX 0.2.0
 *	csaf       CSAF 2.0, profile VEX
 *	cyclonedx  CycloneDX 1.5: the kernel as the only component, and its vulnerabilities
 *	oval       OVAL 5.11 definitions, which a scanner evaluates on this host: see oval.c
 *
 * One statement a line; the same statements give the same bytes. Statement by statement goes into
 * the text, so a document takes no more memory than it has bytes.
 *
 * Pure. To add a format: a file with its writer, a row in write.c, one in read.c for the auditor.
 */
#ifndef OAK_HOST_VEX_WRITE_H
#define OAK_HOST_VEX_WRITE_H

#include <jansson.h>

#include "host/vex/vex.h"

enum vex_format {
	VEX_OPENVEX,
	VEX_CSAF,
	VEX_CYCLONEDX,
	VEX_OVAL,
	VEX_FORMATS,
};

/* "openvex", ... */
const char *vex_format_name(enum vex_format f);

/* VEX_FORMATS for no such name. */
enum vex_format vex_format_parse(const char *name);

/* Below /run/oakum: "vex.openvex.json". */
const char *vex_format_file(enum vex_format f);

/*
 * @ret is appended to. Errors: OAK_E_NOMEM, OAK_E_NOTHING (nothing is to be said, and OpenVEX and
 * CSAF have no empty documents).
 */
int vex_write(const struct vex *v, enum vex_format f, struct buf *ret, struct oak_error *err)
	_must_check_;

/* For the writers: */

struct vex_writer {
	const struct vex *vex;
	struct buf *out;
	bool failed; /* out of memory; nothing is written any more */
	bool first;  /* of a list: no comma */
};

void vex_put(struct vex_writer *w, const char *text);
void vex_put_json(struct vex_writer *w, json_t *j); /* takes it; NULL: out of memory */

/* A comma and a line break where it is not the first, then the member. */
void vex_put_row(struct vex_writer *w, json_t *j);

void vex_put_openvex(struct vex_writer *w);
void vex_put_csaf(struct vex_writer *w);
void vex_put_cyclonedx(struct vex_writer *w);
void vex_put_oval(struct vex_writer *w);

/* The time of the first and of the newest revision, as text. */
void vex_times(const struct vex *v, char first[21], char current[21]);

#endif
