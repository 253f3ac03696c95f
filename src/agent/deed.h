/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deed: one change of the running kernel, from the last look before it to what is said after it:
 * preflight, pre-hooks, apply or revert (host/apply.h), post-hooks, report. The verbs and the agent do it
 * alike.
 *
 * What came of it lies in /var/lib/oakum/report.json until the next one. Callers hold the lock.
 */
#ifndef OAK_AGENT_DEED_H
#define OAK_AGENT_DEED_H

#include "agent/hooks.h"
#include "agent/steps.h"
#include "host/apply.h"
#include "host/preflight.h"
#include "host/settings.h"

#define DEED_REPORT_PATH "var/lib/oakum/report.json"

struct deed_options {
	const struct host *host;         /* as just read, under the lock */
	const struct settings *settings; /* hooks, pressure; NULL: neither */
	struct apply_options apply;
	struct steps *steps; /* may be NULL */
};

/* How far it came. */
enum deed_stage {
	DEED_PREFLIGHT,
	DEED_HOOKS,
	DEED_KERNEL
};

struct deed_result {
	enum deed_stage stage;
	uint32_t from, level; /* in the kernel before and, where it worked, after; 0: none */
	struct preflight_report preflight;
	struct apply_result apply;
	struct hooks_result hooks;
};

/**
 * deed_apply() - put a level into the kernel
 * @module: NULL: it is in the kernel already, only its transition is waited for
 * @ret:    filled as far as it went; deed_result_clear() it
 *
 * Errors: those of the preflight, of the hooks (OAK_E_AGAIN) and of level_apply().
 */
int deed_apply(const struct deed_options *opt, const struct manifest *m, const void *module,
	       size_t len, struct deed_result *ret, struct oak_error *err) _must_check_;

/* Takes every level out. A pre-revert hook that fails holds it, but not where a guard wants it. */
int deed_revert(const struct deed_options *opt, struct deed_result *ret, struct oak_error *err)
	_must_check_;

/**
 * deed_report() - write report.json
 * @r: what the deed returned
 *
 * A report that cannot be written is said to the progress, and changes nothing.
 */
void deed_report(const struct deed_options *opt, const struct deed_result *result, int r,
		 const struct oak_error *err);

void deed_result_clear(struct deed_result *r); /* also the guard */

#endif
