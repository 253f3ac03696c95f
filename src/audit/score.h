/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * score: how much of what could be judged is as it should be, from 0 to 100.
 *
 * Each check weighs by its severity (low 1, medium 3, high 6, critical 10) and counts once,
 * however many containers it looked at: it earns the share of its subjects that pass. A warning
 * loses half. What is unknown, informative, not applicable, a conflict or accepted by a baseline
 * earns and costs nothing. So the score falls by lost[] alone, and the report can name what for.
 */
#ifndef OAK_AUDIT_SCORE_H
#define OAK_AUDIT_SCORE_H

#include "audit/audit.h"

struct score {
	unsigned percent; /* 100 where nothing could be judged */
	double points, of;
	double lost[AUDIT_SEVERITIES];   /* points, by the severity of the check */
	size_t checks[AUDIT_SEVERITIES]; /* that lost some */
	size_t verdicts[AUDIT_VERDICTS]; /* findings, those accepted left out */
	size_t accepted;
};

/* Findings of one check must stand together, as audit_run() leaves them within a group. */
void score_of(const struct audit *a, struct score *ret);

#endif
