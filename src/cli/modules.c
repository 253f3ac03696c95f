/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/modules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "cli/oakum.h"
#include "host/sysfs.h"

static bool is_live(int root)
{
	struct stat a, b;

	return fstat(root, &a) == 0 && stat("/", &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static void hand_out(struct modules_view *from, struct modules_view *to)
{
	*to = *from;
	*from = (struct modules_view){ .root = -1 };
}

int modules_open(const struct cli_args *args, struct modules_view *ret, struct oak_error *err)
{
	_cleanup_(modules_close) struct modules_view v = { .root = -1 };
	struct usage_options opt = { .live = false };
	struct oak_error missing;
	int r = oakum_open_root(args, &v.root, NULL, err);

	if (r < 0)
		return r;
	opt.live = v.live = is_live(v.root);
	r = sysfs_read(v.root, "proc/sys/kernel/osrelease", v.release, sizeof(v.release));
	if (r < 0 || strchr(v.release, '/'))
		return oak_fail_errno(err, r < 0 ? r : -EINVAL, "/proc/sys/kernel/osrelease");
	/* Without the files of depmod all is known of what is loaded but a few names. */
	r = tree_read(v.root, v.release, &v.tree, &missing);
	if (r < 0 && r != -OAK_E_NOTFOUND) {
		*err = missing;
		return r;
	}
	v.tree_known = r == 0;
	r = usage_read(v.root, &v.tree, &opt, &v.usage, err);
	if (r < 0)
		return r;
	hand_out(&v, ret);
	return 0;
}

int modules_open_reach(struct modules_view *v, const char *without, struct oak_error *err)
{
	int r;

	if (!v->tree_known)
		return oak_fail(err, OAK_E_NOTFOUND,
				"/lib/modules/%s/modules.dep: no such file: run depmod",
				v->release);
	v->loaded = calloc(v->tree.n + 1, sizeof(*v->loaded));
	if (!v->loaded)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < v->tree.n; i++)
		v->loaded[i] = loaded_find(&v->usage.loaded, v->tree.modules[i].name) !=
			       LOADED_NONE;
	r = policy_read(v->root, without, &v->policy, err);
	if (r == 0)
		r = actors_read(v->root, &v->actors, err);
	if (r == 0)
		r = reach_read(&v->tree, &v->policy, v->loaded, &v->reach, err);
	return r;
}

void modules_count(const struct modules_view *v, const struct actor *a, struct modules_counts *ret)
{
	struct reach_rows rows;

	*ret = (struct modules_counts){ { 0 } };
	reach_rows_of(a, &v->policy, &rows);
	for (size_t i = 0; i < v->reach.n_groups; i++)
		ret->of[reach_sure_of(&rows, v->reach.groups[i].ways)] += v->reach.groups[i].n;
}

void modules_close(struct modules_view *v)
{
	reach_free(&v->reach);
	actors_free(&v->actors);
	policy_free(&v->policy);
	free(v->loaded);
	usage_free(&v->usage);
	tree_free(&v->tree);
	closep(&v->root);
}
