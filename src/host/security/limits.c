/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/limits.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/security/scan.h"
#include "host/security/security.h"

#define CGROUPS "sys/fs/cgroup"
/* Version 1 rounds "none" down to a page. */
#define V1_NONE     UINT64_C(0x7fffffffffff0000)
#define DEVICES_MAX 65536u
#define ANCESTORS   64
#define SMALL_FILE  64

static bool is_among(const char *list, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i <= len;) {
		size_t end = i;

		while (end < len && list[end] != ',')
			end++;
		if (end - i == n && memcmp(list + i, word, n) == 0)
			return true;
		i = end + 1;
	}
	return false;
}

/* A path of the kernel has no "." or ".." but where the reader is in a cgroup namespace. */
static bool is_below_root(const char *path)
{
	for (const char *p = path; *p;) {
		size_t len = strcspn(p += strspn(p, "/"), "/");

		if ((len == 1 && p[0] == '.') || (len == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += len;
	}
	return path[0] == '/';
}

bool cgroup_path(const char *text, const char *controller, char *ret, size_t size)
{
	for (const char *p = text; *p; scan_next_line(&p)) {
		size_t len = strcspn(p, "\n");
		const char *first = memchr(p, ':', len), *second;

		second = first ? memchr(first + 1, ':', len - (size_t)(first + 1 - p)) : NULL;
		if (!second || !is_among(first + 1, (size_t)(second - first - 1), controller))
			continue;
		len -= (size_t)(second + 1 - p);
		if (len >= size)
			return false;
		memcpy(ret, second + 1, len);
		ret[len] = '\0';
		return is_below_root(ret);
	}
	return false;
}

uint64_t limit_parse(const char *text)
{
	uint64_t n;

	if (strncmp(text, "max", 3) == 0 || strncmp(text, "-1", 2) == 0)
		return LIMIT_NONE;
	if (!scan_u64(&text, 10, &n))
		return LIMIT_UNKNOWN;
	return n >= V1_NONE ? LIMIT_NONE : n;
}

bool limit_parse_cpu(const char *text, uint64_t *ret_quota_us, uint64_t *ret_period_us)
{
	uint64_t quota = limit_parse(text), period;
	const char *p = text + strcspn(text, " \n");

	if (quota == LIMIT_UNKNOWN || !scan_u64(&p, 10, &period) || !period)
		return false;
	*ret_quota_us = quota;
	*ret_period_us = period;
	return true;
}

bool devices_are_all(const char *text)
{
	for (const char *p = text; *p; scan_next_line(&p))
		if (strncmp(p, "a *:* rwm", 9) == 0 && (p[9] == '\n' || !p[9]))
			return true;
	return false;
}

/* A small file of a cgroup; false where it is not there, as of the uppermost cgroup. */
static bool read_small(int dir, const char *name, char ret[SMALL_FILE])
{
	_cleanup_(closep) int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, SMALL_FILE - 1);

	ret[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static void take_least(const char *text, uint64_t *least)
{
	uint64_t n = limit_parse(text);

	/* None at all is better known than unknown. */
	if (n == LIMIT_UNKNOWN)
		return;
	if (n < *least || *least == LIMIT_UNKNOWN)
		*least = n;
}

static void take_cpu(const char *text, struct limits *l)
{
	uint64_t quota, period;

	if (!limit_parse_cpu(text, &quota, &period))
		return;
	if (l->cpu_quota_us == LIMIT_UNKNOWN || l->cpu_quota_us == LIMIT_NONE ||
	    (quota != LIMIT_NONE &&
	     (double)quota / (double)period < (double)l->cpu_quota_us / (double)l->cpu_period_us)) {
		l->cpu_quota_us = quota;
		l->cpu_period_us = period;
	}
}

static void visit_memory(int dir, struct limits *l)
{
	char text[SMALL_FILE];

	if (read_small(dir, "memory.max", text) || read_small(dir, "memory.limit_in_bytes", text))
		take_least(text, &l->memory_max_bytes);
}

static void visit_pids(int dir, struct limits *l)
{
	char text[SMALL_FILE];

	if (read_small(dir, "pids.max", text))
		take_least(text, &l->pids_max);
}

static void visit_cpu(int dir, struct limits *l)
{
	char text[SMALL_FILE], quota[SMALL_FILE], period[SMALL_FILE];

	if (read_small(dir, "cpu.max", text)) {
		take_cpu(text, l);
		return;
	}
	if (!read_small(dir, "cpu.cfs_quota_us", quota) ||
	    !read_small(dir, "cpu.cfs_period_us", period))
		return;
	quota[strcspn(quota, "\n")] = '\0';
	(void)snprintf(text, sizeof(text), "%.20s %.20s", quota, period);
	take_cpu(text, l);
}

/* The process' own cgroup alone: what a parent may is more, and the own one never more. */
static void read_devices(int dir, struct limits *l)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (file_read(dir, "devices.list", DEVICES_MAX, &text, NULL) < 0)
		return;
	l->devices_all = devices_are_all(buf_str(&text)) ? FACT_YES : FACT_NO;
}

/* The folder of a cgroup; @path ends up as the folder's own. */
static int open_cgroup(int root, const char *hierarchy, const char *path)
{
	char full[CGROUP_PATH_MAX + 64];

	(void)snprintf(full, sizeof(full), CGROUPS "%s%s%s", hierarchy[0] ? "/" : "", hierarchy,
		       path);
	return openat(root, full, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* From a cgroup to the uppermost. Return: was any of them there? */
static bool walk_up(int root, const char *hierarchy, char *path, struct limits *l,
		    void (*visit)(int dir, struct limits *l))
{
	bool found = false;

	for (int i = 0; i < ANCESTORS; i++) {
		_cleanup_(closep) int dir = open_cgroup(root, hierarchy, path);
		char *slash = strrchr(path, '/');

		if (dir >= 0)
			visit(dir, l);
		found = found || dir >= 0;
		if (!slash || !path[1])
			break;
		/* "/a/b" to "/a" to "/" */
		slash[slash == path] = '\0';
	}
	return found;
}

/* Where version 2 is mounted: alone, or beside version 1. */
static const char *unified(int root)
{
	return file_exists(root, CGROUPS "/unified") ? "unified" : "";
}

/* A cgroup without the file is not limited, be it the uppermost or its controller not in use. */
static void read_one(int root, const char *cgroup, const char *controller, struct limits *l,
		     uint64_t *value, void (*visit)(int dir, struct limits *l))
{
	char path[CGROUP_PATH_MAX];
	bool found = false;

	if (cgroup_path(cgroup, controller, path, sizeof(path)))
		found = walk_up(root, controller, path, l, visit);
	else if (cgroup_path(cgroup, "", path, sizeof(path)))
		found = walk_up(root, unified(root), path, l, visit);
	if (found && *value == LIMIT_UNKNOWN)
		*value = LIMIT_NONE;
}

void limits_read(int root, const char *cgroup, struct limits *ret)
{
	struct limits l = {
		.memory_max_bytes = LIMIT_UNKNOWN,
		.pids_max = LIMIT_UNKNOWN,
		.cpu_quota_us = LIMIT_UNKNOWN,
	};
	char path[CGROUP_PATH_MAX];

	read_one(root, cgroup, "memory", &l, &l.memory_max_bytes, visit_memory);
	read_one(root, cgroup, "pids", &l, &l.pids_max, visit_pids);
	read_one(root, cgroup, "cpu", &l, &l.cpu_quota_us, visit_cpu);
	if (cgroup_path(cgroup, "devices", path, sizeof(path))) {
		_cleanup_(closep) int dir = open_cgroup(root, "devices", path);

		if (dir >= 0)
			read_devices(dir, &l);
	}
	*ret = l;
}
