/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/container-state.h"
#include "audit/rule.h"
#include "base/cleanup.h"
#include "host/plain.h"

#define SEEN_VALUE_MAX 1024 /* more of one value helps nobody */
#define SEEN_FILE_MAX  512
#define SEEN_MAX       64

static char *plain_dup(const char *text, size_t max)
{
	size_t len = strnlen(text, max);
	char *ret = malloc(len + 1);

	if (ret)
		plain_copy(ret, len + 1, text);
	return ret;
}

/* Findings of one subject come one after the other: they share its text. */
static const char *keep_subject(struct audit *a, const char *subject)
{
	char plain[AUDIT_SUBJECT_MAX], **more;

	plain_copy(plain, sizeof(plain), subject);
	if (a->n_subjects && strcmp(a->subjects[a->n_subjects - 1], plain) == 0)
		return a->subjects[a->n_subjects - 1];
	more = reallocarray(a->subjects, a->n_subjects + 1, sizeof(*more));
	if (!more)
		return NULL;
	a->subjects = more;
	more[a->n_subjects] = strdup(plain);
	return more[a->n_subjects] ? more[a->n_subjects++] : NULL;
}

struct finding *audit_find(struct audit *a, const struct audit_check *c, const char *subject,
			   enum audit_verdict v)
{
	const char *kept = keep_subject(a, subject);

	if (kept && a->n == a->cap) {
		size_t cap = a->cap ? 2 * a->cap : 512;
		struct finding *more = reallocarray(a->findings, cap, sizeof(*more));

		if (more) {
			a->findings = more;
			a->cap = cap;
		}
	}
	if (!kept || a->n == a->cap) {
		a->oom = true;
		return NULL;
	}
	a->findings[a->n] =
		(struct finding){ .table = a->table, .check = c, .verdict = v, .subject = kept };
	return &a->findings[a->n++];
}

void audit_saw(struct audit *a, struct finding *f, const char *file, const char *value)
{
	struct audit_seen seen, *more;

	if (!f || f->n_seen == SEEN_MAX)
		return;
	seen = (struct audit_seen){ plain_dup(file, SEEN_FILE_MAX),
				    plain_dup(value, SEEN_VALUE_MAX) };
	more = reallocarray(f->seen, f->n_seen + 1, sizeof(*more));
	if (more)
		f->seen = more;
	if (!seen.file || !seen.value || !more) {
		free(seen.file);
		free(seen.value);
		a->oom = true;
		return;
	}
	f->seen[f->n_seen++] = seen;
}

void audit_sawf(struct audit *a, struct finding *f, const char *file, const char *fmt, ...)
{
	char value[SEEN_VALUE_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	audit_saw(a, f, file, value);
}

void audit_fixf(struct audit *a, struct finding *f, const char *fmt, ...)
{
	char fix[SEEN_VALUE_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(fix, sizeof(fix), fmt, ap);
	va_end(ap);
	if (!f)
		return;
	free(f->fix);
	f->fix = plain_dup(fix, sizeof(fix));
	a->oom = a->oom || !f->fix;
}

const char *finding_fix(const struct finding *f)
{
	return f->fix ? f->fix : f->check->fix;
}

const char *finding_source(const struct finding *f)
{
	return f->check->source ? f->check->source : f->table->source;
}

bool finding_counts(const struct finding *f)
{
	return (f->verdict == AUDIT_FAIL || f->verdict == AUDIT_WARN) && !f->accepted;
}

static bool is_wanted(void *ctx, const struct audit_table *t, const struct audit_check *c)
{
	const struct audit_options *opt = ctx;

	for (size_t i = 0; opt->only && opt->only[i]; i++)
		if (strcmp(opt->only[i], t->group) == 0 || strcmp(opt->only[i], c->id) == 0)
			return true;
	return !opt->only;
}

static bool is_known(const char *word)
{
	for (size_t i = 0; audit_tables[i]->n; i++)
		if (strcmp(audit_tables[i]->group, word) == 0)
			return true;
	return audit_check_by_id(word, NULL) != NULL;
}

static int check_words(const struct audit_options *opt, struct oak_error *err)
{
	for (size_t i = 0; opt->only && opt->only[i]; i++)
		if (!is_known(opt->only[i]))
			return oak_fail(err, OAK_E_NOTFOUND,
					"no check and no group is named '%s': --checks lists them",
					opt->only[i]);
	return 0;
}

static void run_check(struct audit *a, const struct audit_check *c)
{
	if (c->rule)
		rule_run(a, c);
	else if (c->run)
		c->run(a, c);
}

static void run_host_checks(struct audit *a, struct audit_options *opt)
{
	for (size_t i = 0; audit_tables[i]->n; i++) {
		a->table = audit_tables[i];
		for (size_t k = 0; k < a->table->n; k++)
			if (is_wanted(opt, a->table, &a->table->rows[k]))
				run_check(a, &a->table->rows[k]);
	}
}

/* Tables and rows lie in the order of reports; findings of one check keep the order found. */
static size_t table_rank(const struct audit_table *t)
{
	size_t i = 0;

	while (audit_tables[i] != t)
		i++;
	return i;
}

static int by_check(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	size_t i = table_rank(x->table), k = table_rank(y->table);

	if (i != k)
		return i < k ? -1 : 1;
	if (x->check != y->check)
		return x->check < y->check ? -1 : 1;
	if (x->verdict != y->verdict)
		return x->verdict < y->verdict ? -1 : 1;
	return strcmp(x->subject, y->subject);
}

int audit_run(int root, const struct audit_options *opt, struct audit *ret, struct oak_error *err)
{
	struct audit_options wanted = *opt;
	struct audit a = { .n = 0 };
	int r = check_words(opt, err);

	if (r == 0)
		r = audit_context_read(root, &a.ctx, err);
	if (r < 0)
		return r;
	a.ctx.now = opt->now;
	run_host_checks(&a, &wanted);
	r = audit_containers(&a, is_wanted, &wanted, err);
	if (r == 0 && a.oom)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r < 0) {
		audit_clear(&a);
		return r;
	}
	if (a.n)
		qsort(a.findings, a.n, sizeof(*a.findings), by_check);
	*ret = a;
	return 0;
}

void audit_clear(struct audit *a)
{
	for (size_t i = 0; i < a->n; i++) {
		struct finding *f = &a->findings[i];

		for (size_t k = 0; k < f->n_seen; k++) {
			free(f->seen[k].file);
			free(f->seen[k].value);
		}
		free(f->seen);
		free(f->fix);
	}
	free(a->findings);
	for (size_t i = 0; i < a->n_subjects; i++)
		free(a->subjects[i]);
	free(a->subjects);
	audit_context_clear(&a->ctx);
	*a = (struct audit){ .n = 0 };
}
