/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sysfs.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

int sysfs_read(int root, const char *path, char *ret, size_t size)
{
	_cleanup_(closep) int fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert(size > 1);
	if (fd < 0)
		return -errno;
	do {
		n = read(fd, ret, size - 1);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	ret[n] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return 0;
}

bool sysfs_is_true(int root, const char *path)
{
	char text[4] = "";

	if (sysfs_read(root, path, text, sizeof(text)) < 0)
		return false;
	return text[0] == '1' || text[0] == 'Y' || text[0] == 'y';
}

int sysfs_write(int root, const char *path, const char *text)
{
	_cleanup_(closep) int fd = openat(root, path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	/* One write is one command to the kernel: never continued, never repeated. */
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}
