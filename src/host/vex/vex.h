/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vex: what this host says about the CVEs of its kernel, before anybody's format.
 *
 *	struct vex v = { 0 };
 *	... kernel, build_id, level ...
 *	vex_add(&v, &host, &db, record, &judgement, true, &err);
 *	vex_write_openvex(&v, &text, &err);
 *
 * One statement a CVE: the verdict of host/cve/judge.h and the status that others know it by.
 * docs/formats/vex.md has the table with its reasons. Statements rise by id.
 *
 * Pure.
 */
#ifndef OAK_HOST_VEX_VEX_H
#define OAK_HOST_VEX_VEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "host/cve/judge.h"
#include "host/identity.h"
#include "host/vex/history.h"
#include "host/vex/purl.h"

enum vex_status {
	VEX_AFFECTED,
	VEX_FIXED,
	VEX_NOT_AFFECTED,
	VEX_STATUSES,
};

enum vex_justification {
	VEX_JUSTIFICATION_NONE, /* of any status but "not affected" */
	VEX_CODE_NOT_PRESENT,
	VEX_CODE_NOT_EXECUTED,
	VEX_JUSTIFICATIONS,
};

/* Of what is affected: is there a way out, and of which kind? */
enum vex_remedy {
	VEX_REMEDY_NONE,
	VEX_REMEDY_MITIGATION,
	VEX_REMEDY_FIX,
};

struct vex_statement {
	uint32_t year, number;
	enum cve_verdict verdict;
	enum vex_status status;
	enum vex_justification justification;
	enum vex_remedy remedy;
	size_t title, notes, action; /* offsets in vex->text; 0: "" */
};

/* The level in the kernel. */
struct vex_level {
	uint32_t number;                      /* 0: none */
	const char *state;                    /* "applied"; borrowed */
	size_t wanted;                        /* functions of its manifest */
	size_t redirected;                    /* of them, by what sysfs shows */
	char manifest_sha256[SHA256_HEX_MAX]; /* of the bytes on this disk; "": not there */
	char module_sha256[SHA256_HEX_MAX];   /* as the manifest says */
};

struct vex {
	struct cve_kernel kernel;
	char build_id[BUILD_ID_HEX_MAX];
	char product[PURL_MAX], source[PURL_MAX]; /* source: "" where there is none */
	struct vex_level level;
	int64_t database_s; /* the newest of its records; 0: no database */
	char author[128];
	char owner[SHA256_HEX_MAX]; /* the id of the key that signs for this host; "": none yet */
	struct vex_issue issue;
	struct vex_statement *v;
	size_t n, cap;
	struct buf text; /* begins with an empty one */
};

/* "affected", "fixed", "not_affected" */
const char *vex_status_name(enum vex_status s);

/* OpenVEX's word; NULL for none. */
const char *vex_justification_name(enum vex_justification j);

/* "" for offset 0. Borrowed until the next statement. */
const char *vex_text(const struct vex *v, size_t off);

/* Is it left to a version alone? Then no scanner asks. Such statements are added on demand only. */
bool vex_is_plain(const struct cve_judgement *j);

/* Errors: OAK_E_NOMEM. What the record says of nobody (rejected, reserved) is passed over. */
int vex_add(struct vex *v, const struct cve_host *h, const struct cve_db *db,
	    const struct cve_file_record *r, const struct cve_judgement *j, struct oak_error *err)
	_must_check_;

/* From what levels say alone: CVEs that no database has. Sorted claims. Errors: OAK_E_NOMEM. */
int vex_add_claims(struct vex *v, const struct cve_host *h, const struct cve_db *db,
		   struct oak_error *err) _must_check_;

void vex_sort(struct vex *v);

/* Leaves only that CVE. */
void vex_keep(struct vex *v, uint32_t year, uint32_t number);

/* SHA-256 of all that is said, apart from when: the same content has the same. */
int vex_digest(const struct vex *v, char ret[SHA256_HEX_MAX], struct oak_error *err) _must_check_;

void vex_free(struct vex *v); /* also the guard */

#endif
