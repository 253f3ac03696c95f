/* SPDX-License-Identifier: GPL-2.0-or-later */
/* audit-fix: the plan of fixes for people and other hands, and what is done of it. */
#ifndef OAK_CLI_AUDIT_FIX_H
#define OAK_CLI_AUDIT_FIX_H

#include <stdbool.h>

#include "audit/audit.h"
#include "audit/fix/plan.h"
#include "cli/cli.h"

struct audit_fix {
	int root;
	struct fix_options opt;
	const char *plan; /* the id that was reviewed, or NULL */
	bool script, ansible, apply;
};

int audit_fix(const struct cli *cli, const struct audit_fix *how, const struct audit *a,
	      struct oak_error *err) _must_check_;

int audit_fix_undo(const struct cli *cli, int root, struct oak_error *err) _must_check_;

#endif
