/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/vm-cpio.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#define ALIGN 4

struct entry {
	const char *path;
	mode_t mode; /* with the type */
	const void *data;
	size_t len;
	unsigned int major, minor; /* of a device */
};

/* The kernel takes two entries of one inode number for hard links only where nlink is above 1. */
static int add(struct buf *archive, const struct entry *e)
{
	int r;

	if (e->len > UINT32_MAX)
		return -EFBIG;
	/* magic, ino, mode, uid, gid, nlink, mtime, size, dev x2, rdev x2, name size, checksum */
	r = buf_printf(archive, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 0u,
		       (unsigned int)e->mode, 0u, 0u, 1u, 0u, (unsigned int)e->len, 0u, 0u,
		       e->major, e->minor, (unsigned int)strlen(e->path) + 1, 0u);
	if (r == 0)
		r = buf_add(archive, e->path, strlen(e->path) + 1);
	if (r == 0)
		r = buf_align(archive, ALIGN);
	if (r == 0 && e->len > 0)
		r = buf_add(archive, e->data, e->len);
	if (r == 0)
		r = buf_align(archive, ALIGN);
	return r;
}

int cpio_add_dir(struct buf *archive, const char *path)
{
	return add(archive, &(struct entry){ .path = path, .mode = S_IFDIR | 0755 });
}

int cpio_add_file(struct buf *archive, const char *path, mode_t mode, const void *data, size_t len)
{
	return add(archive, &(struct entry){ .path = path,
					     .mode = S_IFREG | (mode & 0777),
					     .data = data,
					     .len = len });
}

int cpio_add_console(struct buf *archive)
{
	return add(archive,
		   &(struct entry){
			   .path = "dev/console", .mode = S_IFCHR | 0600, .major = 5, .minor = 1 });
}

int cpio_end(struct buf *archive)
{
	return add(archive, &(struct entry){ .path = "TRAILER!!!" });
}
