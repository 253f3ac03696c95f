/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/gunzip.h"

#include <limits.h>

#include <zlib.h>

#define WITH_GZIP_HEADER (16 + MAX_WBITS)
#define STEP             65536u

/* Return: 1 at the end of the stream, 0 for more, or an error. */
static int step(z_stream *z, size_t max, struct buf *ret, struct oak_error *err)
{
	size_t before = ret->len;
	int r;

	if (buf_reserve(ret, STEP) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	z->next_out = ret->data + ret->len;
	z->avail_out = STEP;
	r = inflate(z, Z_NO_FLUSH);
	ret->len += STEP - z->avail_out;
	ret->data[ret->len] = 0;
	if (r == Z_STREAM_END)
		return 1;
	if (r != Z_OK || (ret->len == before && z->avail_in == 0))
		return oak_fail(err, OAK_E_FORMAT, "gzip: damaged or cut off");
	if (ret->len > max)
		return oak_fail(err, OAK_E_TOOLARGE, "gzip: more than %zu bytes", max);
	return 0;
}

int gunzip(const void *data, size_t len, size_t max, struct buf *ret, struct oak_error *err)
{
	/* zlib's interface forgot a const. */
	z_stream z = { .next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)len };
	size_t before = ret->len;
	int r = 0;

	if (len > UINT_MAX || max > SIZE_MAX - before)
		return oak_fail(err, OAK_E_TOOLARGE, "gzip: %zu bytes", len);
	if (inflateInit2(&z, WITH_GZIP_HEADER) != Z_OK)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	while (r == 0)
		r = step(&z, before + max, ret, err);
	(void)inflateEnd(&z);
	if (r == 1 && ret->len - before > max)
		r = oak_fail(err, OAK_E_TOOLARGE, "gzip: more than %zu bytes", max);
	return r < 0 ? r : 0;
}
