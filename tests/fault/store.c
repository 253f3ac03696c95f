/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault-store: puts a level on the disk of a host, as "oakum update" does before it loads the level;
 * that program itself goes on only where the kernel is its own.
 *
 * usage: fault-store ROOT MODULE MANIFEST
 */
#include <fcntl.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/cache.h"

int main(int argc, char **argv)
{
	_cleanup_(buf_free) struct buf module = { 0 }, text = { 0 };
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	struct oak_error err = { .code = OAK_OK };
	_cleanup_(closep) int root = -1;
	int r;

	if (argc != 4)
		return 2;
	root = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = file_read(AT_FDCWD, argv[2], MANIFEST_MODULE_MAX, &module, &err);
	if (r == 0)
		r = file_read(AT_FDCWD, argv[3], MANIFEST_BYTES_MAX, &text, &err);
	if (r == 0)
		r = manifest_parse(text.data, text.len, argv[3], &m, &err);
	if (r == 0)
		r = cache_store(root, m, module.data, module.len, &err);
	if (r < 0)
		(void)fprintf(stderr, "fault-store: %s\n", err.msg);
	return r < 0;
}
