/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum modules plan: which modules to block, as files of modprobe.d; put there, or taken back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/modules.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "host/modules/observed.h"
#include "host/modules/plan-files.h"
#include "host/number.h"
#include "trust/date.h"

enum {
	OUT = OAKUM_ROOT + 1,
	APPLY,
	UNDO,
	KEEP,
	WITHOUT,
	BLOCK,
	DAYS,
	VERBOSE,
};

#define DAYS_MAX 400u

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = "out", .arg = "DIR", .help = "write the files below DIR", .letter = 'o' },
	{ .name = "apply", .help = "put them in place below /etc; nothing is unloaded" },
	{ .name = "undo", .help = "put back what the last --apply replaced" },
	{ .name = "keep", .arg = "NAME", .help = "keep a module, or a group", .multi = true },
	{ .name = "without", .arg = "GROUP", .help = "keep no group of this name", .multi = true },
	{ .name = "block", .arg = "MODULE", .help = "block this one too", .multi = true },
	{ .name = "days",
	  .arg = "N",
	  .help = "observe loaded modules for N days before they are blocked (7)" },
	{ .name = "verbose", .help = "what is kept, and why", .letter = 'v' },
	{ .name = NULL },
};

struct planning {
	struct modules_view v;
	struct observed observed;
	struct module_plan plan;
	struct plan_files files;
	struct buf diff;
};

static void planning_clear(struct planning *p)
{
	buf_free(&p->diff);
	plan_files_free(&p->files);
	module_plan_free(&p->plan);
	observed_free(&p->observed);
	modules_close(&p->v);
}

static int days_of(const struct cli_args *args, unsigned *ret, struct oak_error *err)
{
	const char *text = cli_value(args, DAYS, NULL);
	uint32_t n = PLAN_DAYS_OTHERWISE;

	if (text && (number_parse_u32(text, &n) < 0 || n > DAYS_MAX))
		return oak_fail(err, OAK_E_USAGE, "--days '%s': must be days, 0 to %u", text,
				DAYS_MAX);
	*ret = n;
	return 0;
}

static int make(const struct cli_args *args, struct planning *p, struct oak_error *err)
{
	struct plan_options opt = {
		.tree = &p->v.tree,
		.usage = &p->v.usage,
		.observed = &p->observed,
		.reach = &p->v.reach,
		.keep = args->opt[KEEP].v,
		.n_keep = args->opt[KEEP].n,
		.without = args->opt[WITHOUT].v,
		.n_without = args->opt[WITHOUT].n,
		.block = args->opt[BLOCK].v,
		.n_block = args->opt[BLOCK].n,
	};
	int r = days_of(args, &opt.days, err);

	if (r == 0)
		r = modules_open(args, &p->v, err);
	opt.root = p->v.root;
	/* What is blocked by us already is not to be found unreachable. */
	if (r == 0)
		r = modules_open_reach(&p->v, PLAN_BLOCK_FILE, err);
	if (r == 0)
		r = observed_read(p->v.root, &p->observed, err);
	if (r == 0)
		r = module_plan_make(&opt, &p->plan, err);
	if (r == 0)
		r = plan_files_make(&p->plan, &p->v.tree, &p->v.reach, &p->files, err);
	return r < 0 ? r : plan_files_diff(p->v.root, &p->files, &p->diff, err);
}

static int write_out(const char *path, const struct plan_files *files, struct oak_error *err)
{
	_cleanup_(closep) int dir = -1;
	int r = dir_make(AT_FDCWD, path, err);

	if (r < 0)
		return r;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? oak_fail_errno(err, errno, "%s", path) : plan_files_write(dir, files, err);
}

static const char *name_of(const struct planning *p, const struct plan_item *item)
{
	return p->v.tree.modules[item->module].name;
}

static void print_window(const struct observed *o)
{
	char first[DATE_TEXT_MAX];

	if (!o->samples) {
		printf("observed: never but now: systemctl enable --now oakum-observe.timer\n");
		return;
	}
	date_format(o->first_s, first);
	printf("observed: %u time%s in %u days, since %.10s\n", o->samples,
	       o->samples == 1 ? "" : "s", observed_days(o), first);
}

static void print_still_loaded(const struct planning *p)
{
	bool any = false;

	for (size_t i = 0; i < p->plan.n; i++) {
		const struct plan_item *item = &p->plan.items[i];

		if (item->why != PLAN_BLOCK || !p->v.loaded[item->module])
			continue;
		printf("%s %s",
		       any ? "" : "loaded still, until they are unloaded or the next boot:",
		       name_of(p, item));
		any = true;
	}
	printf("%s", any ? "\n" : "");
}

