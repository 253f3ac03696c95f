/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/reach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct work {
	const struct module_tree *t;
	const struct module_policy *p;
	const bool *loaded;
	struct reach_map *map;
};

/* What a module asks for when it starts: request_module() in its own init. */
static const char *const brings[][2] = {
	{ "6lowpan", "nhc_dest" }, { "6lowpan", "nhc_fragment" }, { "6lowpan", "nhc_hop" },
	{ "6lowpan", "nhc_ipv6" }, { "6lowpan", "nhc_mobility" }, { "6lowpan", "nhc_routing" },
	{ "6lowpan", "nhc_udp" },  { "6lowpan", "nhc_ghc_udp" },
};

#define N_BRINGS (sizeof(brings) / sizeof(brings[0]))

static bool tree_has_softdeps(const struct module_tree *t, uint32_t module)
{
	for (size_t i = 0; i < t->n_softdeps; i++)
		if (t->softdeps[i].from == module)
			return true;
	return false;
}

/* The configuration's word on soft dependencies, if it goes before that of modules.softdep. */
static const struct policy_rule *softdep_rule(const struct work *w, uint32_t module)
{
	const struct policy_rule *rule =
		policy_find(w->p, POLICY_SOFTDEP, w->t->modules[module].name);
	const char *slash = rule ? strrchr(rule->file, '/') : NULL;
	const char *file = slash ? slash + 1 : rule ? rule->file : "";

	/* modprobe sorts that file among the others by its name, and takes the first rule. */
	if (rule && strcmp(file, "modules.softdep") > 0 && tree_has_softdeps(w->t, module))
		return NULL;
	return rule;
}

/*
 * Does modprobe load anything beside it? Then it runs no install command for it: kmod 30,
 * __kmod_module_fill_softdep(), "ignorecmd".
 */
static bool has_softdeps(const struct work *w, uint32_t module)
{
	const struct policy_rule *rule = softdep_rule(w, module);

	return rule ? !rule->nothing : tree_has_softdeps(w->t, module);
}

/* Why modprobe would not insert this module; NULL where it would. */
static const struct policy_rule *refusal(const struct work *w, uint32_t module, bool by_name)
{
	const char *name = w->t->modules[module].name;
	const struct policy_rule *rule = policy_find(w->p, POLICY_REFUSED, name);

	if (!rule)
		rule = policy_find(w->p, POLICY_INSTALL, name);
	if (rule && rule->kind == POLICY_INSTALL && (!rule->nothing || has_softdeps(w, module)))
		rule = NULL; /* a command that may well load it, or is not run */
	if (!rule && !by_name)
		rule = policy_find(w->p, POLICY_BLACKLIST, name);
	return rule;
}

static void say(struct reach *r, const struct policy_rule *rule, const char *module)
{
	static const char *const words[] = {
		[POLICY_BLACKLIST] = "blacklist",
		[POLICY_INSTALL] = "install",
		[POLICY_ALIAS] = "alias",
		[POLICY_SOFTDEP] = "softdep",
		[POLICY_REFUSED] = "module_blacklist",
	};

	(void)snprintf(r->why, sizeof(r->why), "%s%s%s in %s", words[rule->kind],
		       module ? " of " : "", module ? module : "", rule->file);
}

/* A rule for the module, or for what it cannot do without; false where nothing stands against. */
static bool is_blocked(const struct work *w, uint32_t module, bool by_name, struct reach *r)
{
	const struct policy_rule *rule = refusal(w, module, by_name);
	const struct tree_link *links;
	size_t n;

	if (rule) {
		say(r, rule, NULL);
		return true;
	}
	links = tree_links(w->t, module, &n);
	for (size_t i = 0; i < n; i++) {
		uint32_t need = links[i].to;

		if (w->t->modules[need].builtin || w->loaded[need])
			continue;
		rule = refusal(w, need, true);
		if (rule) {
			say(r, rule, w->t->modules[need].name);
			return true;
		}
	}
	return false;
}

static void reach_by(struct work *w, uint32_t module, uint64_t ways, const char *asked, bool by_name)
{
	struct reach *r = &w->map->of[module];
	char before[REACH_WHY_MAX];

	if (!ways || w->t->modules[module].builtin || !w->t->modules[module].on_disk)
		return;
	memcpy(before, r->why, sizeof(before));
	if (is_blocked(w, module, by_name, r)) {
		r->blocked |= ways;
		if (!r->asked)
			r->asked = asked;
		return;
	}
	memcpy(r->why, before, sizeof(before));
	if (!r->ways || reach_gate_of(ways) < reach_gate_of(r->ways)) {
		r->asked = asked;
		r->because = TREE_NONE;
	}
	r->ways |= ways;
}

