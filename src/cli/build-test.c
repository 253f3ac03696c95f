/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/build-test.h"

#include <string.h>

#define VERDICTS_MAX 160

/* Steps of the next level belong to the row of the one that it replaces. */
static size_t row_of(const struct vm_options *opt, const struct vm_step *s)
{
	return s->level < opt->n_levels ? s->level : opt->n_levels - 1;
}

/* A problem of no step is one of every level. */
static bool row_passed(const struct vm_options *opt, const struct vm_result *res, size_t row)
{
	for (size_t i = 0; i < res->n_problems; i++) {
		size_t step = res->problems[i].step;

		if (step >= res->plan.n || row_of(opt, &res->plan.v[step]) == row)
			return false;
	}
	for (size_t i = 0; i < res->plan.n; i++)
		if (row_of(opt, &res->plan.v[i]) == row && res->report.v[i].state != VM_DONE)
			return false;
	return true;
}

size_t build_test_passed(const struct vm_options *opt, const struct vm_result *res)
{
	size_t n = 0;

	for (size_t row = 0; row < opt->n_levels; row++)
		n += row_passed(opt, res, row);
	return n;
}

/* What a row sums up. */
struct row {
	uint64_t longest_ms; /* transition */
	size_t transitions;
	char verdicts[VERDICTS_MAX]; /* "vulnerable > fixed > ..." without repetitions */
};

static void add_verdict(struct row *row, const char *v, const char **last)
{
	size_t at = strlen(row->verdicts);

	if (*last && strcmp(*last, v) == 0)
		return;
	(void)snprintf(row->verdicts + at, sizeof(row->verdicts) - at, "%s%s", *last ? " > " : "",
		       v);
	*last = v;
}

static struct row sum_up(const struct vm_options *opt, const struct vm_result *res, size_t level)
{
	struct row row = { .transitions = 0 };
	const char *last = NULL;

	for (size_t i = 0; i < res->plan.n; i++) {
		const struct vm_step *s = &res->plan.v[i];
		const struct vm_outcome *o = &res->report.v[i];

		if (row_of(opt, s) != level || o->state != VM_DONE)
			continue;
		if (s->verb == VM_PROBE)
			add_verdict(&row, vm_verdict(o), &last);
		if (s->verb != VM_LOAD && s->verb != VM_REVERT)
			continue;
		row.transitions++;
		if (o->value[0] > row.longest_ms)
			row.longest_ms = o->value[0];
	}
	return row;
}

static void print_problem(const struct cli *cli, const struct vm_options *opt,
			  const struct vm_result *res, const struct vm_problem *p)
{
	printf("%sfailed%s ", cli_color(cli, CLI_RED), cli_color(cli, CLI_RESET));
	if (p->step < res->plan.n)
		printf("%s, %s (step %zu): ", opt->levels[row_of(opt, &res->plan.v[p->step])].title,
		       res->plan.v[p->step].point, p->step);
	printf("%s\n", p->text);
}

void build_test_print(const struct cli *cli, const struct vm_options *opt,
		      const struct vm_result *res)
{
	for (size_t i = 0; i < opt->n_levels; i++) {
		const bool passed = row_passed(opt, res, i);
		const struct row row = sum_up(opt, res, i);

		printf("%s%-6s%s %s: %zu modules, %zu transitions, longest %lu ms%s%s\n",
		       cli_color(cli, passed ? CLI_GREEN : CLI_RED), passed ? "passed" : "failed",
		       cli_color(cli, CLI_RESET), opt->levels[i].title, opt->levels[i].n_objects,
		       row.transitions, (unsigned long)row.longest_ms,
		       row.verdicts[0] ? ", probe: " : "", row.verdicts);
	}
	for (size_t i = 0; i < res->n_problems; i++)
		print_problem(cli, opt, res, &res->problems[i]);
	printf("%zu of %zu levels passed; boot %.1f s, in all %.1f s (%s)\n",
	       build_test_passed(opt, res), opt->n_levels, res->boot_seconds, res->seconds,
	       res->kvm ? "kvm" : "emulated");
}

