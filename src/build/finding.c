/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int finding_copy(struct findings *f, const struct finding *one, struct oak_error *err)
{
	struct finding *v = reallocarray(f->v, f->n + 1, sizeof(*v));

	if (!v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	f->v = v;
	v[f->n++] = *one;
	return 0;
}

int finding_add(struct findings *f, enum rule_id rule, const char *symbol, const char *advice,
		struct oak_error *err, const char *why, ...)
{
	struct finding one = { .rule = rule_of(rule), .advice = advice };
	va_list ap;

	if (!advice)
		one.advice = one.rule->advice;
	(void)snprintf(one.symbol, sizeof(one.symbol), "%s", symbol);
	va_start(ap, why);
	(void)vsnprintf(one.why, sizeof(one.why), why, ap);
	va_end(ap);
	return finding_copy(f, &one, err);
}
