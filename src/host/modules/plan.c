/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/modules/needs.h"
#include "host/plain.h"
#include "trust/date.h"

/* Of one module of the tree. */
struct mark {
	bool considered;
	enum plan_why why;
	char detail[PLAN_DETAIL_MAX];
};

struct planner {
	const struct plan_options *opt;
	const struct module_tree *t;
	struct mark *marks;
	enum plan_why marking; /* what plan_name_fn marks */
};

const char *module_plan_why_name(enum plan_why w)
{
	static const char *const names[PLAN_WHYS] = {
		[PLAN_BLOCK] = "block",       [PLAN_LIVEPATCH] = "live patch",
		[PLAN_USED] = "in use",       [PLAN_DEVICE] = "device",
		[PLAN_GUARD] = "lock-out",    [PLAN_BOOT] = "boot",
		[PLAN_OBSERVED] = "observed", [PLAN_UNKNOWN] = "unknown",
		[PLAN_ENGINE] = "engine",     [PLAN_ASKED] = "asked",
		[PLAN_LOADED] = "loaded",     [PLAN_NEEDED] = "needed",
	};

	return names[w];
}

/* The first reason is the one that is told. */
static void mark(struct planner *p, uint32_t module, enum plan_why why, const char *detail)
{
	struct mark *m = &p->marks[module];

	if (m->why != PLAN_BLOCK)
		return;
	m->why = why;
	plain_copy(m->detail, sizeof(m->detail), detail);
}

static void mark_named(void *ctx, uint32_t module, const char *detail)
{
	struct planner *p = ctx;

	mark(p, module, p->marking, detail);
}

/* What /proc and /sys show at this moment. */
static void mark_loaded(struct planner *p, uint32_t module, uint32_t loaded)
{
	const struct usage *u = p->opt->usage;
	const struct module_use *of = &u->of[loaded];
	const struct use *uses;
	size_t n;

	if (of->used == USED_NO)
		return;
	uses = usage_of(u, loaded, &n);
	if (of->counts[USE_LIVEPATCH])
		mark(p, module, PLAN_LIVEPATCH, n ? uses[0].what : "");
	else if (of->used == USED_YES)
		mark(p, module, PLAN_USED, n ? uses[0].what : "");
}

static void mark_unknown(struct planner *p, uint32_t module, uint32_t loaded)
{
	if (p->opt->usage->of[loaded].used == USED_UNKNOWN)
		mark(p, module, PLAN_UNKNOWN, "whether it is in use cannot be seen");
}

static void mark_observed(struct planner *p, uint32_t module)
{
	const struct observed_module *o =
		observed_find(p->opt->observed, p->t->modules[module].name);
	char day[DATE_TEXT_MAX], detail[64];

	if (!o || !o->used_s)
		return;
	date_format(o->used_s, day);
	(void)snprintf(detail, sizeof(detail), "was in use on %.10s", day);
	mark(p, module, PLAN_OBSERVED, detail);
}

/* Nobody uses it: that counts once it was looked at for long enough. */
static void mark_short(struct planner *p, uint32_t module)
{
	unsigned days = observed_days(p->opt->observed);
	char detail[96];

	if (days >= p->opt->days && observed_find(p->opt->observed, p->t->modules[module].name))
		return;
	(void)snprintf(detail, sizeof(detail), "is loaded, and was observed for %u of %u days",
		       days, p->opt->days);
	mark(p, module, PLAN_LOADED, detail);
}

static void each_loaded(struct planner *p, void (*fn)(struct planner *, uint32_t, uint32_t))
{
	for (size_t i = 0; i < p->opt->usage->loaded.n; i++) {
		uint32_t m = tree_find(p->t, p->opt->usage->loaded.modules[i].name);

		if (m != TREE_NONE)
			fn(p, m, (uint32_t)i);
	}
}

static void mark_short_loaded(struct planner *p, uint32_t module, uint32_t loaded)
{
	(void)loaded;
	mark_short(p, module);
}

static bool is_in(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (alias_equal(list[i], name))
			return true;
	return false;
}

