/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/audit-fix.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit/fix/apply.h"
#include "audit/fix/outputs.h"
#include "base/cleanup.h"
#include "cli/oakum.h"
#include "host/plain.h"

#define SUBJECTS_MAX 3

/* Lines of files that others wrote, on a terminal: tabs and ends of lines are all that is let through. */
static void print_plain_lines(const char *text)
{
	for (const char *p = text; *p; p++)
		(void)putchar((*p >= ' ' && *p < 0x7f) || *p == '\n' || *p == '\t' ? *p : '?');
}

static void print_title(const struct cli *cli, const char *title)
{
	printf("\n%s%s%s\n", cli_color(cli, CLI_BOLD), title, cli_color(cli, CLI_RESET));
}

static int print_changes(const struct cli *cli, const struct fix_plan *p)
{
	bool any = false;

	if (p->n)
		print_title(cli, "What would change");
	for (size_t i = 0; i < p->n; i++) {
		_cleanup_(buf_free) struct buf what = { 0 };
		char plain[FIX_PLAIN_MAX];

		plain_copy(plain, sizeof(plain), p->changes[i].path);
		if (fix_change_describe(&p->changes[i], &what) < 0)
			return -1;
		printf("  %s: %s  (%s)\n", plain, buf_str(&what), buf_str(&p->changes[i].ids));
	}
	for (size_t i = 0; i < p->n; i++) {
		char plain[FIX_PLAIN_MAX];

		if (!p->changes[i].needs)
			continue;
		if (!any)
			print_title(cli, "What is then left to you");
		any = true;
		plain_copy(plain, sizeof(plain), p->changes[i].path);
		printf("  %s counts after: %s\n", plain, p->changes[i].needs);
	}
	return 0;
}

/* Findings of one check and reason stand together. */
static size_t print_left_line(const struct fix_plan *p, size_t i)
{
	const struct fix_left *l = &p->left[i];
	size_t k = i + 1;

	while (k < p->n_left && p->left[k].f->check == l->f->check && p->left[k].why == l->why &&
	       strcmp(p->left[k].reason, l->reason) == 0)
		k++;
	printf("  %-8s %s  %s", audit_severity_name(l->f->check->severity), l->f->check->id,
	       l->reason);
	if (strcmp(l->f->subject, "host") != 0) {
		for (size_t n = i; n < k && n < i + SUBJECTS_MAX; n++)
			printf("%s%s", n == i ? " (" : ", ", p->left[n].f->subject);
		if (k - i > SUBJECTS_MAX)
			printf(", and %zu more", k - i - SUBJECTS_MAX);
		printf(")");
	}
	printf("\n");
	if (l->why == FIX_LEFT_BY_HAND && finding_fix(l->f))
		printf("           how: %s\n", finding_fix(l->f));
	return k;
}

static void print_left(const struct cli *cli, const struct fix_plan *p)
{
	static const char *const titles[] = {
		[FIX_LEFT_WAITS] = "Done, and waits",
		[FIX_LEFT_ASKED] = "Only where it is asked for: --only ID",
		[FIX_LEFT_BY_HAND] = "By hand",
		[FIX_LEFT_UNKNOWN] = NULL,
		[FIX_LEFT_NEVER] = "Never: it would break live patching or containers",
	};

	size_t unknown = 0;

	for (size_t i = 0; i < p->n_left; i++)
		unknown += p->left[i].why == FIX_LEFT_UNKNOWN;
	for (unsigned why = 0; why < sizeof(titles) / sizeof(titles[0]); why++) {
		bool any = false;

		for (size_t i = 0; titles[why] && i < p->n_left;) {
			if (p->left[i].why != why) {
				i++;
				continue;
			}
			if (!any)
				print_title(cli, titles[why]);
			any = true;
			i = print_left_line(p, i);
		}
	}
	if (unknown)
		printf("\nof %zu finding%s nothing is known, so nothing is planned: oakum audit\n",
		       unknown, unknown == 1 ? "" : "s");
}

static int print_plan(const struct cli *cli, const struct fix_plan *p, const char *diff)
{
	printf("plan %s: %zu change%s for %zu finding%s; %zu stay%s\n", p->id, p->n,
	       p->n == 1 ? "" : "s", p->n_findings, p->n_findings == 1 ? "" : "s", p->n_left,
	       p->n_left == 1 ? "s" : "");
	if (print_changes(cli, p) < 0)
		return -1;
	print_left(cli, p);
	if (*diff)
		print_title(cli, "Texts");
	print_plain_lines(diff);
	return 0;
}

static void tell(void *ctx, const char *path, const char *what)
{
	const struct cli *cli = ctx;

	if (!cli->json && !cli->quiet)
		printf("%s: %s\n", path, what);
}

static int apply(const struct cli *cli, const struct audit_fix *how, const struct fix_plan *p,
		 struct oak_error *err)
{
	const struct fix_doing d = { how->root, time(NULL), tell, (void *)(uintptr_t)cli };
	int r;

	if (how->plan && strcmp(how->plan, p->id) != 0)
		return oak_fail(err, OAK_E_REFUSED,
				"this host is no longer as it was for plan %s: look at plan %s",
				how->plan, p->id);
	r = fix_apply(&d, p, err);
	for (size_t i = 0; r == 0 && !cli->json && i < p->n; i++)
		if (p->changes[i].needs)
			printf("left to you, for %s: %s\n", buf_str(&p->changes[i].ids),
			       p->changes[i].needs);
	return r;
}

static int print_output(const struct audit_fix *how, const struct fix_plan *p, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r;

	if (!p->n)
		return oak_fail(err, OAK_E_NOTHING, "nothing can be changed without a person");
	r = how->script ? fix_script(p, &text, err) : fix_ansible(p, &text, err);
	if (r == 0 && fputs(buf_str(&text), stdout) == EOF)
		r = oak_fail(err, OAK_E_IO, "cannot write to standard output");
	return r;
}

int audit_fix(const struct cli *cli, const struct audit_fix *how, const struct audit *a,
	      struct oak_error *err)
{
	_cleanup_(fix_plan_clear) struct fix_plan p = { .n = 0 };
	_cleanup_(buf_free) struct buf diff = { 0 };
	int r = fix_plan_make(a, &how->opt, &p, err);

	if (r == 0 && (how->script || how->ansible))
		return print_output(how, &p, err);
	if (r == 0)
		r = fix_plan_diff(&p, &diff, err);
	if (r < 0)
		return r;
	if (how->apply)
		r = apply(cli, how, &p, err);
	else if (!cli->json && print_plan(cli, &p, buf_str(&diff)) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	return oakum_finish(cli, cli->json ? fix_plan_json(&p, buf_str(&diff)) : NULL,
			    how->apply ? "applied" : "plan", r, err);
}

int audit_fix_undo(const struct cli *cli, int root, struct oak_error *err)
{
	const struct fix_doing d = { root, 0, tell, (void *)(uintptr_t)cli };
	int r = fix_undo(&d, err);

	if (r == 0 && !cli->json)
		printf("what the last --apply changed is as it was; what was restarted for it since "
		       "has to be once more\n");
	return oakum_finish(cli, NULL, "undone", r, err);
}
