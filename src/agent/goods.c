/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/goods.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

int goods_copy(int fd, size_t max, const char *what, struct buf *ret, struct oak_error *err)
{
	struct stat st;
	size_t size;
	void *p;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    (size_t)st.st_size > max)
		return oak_fail(err, OAK_E_FORMAT, "the worker's %s is malformed", what);
	size = (size_t)st.st_size;
	/* pread(2) and not mmap(2): a file that shrinks must not kill us. */
	r = buf_reserve(ret, size);
	for (p = ret->data; r == 0 && ret->len < size;) {
		ssize_t n = pread(fd, (char *)p + ret->len, size - ret->len, (off_t)ret->len);

		if (n == 0 || (n < 0 && errno != EINTR))
			return oak_fail(err, OAK_E_FORMAT, "the worker's %s cannot be read", what);
		ret->len += n > 0 ? (size_t)n : 0;
	}
	return r < 0 ? oak_fail(err, OAK_E_NOMEM, "out of memory") : 0;
}

int goods_check(const struct buf *b, const char *sha256, const char *what, struct oak_error *err)
{
	char got[SHA256_HEX_MAX];

	sha256_hex(b->data, b->len, got);
	if (strcmp(got, sha256) != 0)
		return oak_fail(err, OAK_E_TRUST, "the worker's %s is not what it said", what);
	return 0;
}
