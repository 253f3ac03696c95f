/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/decompress.h"

#include <lz4.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "kernel/bytes.h"

#define STEP_BYTES      (1u << 20)
#define LZMA_MEMORY_MAX (256u << 20) /* the kernel's xz dictionary is at most 128 MiB */
#define LZ4_BLOCK_MAX   (8u << 20)   /* of the legacy frame format, by definition */

struct sink {
	struct buf *buf;
	size_t start, max;
};

static int damaged(struct oak_error *err)
{
	return oak_fail(err, OAK_E_FORMAT, "the compressed data is damaged or truncated");
}

/* Room for a step of output: at most one byte more than allowed, so that excess is seen. */
static int sink_room(struct sink *s, size_t *ret, struct oak_error *err)
{
	size_t used = s->buf->len - s->start;

	if (used > s->max)
		return oak_fail(err, OAK_E_TOOLARGE, "unpacks to more than %zu bytes", s->max);
	*ret = s->max - used + 1 < STEP_BYTES ? s->max - used + 1 : STEP_BYTES;
	if (buf_reserve(s->buf, *ret) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int sink_end(struct sink *s, struct oak_error *err)
{
	if (s->buf->len - s->start > s->max)
		return oak_fail(err, OAK_E_TOOLARGE, "unpacks to more than %zu bytes", s->max);
	if (s->buf->data)
		s->buf->data[s->buf->len] = 0;
	return 0;
}

static void inflate_endp(z_stream *z)
{
	(void)inflateEnd(z);
}

static int run_gzip(const uint8_t *data, size_t len, struct sink *s, struct oak_error *err)
{
	__attribute__((cleanup(inflate_endp))) z_stream z = { 0 };
	int status = Z_OK;

	if (len > UINT32_MAX)
		return damaged(err);
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	/* zlib does not write to its input; its type is historical. */
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = (uInt)len;
	while (status != Z_STREAM_END) {
		size_t room;
		int r = sink_room(s, &room, err);

		if (r < 0)
			return r;
		z.next_out = s->buf->data + s->buf->len;
		z.avail_out = (uInt)room;
		status = inflate(&z, Z_NO_FLUSH);
		s->buf->len += room - z.avail_out;
		if (status != Z_STREAM_END && (status != Z_OK || z.avail_out != 0))
			return damaged(err);
	}
	return 0;
}

/* Also for .lzma: the decoder tells them apart by magic. */
static int run_xz(const uint8_t *data, size_t len, struct sink *s, struct oak_error *err)
{
	__attribute__((cleanup(lzma_end))) lzma_stream z = LZMA_STREAM_INIT;
	lzma_ret status = lzma_auto_decoder(&z, LZMA_MEMORY_MAX, 0);

	if (status != LZMA_OK)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	z.next_in = data;
	z.avail_in = len;
	while (status != LZMA_STREAM_END) {
		size_t room;
		int r = sink_room(s, &room, err);

		if (r < 0)
			return r;
		z.next_out = s->buf->data + s->buf->len;
		z.avail_out = room;
		status = lzma_code(&z, LZMA_RUN);
		s->buf->len += room - z.avail_out;
		if (status == LZMA_MEM_ERROR)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		if (status != LZMA_STREAM_END && (status != LZMA_OK || z.avail_out != 0))
			return damaged(err);
	}
	return 0;
}

static void zstd_freep(ZSTD_DStream **z)
{
	(void)ZSTD_freeDStream(*z);
}

static int run_zstd(const uint8_t *data, size_t len, struct sink *s, struct oak_error *err)
{
	__attribute__((cleanup(zstd_freep))) ZSTD_DStream *z = ZSTD_createDStream();
	ZSTD_inBuffer in = { .src = data, .size = len };
	size_t left = 1;

	/* The kernel's window is 128 MiB; ZSTD_initDStream() cannot fail on a fresh stream. */
	if (!z || ZSTD_isError(ZSTD_initDStream(z)) ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, 27)))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	while (left) {
		ZSTD_outBuffer out = { 0 };
		size_t room;
		int r = sink_room(s, &room, err);

		if (r < 0)
			return r;
		out.dst = s->buf->data + s->buf->len;
		out.size = room;
		left = ZSTD_decompressStream(z, &out, &in);
		s->buf->len += out.pos;
		if (ZSTD_isError(left) || (left && out.pos < room))
			return damaged(err);
	}
	return 0;
}

/* Blocks of {u32 size, data} up to the end; the last 4 bytes may be the appended total. */
static int run_lz4(const uint8_t *data, size_t len, struct sink *s, struct oak_error *err)
{
	size_t at = 4;

	while (len - at > 4) {
		uint32_t size = get_le32(data + at);
		size_t used = s->buf->len - s->start;
		int n;

		at += 4;
		if (size > len - at || size > (uint32_t)LZ4_compressBound((int)LZ4_BLOCK_MAX))
			return damaged(err);
		if (used > s->max)
			return sink_end(s, err);
		if (buf_reserve(s->buf, LZ4_BLOCK_MAX) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		n = LZ4_decompress_safe((const char *)data + at, (char *)s->buf->data + s->buf->len,
					(int)size, (int)LZ4_BLOCK_MAX);
		if (n < 0)
			return damaged(err);
		s->buf->len += (size_t)n;
		at += size;
	}
	return 0;
}

/* Recognised so that the message can name them. */
static int run_unsupported(const uint8_t *data, size_t len, struct sink *s, struct oak_error *err)
{
	(void)data;
	(void)len;
	(void)s;
	return oak_fail(err, OAK_E_UNSUPPORTED,
			"bzip2 and lzo are not supported; known are gzip, xz, lzma, zstd and lz4");
}

static const struct {
	uint8_t magic[6];
	size_t len;
	int (*run)(const uint8_t *data, size_t len, struct sink *s, struct oak_error *err);
} compressions[] = {
	{ { 0x1f, 0x8b, 0x08 }, 3, run_gzip },
	{ { 0xfd, '7', 'z', 'X', 'Z', 0x00 }, 6, run_xz },
	{ { 0x5d, 0x00, 0x00 }, 3, run_xz },
	{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, run_zstd },
	{ { 0x02, 0x21, 0x4c, 0x18 }, 4, run_lz4 },
	{ { 'B', 'Z', 'h' }, 3, run_unsupported },
	{ { 0x89, 'L', 'Z', 'O', 0x00 }, 5, run_unsupported },
};

int decompress(const uint8_t *data, size_t len, size_t max, struct buf *ret, struct oak_error *err)
{
	struct sink s = { .buf = ret, .start = ret->len, .max = max };

	for (size_t i = 0; i < sizeof(compressions) / sizeof(compressions[0]); i++) {
		int r;

		if (len < compressions[i].len ||
		    memcmp(data, compressions[i].magic, compressions[i].len) != 0)
			continue;
		r = compressions[i].run(data, len, &s, err);
		return r < 0 ? r : sink_end(&s, err);
	}
	return oak_fail(err, OAK_E_UNSUPPORTED, "compressed in an unknown way");
}
