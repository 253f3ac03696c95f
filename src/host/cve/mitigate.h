/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mitigate: what closes the way to a CVE until a level fixes it, and goes away by itself then.
 *
 * Modules that are not loaded and have its code are blocked by a file of modprobe.d; a switch of the
 * kernel that narrows the way to its code is set, by a file of sysctl.d and at once. Each CVE has files
 * of its own, whose names have its id. Nothing is unloaded. User namespaces are never touched:
 * containers need them.
 *
 * What was done stands in /var/lib/oakum/mitigations.json, which is written first:
 *
 *	{"schema": 1, "mitigations": [{"cve": "CVE-2026-1", "since": DATE, "modules": ["sctp"],
 *	                               "sysctls": [{"name", "before", "after"}]}]}
 *
 * Lifting removes the files, and puts a switch back where it is still as it was set, and no other
 * mitigation wants it. A file that another hand has changed stays, and is told of.
 */
#ifndef OAK_HOST_CVE_MITIGATE_H
#define OAK_HOST_CVE_MITIGATE_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"
#include "host/cve/judge.h"

#define MITIGATE_PATH        "var/lib/oakum/mitigations.json"
#define MITIGATE_MODULES_DIR "etc/modprobe.d"
#define MITIGATE_SYSCTLS_DIR "etc/sysctl.d"
#define MITIGATE_MAX         256u /* at one time */

/* The list above; empty where there is none. New reference. Errors: OAK_E_FORMAT, OAK_E_IO. */
int mitigate_read(int root, json_t **ret, struct oak_error *err) _must_check_;

/**
 * mitigate_apply() - close the way to one CVE
 * @ret: what was done, as an entry of the list; new reference
 *
 * The caller holds the lock. Errors: OAK_E_NOTHING (it is not open here, or mitigated already),
 * OAK_E_REFUSED (no module that could be blocked, no switch that helps; the message says why),
 * OAK_E_PERMISSION, OAK_E_IO.
 */
int mitigate_apply(int root, const struct cve_host *h, const struct cve_db *db,
		   const struct cve_file_record *r, json_t **ret, struct oak_error *err)
	_must_check_;

/* Takes one back. The caller holds the lock. Errors: OAK_E_NOTFOUND, OAK_E_REFUSED (changed). */
int mitigate_undo(int root, const char *cve, struct oak_error *err) _must_check_;

/**
 * mitigate_lift() - take back all whose CVE is live-patched, fixed or not this kernel's
 * @told: each that was lifted, or could not be, in one line; with the CVE's id; may be NULL
 *
 * The caller holds the lock. Return: how many were lifted. Errors: those of mitigate_read().
 */
struct mitigate_told {
	void (*line)(void *ctx, const char *cve, const char *text);
	void *ctx;
};
int mitigate_lift(int root, const struct cve_host *h, const struct cve_db *db,
		  const struct mitigate_told *told, struct oak_error *err) _must_check_;

#endif