static void print_plan(const struct planning *p, bool verbose)
{
	print_window(&p->observed);
	for (size_t i = 0; verbose && i < p->plan.n; i++)
		printf("%-24s %-10s %s\n", name_of(p, &p->plan.items[i]),
		       module_plan_why_name(p->plan.items[i].why), p->plan.items[i].detail);
	printf("%zu modules could be loaded by a user: %zu blocked, %zu kept\n", p->plan.n,
	       p->plan.n_block, p->plan.n - p->plan.n_block);
	for (size_t i = 0; i < p->v.usage.n_unknown && i < USAGE_UNKNOWN_MAX; i++)
		printf("not known: %s\n", p->v.usage.unknown[i]);
	print_still_loaded(p);
	(void)fputs(buf_str(&p->diff), stdout);
}

static json_t *item_json(const struct planning *p, const struct plan_item *item)
{
	const struct reach *r = &p->v.reach.of[item->module];

	return json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:b, s:b}", "name", name_of(p, item), "why",
			 module_plan_why_name(item->why), "detail", item->detail, "gate",
			 r->ways ? gate_name(reach_gate_of(r->ways)) : NULL, "asked",
			 r->ways ? r->asked : NULL, "loaded", p->v.loaded[item->module], "load",
			 item->load);
}

static json_t *window_json(const struct observed *o)
{
	char first[DATE_TEXT_MAX], last[DATE_TEXT_MAX];

	date_format(o->first_s, first);
	date_format(o->last_s, last);
	return json_pack("{s:I, s:i, s:s?, s:s?}", "samples", (json_int_t)o->samples, "days",
			 (int)observed_days(o), "first", o->samples ? first : NULL, "last",
			 o->samples ? last : NULL);
}

static json_t *plan_json(const struct planning *p)
{
	json_t *block = json_array(), *keep = json_array(), *unknown = json_array();
	json_t *files = json_object();

	for (size_t i = 0; i < p->plan.n; i++)
		(void)json_array_append_new(p->plan.items[i].why == PLAN_BLOCK ? block : keep,
					    item_json(p, &p->plan.items[i]));
	for (size_t i = 0; i < p->v.usage.n_unknown && i < USAGE_UNKNOWN_MAX; i++)
		(void)json_array_append_new(unknown, json_string(p->v.usage.unknown[i]));
	for (unsigned i = 0; i < PLAN_FILES; i++)
		(void)json_object_set_new(files, plan_file_path(i),
					  json_string(buf_str(&p->files.text[i])));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:s}", "kernel", p->v.release, "window",
			 window_json(&p->observed), "block", block, "keep", keep, "unknown",
			 unknown, "files", files, "diff", buf_str(&p->diff));
}

static int undo(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(closep) int root = -1;
	int r = oakum_open_root(args, &root, NULL, err);

	if (r == 0)
		r = plan_files_undo(root, err);
	if (r == 0 && !cli->json)
		printf("what the last --apply replaced is there again; renew the initramfs\n");
	return oakum_finish(cli, NULL, "undone", r, err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(planning_clear) struct planning p = { .v = { .root = -1 } };
	const char *out = cli_value(args, OUT, NULL), *result = "plan";
	int r;

	if ((args->opt[APPLY].n > 0) + (args->opt[UNDO].n > 0) + (out != NULL) > 1)
		return oak_fail(err, OAK_E_USAGE, "only one of --out, --apply and --undo");
	if (args->opt[UNDO].n)
		return undo(cli, args, err);
	r = make(args, &p, err);
	if (r < 0)
		return oakum_finish(cli, NULL, "plan", r, err);
	if (!cli->json)
		print_plan(&p, args->opt[VERBOSE].n > 0);
	if (out) {
		result = "written";
		r = write_out(out, &p.files, err);
	} else if (args->opt[APPLY].n) {
		result = "applied";
		r = plan_files_apply(p.v.root, &p.files, time(NULL), err);
	}
	if (r == 0 && args->opt[APPLY].n && !cli->json)
		printf("applied; renew the initramfs: update-initramfs -u, or dracut -f\n");
	return oakum_finish(cli, cli->json ? plan_json(&p) : NULL, result, r, err);
}

const struct verb verb_oakum_modules_plan = {
	.name = "modules plan",
	.help = "block what a user could have loaded and nothing here needs",
	.more = "Without --apply or --out nothing is written. Groups: storage, bridge, macvlan,\n"
		"swarm, kubernetes, volumes, sandbox; those of engines that are here are kept.",
	.options = options,
	.run = run,
};
