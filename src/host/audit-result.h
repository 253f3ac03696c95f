/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit-result: what the last whole audit of this host came to, for those who report it. Written by root's
 * "oakum audit" where the host is registered with a fleet; nothing that is done to the kernel depends on it.
 *
 *	{"schema": 1, "at": S, "score": 0 to 100, "failed": N}
 */
#ifndef OAK_HOST_AUDIT_RESULT_H
#define OAK_HOST_AUDIT_RESULT_H

#include <stdint.h>

#include "base/error.h"

#define AUDIT_RESULT_PATH  "var/lib/oakum/audit.json"
#define AUDIT_RESULT_OLD_S (30 * INT64_C(86400)) /* older ones say nothing of today */

struct audit_result {
	int64_t at_s;
	uint32_t score, failed; /* percent; findings */
};

int audit_result_write(int root, const struct audit_result *a, struct oak_error *err) _must_check_;

/* Errors: OAK_E_NOTFOUND: there is none; OAK_E_FORMAT, OAK_E_IO. */
int audit_result_read(int root, struct audit_result *ret, struct oak_error *err) _must_check_;

#endif
