/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/gunzip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define PIECE (64u << 10)

static void gzclosep(gzFile *f)
{
	if (*f)
		(void)gzclose(*f);
}

int gunzip_to_buf(void *ctx, const char *data, size_t len, struct oak_error *err)
{
	return buf_add(ctx, data, len) < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}

/* At the end: a file that was cut off reads as if it ended. */
static bool is_damaged(gzFile f)
{
	int status = Z_OK;

	(void)gzerror(f, &status);
	return status != Z_OK;
}

static int unpack(gzFile f, const char *name, size_t max, gunzip_piece piece, void *ctx,
		  struct oak_error *err)
{
	char data[PIECE];
	size_t total = 0;

	for (;;) {
		int n = gzread(f, data, sizeof(data)), r;

		if (n < 0 || (n == 0 && is_damaged(f)))
			return oak_fail(err, OAK_E_FORMAT, "%s: damaged gzip data", name);
		if (n == 0)
			return 0;
		total += (size_t)n;
		if (total > max)
			return oak_fail(err, OAK_E_TOOLARGE, "%s: more than %zu bytes", name, max);
		r = piece(ctx, data, (size_t)n, err);
		if (r < 0)
			return r;
	}
}

int gunzip_fd(int fd, const char *name, size_t max, gunzip_piece piece, void *ctx,
	      struct oak_error *err)
{
	_cleanup_(closep) int own = fd;
	_cleanup_(gzclosep) gzFile f = NULL;
	struct stat st;

	if (fstat(own, &st) < 0)
		return oak_fail_errno(err, errno, "%s", name);
	if (!S_ISREG(st.st_mode))
		return oak_fail(err, OAK_E_IO, "%s: not a regular file", name);
	f = gzdopen(own, "rb");
	if (!f)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	(void)take_fd(own); /* closed with f */
	return unpack(f, name, max, piece, ctx, err);
}

int gunzip_read(int root, const char *path, size_t max, gunzip_piece piece, void *ctx,
		struct oak_error *err)
{
	int fd = openat(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? oak_fail(err, OAK_E_NOTFOUND, "%s: no such file", path)
				       : oak_fail_errno(err, errno, "%s", path);
	return gunzip_fd(fd, path, max, piece, ctx, err);
}
