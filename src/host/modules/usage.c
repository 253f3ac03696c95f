/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/usage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/modules/usage-priv.h"
#include "host/plain.h"

static const char *const kind_names[USE_KINDS] = {
	[USE_LIVEPATCH] = "live patch", [USE_PERMANENT] = "permanent", [USE_DEVICE] = "device",
	[USE_BLOCK] = "block device",   [USE_MOUNT] = "mount",         [USE_LINK] = "link",
	[USE_NETFILTER] = "netfilter",  [USE_SOCKET] = "socket",       [USE_CRYPTO] = "crypto",
	[USE_REFERENCE] = "reference",  [USE_BOOT] = "boot",           [USE_NEEDED] = "needed",
};

const char *use_kind_name(enum use_kind k)
{
	return kind_names[k];
}

const char *used_name(enum used u)
{
	static const char *const names[] = {
		[USED_NO] = "no",
		[USED_UNKNOWN] = "unknown",
		[USED_YES] = "yes",
	};

	return names[u];
}

static int keep(struct usage *u, const struct use *use, struct oak_error *err)
{
	uint32_t *count = &u->of[use->module].counts[use->kind];

	u->of[use->module].used = USED_YES;
	if (++*count > USES_KEPT_MAX)
		return 0;
	if (u->n == u->cap) {
		size_t cap = u->cap ? u->cap * 2 : 64;
		struct use *v = reallocarray(u->uses, cap, sizeof(*v));

		if (!v)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		u->uses = v;
		u->cap = cap;
	}
	u->uses[u->n++] = *use;
	return 0;
}

int use_add(struct gather *g, const char *module, enum use_kind kind, const char *file,
	    struct oak_error *err, const char *fmt, ...)
{
	struct use use = { .module = loaded_find(&g->usage->loaded, module), .kind = kind };
	char text[2 * USE_TEXT_MAX];
	va_list ap;

	if (use.module == LOADED_NONE)
		return 0;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	plain_copy(use.what, sizeof(use.what), text);
	plain_copy(use.file, sizeof(use.file), file);
	return keep(g->usage, &use, err);
}

static uint32_t answer(const struct gather *g, const char *alias, const char *name)
{
	uint32_t m, loaded;
	size_t at = 0;

	while (tree_alias_next(g->tree, alias, &at, &m)) {
		loaded = loaded_find(&g->usage->loaded, g->tree->modules[m].name);
		if (loaded != LOADED_NONE)
			return loaded;
	}
	return loaded_find(&g->usage->loaded, name);
}

const char *use_module(struct gather *g, const char *prefix, const char *name)
{
	struct answer a = { .module = LOADED_NONE };
	size_t i = 0;

	(void)snprintf(a.alias, sizeof(a.alias), "%s%s", prefix, name);
	while (i < g->n_answers && strcmp(g->answers[i].alias, a.alias) != 0)
		i++;
	a.module = i < g->n_answers ? g->answers[i].module : answer(g, a.alias, name);
	if (i == g->n_answers && i < ANSWERS_MAX)
		g->answers[g->n_answers++] = a;
	return a.module == LOADED_NONE ? NULL : g->usage->loaded.modules[a.module].name;
}

void use_unknown(struct usage *u, const char *fmt, ...)
{
	char text[2 * USE_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (u->n_unknown < USAGE_UNKNOWN_MAX)
		plain_copy(u->unknown[u->n_unknown], USE_TEXT_MAX, text);
	u->n_unknown++;
}

/* What /proc/modules itself tells. */
static int add_references(struct gather *g, struct oak_error *err)
{
	const struct loaded_list *l = &g->usage->loaded;
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n; i++) {
		const struct loaded_module *m = &l->modules[i];

		if (m->livepatch)
			r = use_add(g, m->name, USE_LIVEPATCH, LOADED_PATH, err, "is a live patch");
		if (r == 0 && m->permanent)
			r = use_add(g, m->name, USE_PERMANENT, LOADED_PATH, err,
				    "cannot be unloaded");
		if (r == 0 && m->state != LOADED_LIVE)
			r = use_add(g, m->name, USE_REFERENCE, LOADED_PATH, err, "is %s",
				    loaded_state_name(m->state));
		if (r == 0 && m->references > m->n_holders)
			r = use_add(g, m->name, USE_REFERENCE, LOADED_PATH, err,
				    "%u reference%s of no module", m->references - m->n_holders,
				    m->references - m->n_holders > 1 ? "s" : "");
	}
	return r;
}

static int add_needed(struct gather *g, uint32_t needed, const char *by, bool *ret_more,
		      struct oak_error *err)
{
	struct usage *u = g->usage;

	if (needed == LOADED_NONE || u->of[needed].used == USED_YES)
		return 0;
	*ret_more = true;
	return use_add(g, u->loaded.modules[needed].name, USE_NEEDED, LOADED_PATH, err,
		       "needed by %s", by);
}

