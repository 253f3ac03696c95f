/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/audit-screen.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define SUBJECTS_MAX 4 /* named of one check; the others are counted */
#define SEEN_MAX     6

static const struct {
	const char *word;
	enum cli_color color;
} verdicts[AUDIT_VERDICTS] = {
	[AUDIT_FAIL] = { "FAIL", CLI_RED },         [AUDIT_WARN] = { "WARN", CLI_YELLOW },
	[AUDIT_CONFLICT] = { "CONFLICT", CLI_DIM }, [AUDIT_UNKNOWN] = { "UNKNOWN", CLI_YELLOW },
	[AUDIT_INFO] = { "INFO", CLI_DIM },         [AUDIT_INAPPLICABLE] = { "N/A", CLI_DIM },
	[AUDIT_PASS] = { "PASS", CLI_GREEN },
};

/* Findings of one check and verdict, which stand together. */
struct line {
	const struct finding *first;
	size_t n;
};

static bool is_shown(const struct finding *f, bool all)
{
	if (all)
		return true;
	return !f->accepted && f->verdict != AUDIT_PASS && f->verdict != AUDIT_INAPPLICABLE &&
	       f->verdict != AUDIT_INFO;
}

/* Worst first: the verdict, then how grave; then as they stand. */
static int by_weight(const void *a, const void *b)
{
	const struct finding *x = ((const struct line *)a)->first;
	const struct finding *y = ((const struct line *)b)->first;

	if (x->verdict != y->verdict)
		return x->verdict < y->verdict ? -1 : 1;
	if (x->check->severity != y->check->severity)
		return x->check->severity > y->check->severity ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void print_subjects(const struct line *l)
{
	if (l->n == 1 && strcmp(l->first->subject, "host") == 0)
		return;
	printf("             on      ");
	for (size_t i = 0; i < l->n && i < SUBJECTS_MAX; i++)
		printf("%s%s", i ? ", " : "", l->first[i].subject);
	if (l->n > SUBJECTS_MAX)
		printf(", and %zu more", l->n - SUBJECTS_MAX);
	printf("\n");
}

static void print_line(const struct cli *cli, const struct line *l)
{
	const struct finding *f = l->first;
	bool bad = f->verdict != AUDIT_PASS && f->verdict != AUDIT_INAPPLICABLE;

	printf("  %s%-8s%s %-8s %s%s%s  %s%s%s\n", cli_color(cli, verdicts[f->verdict].color),
	       verdicts[f->verdict].word, cli_color(cli, CLI_RESET),
	       audit_severity_name(f->check->severity), cli_color(cli, CLI_BOLD), f->check->id,
	       cli_color(cli, CLI_RESET), f->check->title, f->accepted ? "; accepted: " : "",
	       f->accepted ? f->accepted : "");
	print_subjects(l);
	for (size_t i = 0; i < f->n_seen && i < SEEN_MAX; i++)
		printf("             %s %s: %s\n", i ? "       " : "seen   ", f->seen[i].file,
		       f->seen[i].value);
	if (f->n_seen > SEEN_MAX)
		printf("                     and %zu more\n", f->n_seen - SEEN_MAX);
	if (bad)
		printf("             why     %s\n", f->check->why);
	if (bad && f->verdict != AUDIT_UNKNOWN && finding_fix(f))
		printf("             fix     %s\n", finding_fix(f));
}

static void print_group(const struct cli *cli, struct line *lines, size_t n)
{
	printf("\n%s%s%s\n", cli_color(cli, CLI_BOLD), lines[0].first->table->title,
	       cli_color(cli, CLI_RESET));
	qsort(lines, n, sizeof(*lines), by_weight);
	for (size_t i = 0; i < n; i++)
		print_line(cli, &lines[i]);
}

static void print_score(const struct cli *cli, const struct audit *a, const struct score *s)
{
	printf("%sscore %u of 100%s: %.0f of %.0f points", cli_color(cli, CLI_BOLD), s->percent,
	       cli_color(cli, CLI_RESET), s->points, s->of);
	for (unsigned i = AUDIT_SEVERITIES; i-- > 0;)
		if (s->checks[i])
			printf("; lost %.1f to %zu %s", s->lost[i], s->checks[i],
			       audit_severity_name((enum audit_severity)i));
	printf("\n%zu fail, %zu warn, %zu conflict, %zu unknown, %zu pass, %zu not applicable",
	       s->verdicts[AUDIT_FAIL], s->verdicts[AUDIT_WARN], s->verdicts[AUDIT_CONFLICT],
	       s->verdicts[AUDIT_UNKNOWN], s->verdicts[AUDIT_PASS],
	       s->verdicts[AUDIT_INAPPLICABLE]);
	if (s->accepted)
		printf(", %zu accepted", s->accepted);
	printf("\nkernel %s, %zu container%s\n",
	       a->ctx.id.release[0] ? a->ctx.id.release : "unknown", a->containers,
	       a->containers == 1 ? "" : "s");
}

void audit_print(const struct cli *cli, const struct audit *a, const struct score *s, bool all)
{
	_cleanup_(freep) struct line *lines = calloc(a->n + 1, sizeof(*lines));
	size_t n = 0, first = 0;

	print_score(cli, a, s);
	for (size_t i = 0, k; lines && i < a->n; i = k) {
		const struct finding *f = &a->findings[i];

		for (k = i + 1; k < a->n && a->findings[k].check == f->check &&
				a->findings[k].verdict == f->verdict &&
				!a->findings[k].accepted == !f->accepted;)
			k++;
		if (is_shown(f, all))
			lines[n++] = (struct line){ f, k - i };
	}
	for (size_t i = 1; i <= n; i++) {
		if (i < n && lines[i].first->table == lines[first].first->table)
			continue;
		print_group(cli, lines + first, i - first);
		first = i;
	}
}

void audit_print_checks(const struct cli *cli)
{
	for (size_t i = 0; audit_tables[i]->n; i++) {
		const struct audit_table *t = audit_tables[i];

		printf("%s%s%s%s (%s)\n", i ? "\n" : "", cli_color(cli, CLI_BOLD), t->title,
		       cli_color(cli, CLI_RESET), t->group);
		for (size_t k = 0; k < t->n; k++)
			printf("  %-40s %-8s %s%s\n", t->rows[k].id,
			       audit_severity_name(t->rows[k].severity), t->rows[k].title,
			       t->rows[k].manual ? " (not automated)" : "");
	}
}
