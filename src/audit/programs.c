/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/programs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/inside.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/number.h"
#include "host/procs.h"
#include "host/sysfs.h"

#define NS_TEXT_MAX 64
#define DELETED     " (deleted)"

static const char *const folders[] = {
	"/usr/bin",     "/usr/sbin",    "/usr/local/bin", "/usr/local/sbin", "/usr/libexec/podman",
	"/opt/cni/bin", "/usr/lib/cni",
};

/* The target of a link; false where it cannot be read or is cut. */
static bool read_link(int root, const char *path, char *ret, size_t size)
{
	ssize_t n = readlinkat(root, path, ret, size);

	if (n <= 0 || (size_t)n >= size)
		return false;
	ret[n] = '\0';
	return true;
}

/* The effective user of "Uid:\treal\teffective..."; root where that is not told. */
static uint32_t euid_of(int root, pid_t pid)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char path[SYSFS_PATH_MAX], number[16];
	uint32_t euid = 0;
	const char *p;

	(void)snprintf(path, sizeof(path), "proc/%d/status", pid);
	if (file_read(root, path, 65536, &text, NULL) < 0)
		return 0;
	p = strstr(buf_str(&text), "\nUid:\t");
	p = p ? strchr(p + 6, '\t') : NULL;
	if (!p)
		return 0;
	(void)snprintf(number, sizeof(number), "%.*s", (int)strspn(p + 1, "0123456789"), p + 1);
	return number_parse_u32(number, &euid) < 0 ? 0 : euid;
}

static bool is_wanted(const char *const *names, const char *name)
{
	for (size_t i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static int add(struct programs *p, const char *path, bool deleted, pid_t pid, uint32_t euid)
{
	struct program_found *more;
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; i < p->n; i++) {
		struct program_found *f = &p->v[i];

		/* What is installed beside what runs of the same name is new where that is deleted. */
		if (strcmp(f->path, path) == 0 && f->deleted == deleted && f->euid == euid) {
			f->n += pid != 0;
			return 0;
		}
		if (!pid && strcmp(f->path, path) == 0 && !f->deleted)
			return 0;
	}
	if (p->n == PROGRAMS_MAX)
		return 0;
	more = reallocarray(p->v, p->n + 1, sizeof(*more));
	if (!more)
		return -OAK_E_NOMEM;
	p->v = more;
	p->v[p->n] = (struct program_found){
		.deleted = deleted, .pid = pid, .euid = euid, .n = pid != 0
	};
	(void)snprintf(p->v[p->n].name, sizeof(p->v[p->n].name), "%s", slash ? slash + 1 : path);
	(void)snprintf(p->v[p->n].path, sizeof(p->v[p->n].path), "%s", path);
	p->n++;
	return 0;
}

static int look_at(int root, pid_t pid, const char *host_ns, const char *const *names,
		   struct programs *p)
{
	char link[SYSFS_PATH_MAX], exe[PROGRAM_PATH_MAX + sizeof(DELETED)], ns[NS_TEXT_MAX];
	bool deleted = false;
	const char *slash;
	size_t len;

	(void)snprintf(link, sizeof(link), "proc/%d/exe", pid);
	if (!read_link(root, link, exe, sizeof(exe)))
		return 0;
	len = strlen(exe);
	if (len > strlen(DELETED) && strcmp(exe + len - strlen(DELETED), DELETED) == 0) {
		deleted = true;
		exe[len - strlen(DELETED)] = '\0';
	}
	slash = strrchr(exe, '/');
	if (!slash || !is_wanted(names, slash + 1) || strlen(exe) >= PROGRAM_PATH_MAX)
		return 0;
	(void)snprintf(link, sizeof(link), "proc/%d/ns/pid", pid);
	if (host_ns[0] && read_link(root, link, ns, sizeof(ns)) && strcmp(ns, host_ns) != 0)
		return 0;
	return add(p, exe, deleted, pid, euid_of(root, pid));
}

static int find_running(int root, const char *const *names, struct programs *p)
{
	_cleanup_(closedirp) DIR *d = procs_open(root, "proc");
	char name[PROCS_NAME_MAX], host_ns[NS_TEXT_MAX];
	int r = 0;
	pid_t pid;

	if (!read_link(root, "proc/1/ns/pid", host_ns, sizeof(host_ns)))
		host_ns[0] = '\0';
	while (r == 0 && d && procs_next(d, name, &pid))
		r = look_at(root, pid, host_ns, names, p);
	return r;
}

static int find_installed(int root, const char *const *names, struct programs *p)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(folders) / sizeof(folders[0]); i++) {
		for (size_t k = 0; r == 0 && names[k]; k++) {
			char path[PROGRAM_PATH_MAX];
			struct stat st;

			(void)snprintf(path, sizeof(path), "%s/%s", folders[i], names[k]);
			if (inside_stat(root, path, &st) == 0 && S_ISREG(st.st_mode))
				r = add(p, path, false, 0, 0);
		}
	}
	return r;
}

int programs_read(int root, const char *const *names, struct programs *ret, struct oak_error *err)
{
	struct programs p = { .n = 0 };
	int r = find_running(root, names, &p);

	if (r == 0)
		r = find_installed(root, names, &p);
	if (r < 0) {
		programs_free(&p);
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	*ret = p;
	return 0;
}

void programs_free(struct programs *p)
{
	free(p->v);
	*p = (struct programs){ .n = 0 };
}

const struct program_found *programs_running(const struct programs *p, const char *name)
{
	const struct program_found *found = NULL;

	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].pid && strcmp(p->v[i].name, name) == 0 &&
		    (!found || (found->euid && !p->v[i].euid)))
			found = &p->v[i];
	return found;
}
