/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/proc-status.h"

#include <stdio.h>
#include <string.h>

#include "host/plain.h"
#include "host/security/scan.h"

/* A line of the file by its key; the value begins at @p. */
struct line {
	const char *key;
	bool (*take)(const char *p, struct proc_status *s);
};

static bool take_name(const char *p, struct proc_status *s)
{
	char name[sizeof(s->command)];

	p += strspn(p, "\t");
	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(p, "\n"), p);
	plain_copy(s->command, sizeof(s->command), name);
	return true;
}

static bool take_parent(const char *p, struct proc_status *s)
{
	return scan_u32(&p, 10, &s->parent);
}

/* "NSpid:\t4711\t17\t1": the innermost is the last. */
static bool take_inner(const char *p, struct proc_status *s)
{
	size_t n = 0;

	while (scan_u32(&p, 10, &s->inner))
		n++;
	s->is_inner = n > 1;
	return n > 0;
}

static bool take_four(const char *p, uint32_t ret[4])
{
	for (size_t i = 0; i < 4; i++)
		if (!scan_u32(&p, 10, &ret[i]))
			return false;
	return true;
}

static bool take_uid(const char *p, struct proc_status *s)
{
	return take_four(p, s->uid);
}

static bool take_gid(const char *p, struct proc_status *s)
{
	return take_four(p, s->gid);
}

static bool take_groups(const char *p, struct proc_status *s)
{
	uint32_t gid;

	for (s->n_groups = 0; s->n_groups < PROC_GROUPS_MAX && scan_u32(&p, 10, &gid);)
		s->groups[s->n_groups++] = gid;
	return true;
}

static bool take_threads(const char *p, struct proc_status *s)
{
	return scan_u32(&p, 10, &s->threads);
}

static bool take_inheritable(const char *p, struct proc_status *s)
{
	return scan_u64(&p, 16, &s->caps.inheritable);
}

static bool take_permitted(const char *p, struct proc_status *s)
{
	return scan_u64(&p, 16, &s->caps.permitted);
}

static bool take_effective(const char *p, struct proc_status *s)
{
	return scan_u64(&p, 16, &s->caps.effective);
}

static bool take_bounding(const char *p, struct proc_status *s)
{
	return scan_u64(&p, 16, &s->caps.bounding);
}

static bool take_ambient(const char *p, struct proc_status *s)
{
	return scan_u64(&p, 16, &s->caps.ambient);
}

static bool take_no_new_privs(const char *p, struct proc_status *s)
{
	uint32_t n;

	if (!scan_u32(&p, 10, &n))
		return false;
	s->no_new_privs = n ? FACT_YES : FACT_NO;
	return true;
}

static bool take_seccomp(const char *p, struct proc_status *s)
{
	static const enum seccomp_mode modes[] = { SECCOMP_OFF, SECCOMP_STRICT, SECCOMP_FILTER };
	uint32_t n;

	if (!scan_u32(&p, 10, &n))
		return false;
	s->seccomp = n < 3 ? modes[n] : SECCOMP_UNKNOWN;
	return true;
}

static bool take_filters(const char *p, struct proc_status *s)
{
	return scan_u32(&p, 10, &s->seccomp_filters);
}

/* In the kernel's order. The first NEEDED are there on every kernel. */
static const struct line lines[] = {
	{ "Name:", take_name },
	{ "PPid:", take_parent },
	{ "Uid:", take_uid },
	{ "Gid:", take_gid },
	{ "CapInh:", take_inheritable },
	{ "CapPrm:", take_permitted },
	{ "CapEff:", take_effective },
	{ "CapBnd:", take_bounding },
	{ "CapAmb:", take_ambient },
	{ "Groups:", take_groups },
	{ "NSpid:", take_inner },
	{ "Threads:", take_threads },
	{ "NoNewPrivs:", take_no_new_privs },
	{ "Seccomp:", take_seccomp },
	{ "Seccomp_filters:", take_filters },
};
#define LINES  (sizeof(lines) / sizeof(lines[0]))
#define NEEDED 9u

static size_t find_line(const char *p)
{
	size_t i = 0;

	/* Most lines are none of ours, and their first letter tells. */
	while (i < LINES &&
	       (*p != *lines[i].key || strncmp(p, lines[i].key, strlen(lines[i].key)) != 0))
		i++;
	return i;
}

bool proc_status_parse(const char *text, struct proc_status *ret)
{
	struct proc_status s = { .n_groups = 0 };
	unsigned seen = 0;

	for (const char *p = text; *p; scan_next_line(&p)) {
		size_t i = find_line(p);

		/* The first of a key counts: no later one can be the kernel's. */
		if (i == LINES || (seen >> i & 1))
			continue;
		if (!lines[i].take(p + strlen(lines[i].key), &s))
			return false;
		seen |= 1u << i;
	}
	if ((seen & ((1u << NEEDED) - 1)) != (1u << NEEDED) - 1)
		return false;
	*ret = s;
	return true;
}

bool id_map_parse(const char *text, struct id_map *ret)
{
	struct id_map map = { .root = UINT32_MAX };

	for (const char *p = text; *p; scan_next_line(&p)) {
		uint32_t inside, outside, n;

		if (!scan_u32(&p, 10, &inside) || !scan_u32(&p, 10, &outside) ||
		    !scan_u32(&p, 10, &n))
			return false;
		if (inside == 0 && n > 0)
			map.root = outside;
		if (inside == 0 && outside == 0 && n == UINT32_MAX)
			map.identity = true;
	}
	*ret = map;
	return true;
}
