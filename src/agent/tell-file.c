/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/tell-file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"

/* Another size is another content: most changes need no reading. */
static bool is_so(int root, const char *path, const struct buf *b)
{
	_cleanup_(mapping_close) struct mapping old = { NULL, 0 };
	struct stat st;

	if (fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
	    (size_t)st.st_size != b->len)
		return false;
	return !b->len || (mapping_open(root, path, &old, NULL) == 0 && old.len == b->len &&
			   memcmp(old.data, b->data, b->len) == 0);
}

int tell_file(int root, const char *path, const struct buf *b, struct oak_error *err)
{
	return is_so(root, path, b) ? 0 : file_write(root, path, buf_str(b), b->len, 0644, err);
}
