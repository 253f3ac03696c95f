/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/vm.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What a failed step means for the author, and what to do about it. */
static const char *const meant[VM_VERBS] = {
	[VM_CASE] = "the machine could not be made ready for the level",
	[VM_INSMOD] = "a module of the kernel cannot be loaded in the machine; --module adds others",
	[VM_RMMOD] = "a module cannot be unloaded",
	[VM_HOLDS] = "the users of a module cannot be counted",
	[VM_MARK] = "the machine's memory cannot be read",
	[VM_CLEAN] = "the level left something behind",
	[VM_LOAD] = "the level cannot be loaded",
	[VM_REVERT] = "the level cannot be reverted",
	[VM_GONE] = "the replaced level stays",
	[VM_SEES] = "an object is not patched as the manifest says",
	[VM_MISSES] = "an object that is not loaded counts as patched",
	[VM_PROBE] = "the probe cannot be run; it must be a static program (cc -static)",
};

static void __attribute__((format(printf, 3, 4)))
problem(struct vm_result *res, size_t step, const char *fmt, ...)
{
	struct vm_problem *p = &res->problems[res->n_problems];
	va_list ap;

	if (res->n_problems >= VM_PROBLEMS_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(p->text, sizeof(p->text), fmt, ap);
	va_end(ap);
	p->step = step;
	res->n_problems++;
}

const char *vm_verdict(const struct vm_outcome *o)
{
	if (o->state != VM_DONE || o->n_values < 1 || o->value[0] > 1)
		return "cannot tell";
	return o->value[0] == 0 ? "fixed" : "vulnerable";
}

static const char *want_name(enum vm_want w)
{
	return w == VM_WANT_FIXED ? "fixed" : "vulnerable";
}

static void judge_probe(struct vm_result *res, size_t i)
{
	const struct vm_step *s = &res->plan.v[i];
	const struct vm_outcome *o = &res->report.v[i];
	const char *got = vm_verdict(o);

	if (s->want == VM_WANT_NONE || strcmp(got, want_name(s->want)) == 0)
		return;
	problem(res, i, "the probe says \"%s\" where \"%s\" is expected (exit status %lu%s%s)", got,
		want_name(s->want), (unsigned long)o->value[0], o->text[0] ? "): " : "", o->text);
}

static void judge_step(struct vm_result *res, size_t i)
{
	const struct vm_step *s = &res->plan.v[i];
	const struct vm_outcome *o = &res->report.v[i];

	if (o->state == VM_FAILED)
		problem(res, i, "%s%s%s: %s", meant[s->verb], s->word[0][0] ? ": " : "", s->word[0],
			o->text);
	else if (o->state == VM_DONE && s->verb == VM_PROBE)
		judge_probe(res, i);
}

/* The machine did not come to its end: where it stood, and what that may mean. */
static void judge_end(const struct vm_options *opt, bool timed_out, struct vm_result *res)
{
	const struct vm_report *rep = &res->report;
	size_t at = rep->at < rep->n ? rep->at : VM_NO_STEP;

	if (rep->ended && rep->at == rep->n)
		return;
	if (at == 0 && rep->v[0].state == VM_NOT_RUN)
		problem(res, VM_NO_STEP,
			"the kernel %s; --keep-log shows how far it came, --memory gives it more "
			"than %u MiB",
			timed_out ? "did not come up in time" : "died before the first step",
			opt->memory_mib);
	else if (timed_out)
		problem(res, at, "no answer: the machine was ended after %u s (--timeout)",
			opt->timeout_s);
	else
		problem(res, at, "the machine died here");
}

/*
 * Until the first level comes, the kernel is as it was shipped: a module of its own that warns
 * says nothing of a level.
 */
static bool is_as_shipped(const struct vm_result *res, size_t step)
{
	for (size_t i = 0; i <= step && i < res->plan.n; i++)
		if (res->plan.v[i].verb == VM_LOAD)
			return false;
	return step < res->plan.n;
}

/* The kernel's own flags, where the log does not say it: a message may have been lost. */
static void judge_taint(struct vm_result *res)
{
	uint64_t before = res->report.n ? res->report.v[0].taint : 0;

	for (size_t i = 0; i < res->report.at; i++) {
		uint64_t now = res->report.v[i].taint;
		const char *says = vm_taint_says(before, now);

		if (res->report.v[i].state == VM_SKIPPED)
			continue;
		if (says && !is_as_shipped(res, i))
			problem(res, i, "the kernel's own flags say: %s", says);
		before = now;
	}
}

void vm_judge(const struct vm_options *opt, bool timed_out, struct vm_result *res)
{
	bool told = false;

	vm_log_judge(res->log.data, res->log.len, &res->findings);
	for (size_t i = 0; i < res->findings.n; i++) {
		const struct vm_finding *f = &res->findings.v[i];

		if (is_as_shipped(res, f->step))
			continue;
		told = true;
		problem(res, f->step < res->plan.n ? f->step : VM_NO_STEP,
			"%s in the kernel's log%s: %s", f->what,
			f->times > 1 ? ", more than once" : "", f->line);
	}
	for (size_t i = 0; i < res->plan.n; i++)
		judge_step(res, i);
	judge_end(opt, timed_out, res);
	if (!told)
		judge_taint(res);
	if (res->report.strange)
		problem(res, VM_NO_STEP, "the machine said %lu lines that it should not say",
			(unsigned long)res->report.strange);
}
