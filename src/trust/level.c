/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/level.h"

#include <string.h>

#include "trust/container.h"

int level_list(struct tuf_client *c, const struct tuf_lookup *how, const char *arch,
	       const char *build_id, struct levels **ret, struct oak_error *err)
{
	_cleanup_(levels_freep) struct levels *list = NULL;
	char path[MANIFEST_PATH_MAX];
	struct tuf_target target;
	int r;

	levels_path(arch, build_id, path);
	r = tuf_client_find(c, path, how, &target, err);
	if (r == -OAK_E_NOTFOUND)
		return oak_fail(err, OAK_E_NOTFOUND,
				"the repository has no level for kernel %s (%s)", build_id, arch);
	if (r < 0)
		return r;
	if (!target.custom)
		return oak_fail(err, OAK_E_FORMAT, "%s: has no list of levels", path);
	r = levels_from_json(target.custom, path, &list, err);
	if (r < 0)
		return r;
	if (strcmp(list->kernel.build_id, build_id) != 0 || strcmp(list->kernel.arch, arch) != 0)
		return oak_fail(err, OAK_E_FORMAT, "%s: is the list of kernel %s (%s)", path,
				list->kernel.build_id, list->kernel.arch);
	*ret = take_ptr(list);
	return 0;
}

int level_open(struct tuf_client *c, const struct tuf_lookup *how, const struct levels *list,
	       const struct levels_entry *entry, struct level **ret, struct oak_error *err)
{
	_cleanup_(level_freep) struct level *level = calloc(1, sizeof(*level));
	char path[MANIFEST_PATH_MAX];
	int r;

	if (!level)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	levels_module_path(list->kernel.arch, list->kernel.build_id, entry->level, path);
	r = tuf_client_find(c, path, how, &level->target, err);
	if (r == -OAK_E_NOTFOUND)
		return oak_fail(err, OAK_E_TRUST,
				"%s: the list of levels has it, but nobody signed it", path);
	if (r < 0)
		return r;
	level->entry = entry;
	*ret = take_ptr(level);
	return 0;
}

int level_read(const char *path, const void *data, size_t len, struct manifest **ret,
	       struct buf *ret_module, struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	char want[MANIFEST_PATH_MAX];
	int r = container_manifest(data, len, path, &m, err);

	if (r < 0)
		return r;
	manifest_level_path(m, want);
	if (strcmp(path, want) != 0)
		return oak_fail(err, OAK_E_FORMAT, "%s: its manifest is that of %s", path, want);
	r = container_module(m, data, len, ret_module, err);
	if (r < 0)
		return r;
	*ret = take_ptr(m);
	return 0;
}

int level_agrees(const struct manifest *m, const struct levels_entry *entry, struct oak_error *err)
{
	if (m->level == entry->level && m->module.size == entry->module.size &&
	    strcmp(m->module.sha256, entry->module.sha256) == 0)
		return 0;
	return oak_fail(err, OAK_E_TRUST,
			"level %u: its module is not the one in the list of levels", entry->level);
}

int level_fetch(struct level *level, const struct tuf_client *c, const struct fetcher *fetcher,
		struct buf *ret, struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	_cleanup_(buf_free) struct buf packed = { 0 }, module = { 0 };
	int r = tuf_client_download(c, &level->target, fetcher, &packed, err);

	if (r == 0)
		r = level_read(level->target.path, packed.data, packed.len, &m, &module, err);
	if (r == 0)
		r = level_agrees(m, level->entry, err);
	if (r < 0)
		return r;
	manifest_free(level->manifest);
	level->manifest = take_ptr(m);
	buf_free(ret);
	*ret = module;
	module = (struct buf){ 0 };
	return 0;
}

void level_free(struct level *level)
{
	if (!level)
		return;
	manifest_free(level->manifest);
	free(level);
}