/* modules.dep knows dependencies whose symbols are looked up late; holders know the others. */
static int close_over(struct gather *g, struct oak_error *err)
{
	struct usage *u = g->usage;
	bool more = true;
	int r = 0;

	while (r == 0 && more) {
		more = false;
		for (size_t i = 0; r == 0 && i < u->loaded.n_holds; i++) {
			const struct loaded_hold *h = &u->loaded.holds[i];

			if (u->of[h->holder].used == USED_YES)
				r = add_needed(g, h->held, u->loaded.modules[h->holder].name, &more,
					       err);
		}
		for (size_t i = 0; r == 0 && i < u->loaded.n; i++) {
			const char *name = u->loaded.modules[i].name;
			uint32_t m = tree_find(g->tree, name);
			const struct tree_link *links;
			size_t n = 0;

			links = m == TREE_NONE || u->of[i].used != USED_YES
					? NULL
					: tree_links(g->tree, m, &n);
			for (size_t k = 0; r == 0 && k < n; k++)
				r = add_needed(g,
					       loaded_find(&u->loaded,
							   g->tree->modules[links[k].to].name),
					       name, &more, err);
		}
	}
	return r;
}

/* Does an alias of this module begin so? */
static bool answers_to(const struct module_tree *t, const char *name, const char *prefix)
{
	uint32_t m = tree_find(t, name);

	for (size_t i = 0; m != TREE_NONE && i < t->n_aliases; i++)
		if (t->aliases[i].module == m && alias_starts(t->aliases[i].pattern, prefix))
			return true;
	return false;
}

static bool is_netfilter(const char *name)
{
	static const char *const prefixes[] = { "nf_",  "nft_", "xt_",  "ip_",  "ip6_",     "ipt",
						"ip6t", "ebt",  "arpt", "arp_", "x_tables", "br_" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (alias_starts(name, prefixes[i]))
			return true;
	return false;
}

/* What only an unread namespace could have shown to be in use is not said to be unused. */
static void mark_unknown(struct gather *g)
{
	struct usage *u = g->usage;

	for (size_t i = 0; i < u->loaded.n; i++) {
		const char *name = u->loaded.modules[i].name;

		if (u->of[i].used == USED_YES)
			continue;
		if ((u->links_unknown &&
		     (is_netfilter(name) || answers_to(g->tree, name, "rtnl-link-"))) ||
		    (u->mounts_unknown && answers_to(g->tree, name, "fs-")))
			u->of[i].used = USED_UNKNOWN;
	}
}

/* What is held by a module that may be in use may be, too. */
static void spread_unknown(struct usage *u)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < u->loaded.n_holds; i++) {
			const struct loaded_hold *h = &u->loaded.holds[i];

			if (u->of[h->holder].used != USED_UNKNOWN || u->of[h->held].used != USED_NO)
				continue;
			u->of[h->held].used = USED_UNKNOWN;
			more = true;
		}
	}
}

static int by_module(const void *a, const void *b)
{
	const struct use *x = a, *y = b;

	if (x->module != y->module)
		return x->module < y->module ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->what, y->what);
}

static int gather_all(struct gather *g, struct oak_error *err)
{
	static int (*const readers[])(struct gather *, struct oak_error *) = {
		add_references,     spaces_read,      gather_devices, gather_blocks,
		gather_mounts,      gather_net_files, gather_links,   gather_crypto,
		gather_livepatches, gather_boot,      close_over,
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(readers) / sizeof(readers[0]); i++)
		r = readers[i](g, err);
	return r;
}

int usage_read(int root, const struct module_tree *tree, const struct usage_options *opt,
	       struct usage *ret, struct oak_error *err)
{
	_cleanup_(usage_free) struct usage u = { 0 };
	_cleanup_(freep) struct gather *g = calloc(1, sizeof(*g));
	int r = loaded_read(root, &u.loaded, err);

	if (r < 0)
		return r;
	u.of = calloc(u.loaded.n + 1, sizeof(*u.of));
	if (!u.of || !g)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	g->root = root;
	g->live = opt->live;
	g->tree = tree;
	g->usage = &u;
	r = gather_all(g, err);
	free(g->net.v);
	free(g->mnt.v);
	if (r < 0)
		return r;
	mark_unknown(g);
	spread_unknown(&u);
	if (u.n)
		qsort(u.uses, u.n, sizeof(u.uses[0]), by_module);
	*ret = u;
	u = (struct usage){ 0 };
	return 0;
}

const struct use *usage_of(const struct usage *u, uint32_t module, size_t *ret_n)
{
	size_t at = 0, n = 0;

	while (at < u->n && u->uses[at].module < module)
		at++;
	while (at + n < u->n && u->uses[at + n].module == module)
		n++;
	*ret_n = n;
	return n ? u->uses + at : NULL;
}

void usage_free(struct usage *u)
{
	loaded_free(&u->loaded);
	free(u->of);
	free(u->uses);
	*u = (struct usage){ 0 };
}
