/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/stall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/plain.h"
#include "host/procs.h"
#include "host/sysfs.h"

#define SUMMARY_TASKS_MAX 5
#define CONTAINER_TEXT    1100

struct reader {
	DIR *proc;
	const char *switched; /* patch_state of a task that has */
	const struct livepatch *patch;
	struct container_finder *finder;
	struct stall *s;
};

void stall_free(struct stall *s)
{
	free(s->tasks);
	free(s->containers);
	*s = (struct stall){ 0 };
}

const struct container *stall_container_of(const struct stall *s, const struct stall_task *t)
{
	return t->container == CONTAINER_NONE ? NULL : &s->containers[t->container].c;
}

/* Borrowed text of one line. */
struct frame {
	const char *name, *module; /* @module: NULL where the kernel itself is meant */
	size_t name_len, module_len;
};

static struct frame parse_frame(const char *line, size_t len)
{
	const char *end = line + len, *p = memchr(line, ']', len);
	struct frame f = { .name = p && end - p > 2 && p[1] == ' ' ? p + 2 : line };

	/* A name has no "+". */
	p = memchr(f.name, '+', (size_t)(end - f.name));
	if (!p)
		return f;
	f.name_len = (size_t)(p - f.name);
	p = memchr(p, '[', (size_t)(end - p));
	if (p && memchr(p, ']', (size_t)(end - p))) {
		f.module = p + 1;
		/* With CONFIG_STACKTRACE_BUILD_ID a build-id follows the name. */
		f.module_len = strcspn(f.module, " ]");
	}
	return f;
}

static bool same(const char *text, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(text, name, len) == 0;
}

static bool is_in(const struct frame *f, const struct livepatch *patch, const char *object)
{
	if (!f->module)
		return strcmp(object, "vmlinux") == 0;
	return same(f->module, f->module_len, object) ||
	       same(f->module, f->module_len, patch->name);
}

const char *stall_function(const char *stack, const struct livepatch *patch)
{
	while (*stack) {
		size_t len = strcspn(stack, "\n");
		struct frame f = parse_frame(stack, len);

		for (size_t i = 0; f.name_len && i < patch->n_functions; i++) {
			const struct livepatch_function *want = &patch->functions[i];

			if (same(f.name, f.name_len, want->name) && is_in(&f, patch, want->object))
				return want->name;
		}
		stack += len + (stack[len] == '\n');
	}
	return NULL;
}

static void read_stack(int task, struct stall_task *t)
{
	_cleanup_(closep) int fd = openat(task, "stack", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, t->stack, sizeof(t->stack) - 1);
	char *last;

	t->stack[n > 0 ? n : 0] = '\0';
	/* Whole lines only. */
	last = strrchr(t->stack, '\n');
	if (last)
		*last = '\0';
}

/* One more task that has not switched; while there is room, all about it. */
static int describe(const struct reader *rd, int task, const struct stall_task *who,
		    struct oak_error *err)
{
	char comm[STALL_COMM_MAX];
	struct stall *s = rd->s;
	const char *function;
	struct stall_task *v;

