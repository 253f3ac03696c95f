/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/procs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "host/number.h"

DIR *procs_open(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		(void)close(fd);
	return d;
}

bool procs_next(DIR *d, char ret_name[PROCS_NAME_MAX], pid_t *ret)
{
	struct dirent *e;
	uint32_t id;

	while ((e = readdir(d))) {
		if (number_parse_u32(e->d_name, &id) < 0 || id > INT32_MAX)
			continue;
		(void)snprintf(ret_name, PROCS_NAME_MAX, "%u", id);
		*ret = (pid_t)id;
		return true;
	}
	return false;
}
