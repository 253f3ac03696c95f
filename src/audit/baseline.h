/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * baseline: findings that somebody accepted, with why and until when.
 *
 *	{"schema": 1, "accepted": [
 *		{"id": "5.32", "subject": "container docker/portainer",
 *		 "reason": "manages this host; behind the VPN", "expires": "2027-03-31"}]}
 *
 * "subject" may end with "*", and be left out: all. An entry holds through the day it names; after
 * that the finding counts again, and says so.
 */
#ifndef OAK_AUDIT_BASELINE_H
#define OAK_AUDIT_BASELINE_H

#include <stdint.h>

#include "audit/audit.h"
#include "base/json.h"

#define BASELINE_MAX (1u << 20)

struct baseline {
	json_t *json;
	size_t n;
	size_t unused;  /* entries that no finding needed; after baseline_apply() */
	size_t expired; /* findings that count again */
};

/*
 * Pure. @what names it in messages. Errors: OAK_E_FORMAT (also a check that there is none of, a
 * missing reason, a date that is none), OAK_E_TOOLARGE.
 */
int baseline_parse(const void *data, size_t len, const char *what, struct baseline *ret,
		   struct oak_error *err) _must_check_;
void baseline_clear(struct baseline *b); /* zero is fine; also the guard */

/* Marks the findings that are accepted; @now: seconds since 1970. Borrows from @b. */
void baseline_apply(struct baseline *b, const char *path, int64_t now, struct audit *a);

#endif
