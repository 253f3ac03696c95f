/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum modules reach: what could be loaded by whom without leave. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/modules.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"

enum {
	VERBOSE = OAKUM_ROOT + 1,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = "verbose", .help = "every module, and how it is asked for", .letter = 'v' },
	{ .name = NULL },
};

static void print_policy(const struct module_policy *p)
{
	if (p->modules_disabled)
		printf("nothing is loaded until the next boot: kernel.modules_disabled = 1, which "
		       "keeps live patches out too\n");
	else if (!p->autoload)
		printf("the kernel loads nothing by itself: kernel.modprobe = '%s'\n", p->modprobe);
	if (p->userns != USERNS_FREE)
		printf("user namespaces of users: %s, by %s\n", policy_userns_name(p->userns),
		       p->userns_why);
	if (!p->ldisc_autoload)
		printf("line disciplines are not loaded: dev.tty.ldisc_autoload = 0\n");
}

static const char *remark(const struct actor *a)
{
	if (actor_loads_all(a))
		return "has CAP_SYS_MODULE of the host: loads any module";
	if (!a->known)
		return "its status cannot be read";
	if (a->seccomp == SECCOMP_STRICT)
		return "seccomp is strict";
	if (a->seccomp == SECCOMP_FILTER)
		return "a seccomp filter is there; as docker's default would";
	return a->pid ? "no seccomp filter" : "";
}

static void print_actors(const struct modules_view *v)
{
	printf("%5s %6s %8s  %s\n", "YES", "LIKELY", "UNLIKELY", "BY");
	for (size_t i = 0; i < v->actors.n; i++) {
		const struct actor *a = &v->actors.v[i];
		struct modules_counts c;

		modules_count(v, a, &c);
		printf("%5zu %6zu %8zu  %s%s%s\n", c.of[REACH_YES], c.of[REACH_LIKELY],
		       c.of[REACH_UNLIKELY], a->name, remark(a)[0] ? ": " : "", remark(a));
	}
}

static void print_modules(const struct modules_view *v)
{
	printf("\n%-24s %-12s %s\n", "MODULE", "GATE", "ASKED FOR AS");
	for (size_t i = 0; i < v->reach.n; i++) {
		const struct reach *r = &v->reach.of[i];
		uint64_t ways = r->ways ? r->ways : r->blocked;
		char asked[96];

		if (!ways)
			continue;
		word_copy(asked, sizeof(asked), (struct word){ r->asked, strlen(r->asked) });
		printf("%-24s %-12s %s%s%s%s%s%s\n", v->tree.modules[i].name,
		       gate_name(reach_gate_of(ways)), asked,
		       r->because == TREE_NONE ? "" : ", needed by ",
		       r->because == TREE_NONE ? "" : v->tree.modules[r->because].name,
		       v->loaded[i] ? ", loaded" : "",
		       r->ways ? "" : ", blocked: ", r->ways ? "" : r->why);
	}
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(modules_close) struct modules_view v = { .root = -1 };
	int r = modules_open(args, &v, err);

	if (r == 0)
		r = modules_open_reach(&v, NULL, err);
	if (r == 0 && !cli->json) {
		print_policy(&v.policy);
		print_actors(&v);
		if (args->opt[VERBOSE].n)
			print_modules(&v);
	}
	return oakum_finish(cli, r == 0 && cli->json ? modules_reach_json(&v) : NULL, "reach", r,
			    err);
}

const struct verb verb_oakum_modules_reach = {
	.name = "modules reach",
	.help = "which modules a user, or a container, could have loaded",
	.more = "YES: nothing stands before it. LIKELY, UNLIKELY: a seccomp filter does, whose\n"
		"content cannot be read; docker's default profile would let it through, or deny it.",
	.options = options,
	.run = run,
};
