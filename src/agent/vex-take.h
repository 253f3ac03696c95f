/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vex-take: this host's statements about the CVEs of its kernel at this moment (host/vex/vex.h).
 *
 * From the CVE database, where there is one: by default about those CVEs that a version alone does
 * not settle, and a scanner may ask about. Without a database from what levels say of themselves.
 */
#ifndef OAK_AGENT_VEX_TAKE_H
#define OAK_AGENT_VEX_TAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "host/cve/judge.h"
#include "host/host.h"
#include "host/vex/vex.h"

struct vex_wanted {
	const char *database;  /* a file; NULL: where it lies on a host */
	bool all;              /* also what a version alone settles */
	uint32_t year, number; /* only this CVE, whatever settles it; 0: no */
};

struct vex_taken {
	struct host host;
	const struct livepatch *level; /* in the kernel, borrowed from .host; or NULL */
	struct manifest *manifest;     /* of it; NULL: not on this disk */
	struct vex vex;                /* without .issue yet */
	struct vex_history history;    /* .vex.issue borrows from it */
	bool changed;                  /* since it was told last */
	char database_why[256];        /* why there is none; "" */
};

/*
 * Errors: OAK_E_UNSUPPORTED (see host/cve/kernel.h), OAK_E_NOTFOUND (no /proc; @wanted's database),
 * OAK_E_NOMEM. What is in the database's place but cannot be used is as none.
 */
int vex_take(int root, const struct vex_wanted *wanted, struct vex_taken *ret,
	     struct oak_error *err) _must_check_;

/* Gives it version, id and time. @owner: the key's id. */
int vex_taken_issue(int root, struct vex_taken *t, const char *owner, int64_t now_s,
		    struct oak_error *err) _must_check_;

/*
 * The same for a document that is only a part, and none of the series: version 1, its id from its
 * content.
 */
int vex_taken_issue_alone(struct vex_taken *t, const char *owner, int64_t now_s,
			  struct oak_error *err) _must_check_;

void vex_taken_clear(struct vex_taken *t); /* also the guard */

#endif
