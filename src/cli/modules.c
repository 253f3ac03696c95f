/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/modules.h"

#include <errno.h>
#include <stdio.h>
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
	*ret = v;
	v = (struct modules_view){ .root = -1 };
	return 0;
}

void modules_close(struct modules_view *v)
{
	usage_free(&v->usage);
	tree_free(&v->tree);
	closep(&v->root);
}

static json_t *uses_json(const struct usage *u, uint32_t module)
{
	json_t *list = json_array();
	size_t n;
	const struct use *uses = usage_of(u, module, &n);

	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list,
					    json_pack("{s:s, s:s, s:s, s:i}", "kind",
						      use_kind_name(uses[i].kind), "what",
						      uses[i].what, "file", uses[i].file, "count",
						      (int)u->of[module].counts[uses[i].kind]));
	return list;
}

static json_t *holders_json(const struct loaded_list *l, uint32_t module)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n_holds; i++)
		if (l->holds[i].held == module)
			(void)json_array_append_new(list,
						    json_string(
							    l->modules[l->holds[i].holder].name));
	return list;
}

static json_t *module_json(const struct usage *u, uint32_t i)
{
	const struct loaded_module *m = &u->loaded.modules[i];

	return json_pack("{s:s, s:I, s:i, s:o, s:s, s:b, s:s, s:o}", "name", m->name, "bytes",
			 (json_int_t)m->bytes, "references", (int)m->references, "holders",
			 holders_json(&u->loaded, i), "state", loaded_state_name(m->state),
			 "permanent", m->permanent, "in_use", used_name(u->of[i].used), "uses",
			 uses_json(u, i));
}

json_t *modules_usage_json(const struct modules_view *v)
{
	const struct usage *u = &v->usage;
	json_t *modules = json_array(), *unknown = json_array();

	for (size_t i = 0; i < u->loaded.n; i++)
		(void)json_array_append_new(modules, module_json(u, (uint32_t)i));
	for (size_t i = 0; i < u->n_unknown && i < USAGE_UNKNOWN_MAX; i++)
		(void)json_array_append_new(unknown, json_string(u->unknown[i]));
	return json_pack("{s:s, s:o, s:o, s:{s:i, s:i}}", "kernel", v->release, "modules", modules,
			 "unknown", unknown, "namespaces", "network", (int)u->net_namespaces,
			 "mount", (int)u->mount_namespaces);
}
