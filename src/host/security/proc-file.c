/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/proc-file.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"

#define AT_ONCE 8192u

bool proc_file_read(int dir, const char *path, size_t max, struct buf *ret)
{
	_cleanup_(closep) int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	size_t room;
	ssize_t n;

	ret->len = 0;
	if (fd < 0)
		return false;
	do {
		room = ret->len < AT_ONCE ? AT_ONCE - ret->len : ret->len;
		if (ret->len > max || buf_reserve(ret, room + 1) < 0)
			return false;
		n = read(fd, ret->data + ret->len, room);
		if (n < 0)
			return false;
		ret->len += (size_t)n;
	} while ((size_t)n == room);
	ret->data[ret->len] = '\0';
	return ret->len > 0 && ret->len <= max;
}
