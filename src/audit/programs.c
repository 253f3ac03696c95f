/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/programs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/inside.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/number.h"
#include "host/plain.h"
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

/* Is it there already? What is installed where a deleted file runs is another one. */
static struct program_found *find(struct programs *p, const struct program_found *f)
{
	for (size_t i = 0; i < p->n; i++) {
		struct program_found *v = &p->v[i];
		bool same = strcmp(v->path, f->path) == 0 && v->deleted == f->deleted;

		/* One file by two names: /usr/bin/runc is a link. */
		same = same || (f->inode && v->inode == f->inode && v->device == f->device);
		if (same && (v->euid == f->euid || !f->pid))
			return v;
	}
	return NULL;
}

static int add(int root, struct programs *p, struct program_found *f)
{
	const char *slash = strrchr(f->path, '/');
	struct program_found *more = NULL;
	struct stat st;

	plain_copy(f->name, sizeof(f->name), slash ? slash + 1 : f->path);
	if (!f->deleted && inside_stat(root, f->path, &st) == 0) {
		f->device = st.st_dev;
		f->inode = st.st_ino;
	}
	more = find(p, f);
	if (more) {
		more->n += f->pid != 0;
		return 0;
	}
	if (p->n == PROGRAMS_MAX)
		return 0;
	more = reallocarray(p->v, p->n + 1, sizeof(*more));
	if (!more)
		return -OAK_E_NOMEM;
	p->v = more;
	p->v[p->n++] = *f;
	return 0;
}

static int look_at(int root, pid_t pid, const char *host_ns, const char *const *names,
		   struct programs *p)
{
	char link[SYSFS_PATH_MAX], exe[PROGRAM_PATH_MAX + sizeof(DELETED)], ns[NS_TEXT_MAX];
	struct program_found f = { .pid = pid, .n = 1 };
	const char *slash;
	size_t len;

	(void)snprintf(link, sizeof(link), "proc/%d/exe", pid);
	if (!read_link(root, link, exe, sizeof(exe)))
		return 0;
	len = strlen(exe);
	if (len > strlen(DELETED) && strcmp(exe + len - strlen(DELETED), DELETED) == 0) {
		f.deleted = true;
		exe[len - strlen(DELETED)] = '\0';
	}
	slash = strrchr(exe, '/');
	if (!slash || !is_wanted(names, slash + 1) || strlen(exe) >= PROGRAM_PATH_MAX)
		return 0;
	(void)snprintf(link, sizeof(link), "proc/%d/ns/pid", pid);
	if (host_ns[0] && read_link(root, link, ns, sizeof(ns)) && strcmp(ns, host_ns) != 0)
		return 0;
	(void)snprintf(f.path, sizeof(f.path), "%s", exe);
	f.euid = euid_of(root, pid);
	return add(root, p, &f);
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

/* Is the name itself a link? */
static bool is_link(int root, const char *path)
{
	_cleanup_(closep) int fd = inside_open(root, path, O_PATH | O_NOFOLLOW);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode);
}

/* Links last: packages own files, and a file that is found by its own name is not taken twice. */
static int find_installed(int root, const char *const *names, bool links, struct programs *p)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(folders) / sizeof(folders[0]); i++) {
		for (size_t k = 0; r == 0 && names[k]; k++) {
			struct program_found f = { .pid = 0 };
			struct stat st;

			(void)snprintf(f.path, sizeof(f.path), "%s/%s", folders[i], names[k]);
			if (inside_stat(root, f.path, &st) == 0 && S_ISREG(st.st_mode) &&
			    is_link(root, f.path) == links)
				r = add(root, p, &f);
		}
	}
	return r;
}

int programs_read(int root, const char *const *names, struct programs *ret, struct oak_error *err)
{
	struct programs p = { .n = 0 };
	int r = find_running(root, names, &p);

	if (r == 0)
		r = find_installed(root, names, false, &p);
	if (r == 0)
		r = find_installed(root, names, true, &p);
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
