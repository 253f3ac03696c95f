/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of depmod, as one text after the other: whatever they hold, every index points at a
 * module, every name is found again, and a closure is closed.
 */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "host/modules/reach.h"
#include "host/modules/tree.h"

static void check_tree(const struct module_tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		FUZZ_CHECK(tree_find(t, t->modules[i].name) == i);
	for (size_t i = 0; i < t->n_aliases; i++)
		FUZZ_CHECK(t->aliases[i].module < t->n && t->aliases[i].pattern[0]);
	for (size_t i = 0; i < t->n_links; i++) {
		FUZZ_CHECK(t->links[i].from < t->n && t->links[i].to < t->n);
		FUZZ_CHECK(!i || t->links[i - 1].from <= t->links[i].from);
	}
	for (size_t i = 0; i < t->n_softdeps; i++)
		FUZZ_CHECK(t->softdeps[i].from < t->n && t->softdeps[i].to[0]);
}

static void check_closure(const struct module_tree *t)
{
	_cleanup_(freep) bool *set = calloc(t->n + 1, sizeof(*set));

	FUZZ_CHECK(set);
	set[0] = true;
	tree_close(t, set, true);
	for (size_t i = 0; i < t->n_links; i++)
		FUZZ_CHECK(!set[t->links[i].from] || set[t->links[i].to]);
}

/* What is reached is no part of the kernel, and is on the disk. */
static void check_reach(const struct module_tree *t)
{
	_cleanup_(freep) bool *loaded = calloc(t->n + 1, sizeof(*loaded));
	_cleanup_(policy_free) struct module_policy p = { .autoload = true };
	_cleanup_(reach_free) struct reach_map map = { 0 };
	struct oak_error err;

	FUZZ_CHECK(loaded && reach_read(t, &p, loaded, &map, &err) == 0);
	for (size_t i = 0; i < map.n; i++)
		FUZZ_CHECK(!map.of[i].ways ||
			   (t->modules[i].on_disk && !t->modules[i].builtin && map.of[i].asked));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	_cleanup_(buf_free) struct buf alias = { 0 }, soft = { 0 };
	_cleanup_(tree_free) struct module_tree t = { 0 };
	struct oak_error err;

	FUZZ_CHECK(text && buf_add(&alias, data, size) == 0 && buf_add(&soft, data, size) == 0);
	/* Every line is shown to every parser. */
	if (tree_add_dep(&t, text, &err) < 0 || tree_add_aliases(&t, &alias, &err) < 0 ||
	    tree_add_softdeps(&t, &soft, &err) < 0)
		return 0;
	check_tree(&t);
	check_closure(&t);
	check_reach(&t);
	FUZZ_CHECK(tree_add_builtin(&t, text, &err) == 0);
	check_reach(&t);
	return 0;
}
