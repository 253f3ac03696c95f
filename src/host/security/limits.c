/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/limits.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/security/device-program.h"
#include "host/security/proc-file.h"
#include "host/security/scan.h"
#include "host/security/security.h"

#define CGROUPS "sys/fs/cgroup"
/* Version 1 rounds "none" down to a page. */
#define V1_NONE     UINT64_C(0x7fffffffffff0000)
#define DEVICES_MAX 65536u
#define ANCESTORS   64
#define SMALL_FILE  64
#define LIMITS_UNKNOWN                                                        \
	{                                                                     \
		.memory_max_bytes = LIMIT_UNKNOWN, .pids_max = LIMIT_UNKNOWN, \
		.cpu_quota_us = LIMIT_UNKNOWN                                 \
	}

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

/* A cgroup of one hierarchy: version 1 of a controller, or version 2. */
struct cgroup {
	int root;
	const char *hierarchy; /* below sys/fs/cgroup: "memory", "unified", "" */
	bool v2;
	char path[CGROUP_PATH_MAX]; /* "/a/b" */
};

/* A small file there; false where it is not, as of the uppermost cgroup. */
static bool read_small(const struct cgroup *p, const char *name, char ret[SMALL_FILE])
{
	char path[CGROUP_PATH_MAX + 96];
	_cleanup_(closep) int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof(path), CGROUPS "/%s%s/%s", p->hierarchy, p->path, name);
	fd = openat(p->root, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, ret, SMALL_FILE - 1);
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
	if (!LIMIT_IS_SET(l->cpu_quota_us) ||
	    (quota != LIMIT_NONE &&
	     (double)quota / (double)period < (double)l->cpu_quota_us / (double)l->cpu_period_us)) {
		l->cpu_quota_us = quota;
		l->cpu_period_us = period;
	}
}

static void visit_memory(const struct cgroup *p, struct limits *l)
{
	char text[SMALL_FILE];

	if (read_small(p, p->v2 ? "memory.max" : "memory.limit_in_bytes", text))
		take_least(text, &l->memory_max_bytes);
}

static void visit_pids(const struct cgroup *p, struct limits *l)
{
	char text[SMALL_FILE];

	if (read_small(p, "pids.max", text))
		take_least(text, &l->pids_max);
}

static void visit_cpu(const struct cgroup *p, struct limits *l)
{
	char text[SMALL_FILE], quota[SMALL_FILE], period[SMALL_FILE];

	if (p->v2) {
		if (read_small(p, "cpu.max", text))
			take_cpu(text, l);
		return;
	}
	if (!read_small(p, "cpu.cfs_quota_us", quota))
		return;
	/* A period without a quota matters to nobody. */
	if (limit_parse(quota) == LIMIT_NONE || !read_small(p, "cpu.cfs_period_us", period))
		(void)snprintf(period, sizeof(period), "100000");
	quota[strcspn(quota, "\n")] = '\0';
	(void)snprintf(text, sizeof(text), "%.20s %.20s", quota, period);
	take_cpu(text, l);
}

/* The process' own cgroup alone: what a parent may is more, and the own one never more. */
static void read_devices(int root, const char *path, struct buf *text, struct limits *l)
{
	char full[CGROUP_PATH_MAX + 96];

	(void)snprintf(full, sizeof(full), CGROUPS "/devices%s/devices.list", path);
	if (proc_file_read(root, full, DEVICES_MAX, text))
		l->devices_all = devices_are_all(buf_str(text)) ? FACT_YES : FACT_NO;
	else if (file_exists(root, full))
		l->devices_all = FACT_NO; /* an empty list */
}

/* Version 2 has programs in the place of a list. */
static enum fact devices_of_unified(int root, const char *path, struct limits_memo *memo)
{
	char full[CGROUP_PATH_MAX + 96];

	if (memo->has_devices && strcmp(memo->devices, path) == 0)
		return memo->devices_all;
	(void)snprintf(full, sizeof(full), CGROUPS "/%s%s", memo->unified, path);
	memo->devices_all = device_programs_of(root, full);
	memo->has_devices = true;
	(void)snprintf(memo->devices, sizeof(memo->devices), "%s", path);
	return memo->devices_all;
}

