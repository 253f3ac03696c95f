/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/tar.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BLOCK 512u
#define LIMIT (UINT64_C(1) << 33) /* 11 octal digits */

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type[1];
	char link[100], magic[6], version[2], user[32], group[32], major[8], minor[8];
	char prefix[155], pad[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "one block");

static void octal(char *ret, size_t size, uint64_t value)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%0*llo", (int)size - 1, (unsigned long long)value);
	memcpy(ret, text, size);
}

int tar_add(struct buf *tar, const char *name, const void *data, size_t len, int64_t mtime_s)
{
	struct header h = { .type = { '0' }, .magic = "ustar", .version = { '0', '0' } };
	unsigned sum = 0;
	int r;

	if (strlen(name) >= TAR_NAME_MAX)
		return -ENAMETOOLONG;
	if (len >= LIMIT || mtime_s < 0 || (uint64_t)mtime_s >= LIMIT)
		return -EFBIG;
	memcpy(h.name, name, strlen(name));
	octal(h.mode, sizeof(h.mode), 0600);
	octal(h.uid, sizeof(h.uid), 0);
	octal(h.gid, sizeof(h.gid), 0);
	octal(h.size, sizeof(h.size), len);
	octal(h.mtime, sizeof(h.mtime), (uint64_t)mtime_s);
	memset(h.sum, ' ', sizeof(h.sum));
	for (size_t i = 0; i < sizeof(h); i++)
		sum += ((const unsigned char *)&h)[i];
	octal(h.sum, sizeof(h.sum) - 1, sum);
	r = buf_add(tar, &h, sizeof(h));
	if (r == 0)
		r = buf_add(tar, data, len);
	return r == 0 ? buf_align(tar, BLOCK) : r;
}

int tar_end(struct buf *tar)
{
	return buf_add_zero(tar, (size_t)2 * BLOCK);
}
