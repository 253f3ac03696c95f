/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/container.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/evidence.h"
#include "host/number.h"
#include "host/procs.h"
#include "host/sysfs.h"

#define CGROUP_MAX    8192       /* a dozen lines; paths are short */
#define MOUNTINFO_MAX (4u << 20) /* a host of many containers has thousands of mounts */
#define STATUS_MAX    8192
#define NS_MAX        32 /* "mnt:[4026531841]" */
#define MOUNT_MAX     512
#define SHORT_ID      12

/* What tells an unknown container from the host. */
struct own {
	char mnt[NS_MAX];
	char pid[NS_MAX];
};

struct entry {
	uint64_t key; /* of engine and id: most comparisons end there */
	struct container_ref ref;
	struct container c;
	bool named;
	bool init_is_sure;
};

struct container_finder {
	int root;
	int proc;
	struct own host; /* of process 1 */
	char host_mount[MOUNT_MAX];
	struct entry *entries;
	size_t n, cap;
	size_t last; /* most processes are their neighbours' neighbours */
	struct evidence evidence;
};

/* Into @ret whole, or cut where it is longer. */
static bool read_text(int proc, pid_t pid, const char *file, char *ret, size_t size)
{
	char path[64];
	_cleanup_(closep) int fd = -1;
	size_t len = 0;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%d/%s", (int)pid, file);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while (len < size - 1 && (n = read(fd, ret + len, size - 1 - len)) > 0)
		len += (size_t)n;
	ret[len] = '\0';
	return len > 0;
}