static void mark_groups(struct planner *p)
{
	size_t n;
	const struct needs_group *groups = needs_groups(&n);

	for (size_t g = 0; g < n; g++) {
		bool asked = is_in(p->opt->keep, p->opt->n_keep, groups[g].name);
		char detail[PLAN_DETAIL_MAX];

		if (!asked && (is_in(p->opt->without, p->opt->n_without, groups[g].name) ||
			       !needs_group_wanted(p->opt->root, &groups[g])))
			continue;
		(void)snprintf(detail, sizeof(detail), "%s: %s", groups[g].name, groups[g].about);
		for (size_t i = 0; i < p->t->n; i++)
			if (needs_group_has(&groups[g], p->t->modules[i].name))
				mark(p, (uint32_t)i, PLAN_ENGINE, detail);
	}
}

static int mark_asked(struct planner *p, struct oak_error *err)
{
	for (size_t i = 0; i < p->opt->n_keep; i++) {
		uint32_t m = tree_find(p->t, p->opt->keep[i]);

		if (m == TREE_NONE && !needs_group_find(p->opt->keep[i]))
			return oak_fail(err, OAK_E_USAGE,
					"--keep %s: neither a module of this kernel nor a group",
					p->opt->keep[i]);
		if (m != TREE_NONE)
			mark(p, m, PLAN_ASKED, "was asked for with --keep");
	}
	for (size_t i = 0; i < p->opt->n_without; i++)
		if (!needs_group_find(p->opt->without[i]))
			return oak_fail(err, OAK_E_USAGE, "--without %s: not a group",
					p->opt->without[i]);
	return 0;
}

static bool mark_needed(struct planner *p, uint32_t from, uint32_t to)
{
	char detail[PLAN_DETAIL_MAX];

	if (p->marks[from].why == PLAN_BLOCK || p->marks[to].why != PLAN_BLOCK)
		return false;
	(void)snprintf(detail, sizeof(detail), "needed by %s", p->t->modules[from].name);
	mark(p, to, PLAN_NEEDED, detail);
	return true;
}

static bool mark_softdep(struct planner *p, const struct tree_softdep *s)
{
	uint32_t m = tree_find(p->t, s->to);
	bool more = false;
	size_t at = 0;

	if (p->marks[s->from].why == PLAN_BLOCK)
		return false;
	if (m != TREE_NONE)
		return mark_needed(p, s->from, m);
	while (tree_alias_next(p->t, s->to, &at, &m))
		more |= mark_needed(p, s->from, m);
	return more;
}

static void mark_closure(struct planner *p)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < p->t->n_links; i++)
			more |= mark_needed(p, p->t->links[i].from, p->t->links[i].to);
		for (size_t i = 0; i < p->t->n_softdeps; i++)
			more |= mark_softdep(p, &p->t->softdeps[i]);
	}
}

static void mark_guards(struct planner *p)
{
	bool encrypted = loaded_find(&p->opt->usage->loaded, "dm_crypt") != LOADED_NONE ||
			 file_exists(p->opt->root, "etc/crypttab");

	for (size_t i = 0; i < p->t->n; i++) {
		const char *why = needs_guarded(p->t->modules[i].name, encrypted);

		if (why)
			mark(p, (uint32_t)i, PLAN_GUARD, why);
	}
}

static int mark_all(struct planner *p, struct oak_error *err)
{
	each_loaded(p, mark_loaded);
	p->marking = PLAN_DEVICE;
	module_plan_each_device(p->opt->root, p->t, mark_named, p);
	mark_guards(p);
	p->marking = PLAN_BOOT;
	module_plan_each_boot(p->opt->root, p->t, mark_named, p);
	for (size_t i = 0; i < p->t->n; i++)
		mark_observed(p, (uint32_t)i);
	each_loaded(p, mark_unknown);
	mark_groups(p);
	each_loaded(p, mark_short_loaded);
	return mark_asked(p, err);
}

/* Only what nothing but a list of ours, or a doubt, keeps. */
static bool may_be_forced(enum plan_why why)
{
	return why == PLAN_BLOCK || why == PLAN_BOOT || why == PLAN_OBSERVED ||
	       why == PLAN_UNKNOWN || why == PLAN_ENGINE || why == PLAN_LOADED;
}