	if (s->n_total++ >= STALL_TASKS_MAX)
		return 0;
	v = reallocarray(s->tasks, s->n + 1, sizeof(*v));
	if (!v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	s->tasks = v;
	v += s->n++;
	*v = *who;
	plain_copy(v->comm, sizeof(v->comm),
		   sysfs_read(task, "comm", comm, sizeof(comm)) < 0 ? "?" : comm);
	read_stack(task, v);
	function = rd->patch ? stall_function(v->stack, rd->patch) : NULL;
	plain_copy(v->function, sizeof(v->function), function);
	return 0;
}

/* Where the process is, counted there. The finder's containers and ours have the same index. */
static int place(const struct reader *rd, pid_t pid, size_t *ret, struct oak_error *err)
{
	int r = container_find(rd->finder, pid, ret, err);
	struct stall *s = rd->s;
	struct stall_container *v;

	if (r < 0 || *ret == CONTAINER_NONE || *ret < s->n_containers)
		return r;
	v = reallocarray(s->containers, *ret + 1, sizeof(*v));
	if (!v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	s->containers = v;
	while (s->n_containers <= *ret)
		v[s->n_containers++] = (struct stall_container){ .blocked = 0 };
	return 0;
}

static bool has_switched(int tasks, const char *tid, const char *switched)
{
	char path[PROCS_NAME_MAX + 16], state[8];

	(void)snprintf(path, sizeof(path), "%s/patch_state", tid);
	return sysfs_read(tasks, path, state, sizeof(state)) < 0 || strcmp(state, "-1") == 0 ||
	       strcmp(state, switched) == 0;
}

static int read_process(const struct reader *rd, const char *name, pid_t pid, struct oak_error *err)
{
	_cleanup_(closedirp) DIR *tasks = NULL;
	struct stall_task who = { .pid = pid, .container = CONTAINER_NONE };
	char path[PROCS_NAME_MAX + 8], tid[PROCS_NAME_MAX];
	bool placed = false;
	int r = 0;

	(void)snprintf(path, sizeof(path), "%s/task", name);
	tasks = procs_open(dirfd(rd->proc), path);
	if (!tasks)
		return 0; /* it has ended */
	while (r == 0 && procs_next(tasks, tid, &who.tid)) {
		_cleanup_(closep) int task = -1;

		if (has_switched(dirfd(tasks), tid, rd->switched))
			continue;
		if (!placed)
			r = place(rd, pid, &who.container, err);
		placed = true;
		if (r == 0 && who.container < rd->s->n_containers)
			rd->s->containers[who.container].blocked++;
		if (r == 0 && rd->s->n < STALL_TASKS_MAX)
			task = openat(dirfd(tasks), tid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (r == 0)
			r = describe(rd, task, &who, err);
	}
	return r;
}

long stall_count(int root, bool to_patched)
{
	_cleanup_(closedirp) DIR *proc = procs_open(root, "proc");
	char path[PROCS_NAME_MAX + 8], name[PROCS_NAME_MAX], tid[PROCS_NAME_MAX];
	pid_t pid;
	long n = 0;

	if (!proc)
		return -1;
	while (procs_next(proc, name, &pid)) {
		_cleanup_(closedirp) DIR *tasks = NULL;

		(void)snprintf(path, sizeof(path), "%s/task", name);
		tasks = procs_open(dirfd(proc), path);
		while (tasks && procs_next(tasks, tid, &pid))
			n += !has_switched(dirfd(tasks), tid, to_patched ? "1" : "0");
	}
	return n;
}

struct rank {
	size_t index, blocked;
};

static int by_blocked(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->blocked != y->blocked)
		return x->blocked < y->blocked ? 1 : -1;
	return (x->index > y->index) - (x->index < y->index);
}

/* The worst first, those named, and the tasks told their new places. */
static int sort_containers(const struct reader *rd, struct oak_error *err)
{
	_cleanup_(freep) struct stall_container *sorted = NULL;
	_cleanup_(freep) struct rank *ranks = NULL;
	struct stall *s = rd->s;

	if (!s->n_containers)
		return 0;
	ranks = calloc(s->n_containers, sizeof(*ranks));
	sorted = calloc(s->n_containers, sizeof(*sorted));
	if (!ranks || !sorted)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < s->n_containers; i++)
		ranks[i] = (struct rank){ i, s->containers[i].blocked };
	qsort(ranks, s->n_containers, sizeof(ranks[0]), by_blocked);
	for (size_t i = 0; i < s->n; i++)
		if (s->tasks[i].container != CONTAINER_NONE)
			container_name(rd->finder, s->tasks[i].container);
	for (size_t i = 0; i < s->n_containers; i++) {
		if (i < STALL_NAMED_MAX)
			container_name(rd->finder, ranks[i].index);
		sorted[i].c = *container_at(rd->finder, ranks[i].index);
		sorted[i].blocked = ranks[i].blocked;
		s->containers[ranks[i].index].blocked = i; /* from here on: its new place */
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->tasks[i].container != CONTAINER_NONE)
			s->tasks[i].container = s->containers[s->tasks[i].container].blocked;
	free(s->containers);
	s->containers = take_ptr(sorted);
	return 0;
}

int stall_read(int root, bool to_patched, const struct livepatch *patch, struct stall *ret,
	       struct oak_error *err)
{
	_cleanup_(container_finder_closep) struct container_finder *finder = NULL;
	_cleanup_(closedirp) DIR *proc = procs_open(root, "proc");
	_cleanup_(stall_free) struct stall s = { 0 };
	struct reader rd = { proc, to_patched ? "1" : "0", patch, NULL, &s };
	char name[PROCS_NAME_MAX];
	pid_t pid;
	int r;

