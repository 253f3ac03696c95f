/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/level.h"

#include <stdio.h>
#include <string.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "base/hash.h"

DEFINE_CLEANUP(ZSTD_DCtx *, ZSTD_freeDCtx)

static bool allowed(const struct level_query *q, const struct manifest *m)
{
	return !m->withdrawn && (!q->level || m->level == q->level) &&
	       (!q->channel || strcmp(m->channel, q->channel) == 0);
}

int level_manifest(const struct tuf_target *target, struct manifest **ret, struct oak_error *err)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	char path[MANIFEST_PATH_MAX];
	int r;

	if (!target->custom)
		return oak_fail(err, OAK_E_FORMAT, "%s: has no manifest", target->path);
	r = manifest_from_json(target->custom, target->path, &m, err);
	if (r < 0)
		return r;
	manifest_level_path(m, path);
	if (strcmp(path, target->path) != 0)
		return oak_fail(err, OAK_E_FORMAT, "%s: its manifest is that of %s", target->path,
				path);
	*ret = take_ptr(m);
	return 0;
}

static int fail_none(const struct level_query *q, struct oak_error *err)
{
	char level[32] = "no level";

	if (q->level)
		(void)snprintf(level, sizeof(level), "no level %u", q->level);
	return oak_fail(err, OAK_E_NOTFOUND, "the repository has %s%s%s for kernel %s (%s)", level,
			q->channel ? " in channel " : "", q->channel ? q->channel : "", q->build_id,
			q->arch);
}

/* Keeps the higher of two levels in @best; takes @m. */
static void keep_newest(struct level *best, const struct tuf_target *target, struct manifest *m)
{
	if (best->manifest && best->manifest->level >= m->level) {
		manifest_free(m);
		return;
	}
	manifest_free(best->manifest);
	*best = (struct level){ .target = *target, .manifest = m };
}

int level_find(const struct tuf_client *c, const struct level_query *query, struct level **ret,
	       struct oak_error *err)
{
	_cleanup_(level_freep) struct level *best = calloc(1, sizeof(*best));
	struct tuf_target_iter it = { 0 };
	struct tuf_target target;
	char dir[MANIFEST_PATH_MAX];

	if (!best)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	(void)snprintf(dir, sizeof(dir), "kernels/%.64s/%.64s/", query->arch, query->build_id);
	while (tuf_client_next_target(c, &it, &target)) {
		_cleanup_(manifest_freep) struct manifest *m = NULL;
		int r;

		if (strncmp(target.path, dir, strlen(dir)) != 0)
			continue;
		r = level_manifest(&target, &m, err);
		if (!m)
			return r;
		if (allowed(query, m))
			keep_newest(best, &target, take_ptr(m));
	}
	if (!best->manifest)
		return fail_none(query, err);
	*ret = take_ptr(best);
	return 0;
}

/* Decompresses into exactly @size bytes at @out; more or fewer are an error. */
static int unpack(const char *name, const void *packed, size_t len, void *out, size_t size,
		  struct oak_error *err)
{
	_cleanup_(ZSTD_freeDCtxp) ZSTD_DCtx *ctx = ZSTD_createDCtx();
	size_t n;

	if (!ctx)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n = ZSTD_decompressDCtx(ctx, out, size, packed, len);
	if (ZSTD_getErrorCode(n) == ZSTD_error_dstSize_tooSmall)
		return oak_fail(err, OAK_E_TRUST, "%s: larger than the %zu bytes its manifest says",
				name, size);
	if (ZSTD_isError(n))
		return oak_fail(err, OAK_E_FORMAT, "%s: not zstd data (%s)", name,
				ZSTD_getErrorName(n));
	if (n != size)
		return oak_fail(err, OAK_E_TRUST, "%s: %zu bytes, but its manifest says %zu", name,
				n, size);
	return 0;
}

int level_unpack(const struct manifest *m, const void *packed, size_t len, struct buf *ret,
		 struct oak_error *err)
{
	_cleanup_(buf_free) struct buf out = { 0 };
	size_t size = (size_t)m->module.size;
	char hex[SHA256_HEX_MAX];
	int r;

	if (buf_reserve(&out, size) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = unpack(m->module.name, packed, len, out.data, size, err);
	if (r < 0)
		return r;
	out.len = size;
	out.data[size] = 0;
	sha256_hex(out.data, size, hex);
	if (strcmp(hex, m->module.sha256) != 0)
		return oak_fail(err, OAK_E_TRUST, "%s: sha256 does not match its manifest",
				m->module.name);
	buf_free(ret);
	*ret = out;
	out = (struct buf){ 0 };
	return 0;
}

int level_fetch(const struct level *level, const struct tuf_client *c,
		const struct fetcher *fetcher, struct buf *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf packed = { 0 };
	int r = tuf_client_download(c, &level->target, fetcher, &packed, err);

	return r < 0 ? r : level_unpack(level->manifest, packed.data, packed.len, ret, err);
}

void level_free(struct level *level)
{
	if (!level)
		return;
	manifest_free(level->manifest);
	free(level);
}