/* "/a/b" to "/a" to "/"; false at the end. */
static bool go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || !path[1])
		return false;
	slash[slash == path] = '\0';
	return true;
}

static bool is_there(const struct cgroup *p)
{
	char full[CGROUP_PATH_MAX + 96];

	(void)snprintf(full, sizeof(full), CGROUPS "/%s%s", p->hierarchy, p->path);
	return file_exists(p->root, full);
}

struct controller {
	const char *name;
	void (*visit)(const struct cgroup *p, struct limits *l);
	size_t value; /* where in struct limits */
};

static const struct controller controllers[LIMITS_CONTROLLERS] = {
	{ "memory", visit_memory, offsetof(struct limits, memory_max_bytes) },
	{ "pids", visit_pids, offsetof(struct limits, pids_max) },
	{ "cpu", visit_cpu, offsetof(struct limits, cpu_quota_us) },
};

static uint64_t *value_of(const struct controller *c, struct limits *l)
{
	return (uint64_t *)(void *)((char *)l + c->value);
}

/* Of the parent and all above; the next container has the same more often than not. */
static void visit_parents(const struct controller *c, struct cgroup *p, struct limits_cgroup *memo,
			  struct limits *l)
{
	if (memo->known && strcmp(memo->path, p->path) == 0) {
		*l = memo->l;
		return;
	}
	(void)snprintf(memo->path, sizeof(memo->path), "%s", p->path);
	for (int i = 0; i < ANCESTORS; i++) {
		c->visit(p, l);
		if (!go_up(p->path))
			break;
	}
	memo->l = *l;
	memo->known = true;
}

/* Of the process' own cgroup and all above. */
static void visit_all(const struct controller *c, const struct cgroup *p, struct limits_memo *memo,
		      struct limits *ret)
{
	struct limits_cgroup *last = &memo->own[c - controllers];
	struct cgroup parent = *p;
	struct limits l = LIMITS_UNKNOWN;

	if (last->known && strcmp(last->path, p->path) == 0) {
		*ret = last->l;
		return;
	}
	if (go_up(parent.path))
		visit_parents(c, &parent, &memo->above[c - controllers], &l);
	c->visit(p, &l);
	/* A cgroup without the file is not limited: the uppermost, or its controller not in use. */
	if (*value_of(c, &l) == LIMIT_UNKNOWN && is_there(p))
		*value_of(c, &l) = LIMIT_NONE;
	(void)snprintf(last->path, sizeof(last->path), "%s", p->path);
	last->l = *ret = l;
	last->known = true;
}

static void read_one(int root, const char *cgroup, const struct controller *c,
		     struct limits_memo *memo, struct limits *l)
{
	struct cgroup p = { .root = root, .hierarchy = c->name };
	struct limits own;

	if (!cgroup_path(cgroup, c->name, p.path, sizeof(p.path))) {
		if (!cgroup_path(cgroup, "", p.path, sizeof(p.path)))
			return;
		p.v2 = true;
		p.hierarchy = memo->unified;
	}
	visit_all(c, &p, memo, &own);
	*value_of(c, l) = *value_of(c, &own);
	if (own.cpu_period_us)
		l->cpu_period_us = own.cpu_period_us;
}

void limits_memo_init(int root, struct limits_memo *ret)
{
	*ret = (struct limits_memo){ .unified = file_exists(root, CGROUPS "/unified") ? "unified"
										      : "" };
}

void limits_read(int root, const char *cgroup, struct limits_memo *memo, struct limits *ret)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct limits l = LIMITS_UNKNOWN;
	char path[CGROUP_PATH_MAX];

	for (size_t i = 0; i < LIMITS_CONTROLLERS; i++)
		read_one(root, cgroup, &controllers[i], memo, &l);
	if (cgroup_path(cgroup, "devices", path, sizeof(path))) {
		if (strcmp(memo->devices, path) != 0) {
			read_devices(root, path, &text, &l);
			memcpy(memo->devices, path, sizeof(path));
			memo->devices_all = l.devices_all;
		}
		l.devices_all = memo->devices_all;
	} else if (cgroup_path(cgroup, "", path, sizeof(path))) {
		l.devices_all = devices_of_unified(root, path, memo);
	}
	*ret = l;
}