static uint64_t registered_rows(void)
{
	size_t n;
	const struct gate_row *rows = gate_rows(&n);
	uint64_t mask = 0;

	for (size_t i = 0; i < n; i++)
		if (rows[i].registered)
			mask |= (uint64_t)1 << i;
	return mask;
}

/* What waits for others is tried when those are known. */
static void set_late(struct work *w)
{
	uint64_t late = registered_rows();

	for (size_t i = 0; i < w->map->n; i++) {
		w->map->of[i].late = w->map->of[i].ways & late;
		w->map->of[i].ways &= ~late;
	}
}

static bool is_ready(const struct work *w, uint32_t module)
{
	const struct tree_link *links;
	size_t n;

	links = tree_links(w->t, module, &n);
	for (size_t i = 0; i < n; i++)
		if (!w->t->modules[links[i].to].builtin && !w->loaded[links[i].to] &&
		    !w->map->of[links[i].to].ways)
			return false;
	return true;
}

/* The configuration's aliases go before those of the modules. */
static bool configured(struct work *w, const char *alias, uint64_t ways, uint32_t instead_of)
{
	const struct policy_rule *rule;
	bool any = false;
	size_t at = 0;

	while ((rule = policy_alias_next(w->p, alias, &at))) {
		uint32_t m = tree_find(w->t, rule->value);

		any = true;
		if (m != TREE_NONE)
			reach_by(w, m, ways, alias, false);
		if (m != instead_of) {
			struct reach *r = &w->map->of[instead_of];

			r->blocked |= ways;
			say(r, rule, NULL);
			if (!r->asked)
				r->asked = alias;
		}
	}
	return any;
}

static void reach_aliases(struct work *w)
{
	for (size_t i = 0; i < w->t->n_aliases; i++) {
		const struct tree_alias *a = &w->t->aliases[i];
		uint64_t ways = gates_of_alias(a->pattern);

		if (ways && !configured(w, a->pattern, ways, a->module))
			reach_by(w, a->module, ways, a->pattern, false);
	}
	for (size_t i = 0; i < w->p->n; i++) {
		const struct policy_rule *rule = &w->p->rules[i];
		uint32_t m = rule->kind == POLICY_ALIAS ? tree_find(w->t, rule->value) : TREE_NONE;

		if (m != TREE_NONE)
			reach_by(w, m, gates_of_alias(rule->name), rule->name, false);
	}
}

static void reach_names(struct work *w)
{
	for (size_t i = 0; i < w->t->n; i++) {
		const char *name = w->t->modules[i].name;
		uint64_t ways = gates_of_name(name);

		if (ways && !configured(w, name, ways, (uint32_t)i))
			reach_by(w, (uint32_t)i, ways, name, true);
	}
}

/* Is there a module that answers, loaded or to be loaded? What no module has is built in. */
static bool is_there(const struct work *w, const char *alias)
{
	bool any = false;
	size_t at = 0;
	uint32_t m;

	while (tree_alias_next(w->t, alias, &at, &m)) {
		any = true;
		if (w->loaded[m] || w->t->modules[m].builtin || w->map->of[m].ways)
			return true;
	}
	return !any;
}

/* A row whose family is neither there nor to be had leads nowhere. */
static void drop_needing(struct work *w)
{
	size_t n;
	const struct gate_row *rows = gate_rows(&n);
	uint64_t gone = 0;

	for (size_t i = 0; i < n; i++)
		if (rows[i].needs && !is_there(w, rows[i].needs))
			gone |= (uint64_t)1 << i;
	for (size_t i = 0; gone && i < w->map->n; i++) {
		struct reach *r = &w->map->of[i];

		if (r->ways && !(r->ways & ~gone))
			(void)snprintf(r->why, sizeof(r->why), "what asks for it is blocked");
		r->blocked |= r->ways & gone;
		r->ways &= ~gone;
	}
}

static bool reach_needed(struct work *w, uint32_t from, uint32_t to)
{
	struct reach *of = w->map->of, *r = &of[to];
	uint64_t more = of[from].ways & ~r->ways;

	if (!more || w->t->modules[to].builtin || !w->t->modules[to].on_disk || from == to)
		return false;
	if (!r->ways || reach_gate_of(of[from].ways) < reach_gate_of(r->ways)) {
		r->asked = of[from].asked;
		r->because = from;
	}
	r->ways |= more;
	return true;
}

