/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <zstd.h>

#include "base/file.h"
#include "trust/author-state.h"
#include "trust/manifest.h"
#include "trust/target.h"

#define ZSTD_LEVEL 19 /* modules are small and fetched by many hosts */

static int check_module(const char *path, const struct buf *module, const struct manifest *m,
			struct oak_error *err)
{
	char hex[SHA256_HEX_MAX];

	sha256_hex(module->data, module->len, hex);
	if (module->len != m->module.size)
		return oak_fail(err, OAK_E_REFUSED, "%s: %zu bytes, but the manifest says %llu",
				path, module->len, (unsigned long long)m->module.size);
	if (strcmp(hex, m->module.sha256) != 0)
		return oak_fail(
			err, OAK_E_REFUSED,
			"%s: sha256 is %s, but the manifest says %s; the module is not the one "
			"that was built with it",
			path, hex, m->module.sha256);
	return 0;
}

static int compress(const struct buf *module, struct buf *ret, struct oak_error *err)
{
	size_t bound = ZSTD_compressBound(module->len), n;

	if (buf_reserve(ret, bound) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n = ZSTD_compress(ret->data, bound, module->data, module->len, ZSTD_LEVEL);
	if (ZSTD_isError(n))
		return oak_fail(err, OAK_E_FAILED, "zstd: %s", ZSTD_getErrorName(n));
	ret->len = n;
	return 0;
}

static const struct metadata *current_targets(const struct repo *repo)
{
	return repo->staged ? repo->staged : tuf_client_metadata(repo->client, TUF_TARGETS);
}

/* A level that hosts may have loaded never changes; a correction is the next level. */
static int check_new(const struct repo *repo, const struct manifest *m, const char *path,
		     struct oak_error *err)
{
	const json_t *targets = metadata_targets(current_targets(repo));
	const json_t *there = json_object_get(targets, path);

	if (!there)
		return 0;
	if (json_equal(json_object_get(there, "custom"), m->json))
		return oak_fail(err, OAK_E_NOTHING, "level %u of kernel %s is there already",
				m->level, m->kernel.build_id);
	return oak_fail(
		err, OAK_E_REFUSED,
		"level %u of kernel %s exists with other content; a level never changes: build "
		"level %u",
		m->level, m->kernel.build_id, m->level + 1);
}

/* Nothing names the file yet, so readers do not mind. */
static int write_target(const struct repo *repo, const struct tuf_target *target,
			const struct buf *packed, struct oak_error *err)
{
	_cleanup_(freep) char *file = target_file(target, true);
	_cleanup_(freep) char *path = file ? path_join("targets", file) : NULL;
	char *slash;
	int r;

	if (!path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	slash = strrchr(path, '/');
	*slash = '\0';
	r = dir_make(repo->dirfd, path, err);
	*slash = '/';
	if (r < 0)
		return r;
	return file_write(repo->dirfd, path, packed->data, packed->len, AUTHOR_FILE_MODE, err);
}

/* The next targets: those of now and one more. */
static int with_target(const struct repo *repo, const struct tuf_target *target,
		       struct metadata **ret, struct oak_error *err)
{
	const struct metadata *published = tuf_client_metadata(repo->client, TUF_TARGETS);
	_cleanup_(json_decrefp)
		json_t *targets = json_deep_copy(metadata_targets(current_targets(repo)));
	_cleanup_(json_decrefp) json_t *j =
		author_new_signed(TUF_TARGETS, metadata_version(published) + 1, repo->opt->now_s);
	json_t *entry = json_pack("{s:I, s:{s:s}, s:O}", "length", (json_int_t)target->length,
				  "hashes", "sha256", target->hashes.sha256, "custom",
				  target->custom);

	if (!targets || json_object_set_new(targets, target->path, entry) < 0 || !j ||
	    json_object_set(j, "targets", targets) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return metadata_new(TUF_TARGETS, "targets.json", take_ptr(j), ret, err);
}

int author_stage(struct repo *repo, struct metadata *m, struct oak_error *err)
{
	_cleanup_(metadata_freep) struct metadata *guard = m;
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = author_text(m, &text, err);

	if (r == 0)
		r = dir_make(repo->dirfd, AUTHOR_STAGED_DIR, err);
	if (r == 0)
		r = file_write(repo->dirfd, AUTHOR_STAGED_FILE, text.data, text.len,
			       AUTHOR_FILE_MODE, err);
	if (r < 0)
		return r;
	metadata_free(repo->staged);
	repo->staged = take_ptr(guard);
	return 0;
}

static int stage_target(struct repo *repo, const struct tuf_target *target, struct oak_error *err)
{
	const struct metadata *root = tuf_client_metadata(repo->client, TUF_ROOT);
	_cleanup_(metadata_freep) struct metadata *next = NULL;
	int r = with_target(repo, target, &next, err);

	if (r == 0)
		r = author_sign(next, root, &repo->keys, err);
	return r < 0 ? r : author_stage(repo, take_ptr(next), err);
}

static int read_level(const struct repo *repo, const char *module_path, const char *manifest_path,
		      struct manifest **ret, struct buf *ret_packed, struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	_cleanup_(buf_free) struct buf module = { 0 }, text = { 0 };
	char path[MANIFEST_PATH_MAX];
	int r = file_read(AT_FDCWD, manifest_path, MANIFEST_BYTES_MAX, &text, err);

	if (r == 0)
		r = manifest_parse(text.data, text.len, manifest_path, &m, err);
	if (!m)
		return r;
	manifest_level_path(m, path);
	r = file_read(AT_FDCWD, module_path, MANIFEST_MODULE_MAX, &module, err);
	if (r == 0)
		r = check_module(module_path, &module, m, err);
	if (r == 0)
		r = check_new(repo, m, path, err);
	if (r == 0)
		r = compress(&module, ret_packed, err);
	if (r == 0)
		*ret = take_ptr(m);
	return r;
}

int repo_add(struct repo *repo, const char *module_path, const char *manifest_path,
	     struct repo_added *ret, struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	_cleanup_(buf_free) struct buf packed = { 0 };
	struct repo_added added = { 0 };
	struct tuf_target target;
	int r = read_level(repo, module_path, manifest_path, &m, &packed, err);

	if (!m)
		return r;
	manifest_level_path(m, added.path);
	sha256_hex(packed.data, packed.len, added.sha256);
	added.bytes = packed.len;
	progress_step(repo->opt->progress, "%s: %llu bytes, compressed to %zu", m->module.name,
		      (unsigned long long)m->module.size, packed.len);
	target = (struct tuf_target){ .path = added.path,
				      .length = packed.len,
				      .hashes = { .sha256 = added.sha256 },
				      .custom = m->json };
	r = write_target(repo, &target, &packed, err);
	if (r == 0)
		r = stage_target(repo, &target, err);
	if (r < 0)
		return r;
	added.targets_version = metadata_version(repo->staged);
	*ret = added;
	return 0;
}
