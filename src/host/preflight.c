/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/preflight.h"

#include <stdarg.h>
#include <stdio.h>

#include "host/preflight-priv.h"

void preflight_say(struct preflight_row *row, enum preflight_verdict verdict, enum oak_code code,
		   const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(row->text, sizeof(row->text), fmt, ap);
	va_end(ap);
	row->verdict = verdict;
	row->code = code;
}

enum scope {
	HOST = 1,  /* can be said without a level */
	LEVEL = 2, /* of one level */
	REVERT = 4,
	LOADING = 8, /* and only where it is not in the kernel already */
};

static const struct {
	const char *id;
	preflight_check *run;
	unsigned scope;
} checks[] = {
	{ "privilege", preflight_privilege, HOST | LEVEL | REVERT },
	{ "livepatch", preflight_livepatch, HOST | LEVEL | REVERT },
	{ "kernel", preflight_kernel, HOST | LEVEL },
	{ "withdrawn", preflight_withdrawn, LEVEL },
	{ "modules", preflight_modules, HOST | LEVEL },
	{ "signature", preflight_signature, HOST | LEVEL },
	{ "transition", preflight_transition, HOST | LEVEL },
	{ "foreign", preflight_foreign, HOST | LEVEL },
	{ "functions", preflight_functions, LEVEL },
	{ "bpf", preflight_bpf, LEVEL | LOADING },
	{ "probes", preflight_probes, LEVEL | LOADING },
	{ "module-builds", preflight_module_builds, LEVEL },
	{ "disk", preflight_disk, HOST | LEVEL },
	{ "memory", preflight_memory, HOST | LEVEL | LOADING },
	{ "pressure", preflight_pressure, HOST | LEVEL | LOADING },
	{ "taint", preflight_taint, HOST | LEVEL },
};

static bool is_in_kernel(const struct preflight_subject *s)
{
	return s->m && livepatch_find(&s->h->patches, s->m->module.name);
}

static void run_checks(const struct preflight_subject *s, enum scope scope,
		       struct preflight_report *ret)
{
	_Static_assert(sizeof(checks) / sizeof(checks[0]) <= PREFLIGHT_CHECKS_MAX, "grow it");
	*ret = (struct preflight_report){ 0 };
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct preflight_row *row = &ret->rows[ret->n];

		if (!(checks[i].scope & (unsigned)scope) ||
		    ((checks[i].scope & LOADING) && is_in_kernel(s)))
			continue;
		row->id = checks[i].id;
		checks[i].run(s, row);
		ret->n++;
	}
}

void preflight_run_with(const struct host *h, const struct manifest *m,
			const struct preflight_options *opt, struct preflight_report *ret)
{
	struct preflight_subject s = { .h = h, .m = m };

	if (opt)
		s.opt = *opt;
	run_checks(&s, m ? LEVEL : HOST, ret);
}

void preflight_run(const struct host *h, const struct manifest *m, struct preflight_report *ret)
{
	preflight_run_with(h, m, NULL, ret);
}

void preflight_run_revert(const struct host *h, struct preflight_report *ret)
{
	run_checks(&(struct preflight_subject){ .h = h }, REVERT, ret);
}

int preflight_verdict(const struct preflight_report *report, struct oak_error *err)
{
	for (size_t i = 0; i < report->n; i++)
		if (report->rows[i].verdict == PREFLIGHT_FAIL)
			return oak_fail(err, report->rows[i].code, "%s", report->rows[i].text);
	return 0;
}

const char *preflight_verdict_name(enum preflight_verdict v)
{
	static const char *const names[] = {
		[PREFLIGHT_PASS] = "pass",
		[PREFLIGHT_WARN] = "warn",
		[PREFLIGHT_UNKNOWN] = "unknown",
		[PREFLIGHT_FAIL] = "fail",
	};

	return names[v];
}