	if (!proc)
		return oak_fail_errno(err, errno, "/proc");
	r = container_finder_open(root, &finder, err);
	rd.finder = finder;
	while (r == 0 && procs_next(proc, name, &pid))
		r = read_process(&rd, name, pid, err);
	if (r == 0)
		r = sort_containers(&rd, err);
	if (r < 0)
		return r;
	*ret = s;
	s = (struct stall){ 0 };
	return 0;
}

void stall_task_text(const struct stall *s, const struct stall_task *t, char *ret, size_t size)
{
	const struct container *c = stall_container_of(s, t);
	char thread[32] = "", where[CONTAINER_TEXT] = "";

	if (c)
		container_text(c, where, sizeof(where));
	if (t->tid != t->pid)
		(void)snprintf(thread, sizeof(thread), ", thread %d", (int)t->tid);
	(void)snprintf(ret, size, "%s (%d%s)%s%s %s%s", t->comm, (int)t->pid, thread,
		       c ? " in " : "", where,
		       t->function[0] ? "sleeps in patched function " : "has not switched",
		       t->function);
}

/* Text at the end of @ret as far as it fits. */
struct line {
	char *ret;
	size_t size, len;
};

static void line_add(struct line *l, const char *text)
{
	int n = snprintf(l->ret + l->len, l->size - l->len, "%s", text);

	l->len += n > 0 ? (size_t)n : 0;
	if (l->len >= l->size)
		l->len = l->size - 1;
}

static void add_containers(struct line *l, const struct stall *s)
{
	const struct stall_container *c = s->containers;
	char text[CONTAINER_TEXT], more[64];

	container_text(&c->c, text, sizeof(text));
	if (s->n_total > 1) {
		(void)snprintf(more, sizeof(more), "; %zu of them", c->blocked);
		line_add(l, more);
	}
	line_add(l, " in ");
	line_add(l, text);
	if (s->n_containers < 2)
		return;
	(void)snprintf(more, sizeof(more), ", others in %zu more container%s", s->n_containers - 1,
		       s->n_containers > 2 ? "s" : "");
	line_add(l, more);
}

void stall_summary(const struct stall *s, char *ret, size_t size)
{
	size_t shown = s->n < SUMMARY_TASKS_MAX ? s->n : SUMMARY_TASKS_MAX;
	struct line l = { .ret = ret, .size = size };
	char text[STALL_COMM_MAX + 64];

	if (!s->n_total) {
		line_add(&l, "no task is left over: an idle processor has not switched");
		return;
	}
	(void)snprintf(text, sizeof(text), "%zu %s not switched: ", s->n_total,
		       s->n_total == 1 ? "task has" : "tasks have");
	line_add(&l, text);
	for (size_t i = 0; i < shown; i++) {
		(void)snprintf(text, sizeof(text), "%s%s (%d)", i ? ", " : "", s->tasks[i].comm,
			       (int)s->tasks[i].tid);
		line_add(&l, text);
	}
	if (shown < s->n_total)
		line_add(&l, ", ...");
	if (s->n_containers)
		add_containers(&l, s);
}
