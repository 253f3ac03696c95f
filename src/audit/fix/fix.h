/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fix: what can be done about a finding without a person's judgement, as one row of a table.
 *
 * A row is mechanical only where the change can be undone at once, cannot break live patching, stops
 * no container and cuts none of its connections, and does not touch the way into the host. What may take something
 * from some hosts is done where it is asked for by its id alone. All else stays by hand, with the
 * reason; a check without a row has the reason of its group.
 *
 * To add a fix: one row in table.c, a case in tests/unit/test-audit-fix.c,
 * "oakum audit --checks --markdown >docs/checks.md".
 */
#ifndef OAK_AUDIT_FIX_FIX_H
#define OAK_AUDIT_FIX_FIX_H

#include <stdbool.h>

#include "audit/check.h"

enum fix_kind {
	FIX_BY_HAND,
	FIX_SYSCTL, /* set: "kernel.kptr_restrict=1 fs.protected_fifos=2" */
	FIX_FILE,   /* its owner or its mode, as the check asks */
	FIX_DOCKER, /* set: a key of daemon.json and its JSON, "log-level=\"info\""; "" takes it out */
	FIX_WATCH, /* a rule of the kernel's audit */
	FIX_BOOT,  /* set: a parameter of the kernel's command line */
};

struct fix {
	const char *id; /* of a check, or of a group */
	enum fix_kind kind;
	bool asked; /* only where it is asked for by its id */
	const char *set;
	const char *note; /* by hand, asked: why; else what else to know, or NULL */
};

/* Never NULL. */
const struct fix *fix_of(const struct audit_table *t, const struct audit_check *c);

/* "mechanical", "on request", "by hand", "never" */
const char *fix_word(const struct audit_table *t, const struct audit_check *c);

/* Row number @i; NULL after the last. For tests. */
const struct fix *fix_row(unsigned i);

#endif
