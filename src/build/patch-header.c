/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/patch-header.h"

#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"

static const char text[] =
#include "build/patch-header.inc"
	;

int patch_header_write(const char *tree, struct oak_error *err)
{
	_cleanup_(freep) char *dir = path_join(tree, "include/oakum"), *path = NULL;
	_cleanup_(buf_free) struct buf old = { 0 };
	int r;

	path = dir ? path_join(dir, "patch.h") : NULL;
	if (!path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (file_exists(AT_FDCWD, path)) {
		r = file_read(AT_FDCWD, path, 1u << 20, &old, err);
		if (r < 0 || (old.len == sizeof(text) - 1 && memcmp(old.data, text, old.len) == 0))
			return r;
	}
	r = dir_make(AT_FDCWD, dir, err);
	return r < 0 ? r : file_write(AT_FDCWD, path, text, sizeof(text) - 1, 0644, err);
}
