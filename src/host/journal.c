/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

static const char *const step_names[] = {
	[JOURNAL_LOAD] = "load",         [JOURNAL_TRANSITION] = "transition",
	[JOURNAL_APPLIED] = "applied",   [JOURNAL_REVERT] = "revert",
	[JOURNAL_REVERTED] = "reverted", [JOURNAL_UNLOAD] = "unload",
	[JOURNAL_UNLOADED] = "unloaded", [JOURNAL_FAILED] = "failed",
};

const char *journal_step_name(enum journal_step step)
{
	return step_names[step];
}

/* A crash can cut the last line off; ours then begins a line of its own. */
static bool last_line_is_cut(int fd)
{
	struct stat st;
	char last;

	return fstat(fd, &st) == 0 && st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) == 1 &&
	       last != '\n';
}

int journal_write(const struct journal *j, uint32_t level, enum journal_step step,
		  struct oak_error *err)
{
	_cleanup_(closep) int fd = openat(j->root, JOURNAL_PATH,
					  O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
					  0644);
	time_t now = time(NULL);
	char line[512], at[32];
	struct tm tm;
	int len;

	if (fd < 0)
		return oak_fail_errno(err, errno, "/" JOURNAL_PATH);
	if (!gmtime_r(&now, &tm) || !strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return oak_fail(err, OAK_E_FAILED, "the clock shows no time");
	len = snprintf(line, sizeof(line), "%stime=%s boot=%s kernel=%s level=%u step=%s\n",
		       last_line_is_cut(fd) ? "\n" : "", at, j->boot_id[0] ? j->boot_id : "-",
		       j->build_id, level, step_names[step]);
	if (len < 0 || (size_t)len >= sizeof(line))
		return oak_fail(err, OAK_E_TOOLARGE, "/" JOURNAL_PATH ": a line is too long");
	/* One write: a reader sees the line whole or not at all. */
	if (write(fd, line, (size_t)len) != len || fdatasync(fd) < 0)
		return oak_fail_errno(err, errno ? errno : ENOSPC, "/" JOURNAL_PATH);
	return 0;
}
