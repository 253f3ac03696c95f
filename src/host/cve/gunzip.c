/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/cve/gunzip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include <zlib.h>

#include "base/cleanup.h"

#define PIECE (64u << 10)

static void gzclosep(gzFile *f)
{
	if (*f)
		(void)gzclose(*f);
}

/* At the end: a file that was cut off reads as if it ended. */
static bool is_damaged(gzFile f)
{
	int status = Z_OK;

	(void)gzerror(f, &status);
	return status != Z_OK;
}

int gunzip_read(int root, const char *path, size_t max, gunzip_piece piece, void *ctx,
		struct oak_error *err)
{
	int fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	_cleanup_(gzclosep) gzFile f = NULL;
	char data[PIECE];
	size_t total = 0;

	if (fd < 0)
		return errno == ENOENT ? oak_fail(err, OAK_E_NOTFOUND, "%s: no such file", path)
				       : oak_fail_errno(err, errno, "%s", path);
	f = gzdopen(fd, "rb");
	if (!f) {
		(void)close(fd); /* else it is closed with it */
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	for (;;) {
		int n = gzread(f, data, sizeof(data)), r;

		if (n < 0 || (n == 0 && is_damaged(f)))
			return oak_fail(err, OAK_E_FORMAT, "%s: damaged gzip data", path);
		if (n == 0)
			return 0;
		total += (size_t)n;
		if (total > max)
			return oak_fail(err, OAK_E_TOOLARGE, "%s: more than %zu bytes", path, max);
		r = piece(ctx, data, (size_t)n, err);
		if (r < 0)
			return r;
	}
}
