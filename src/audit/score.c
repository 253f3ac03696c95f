/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/score.h"

static const double weights[AUDIT_SEVERITIES] = {
	[AUDIT_LOW] = 1,
	[AUDIT_MEDIUM] = 3,
	[AUDIT_HIGH] = 6,
	[AUDIT_CRITICAL] = 10,
};

/* The findings [first, end) are of one check. */
static void add_check(const struct audit *a, size_t first, size_t end, struct score *s)
{
	enum audit_severity severity = a->findings[first].check->severity;
	double judged = 0, earned = 0, lost;

	for (size_t i = first; i < end; i++) {
		const struct finding *f = &a->findings[i];

		if (f->accepted) {
			s->accepted++;
			continue;
		}
		s->verdicts[f->verdict]++;
		if (f->verdict != AUDIT_PASS && !finding_counts(f))
			continue;
		judged += 1;
		if (f->verdict == AUDIT_PASS)
			earned += 1;
		else if (f->verdict == AUDIT_WARN)
			earned += 0.5;
	}
	if (judged < 1)
		return;
	lost = weights[severity] * (judged - earned) / judged;
	s->of += weights[severity];
	s->points += weights[severity] - lost;
	s->lost[severity] += lost;
	s->checks[severity] += lost > 0;
}

void score_of(const struct audit *a, struct score *ret)
{
	*ret = (struct score){ .percent = 100 };
	for (size_t i = 0, k; i < a->n; i = k) {
		for (k = i + 1; k < a->n && a->findings[k].check == a->findings[i].check;)
			k++;
		add_check(a, i, k, ret);
	}
	/* Rounded down: 100 means that nothing was lost. */
	if (ret->of > 0)
		ret->percent = (unsigned)(100 * ret->points / ret->of);
}