static int force(struct planner *p, struct oak_error *err)
{
	for (size_t i = 0; i < p->opt->n_block; i++) {
		uint32_t m = tree_find(p->t, p->opt->block[i]);
		struct mark *k;

		if (m == TREE_NONE || p->t->modules[m].builtin)
			return oak_fail(err, OAK_E_USAGE, "--block %s: not a module of this kernel",
					p->opt->block[i]);
		k = &p->marks[m];
		if (!may_be_forced(k->why))
			return oak_fail(err, OAK_E_REFUSED,
					"%s is not blocked, it would lock this host out (%s: %s)",
					p->t->modules[m].name, module_plan_why_name(k->why),
					k->detail);
		k->considered = true;
		k->why = PLAN_BLOCK;
		plain_copy(k->detail, sizeof(k->detail), "was asked for with --block");
	}
	return 0;
}

static void consider(struct planner *p)
{
	for (size_t i = 0; i < p->t->n; i++) {
		const struct reach *r = &p->opt->reach->of[i];

		p->marks[i].considered = r->ways && r->because == TREE_NONE &&
					 reach_gate_of(r->ways) <= GATE_USERNS_ADMIN;
	}
}

/* Used, or seen in use, and loaded by no device: it came by an alias, and would again. */
static bool is_to_load(const struct planner *p, uint32_t module)
{
	const struct observed_module *o =
		observed_find(p->opt->observed, p->t->modules[module].name);
	uint32_t l = loaded_find(&p->opt->usage->loaded, p->t->modules[module].name);

	if (p->marks[module].why == PLAN_BLOCK || p->marks[module].why == PLAN_DEVICE)
		return false;
	return (o && o->used_s) || (l != LOADED_NONE && p->opt->usage->of[l].used == USED_YES);
}

static int by_name(const void *a, const void *b, void *tree)
{
	const struct plan_item *x = a, *y = b;
	const struct module_tree *t = tree;

	return strcmp(t->modules[x->module].name, t->modules[y->module].name);
}

static int collect(const struct planner *p, struct module_plan *ret, struct oak_error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < p->t->n; i++)
		n += p->marks[i].considered;
	ret->items = calloc(n + 1, sizeof(*ret->items));
	if (!ret->items)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < p->t->n; i++) {
		struct plan_item *item = &ret->items[ret->n];

		if (!p->marks[i].considered)
			continue;
		item->module = (uint32_t)i;
		item->why = p->marks[i].why;
		item->load = is_to_load(p, (uint32_t)i);
		memcpy(item->detail, p->marks[i].detail, sizeof(item->detail));
		ret->n_block += item->why == PLAN_BLOCK;
		ret->n++;
	}
	qsort_r(ret->items, ret->n, sizeof(ret->items[0]), by_name,
		(struct module_tree *)(uintptr_t)p->t);
	return 0;
}

/* A plan of a host that cannot be seen would block what it stands on. */
static int check_evidence(const struct usage *u, struct oak_error *err)
{
	if (u->devices_unknown)
		return oak_fail(err, OAK_E_REFUSED,
				"what the devices of this host need cannot be seen: "
				"mount /sys, and run as root");
	if (!u->mount_namespaces)
		return oak_fail(err, OAK_E_REFUSED,
				"what the mounts of this host need cannot be seen: run as root");
	return 0;
}

int module_plan_make(const struct plan_options *opt, struct module_plan *ret, struct oak_error *err)
{
	_cleanup_(freep) struct mark *marks = calloc(opt->tree->n + 1, sizeof(*marks));
	struct planner p = { .opt = opt, .t = opt->tree, .marks = marks };
	struct module_plan plan = { 0 };
	int r = marks ? check_evidence(opt->usage, err)
		      : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r == 0) {
		consider(&p);
		r = mark_all(&p, err);
	}
	if (r == 0) {
		mark_closure(&p);
		r = force(&p, err);
	}
	if (r == 0)
		r = collect(&p, &plan, err);
	if (r == 0)
		*ret = plan;
	return r;
}

void module_plan_free(struct module_plan *p)
{
	free(p->items);
	*p = (struct module_plan){ 0 };
}
