/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/stall.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/number.h"
#include "host/sysfs.h"

#define SUMMARY_TASKS_MAX 5

void stall_free(struct stall *s)
{
	free(s->tasks);
	*s = (struct stall){ 0 };
}

static DIR *open_dir(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		(void)close(fd);
	return d;
}

/* The next entry that is a process or thread id. */
static bool next_id(DIR *d, char ret_name[16], pid_t *ret)
{
	struct dirent *e;
	uint32_t id;

	while ((e = readdir(d))) {
		if (number_parse_u32(e->d_name, &id) < 0 || id > INT32_MAX)
			continue;
		(void)snprintf(ret_name, 16, "%u", id);
		*ret = (pid_t)id;
		return true;
	}
	return false;
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

static int describe(struct stall *s, int task, pid_t pid, pid_t tid)
{
	struct stall_task *v;

	if (s->n_total++ >= STALL_TASKS_MAX)
		return 0;
	v = reallocarray(s->tasks, s->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	s->tasks = v;
	v += s->n++;
	*v = (struct stall_task){ .pid = pid, .tid = tid };
	if (sysfs_read(task, "comm", v->comm, sizeof(v->comm)) < 0)
		(void)snprintf(v->comm, sizeof(v->comm), "?");
	/* A process chooses its name; a terminal must not obey it. */
	for (unsigned char *c = (unsigned char *)v->comm; *c; c++)
		if (*c < ' ' || *c >= 0x7f)
			*c = '?';
	read_stack(task, v);
	return 0;
}

static int read_process(int proc, const char *name, pid_t pid, const char *switched, struct stall *s)
{
	char path[32], tid_name[16], state[8];
	_cleanup_(closedirp) DIR *tasks = NULL;
	pid_t tid;

	(void)snprintf(path, sizeof(path), "%s/task", name);
	tasks = open_dir(proc, path);
	if (!tasks)
		return 0; /* it has ended */
	while (next_id(tasks, tid_name, &tid)) {
		_cleanup_(closep) int task =
			openat(dirfd(tasks), tid_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (task < 0 || sysfs_read(task, "patch_state", state, sizeof(state)) < 0)
			continue;
		if (strcmp(state, "-1") == 0 || strcmp(state, switched) == 0)
			continue;
		if (describe(s, task, pid, tid) < 0)
			return -ENOMEM;
	}
	return 0;
}

int stall_read(int root, bool to_patched, struct stall *ret, struct oak_error *err)
{
	_cleanup_(closedirp) DIR *proc = open_dir(root, "proc");
	_cleanup_(stall_free) struct stall s = { 0 };
	char name[16];
	pid_t pid;

	if (!proc)
		return oak_fail_errno(err, errno, "/proc");
	while (next_id(proc, name, &pid))
		if (read_process(dirfd(proc), name, pid, to_patched ? "1" : "0", &s) < 0)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
	*ret = s;
	s = (struct stall){ 0 };
	return 0;
}

void stall_summary(const struct stall *s, char *ret, size_t size)
{
	size_t shown = s->n < SUMMARY_TASKS_MAX ? s->n : SUMMARY_TASKS_MAX;
	int n;

	if (!s->n_total) {
		(void)snprintf(ret, size,
			       "no task is left over: an idle processor has not switched");
		return;
	}
	n = snprintf(ret, size, "%zu %s not switched: ", s->n_total,
		     s->n_total == 1 ? "task has" : "tasks have");
	for (size_t i = 0; i < shown && n > 0 && (size_t)n < size; i++)
		n += snprintf(ret + n, size - (size_t)n, "%s%s (%d)", i ? ", " : "",
			      s->tasks[i].comm, (int)s->tasks[i].tid);
	if (shown < s->n_total && n > 0 && (size_t)n < size)
		(void)snprintf(ret + n, size - (size_t)n, ", ...");
}
