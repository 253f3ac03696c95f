/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/docker-root.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/procs.h"
#include "host/sysfs.h"

#define ARGV_MAX    65536u
#define DIGITS      "0123456789"
#define DOCKER_ROOT "var/lib/docker"

/* "--data-root=/x", or "--data-root" and "/x" behind it. */
static const char *value_of(const char *argv, size_t len)
{
	static const char *const names[] = { "--data-root", "--graph", "-g" };
	const char *end = argv + len;

	for (const char *p = argv; p < end; p += strlen(p) + 1)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			size_t n = strlen(names[i]);

			if (strncmp(p, names[i], n) != 0)
				continue;
			if (p[n] == '=')
				return p + n + 1;
			if (!p[n] && p + n + 1 < end)
				return p + n + 1;
		}
	return NULL;
}

static bool read_argv(int root, pid_t pid, char *ret, size_t size)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char path[64];
	const char *value;

	(void)snprintf(path, sizeof(path), "proc/%d/cmdline", (int)pid);
	if (file_read(root, path, ARGV_MAX, &text, NULL) < 0 || !text.len)
		return false;
	/* buf keeps a NUL behind the last byte. */
	value = value_of(buf_str(&text), text.len);
	if (!value || value[0] != '/' || !value[1] || strlen(value) >= size)
		return false;
	(void)snprintf(ret, size, "%s", value + 1);
	return true;
}

/* "100000.100000" */
static bool is_remapped(const char *name)
{
	size_t uid = strspn(name, DIGITS);
	size_t gid = name[uid] == '.' ? strspn(name + uid + 1, DIGITS) : 0;

	return uid && gid && !name[uid + 1 + gid] && uid + gid < 24;
}

bool docker_root_remapped(int root, const char *base, const char *below, char *ret, size_t size)
{
	_cleanup_(closedirp) DIR *d = procs_open(root, base);
	char name[32] = "", path[SYSFS_PATH_MAX];
	struct timespec newest = { 0 };
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		if (!is_remapped(e->d_name))
			continue;
		(void)snprintf(path, sizeof(path), "%.24s/%s", e->d_name, below);
		if (fstatat(dirfd(d), path, &st, 0) < 0 ||
		    (name[0] && st.st_mtim.tv_sec <= newest.tv_sec))
			continue;
		newest = st.st_mtim;
		(void)snprintf(name, sizeof(name), "%.24s", e->d_name);
	}
	return name[0] && (size_t)snprintf(ret, size, "%s/%s", base, name) < size;
}

static void add(struct docker_roots *roots, const char *dir)
{
	for (size_t i = 0; i < roots->n; i++)
		if (strcmp(roots->dirs[i], dir) == 0)
			return;
	if (roots->n < DOCKER_ROOTS_MAX && strlen(dir) < DOCKER_ROOT_MAX)
		(void)snprintf(roots->dirs[roots->n++], DOCKER_ROOT_MAX, "%s", dir);
}

/* Adds each folder of a root with mapped users; returns how many there are. */
static size_t add_mapped(int root, const char *dir, struct docker_roots *ret)
{
	_cleanup_(closedirp) DIR *d = procs_open(root, dir);
	struct dirent *e;
	size_t n = 0;

	while (d && (e = readdir(d)) && n < DOCKER_ROOTS_MAX) {
		char path[DOCKER_ROOT_MAX + 256];

		if (!is_remapped(e->d_name))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		add(ret, path);
		n++;
	}
	return n;
}

static void add_daemon(int root, pid_t pid, struct docker_roots *ret)
{
	char path[64], dir[DOCKER_ROOT_MAX];
	struct stat st;

	(void)snprintf(path, sizeof(path), "proc/%d/comm", (int)pid);
	if (fstatat(root, path, &st, 0) == 0 && st.st_uid == 0 &&
	    read_argv(root, pid, dir, sizeof(dir)))
		add(ret, dir);
}

static void find_daemons(int root, struct docker_roots *ret)
{
	_cleanup_(closedirp) DIR *proc = procs_open(root, "proc");
	char pid[PROCS_NAME_MAX];
	pid_t number;

	while (proc && procs_next(proc, pid, &number)) {
		char path[64], comm[20];

		(void)snprintf(path, sizeof(path), "proc/%s/comm", pid);
		if (sysfs_read(root, path, comm, sizeof(comm)) == 0 &&
		    strcmp(comm, DOCKER_DAEMON) == 0)
			add_daemon(root, number, ret);
	}
}

void docker_roots_read(int root, const char *settings, const struct docker_daemons *daemons,
		       struct docker_roots *ret)
{
	size_t n;

	*ret = (struct docker_roots){ .n = 0 };
	if (!daemons)
		find_daemons(root, ret);
	for (size_t i = 0; daemons && i < daemons->n; i++)
		add_daemon(root, daemons->pids[i], ret);
	add(ret, settings && settings[0] == '/' && settings[1] ? settings + 1 : DOCKER_ROOT);
	n = ret->n;
	for (size_t i = 0; i < n; i++)
		(void)add_mapped(root, ret->dirs[i], ret);
}

bool docker_roots_find(const struct docker_roots *roots, int root, const char *id, char *ret,
		       size_t size)
{
	for (size_t i = 0; i < roots->n; i++) {
		int n = snprintf(ret, size, "%s/containers/%s", roots->dirs[i], id);

		if (n > 0 && (size_t)n < size && file_exists(root, ret))
			return true;
	}
	return false;
}
