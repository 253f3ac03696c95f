/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan-priv: what the files that make a plan share. */
#ifndef OAK_AUDIT_FIX_PLAN_PRIV_H
#define OAK_AUDIT_FIX_PLAN_PRIV_H

#include "audit/fix/place.h"
#include "audit/fix/plan.h"
#include "audit/targets.h"

#define FIX_REASON_MAX 512

struct planner {
	const struct audit *a;
	struct fix_plan plan;
	bool oom;
};

/* What came of one fix; both a change and a reason where it was done for some files alone. */
struct tried {
	bool changed;
	bool waits; /* the reason is what it waits for */
	char reason[FIX_REASON_MAX];
};

typedef void fix_try(struct planner *p, const struct finding *f, const struct fix *fix,
		     struct tried *ret);

fix_try fix_try_sysctl, fix_try_file, fix_try_docker, fix_try_watch, fix_try_boot;

/* Of one path and kind there is one change. NULL: out of memory, which the planner keeps. */
struct fix_change *planner_change(struct planner *p, enum fix_change_kind kind, const char *path);

/* The change is for this check, too. */
void planner_for(struct planner *p, struct fix_change *c, const struct finding *f);

/**
 * planner_text() - the change of a text, as far as it is planned
 *
 * NULL where it cannot be changed: the reason says why. One that stays as it was is dropped in the
 * end.
 */
struct fix_change *planner_text(struct planner *p, const char *path, struct tried *ret);

void tried_why(struct tried *t, const char *fmt, ...) _printf_(2, 3);

#endif
