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
#include "host/belongs.h"
#include "host/plain.h"
#include "host/process-age.h"
#include "host/procs.h"
#include "host/security/proc-file.h"
#include "host/security/proc-status.h"

#define SHORT_ID 12

struct entry {
	uint64_t key; /* of engine and id: most comparisons end there */
	uint64_t mnt; /* the mount namespace of the first that was seen; 0: not read */
	struct container_ref ref;
	struct container c;
	bool named;
	bool init_is_sure;
	uint64_t init_ticks;
};

struct container_finder {
	int root;
	struct belongs belongs;
	struct entry *entries;
	size_t n, cap;
	size_t last; /* most processes are their neighbours' neighbours */
};

void container_finder_close(struct container_finder *f)
{
	belongs_close(&f->belongs);
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
	int r;

	if (!f)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	f->root = root;
	r = belongs_open(root, &f->belongs, err);
	if (r < 0) {
		free(f);
		return r;
	}
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

static int add_entry(struct container_finder *f, uint64_t key, const struct belonging *b,
		     struct oak_error *err)
{
	const struct container_ref *ref = &b->ref;
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
	*e = (struct entry){ .key = key, .mnt = b->mnt, .ref = *ref };
	(void)snprintf(e->c.engine, sizeof(e->c.engine), "%s", ref->engine);
	(void)snprintf(e->c.id, sizeof(e->c.id), "%s", ref->id);
	(void)snprintf(e->c.pod_uid, sizeof(e->c.pod_uid), "%s", ref->pod_uid);
	(void)snprintf(e->c.vm, sizeof(e->c.vm), "%s", b->vm);
	plain_copy(e->c.name, sizeof(e->c.name), b->name);
	return 0;
}

static bool find_entry(struct container_finder *f, uint64_t key, const struct container_ref *ref,
		       size_t *ret)
{
	if (f->last < f->n && is_same(&f->entries[f->last], key, ref)) {
		*ret = f->last;
		return true;
	}
	for (size_t i = 0; i < f->n; i++)
		if (is_same(&f->entries[i], key, ref)) {
			*ret = f->last = i;
			return true;
		}
	return false;
}

/* What tells nothing itself is where another of its mount namespace is. */
static bool find_neighbour(struct container_finder *f, uint64_t mnt, size_t *ret)
{
	for (size_t i = 0; mnt && i < f->n; i++)
		if (f->entries[i].mnt == mnt) {
			*ret = i;
			return true;
		}
	return false;
}

int container_find(struct container_finder *f, pid_t pid, size_t *ret, struct oak_error *err)
{
	struct belonging b;
	enum belongs_to to = belongs_of(&f->belongs, pid, &b);
	uint64_t key;
	int r;

	*ret = CONTAINER_NONE;
	if (to == BELONGS_HOST || (to == BELONGS_UNKNOWN && find_neighbour(f, b.mnt, ret)))
		return 0;
	key = hash_add(hash_add(0xcbf29ce484222325u, b.ref.engine), b.ref.id);
	if (find_entry(f, key, &b.ref, ret))
		return 0;
	r = add_entry(f, key, &b, err);
	if (r == 0)
		*ret = f->last = f->n - 1;
	return r;
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
	for (size_t i = 0; i < f->belongs.n_evidence; i++)
		evidence_read(&f->belongs.evidence[i], &e->ref, &e->c);
}

/* Where no status tells. The kernel counts threads in the links of the directory; a plain file system does not. */
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

static bool is_roots(const struct proc_status *s)
{
	return !s->uid[0] || !s->uid[1] || !s->uid[2] || !s->uid[3];
}

static bool read_status(const struct container_finder *f, pid_t pid, struct proc_status *ret)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char path[64];

	(void)snprintf(path, sizeof(path), "%d/status", (int)pid);
	return proc_file_read(f->belongs.proc, path, PROC_STATUS_MAX, &text) &&
	       proc_status_parse(buf_str(&text), ret);
}

/* Those that were executed later may do more than process 1, or less. */
static void add_rights(struct container *c, const struct proc_status *s)
{
	c->n_real_root += is_roots(s);
	c->n_unfiltered += s->seccomp == SECCOMP_OFF;
	c->caps_any |= s->caps.effective;
}

/*
 * Process 1 of its own pid namespace. A container in the host's has none: then it is the one that
 * began first, since whoever is put into a container comes later. So is the monitor of a virtual
 * machine younger than its shim, but it is the one that matters.
 */
static void consider_init(struct container_finder *f, struct entry *e, pid_t pid,
			  const struct proc_status *s)
{
	uint64_t ticks = 0;
	char name[16];

	if (e->init_is_sure)
		return;
	e->init_is_sure = e->c.vm[0] ? strncmp(s->command, "containerd-shim", 15) != 0
				     : s->is_inner && s->inner == 1;
	(void)snprintf(name, sizeof(name), "%d", (int)pid);
	if (!e->init_is_sure && !process_start_ticks(f->root, name, &ticks))
		ticks = UINT64_MAX;
	if (e->init_is_sure || !e->c.init || ticks < e->init_ticks) {
		e->c.init = pid;
		e->init_ticks = ticks;
	}
}

static void count_process(struct container_finder *f, size_t index, pid_t pid)
{
	struct entry *e = &f->entries[index];
	_cleanup_(freep) struct proc_status *s = calloc(1, sizeof(*s));

	e->c.processes++;
	if (s && read_status(f, pid, s)) {
		e->c.tasks += s->threads ? s->threads : count_tasks(f->belongs.proc, pid);
		add_rights(&e->c, s);
		consider_init(f, e, pid, s);
		return;
	}
	e->c.tasks += count_tasks(f->belongs.proc, pid);
	if (!e->c.init) {
		e->c.init = pid;
		e->init_ticks = UINT64_MAX;
	}
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
	for (size_t i = 0; i < f->belongs.n_evidence; i++)
		f->belongs.evidence[i].has_daemons = true;
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
	size_t n = 0;
	int r = container_finder_open(root, &f, err);

	if (r == 0)
		r = find_all(f, false, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < f->n; i++)
		n += !f->entries[i].c.vm[0];
	*ret = n;
	return 0;
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