static bool read_ns(int proc, pid_t pid, const char *ns, char ret[NS_MAX])
{
	char path[64];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%d/ns/%s", (int)pid, ns);
	n = readlinkat(proc, path, ret, NS_MAX - 1);
	ret[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* What is mounted on "/", as "major:minor root": the last such line is the one that counts. */
static bool read_root_mount(int proc, pid_t pid, char ret[MOUNT_MAX])
{
	_cleanup_(buf_free) struct buf text = { 0 };
	const char *line;
	char path[64];
	bool found = false;

	(void)snprintf(path, sizeof(path), "%d/mountinfo", (int)pid);
	if (file_read(proc, path, MOUNTINFO_MAX, &text, NULL) < 0)
		return false;
	for (line = buf_str(&text); *line; line += strcspn(line, "\n"), line += *line == '\n') {
		/* id, parent, major:minor, root, mount point */
		size_t at[6] = { 0 };

		for (size_t i = 1; i < 6; i++) {
			at[i] = at[i - 1] + strcspn(line + at[i - 1], " \n");
			at[i] += line[at[i]] == ' ';
		}
		if (at[5] - at[4] != 2 || line[at[4]] != '/')
			continue;
		(void)snprintf(ret, MOUNT_MAX, "%.*s", (int)(at[4] - at[2]), line + at[2]);
		found = true;
	}
	return found;
}

void container_finder_close(struct container_finder *f)
{
	closep(&f->proc);
	evidence_clear(&f->evidence);
	free(f->entries);
	free(f);
}

void container_finder_closep(struct container_finder **f)
{
	if (*f)
		container_finder_close(*f);
}

int container_finder_open(int root, struct container_finder **ret, struct oak_error *err)
{
	struct container_finder *f = calloc(1, sizeof(*f));

	if (!f)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	f->root = root;
	f->evidence.root = root;
	f->proc = openat(root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->proc < 0) {
		int sys = errno;

		free(f);
		return oak_fail_errno(err, sys, "/proc");
	}
	/* What cannot be read of process 1 is empty: then no container is unknown. */
	if (!read_ns(f->proc, 1, "mnt", f->host.mnt) || !read_ns(f->proc, 1, "pid", f->host.pid) ||
	    !read_root_mount(f->proc, 1, f->host_mount))
		f->host.pid[0] = '\0';
	*ret = f;
	return 0;
}

/* FNV-1a */
static uint64_t hash_add(uint64_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return h;
}

static bool is_same(const struct entry *e, uint64_t key, const struct container_ref *ref)
{
	/* A user may call a cgroup of hers like a container of root: that makes it none of root's. */
	return e->key == key && e->ref.uid == ref->uid && strcmp(e->ref.id, ref->id) == 0 &&
	       strcmp(e->ref.engine, ref->engine) == 0;
}

static int add_entry(struct container_finder *f, uint64_t key, const struct container_ref *ref,
		     struct oak_error *err)
{
	struct entry *e;

	if (f->n == CONTAINERS_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u containers", CONTAINERS_MAX);
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 16;
		struct entry *v = reallocarray(f->entries, cap, sizeof(*v));

		if (!v)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		f->entries = v;
		f->cap = cap;
	}
	e = &f->entries[f->n++];
	*e = (struct entry){ .key = key, .ref = *ref };
	(void)snprintf(e->c.engine, sizeof(e->c.engine), "%s", ref->engine);
	(void)snprintf(e->c.id, sizeof(e->c.id), "%s", ref->id);
	(void)snprintf(e->c.pod_uid, sizeof(e->c.pod_uid), "%s", ref->pod_uid);
	return 0;
}

static int index_of(struct container_finder *f, const struct container_ref *ref, size_t *ret,
		    struct oak_error *err)
{
	uint64_t key = hash_add(hash_add(0xcbf29ce484222325u, ref->engine), ref->id);
	int r;

	if (f->last < f->n && is_same(&f->entries[f->last], key, ref)) {
		*ret = f->last;
		return 0;
	}
	for (size_t i = 0; i < f->n; i++)
		if (is_same(&f->entries[i], key, ref)) {
			*ret = f->last = i;
			return 0;
		}
	r = add_entry(f, key, ref, err);
	if (r == 0)
		*ret = f->last = f->n - 1;
	return r;
}

/* In namespaces of its own, on a root of its own: a container of an engine we do not know. */
static bool is_unknown(struct container_finder *f, pid_t pid, struct container_ref *ret)
{
	char mount[MOUNT_MAX];
	struct own own;
	size_t len;

	if (!f->host.pid[0] || !read_ns(f->proc, pid, "pid", own.pid) ||
	    strcmp(own.pid, f->host.pid) == 0 || !read_ns(f->proc, pid, "mnt", own.mnt) ||
	    strcmp(own.mnt, f->host.mnt) == 0 || !read_root_mount(f->proc, pid, mount) ||
	    strcmp(mount, f->host_mount) == 0)
		return false;
	/* "pid:[4026532500]" becomes "pid-4026532500". */
	len = strspn(own.pid + strcspn(own.pid, "0123456789"), "0123456789");
	*ret = (struct container_ref){ .engine = CONTAINER_UNKNOWN };
	(void)snprintf(ret->id, sizeof(ret->id), "pid-%.*s", (int)len,
		       own.pid + strcspn(own.pid, "0123456789"));
	return true;
}

static bool is_guessed(struct container_finder *f, const char *cgroup, struct container_ref *ret)
{
	struct container_ref guesses[CONTAINER_GUESSES_MAX];
	size_t n = container_guesses(cgroup, guesses);

	for (size_t i = 0; i < n; i++)
		if (evidence_confirms(&f->evidence, &guesses[i])) {
			*ret = guesses[i];
			return true;
		}
	return false;
}

static bool identify(struct container_finder *f, pid_t pid, struct container_ref *ret)
{
	char cgroup[CGROUP_MAX];

	if (!read_text(f->proc, pid, "cgroup", cgroup, sizeof(cgroup)))
		return false;
	switch (container_of_cgroup(cgroup, ret)) {
	case CGROUP_CONTAINER:
		return true;
	case CGROUP_OTHER:
		return false;
	case CGROUP_HOST:
	default:
		return is_guessed(f, cgroup, ret) || is_unknown(f, pid, ret);
	}
}

int container_find(struct container_finder *f, pid_t pid, size_t *ret, struct oak_error *err)
{
	struct container_ref ref;

	*ret = CONTAINER_NONE;
	return identify(f, pid, &ref) ? index_of(f, &ref, ret, err) : 0;
}

const struct container *container_at(const struct container_finder *f, size_t index)
{
	return &f->entries[index].c;
}

void container_name(struct container_finder *f, size_t index)
{
	struct entry *e = &f->entries[index];

	if (e->named)
		return;
	e->named = true;
	evidence_read(&f->evidence, &e->ref, &e->c);
}

/* Process 1 of its own pid namespace: the last number of "NSpid:\t4711\t1" is 1. */
static bool is_init(int proc, pid_t pid)
{
	char status[STATUS_MAX];
	const char *line, *end;

	if (!read_text(proc, pid, "status", status, sizeof(status)))
		return false;
	line = strstr(status, "\nNSpid:");
	if (!line)
		return false;
	end = line + 1 + strcspn(line + 1, "\n");
	return end - line > 2 && end[-1] == '1' && (end[-2] == '\t' || end[-2] == ' ');
}

/* The kernel counts threads in the links of the directory; a plain file system does not. */
static size_t count_tasks(int proc, pid_t pid)
{
	_cleanup_(closedirp) DIR *tasks = NULL;
	char path[64], name[PROCS_NAME_MAX];
	struct stat st;
	size_t n = 0;

	(void)snprintf(path, sizeof(path), "%d/task", (int)pid);
	if (fstatat(proc, path, &st, 0) < 0)
		return 0;
	if (st.st_nlink > 2)
		return (size_t)st.st_nlink - 2;
	tasks = procs_open(proc, path);
	while (tasks && procs_next(tasks, name, &pid))
		n++;
	return n;
}

static void count_process(struct container_finder *f, size_t index, pid_t pid)
{
	struct entry *e = &f->entries[index];

	e->c.tasks += count_tasks(f->proc, pid);
	if (e->init_is_sure)
		return;
	e->init_is_sure = is_init(f->proc, pid);
	if (e->init_is_sure || !e->c.init)
		e->c.init = pid;
}

/* @count: also init and tasks of each. */
static int find_all(struct container_finder *f, bool count, struct oak_error *err)
{
	_cleanup_(closedirp) DIR *proc = procs_open(f->root, "proc");
	char name[PROCS_NAME_MAX];
	size_t index;
	pid_t pid;
	int r = 0;

	if (!proc)
		return oak_fail_errno(err, errno, "/proc");
	while (r == 0 && procs_next(proc, name, &pid)) {
		r = container_find(f, pid, &index, err);
		if (r == 0 && index != CONTAINER_NONE && count)
			count_process(f, index, pid);
	}
	return r;
}

void container_list_free(struct container_list *l)
{
	free(l->containers);
	*l = (struct container_list){ 0 };
}

static int by_init(const void *a, const void *b)
{
	const struct container *x = a, *y = b;

	return (x->init > y->init) - (x->init < y->init);
}

int container_list_read(int root, struct container_list *ret, struct oak_error *err)
{
	_cleanup_(container_finder_closep) struct container_finder *f = NULL;
	struct container_list list = { 0 };
	int r = container_finder_open(root, &f, err);

	if (r == 0)
		r = find_all(f, true, err);
	if (r < 0)
		return r;
	list.containers = calloc(f->n + 1, sizeof(*list.containers));
	if (!list.containers)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (; list.n < f->n; list.n++) {
		container_name(f, list.n);
		list.containers[list.n] = *container_at(f, list.n);
	}
	qsort(list.containers, list.n, sizeof(list.containers[0]), by_init);
	*ret = list;
	return 0;
}

int container_count(int root, size_t *ret, struct oak_error *err)
{
	_cleanup_(container_finder_closep) struct container_finder *f = NULL;
	int r = container_finder_open(root, &f, err);

	if (r == 0)
		r = find_all(f, false, err);
	if (r == 0)
		*ret = f->n;
	return r;
}

void container_text(const struct container *c, char *ret, size_t size)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = buf_printf(&b, "%s container ", c->engine);

	/* Digits are as good when cut, names are not. */
	if (c->name[0])
		r |= buf_add_str(&b, c->name);
	else
		r |= buf_printf(&b, "%.*s", strlen(c->id) == 64 ? SHORT_ID : CONTAINER_ID_MAX,
				c->id);
	if (c->pod[0])
		r |= buf_printf(&b, " of pod %s%s%s", c->pod_namespace,
				c->pod_namespace[0] ? "/" : "", c->pod);
	else if (c->pod_uid[0])
		r |= buf_printf(&b, " of pod %s", c->pod_uid);
	if (c->image[0])
		r |= buf_printf(&b, " (image %s)", c->image);
	(void)snprintf(ret, size, "%s", r < 0 ? c->engine : buf_str(&b));
}
