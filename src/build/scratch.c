/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"

static const char prefix[] = "tmp-";

static bool is_idle(int fd)
{
	struct timespec now;
	struct stat st;

	return clock_gettime(CLOCK_REALTIME, &now) == 0 && fstat(fd, &st) == 0 &&
	       now.tv_sec - st.st_mtim.tv_sec > SCRATCH_IDLE_SECONDS;
}

/* A folder that cannot be removed is left to the next build. */
static void sweep_one(int parent, const char *name)
{
	_cleanup_(closep) int fd =
		openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct oak_error ignored;
	int r = 0;

	if (fd >= 0 && is_idle(fd) && flock(fd, LOCK_EX | LOCK_NB) == 0)
		r = tree_remove(parent, name, &ignored);
	(void)r;
}

static void sweep(const char *parent)
{
	_cleanup_(closedirp) DIR *d = opendir(parent);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (strncmp(e->d_name, prefix, sizeof(prefix) - 1) == 0)
			sweep_one(dirfd(d), e->d_name);
}

int scratch_open(const char *parent, struct scratch *ret, struct oak_error *err)
{
	_cleanup_(freep) char *dir = NULL;
	int fd;

	sweep(parent);
	if (asprintf(&dir, "%s/%sXXXXXX", parent, prefix) < 0) {
		dir = NULL;
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	if (!mkdtemp(dir))
		return oak_fail_errno(err, errno, "%s", dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) < 0) {
		int sys = errno;

		closep(&fd);
		return oak_fail_errno(err, sys, "%s", dir);
	}
	*ret = (struct scratch){ take_ptr(dir), fd };
	return 0;
}

int scratch_close(struct scratch *s, struct oak_error *err)
{
	int r = 0;

	if (!s->dir)
		return 0;
	r = tree_remove(AT_FDCWD, s->dir, err);
	closep(&s->lock);
	free(s->dir);
	*s = (struct scratch){ 0 };
	return r;
}
