/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/cve/delta.h"

#include <string.h>

#include <zstd.h>

#include "base/cleanup.h"
#include "trust/cve/file.h"
#include "trust/cve/neutral.h"

#define ZSTD_LEVEL    19 /* made once, fetched by many hosts */
#define DELTA_MAGIC   "OAKUMCVD"
#define DELTA_VERSION 1u
#define SALTS         32u /* of 30,000 names one in eight pairs of hashes meets */

DEFINE_CLEANUP(ZSTD_CCtx *, ZSTD_freeCCtx)
DEFINE_CLEANUP(ZSTD_DCtx *, ZSTD_freeDCtx)

struct delta_header {
	char magic[8];
	uint32_t version;
	uint32_t salt;
	uint64_t size; /* of the neutral form */
};

static int zstd_failed(size_t code, enum oak_code as, struct oak_error *err)
{
	return oak_fail(err, as, "the CVE database: zstd: %s", ZSTD_getErrorName(code));
}

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* A window that reaches back over both. */
static int window_log(size_t bytes)
{
	int log = 20;

	while (log < 27 && ((size_t)1 << log) < bytes)
		log++;
	return log;
}

/* Appends a frame of @in; @before may be NULL. */
static int compress(const struct buf *before, const struct buf *in, struct buf *ret,
		    struct oak_error *err)
{
	_cleanup_(ZSTD_freeCCtxp) ZSTD_CCtx *ctx = ZSTD_createCCtx();
	size_t bound = ZSTD_compressBound(in->len), n;

	if (!ctx || buf_reserve(ret, bound) < 0)
		return out_of_memory(err);
	n = ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, ZSTD_LEVEL);
	if (!ZSTD_isError(n) && before) {
		n = ZSTD_CCtx_setParameter(ctx, ZSTD_c_windowLog, window_log(before->len + in->len));
		if (!ZSTD_isError(n))
			n = ZSTD_CCtx_setParameter(ctx, ZSTD_c_enableLongDistanceMatching, 1);
		if (!ZSTD_isError(n))
			n = ZSTD_CCtx_refPrefix(ctx, before->data, before->len);
	}
	if (!ZSTD_isError(n))
		n = ZSTD_compress2(ctx, ret->data + ret->len, bound, in->data, in->len);
	if (ZSTD_isError(n))
		return zstd_failed(n, OAK_E_FAILED, err);
	ret->len += n;
	return 0;
}

/* Into exactly @size bytes of @ret, which is empty. */
static int decompress(const struct buf *before, const void *packed, size_t len, size_t size,
		      struct buf *ret, struct oak_error *err)
{
	_cleanup_(ZSTD_freeDCtxp) ZSTD_DCtx *ctx = ZSTD_createDCtx();
	size_t n = 0;

	if (!ctx || buf_reserve(ret, size) < 0)
		return out_of_memory(err);
	if (before)
		n = ZSTD_DCtx_refPrefix(ctx, before->data, before->len);
	if (!ZSTD_isError(n))
		n = ZSTD_decompressDCtx(ctx, ret->data, size, packed, len);
	if (ZSTD_isError(n))
		return zstd_failed(n, OAK_E_FORMAT, err);
	if (n != size)
		return oak_fail(err, OAK_E_FORMAT,
				"the CVE database: %zu bytes came out, %zu should", n, size);
	ret->len = n;
	return 0;
}

int cve_pack(const struct buf *db, struct buf *ret, struct oak_error *err)
{
	return compress(NULL, db, ret, err);
}

int cve_unpack(const struct buf *packed, size_t size, struct buf *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf out = { 0 };
	int r;

	if (size > CVE_FILE_MAX)
		return cve_file_damaged(err, "its length");
	r = decompress(NULL, packed->data, packed->len, size, &out, err);
	if (r < 0)
		return r;
	buf_free(ret);
	*ret = out;
	out = (struct buf){ 0 };
	return 0;
}

static int neutral_copy(const struct buf *db, uint32_t salt, struct buf *ret, struct oak_error *err)
{
	int r = cve_file_check(db->data, db->len, err);

	buf_free(ret);
	if (r < 0)
		return r;
	if (buf_add(ret, db->data, db->len) < 0)
		return out_of_memory(err);
	return cve_neutral_make(ret, salt, err);
}

int cve_delta_make(const struct buf *old, const struct buf *new, struct buf *ret,
		   struct oak_error *err)
{
	_cleanup_(buf_free) struct buf from = { 0 }, to = { 0 };
	struct delta_header h = { .magic = DELTA_MAGIC, .version = DELTA_VERSION };
	int r = -OAK_E_UNSUPPORTED;

	for (; r == -OAK_E_UNSUPPORTED && h.salt < SALTS; h.salt++) {
		r = neutral_copy(old, h.salt, &from, err);
		if (r == 0)
			r = neutral_copy(new, h.salt, &to, err);
		if (r == 0)
			break;
	}
	if (r < 0)
		return r;
	h.size = to.len;
	if (buf_add(ret, &h, sizeof(h)) < 0)
		return out_of_memory(err);
	return compress(&from, &to, ret, err);
}

int cve_delta_apply(struct buf *db, const struct buf *delta, size_t size, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf out = { 0 };
	struct delta_header h;
	int r = cve_file_check(db->data, db->len, err);

	if (r < 0)
		return r;
	if (delta->len < sizeof(h) || memcmp(delta->data, DELTA_MAGIC, sizeof(h.magic)) != 0)
		return oak_fail(err, OAK_E_FORMAT, "not a delta of the CVE database");
	memcpy(&h, delta->data, sizeof(h));
	/* A range has four bytes and one of the form. */
	if (h.version != DELTA_VERSION || size > CVE_FILE_MAX || h.size < size ||
	    h.size - size > size / 4)
		return oak_fail(err, OAK_E_FORMAT, "the delta of the CVE database is malformed");
	r = cve_neutral_make(db, h.salt, err);
	if (r == 0)
		r = decompress(db, delta->data + sizeof(h), delta->len - sizeof(h), (size_t)h.size,
			       &out, err);
	if (r == 0)
		r = cve_neutral_undo(&out, size, h.salt, err);
	if (r < 0)
		return r;
	buf_free(db);
	*db = out;
	out = (struct buf){ 0 };
	return 0;
}
