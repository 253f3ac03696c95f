/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/process-age.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"

#define STAT_MAX       (256u << 10) /* /proc/stat of a machine with many interrupts */
#define ONE_STAT_MAX   2048
#define STAT_STARTTIME 22 /* in ticks since the boot */

static uint64_t decimal(const char *p)
{
	uint64_t n = 0;

	while (*p >= '0' && *p <= '9')
		n = n * 10 + (uint64_t)(*p++ - '0');
	return n;
}

static int64_t boot_s(int root)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	const char *p;

	if (file_read(root, "proc/stat", STAT_MAX, &text, NULL) < 0)
		return 0;
	p = strstr(buf_str(&text), "\nbtime ");
	return p ? (int64_t)decimal(p + strlen("\nbtime ")) : 0;
}

static bool read_start_ticks(int dir, const char *path, uint64_t *ret)
{
	_cleanup_(closep) int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	char text[ONE_STAT_MAX];
	const char *p;
	ssize_t n;

	/* The kernel writes it in one go. */
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	/* Fields are counted after the command's ')', which may itself hold blanks. */
	p = strrchr(text, ')');
	for (int field = 2; p && field < STAT_STARTTIME; field++)
		p = strchr(p + 1, ' ');
	if (!p)
		return false;
	*ret = decimal(p + 1);
	return true;
}

bool process_start_ticks(int root, const char *pid, uint64_t *ret)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "proc/%s/stat", pid);
	return read_start_ticks(root, path, ret);
}

bool process_start_ticks_at(int process, uint64_t *ret)
{
	return read_start_ticks(process, "stat", ret);
}

int64_t process_started_s(int root, pid_t pid)
{
	long ticks = sysconf(_SC_CLK_TCK);
	int64_t boot = boot_s(root);
	char name[16];
	uint64_t start;

	(void)snprintf(name, sizeof(name), "%d", (int)pid);
	if (ticks <= 0 || !boot || !process_start_ticks(root, name, &start))
		return 0;
	return boot + (int64_t)(start / (uint64_t)ticks);
}
