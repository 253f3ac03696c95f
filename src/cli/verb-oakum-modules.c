/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum modules: which loaded modules are in use, and by whom. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/modules.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"

enum {
	UNUSED = OAKUM_ROOT + 1,
	VERBOSE,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = "unused", .help = "only those that are not in use" },
	{ .name = "verbose", .help = "every use that is known", .letter = 'v' },
	{ .name = NULL },
};

static void print_uses(const struct usage *u, uint32_t module, bool verbose)
{
	size_t n, total = 0;
	const struct use *uses = usage_of(u, module, &n);

	for (size_t k = 0; k < USE_KINDS; k++)
		total += u->of[module].counts[k];
	for (size_t i = 0; i < n && (verbose || !i); i++)
		printf("%s%s: %s", i ? "\n                                        " : "",
		       use_kind_name(uses[i].kind), uses[i].what);
	if (total > (verbose ? n : 1))
		printf(" (and %zu more)", total - (verbose ? n : 1));
}

/* Not in use, but it cannot go before those that hold it. */
static void print_holders(const struct loaded_list *l, uint32_t module)
{
	bool any = false;

	for (size_t i = 0; i < l->n_holds; i++) {
		if (l->holds[i].held != module)
			continue;
		printf("%s%s", any ? ", " : "held by ", l->modules[l->holds[i].holder].name);
		any = true;
	}
}

static void print_module(const struct cli *cli, const struct usage *u, uint32_t i, bool verbose)
{
	static const enum cli_color colors[] = {
		[USED_NO] = CLI_YELLOW,
		[USED_UNKNOWN] = CLI_DIM,
		[USED_YES] = CLI_GREEN,
	};
	enum used used = u->of[i].used;

	printf("%-24s %5u  %s%-7s%s ", u->loaded.modules[i].name, u->loaded.modules[i].references,
	       cli_color(cli, colors[used]), used_name(used), cli_color(cli, CLI_RESET));
	print_uses(u, i, verbose);
	if (used != USED_YES)
		print_holders(&u->loaded, i);
	printf("\n");
}

static void print_list(const struct cli *cli, const struct modules_view *v, bool unused,
		       bool verbose)
{
	const struct usage *u = &v->usage;
	size_t counts[USED_YES + 1] = { 0 };

	printf("%-24s %5s  %-7s %s\n", "MODULE", "REFS", "IN USE", "BY");
	for (size_t i = 0; i < u->loaded.n; i++) {
		counts[u->of[i].used]++;
		if (!unused || u->of[i].used != USED_YES)
			print_module(cli, u, (uint32_t)i, verbose);
	}
	printf("%zu loaded, %zu in use, %zu not, %zu unknown; %zu network and %zu mount "
	       "namespaces\n",
	       u->loaded.n, counts[USED_YES], counts[USED_NO], counts[USED_UNKNOWN],
	       u->net_namespaces, u->mount_namespaces);
	for (size_t i = 0; i < u->n_unknown && i < USAGE_UNKNOWN_MAX; i++)
		printf("not known: %s\n", u->unknown[i]);
	if (u->n_unknown > USAGE_UNKNOWN_MAX)
		printf("not known: %zu more\n", u->n_unknown - USAGE_UNKNOWN_MAX);
}

/* The other half of the question; without the files of depmod it has no answer. */
static int print_reach(struct modules_view *v, struct oak_error *err)
{
	struct modules_counts user, own;
	int r = v->tree_known ? modules_open_reach(v, NULL, err) : 0;

	if (r < 0 || !v->tree_known)
		return r;
	modules_count(v, &v->actors.v[0], &user);
	modules_count(v, &v->actors.v[1], &own);
	printf("could be loaded by any user: %zu; by one in a user namespace of its own: %zu; by "
	       "containers: oakum modules reach\n",
	       user.of[REACH_YES], own.of[REACH_YES]);
	return 0;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(modules_close) struct modules_view v = { .root = -1 };
	int r = modules_open(args, &v, err);

	if (r == 0 && !cli->json) {
		print_list(cli, &v, args->opt[UNUSED].n > 0, args->opt[VERBOSE].n > 0);
		r = print_reach(&v, err);
	}
	return oakum_finish(cli, r == 0 && cli->json ? modules_usage_json(&v) : NULL, "modules", r,
			    err);
}

const struct verb verb_oakum_modules = {
	.name = "modules",
	.help = "which loaded kernel modules are in use, and by whom",
	.options = options,
	.run = run,
};
