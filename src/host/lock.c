/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

#define STATE_DIR "var/lib/oakum"
#define PAUSE_MS  20

static int fail_busy(int fd, struct oak_error *err)
{
	char pid[16];
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	pid[n > 0 ? n : 0] = '\0';
	pid[strspn(pid, "0123456789")] = '\0';
	return oak_fail(err, OAK_E_AGAIN, "another oakum (process %s) is at work; try again later",
			pid[0] ? pid : "unknown");
}

int lock_take(int root, int *ret, struct oak_error *err)
{
	_cleanup_(closep) int fd = -1;
	char pid[16];
	int len, r = dir_make(root, STATE_DIR, err);

	if (r < 0)
		return r;
	fd = openat(root, LOCK_PATH, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EACCES)
		return oak_fail(err, OAK_E_PERMISSION, "/" LOCK_PATH ": not permitted: run as root");
	if (fd < 0)
		return oak_fail_errno(err, errno, "/" LOCK_PATH);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? fail_busy(fd, err)
					    : oak_fail_errno(err, errno, "/" LOCK_PATH);
	/* For whoever is told to wait. A full disk keeps nobody from taking a level out. */
	len = snprintf(pid, sizeof(pid), "%-10d\n", (int)getpid());
	if (pwrite(fd, pid, (size_t)len, 0) != len && ftruncate(fd, 0) < 0)
		return oak_fail_errno(err, errno, "/" LOCK_PATH);
	*ret = take_fd(fd);
	return 0;
}

int lock_wait(int root, int *ret, struct oak_error *err)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	int r = lock_take(root, ret, err);

	for (unsigned ms = 0; r == -OAK_E_AGAIN && ms < LOCK_PATIENCE_MS; ms += PAUSE_MS) {
		(void)nanosleep(&pause, NULL);
		r = lock_take(root, ret, err);
	}
	return r;
}
