/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "host/number.h"
#include "host/sysfs.h"

#define LEVELS_MAX 4096u /* on disk, of one kernel */

int cache_check_module(const struct manifest *m, const void *module, size_t len,
		       struct oak_error *err)
{
	char got[SHA256_HEX_MAX];

	if (len != m->module.size)
		return oak_fail(err, OAK_E_TRUST,
				"level %u: the module has %zu bytes, its manifest says %" PRIu64,
				m->level, len, m->module.size);
	sha256_hex(module, len, got);
	if (strcmp(got, m->module.sha256) != 0)
		return oak_fail(err, OAK_E_TRUST,
				"level %u: the module's sha256 is %s, its manifest says %s",
				m->level, got, m->module.sha256);
	return 0;
}

static void level_path(const char *build_id, uint32_t level, const char *file,
		       char ret[SYSFS_PATH_MAX])
{
	(void)snprintf(ret, SYSFS_PATH_MAX, CACHE_LEVELS_DIR "/%s/%u/%s", build_id, level, file);
}

static int write_files(int dir, const struct manifest *m, const struct buf *text,
		       const struct buf *module, struct oak_error *err)
{
	char name[SYSFS_PATH_MAX];
	int r;

	(void)snprintf(name, sizeof(name), "%s.ko", m->module.name);
	r = file_write(dir, name, module->data, module->len, 0644, err);
	if (r == 0)
		r = file_write(dir, "manifest.json", text->data, text->len, 0644, err);
	if (r == 0 && fsync(dir) < 0)
		r = oak_fail_errno(err, errno, "manifest.json");
	return r;
}

/* @made takes the place of @name; what was there before is removed. */
static int put_in_place(int dir, const char *made, const char *name, struct oak_error *err)
{
	if (renameat(dir, made, dir, name) < 0) {
		if (errno != EEXIST && errno != ENOTEMPTY)
			return oak_fail_errno(err, errno, "level %s", name);
		if (renameat2(dir, made, dir, name, RENAME_EXCHANGE) < 0)
			return oak_fail_errno(err, errno, "level %s", name);
	}
	if (fsync(dir) < 0)
		return oak_fail_errno(err, errno, "level %s", name);
	return tree_remove(dir, made, err);
}

int cache_store_text(int root, const struct manifest *m, const struct buf *text,
		     const struct buf *module, struct oak_error *err)
{
	_cleanup_(closep) int kernel = -1, made = -1;
	char path[SYSFS_PATH_MAX], name[16], tmp[24];
	int r;

	(void)snprintf(path, sizeof(path), CACHE_LEVELS_DIR "/%s", m->kernel.build_id);
	r = dir_make(root, path, err);
	if (r < 0)
		return r;
	kernel = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (kernel < 0)
		return oak_fail_errno(err, errno, "/%s", path);
	(void)snprintf(name, sizeof(name), "%u", m->level);
	(void)snprintf(tmp, sizeof(tmp), ".%s.new", name);
	r = tree_remove(kernel, tmp, err);
	if (r == 0)
		r = dir_make(kernel, tmp, err);
	if (r < 0)
		return oak_context(err, "/%s", path);
	made = openat(kernel, tmp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (made < 0)
		return oak_fail_errno(err, errno, "/%s/%s", path, tmp);
	r = write_files(made, m, text, module, err);
	if (r == 0)
		r = put_in_place(kernel, tmp, name, err);
	return r < 0 ? oak_context(err, "/%s", path) : 0;
}

int cache_store(int root, const struct manifest *m, const void *module, size_t len,
		struct oak_error *err)
{
	_cleanup_(freep) char *json = json_text(m->json);
	struct buf text = { .data = (uint8_t *)json }, bytes = { .len = len };

	if (!json)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	text.len = strlen(json);
	/* Only read. */
	memcpy(&bytes.data, &module, sizeof(module));
	return cache_store_text(root, m, &text, &bytes, err);
}

int cache_manifest(int root, const char *build_id, uint32_t level, struct manifest **ret,
		   struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	_cleanup_(buf_free) struct buf text = { 0 };
	char path[SYSFS_PATH_MAX];
	int r;

	level_path(build_id, level, "manifest.json", path);
	r = file_read(root, path, MANIFEST_BYTES_MAX, &text, err);
	if (r == -OAK_E_NOTFOUND)
		return oak_fail(err, OAK_E_NOTFOUND,
				"level %u of kernel %s is not on this host: 'oakum update' gets it",
				level, build_id);
	if (r == 0)
		r = manifest_parse(text.data, text.len, path, &m, err);
	if (r != 0)
		return r;
	if (strcmp(m->kernel.build_id, build_id) != 0 || m->level != level)
		return oak_fail(err, OAK_E_REFUSED, "/%s is of level %u for kernel %s", path,
				m->level, m->kernel.build_id);
	*ret = take_ptr(m);
	return 0;
}

int cache_module(int root, const struct manifest *m, struct buf *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf module = { 0 };
	char path[SYSFS_PATH_MAX], file[MANIFEST_PATH_MAX];
	int r;

	(void)snprintf(file, sizeof(file), "%s.ko", m->module.name);
	level_path(m->kernel.build_id, m->level, file, path);
	r = file_read(root, path, MANIFEST_MODULE_MAX, &module, err);
	if (r == 0)
		r = cache_check_module(m, module.data, module.len, err);
	if (r < 0)
		return r;
	if (buf_add(ret, module.data, module.len) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int ascending(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int cache_list(int root, const char *build_id, uint32_t **ret, size_t *ret_n, struct oak_error *err)
{
	_cleanup_(freep) uint32_t *levels = calloc(LEVELS_MAX, sizeof(*levels));
	_cleanup_(closedirp) DIR *d = NULL;
	char path[SYSFS_PATH_MAX];
	struct dirent *e;
	size_t n = 0;
	int fd;

	if (!levels)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	(void)snprintf(path, sizeof(path), CACHE_LEVELS_DIR "/%s", build_id);
	fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT)
		return oak_fail_errno(err, errno, "/%s", path);
	if (fd >= 0 && !(d = fdopendir(fd))) {
		int saved = errno;

		(void)close(fd);
		return oak_fail_errno(err, saved, "/%s", path);
	}
	while (d && n < LEVELS_MAX && (e = readdir(d)))
		if (number_parse_u32(e->d_name, &levels[n]) == 0 && levels[n] > 0)
			n++;
	qsort(levels, n, sizeof(*levels), ascending);
	*ret = take_ptr(levels);
	*ret_n = n;
	return 0;
}