static const char *state_name(enum vm_state s)
{
	static const char *const names[] = { [VM_NOT_RUN] = "not run",
					     [VM_RUNNING] = "no answer",
					     [VM_DONE] = "done",
					     [VM_FAILED] = "failed",
					     [VM_SKIPPED] = "skipped" };

	return names[s];
}

static json_t *step_json(const struct vm_result *res, size_t i)
{
	const struct vm_step *s = &res->plan.v[i];
	const struct vm_outcome *o = &res->report.v[i];
	json_t *j = json_pack("{s:i, s:s, s:s, s:s, s:s, s:I}", "step", (int)i, "at", s->point,
			      "does", vm_verb_name(s->verb), "to", s->word[0], "state",
			      state_name(o->state), "ms", (json_int_t)o->ms);

	if (j && o->text[0])
		(void)json_object_set_new(j, "said", json_string(o->text));
	if (j && s->verb == VM_HOLDS)
		(void)json_object_set_new(j, "holds_itself", json_boolean(o->value[0]));
	if (j && s->verb == VM_PROBE)
		(void)json_object_set_new(j, "verdict", json_string(vm_verdict(o)));
	if (j && (s->verb == VM_LOAD || s->verb == VM_REVERT) && o->n_values == VM_VALUES_MAX)
		(void)json_object_set_new(j, "transition",
					  json_pack("{s:I, s:I, s:I, s:I}", "ms",
						    (json_int_t)o->value[0], "probe_runs",
						    (json_int_t)o->value[1], "fixed",
						    (json_int_t)o->value[2], "vulnerable",
						    (json_int_t)o->value[3]));
	return j;
}

static json_t *level_json(const struct vm_options *opt, const struct vm_result *res, size_t level)
{
	const struct row row = sum_up(opt, res, level);
	json_t *steps = json_array(), *modules = json_array();

	for (size_t i = 0; steps && i < res->plan.n; i++)
		if (row_of(opt, &res->plan.v[i]) == level)
			(void)json_array_append_new(steps, step_json(res, i));
	for (size_t i = 0; modules && i < opt->levels[level].n_objects; i++)
		(void)json_array_append_new(modules, json_string(opt->levels[level].objects[i]));
	return json_pack("{s:s, s:s, s:s, s:o, s:I, s:s, s:o}", "level", opt->levels[level].title,
			 "module", opt->levels[level].patch, "verdict",
			 row_passed(opt, res, level) ? "passed" : "failed", "modules", modules,
			 "longest_transition_ms", (json_int_t)row.longest_ms, "probe", row.verdicts,
			 "steps", steps);
}

static json_t *problem_json(const struct vm_options *opt, const struct vm_result *res, size_t i)
{
	const struct vm_problem *p = &res->problems[i];

	if (p->step >= res->plan.n)
		return json_pack("{s:s}", "problem", p->text);
	return json_pack("{s:s, s:s, s:s, s:i}", "problem", p->text, "level",
			 opt->levels[row_of(opt, &res->plan.v[p->step])].title, "at",
			 res->plan.v[p->step].point, "step", (int)p->step);
}

json_t *build_test_json(const struct kernel *k, const struct vm_options *opt,
			const struct vm_result *res)
{
	json_t *levels = json_array(), *problems = json_array();

	for (size_t i = 0; levels && i < opt->n_levels; i++)
		(void)json_array_append_new(levels, level_json(opt, res, i));
	for (size_t i = 0; problems && i < res->n_problems; i++)
		(void)json_array_append_new(problems, problem_json(opt, res, i));
	return json_pack("{s:s, s:s, s:s, s:b, s:f, s:f, s:i, s:i, s:o, s:o}", "verdict",
			 res->n_problems ? "failed" : "passed", "kernel", k->build_id, "release",
			 k->release, "kvm", res->kvm, "boot_seconds", res->boot_seconds, "seconds",
			 res->seconds, "passed", (int)build_test_passed(opt, res), "log_findings",
			 (int)res->findings.total, "levels", levels, "problems", problems);
}
