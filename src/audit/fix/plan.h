/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan: what would be changed for the findings of an audit, and what is left to people.
 *
 * A change is one file's text, one file's owner and mode, or one live setting of the kernel; it
 * holds what was there when the plan was made, and is done only where that is still so. Files that
 * are written are ours (below) and the settings file of docker; links, files of several names and
 * what is not a regular file are never written. A mode only ever loses bits.
 *
 * A plan that was made of the same host in the same state is the same: its id says so.
 */
#ifndef OAK_AUDIT_FIX_PLAN_H
#define OAK_AUDIT_FIX_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "audit/audit.h"
#include "audit/fix/fix.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"

#define FIX_SYSCTL_FILE "/etc/sysctl.d/60-oakum-audit.conf"
#define FIX_WATCH_FILE  "/etc/audit/rules.d/60-oakum-docker.rules"
#define FIX_BOOT_FILE   "/etc/default/grub.d/60-oakum.cfg"
#define FIX_TEXT_MAX    (1u << 20)
#define FIX_ID_MAX      17  /* with the NUL */
#define FIX_PLAIN_MAX   512 /* of a path that is shown */

enum fix_change_kind {
	FIX_TEXT,  /* of a regular file */
	FIX_ATTR,  /* owner and mode of anything */
	FIX_VALUE, /* the first line of a file below /proc/sys */
};

struct fix_attr {
	uint32_t mode; /* twelve bits */
	uint32_t uid, gid;
};

struct fix_change {
	enum fix_change_kind kind;
	char *path;           /* from the root, as it is: any bytes */
	char *before, *after; /* text or value; before NULL: no such file */
	struct fix_attr was;  /* of a text: what it has, and keeps */
	struct fix_attr will;
	struct buf ids;    /* of the checks, parted by blanks */
	const char *needs; /* what makes it count, or NULL: nothing */
	json_t *had, *put; /* of docker's settings: the keys; null where there is none */
};

enum fix_left_why {
	FIX_LEFT_WAITS, /* it is done, and counts after what its reason says */
	FIX_LEFT_ASKED, /* is done where it is asked for */
	FIX_LEFT_BY_HAND,
	FIX_LEFT_UNKNOWN, /* what would tell cannot be read */
	FIX_LEFT_NEVER,   /* it would break live patching or containers */
};

struct fix_left {
	const struct finding *f; /* the audit's */
	enum fix_left_why why;
	char *reason; /* safe for a terminal */
};

struct fix_plan {
	char id[FIX_ID_MAX];
	struct fix_change *changes;
	size_t n;
	struct fix_left *left;
	size_t n_left;
	size_t n_findings; /* that the changes are for */
};

struct fix_options {
	const char *const *only; /* as in struct audit_options: ids that are named are asked for */
	enum audit_severity least;
};

/* @a must outlive the plan. Errors: OAK_E_NOMEM. */
int fix_plan_make(const struct audit *a, const struct fix_options *opt, struct fix_plan *ret,
		  struct oak_error *err) _must_check_;
void fix_plan_clear(struct fix_plan *p); /* zero is fine; also the guard */

/* "waits", "on request", "by hand", "unknown", "never" */
const char *fix_left_why_name(enum fix_left_why w);

/* "text", "attributes", "value" */
const char *fix_change_kind_name(enum fix_change_kind k);

/* "mode 0666 owner 0:0 -> mode 0644", "0 -> 1", "written anew"; safe for a terminal. */
int fix_change_describe(const struct fix_change *c, struct buf *ret) _must_check_;

/* Of a text that is JSON: how far its first member stands in; what people chose stays. */
unsigned fix_change_indent(const struct fix_change *c);

/* A unified diff of all texts. Errors: OAK_E_NOMEM. */
int fix_plan_diff(const struct fix_plan *p, struct buf *ret, struct oak_error *err) _must_check_;

#endif