static bool reach_soft(struct work *w, uint32_t from, const char *to)
{
	uint32_t m = tree_find(w->t, to);
	struct reach ignored = { .ways = 0 };
	bool more = false;
	size_t at = 0;

	if (!w->map->of[from].ways)
		return false;
	if (m != TREE_NONE)
		return !is_blocked(w, m, true, &ignored) && reach_needed(w, from, m);
	while (tree_alias_next(w->t, to, &at, &m))
		if (!is_blocked(w, m, false, &ignored))
			more |= reach_needed(w, from, m);
	return more;
}

static void reach_closure(struct work *w)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < w->t->n_links; i++)
			more |= reach_needed(w, w->t->links[i].from, w->t->links[i].to);
		for (size_t i = 0; i < w->t->n_softdeps; i++)
			if (!softdep_rule(w, w->t->softdeps[i].from))
				more |= reach_soft(w, w->t->softdeps[i].from, w->t->softdeps[i].to);
		for (size_t i = 0; i < N_BRINGS; i++) {
			uint32_t from = tree_find(w->t, brings[i][0]);

			if (from != TREE_NONE)
				more |= reach_soft(w, from, brings[i][1]);
		}
	}
}

static bool reach_late(struct work *w)
{
	bool more = false;

	for (size_t i = 0; i < w->map->n; i++) {
		struct reach *r = &w->map->of[i];

		if (!r->late || !is_ready(w, (uint32_t)i))
			continue;
		r->ways |= r->late;
		r->late = 0;
		more = true;
	}
	return more;
}

static int by_ways(const void *a, const void *b)
{
	const struct reach_group *x = a, *y = b;

	return (x->ways > y->ways) - (x->ways < y->ways);
}

static int group(struct reach_map *map, struct oak_error *err)
{
	struct reach_group *v = calloc(map->n + 1, sizeof(*v));
	size_t n = 0, groups = 0;

	if (!v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < map->n; i++)
		if (map->of[i].ways)
			v[n++] = (struct reach_group){ map->of[i].ways, 1 };
	qsort(v, n, sizeof(*v), by_ways);
	for (size_t i = 0; i < n; i++) {
		if (groups && v[groups - 1].ways == v[i].ways)
			v[groups - 1].n++;
		else
			v[groups++] = v[i];
	}
	map->groups = v;
	map->n_groups = groups;
	return 0;
}

int reach_read(const struct module_tree *t, const struct module_policy *p, const bool *loaded,
	       struct reach_map *ret, struct oak_error *err)
{
	struct reach_map map = { .of = calloc(t->n + 1, sizeof(*map.of)), .n = t->n };
	struct work w = { .t = t, .p = p, .loaded = loaded, .map = &map };

	if (!map.of)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < map.n; i++)
		map.of[i].because = TREE_NONE;
	reach_aliases(&w);
	reach_names(&w);
	set_late(&w);
	drop_needing(&w);
	do {
		reach_closure(&w);
	} while (reach_late(&w));
	if (group(&map, err) < 0) {
		free(map.of);
		return -OAK_E_NOMEM;
	}
	*ret = map;
	return 0;
}

void reach_free(struct reach_map *m)
{
	free(m->of);
	free(m->groups);
	*m = (struct reach_map){ 0 };
}

void reach_rows_of(const struct actor *a, const struct module_policy *p, struct reach_rows *ret)
{
	size_t n;
	const struct gate_row *rows = gate_rows(&n);

	*ret = (struct reach_rows){ .row = { REACH_NO } };
	for (size_t i = 0; i < n; i++)
		ret->row[i] = actor_reaches(a, p, &rows[i]);
}

enum reach_sure reach_sure_of(const struct reach_rows *rows, uint64_t ways)
{
	enum reach_sure best = REACH_NO;

	for (; ways; ways &= ways - 1) {
		unsigned i = (unsigned)__builtin_ctzll(ways);

		if (rows->row[i] > best)
			best = rows->row[i];
	}
	return best;
}

enum gate reach_gate_of(uint64_t ways)
{
	enum gate best = GATE_INIT_ADMIN;
	size_t n;
	const struct gate_row *rows = gate_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (ways >> i & 1 && rows[i].gate < best)
			best = rows[i].gate;
	return best;
}
