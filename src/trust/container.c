/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/container.h"

#include <stdint.h>
#include <string.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "base/cleanup.h"
#include "base/hash.h"

#define ZSTD_LEVEL       19 /* modules are small and fetched by many hosts */
#define SKIPPABLE_MAGIC  0x184D2A50u
#define SKIPPABLE_HEADER 8u /* magic and size, both little-endian */

DEFINE_CLEANUP(ZSTD_DCtx *, ZSTD_freeDCtx)

static void put_le32(uint8_t *to, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(n >> (8 * i));
}

static uint32_t get_le32(const uint8_t *from)
{
	return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
	       (uint32_t)from[3] << 24;
}

/* Appends a frame. */
static int compress(const struct buf *in, struct buf *ret, struct oak_error *err)
{
	size_t bound = ZSTD_compressBound(in->len), n;

	if (buf_reserve(ret, bound) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n = ZSTD_compress(ret->data + ret->len, bound, in->data, in->len, ZSTD_LEVEL);
	if (ZSTD_isError(n))
		return oak_fail(err, OAK_E_FAILED, "zstd: %s", ZSTD_getErrorName(n));
	ret->len += n;
	return 0;
}

int container_pack(const struct buf *manifest, const struct buf *module, struct buf *ret,
		   struct oak_error *err)
{
	_cleanup_(buf_free) struct buf front = { 0 };
	uint8_t header[SKIPPABLE_HEADER];
	int r = compress(manifest, &front, err);

	if (r < 0)
		return r;
	put_le32(header, SKIPPABLE_MAGIC);
	put_le32(header + 4, (uint32_t)front.len);
	if (buf_add(ret, header, sizeof(header)) < 0 || buf_add(ret, front.data, front.len) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return compress(module, ret, err);
}

/* Where the first frame's content ends; @len - 8 at most. */
static int front_len(const uint8_t *data, size_t len, const char *what, size_t *ret,
		     struct oak_error *err)
{
	if (len < SKIPPABLE_HEADER || get_le32(data) != SKIPPABLE_MAGIC ||
	    get_le32(data + 4) > len - SKIPPABLE_HEADER)
		return oak_fail(err, OAK_E_FORMAT, "%s: does not begin with a manifest", what);
	*ret = get_le32(data + 4);
	return 0;
}

int container_manifest(const void *data, size_t len, const char *what, struct manifest **ret,
		       struct oak_error *err)
{
	_cleanup_(ZSTD_freeDCtxp) ZSTD_DCtx *ctx = ZSTD_createDCtx();
	_cleanup_(buf_free) struct buf text = { 0 };
	const uint8_t *bytes = data;
	size_t front, n;
	int r = front_len(bytes, len, what, &front, err);

	if (r < 0)
		return r;
	if (!ctx || buf_reserve(&text, MANIFEST_BYTES_MAX) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	n = ZSTD_decompressDCtx(ctx, text.data, MANIFEST_BYTES_MAX, bytes + SKIPPABLE_HEADER, front);
	if (ZSTD_getErrorCode(n) == ZSTD_error_dstSize_tooSmall)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: its manifest has more than %u bytes",
				what, MANIFEST_BYTES_MAX);
	if (ZSTD_isError(n))
		return oak_fail(err, OAK_E_FORMAT, "%s: its manifest is not zstd data (%s)", what,
				ZSTD_getErrorName(n));
	return manifest_parse(text.data, n, what, ret, err);
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

int container_module(const struct manifest *m, const void *data, size_t len, struct buf *ret,
		     struct oak_error *err)
{
	_cleanup_(buf_free) struct buf out = { 0 };
	size_t size = (size_t)m->module.size, front;
	const uint8_t *bytes = data;
	char hex[SHA256_HEX_MAX];
	int r = front_len(bytes, len, m->module.name, &front, err);

	if (r < 0)
		return r;
	if (buf_reserve(&out, size) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = unpack(m->module.name, bytes + SKIPPABLE_HEADER + front, len - SKIPPABLE_HEADER - front,
		   out.data, size, err);
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
