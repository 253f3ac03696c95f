/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

int inside_open(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	while (*path == '/')
		path++;
	if (!*path)
		path = ".";
	fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	/* Kernels before 5.6, and valgrind. */
	if (fd < 0 && errno == ENOSYS)
		fd = openat(root, path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int inside_stat(int root, const char *path, struct stat *ret)
{
	_cleanup_(closep) int fd = inside_open(root, path, O_PATH);

	if (fd < 0)
		return fd;
	return fstat(fd, ret) < 0 ? -errno : 0;
}

int inside_read(int root, const char *path, size_t max, struct buf *ret)
{
	_cleanup_(closep) int fd = inside_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	size_t total = 0;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	for (;;) {
		ssize_t n;

		if (buf_reserve(ret, 16384) < 0)
			return -ENOMEM;
		n = read(fd, ret->data + ret->len, 16384);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		ret->len += (size_t)n;
		ret->data[ret->len] = 0;
		total += (size_t)n;
		if (n == 0)
			return 0;
		if (total > max)
			return -EFBIG;
	}
}

int inside_read_json(int root, const char *path, size_t max, json_t **ret)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;
	int r;

	*ret = NULL;
	r = inside_read(root, path, max, &text);
	if (r < 0)
		return r;
	r = json_parse(text.data, text.len, max, path, ret, &err);
	if (r == -OAK_E_NOMEM)
		return -ENOMEM;
	return r < 0 ? -EBADMSG : 0;
}

DIR *inside_opendir(int root, const char *path)
{
	_cleanup_(closep) int fd = inside_open(root, path, O_RDONLY | O_DIRECTORY);
	DIR *d;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	d = fdopendir(fd);
	if (d)
		(void)take_fd(fd);
	return d;
}
