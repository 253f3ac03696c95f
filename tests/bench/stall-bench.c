/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stall-bench: how long the report of a stalled transition takes on a host that is full
 *
 *	stall-bench CONTAINERS TASKS
 *		prints the tasks and containers that were found, then milliseconds: the report where
 *		all tasks block, the report where those of one container do, the list of all
 *		containers, their number. Each is the median of RUNS.
 *
 * The containers are real: processes in pid and mount namespaces of their own, in cgroups of their
 * own that are called as docker and podman call them; half of each. The root that is read has the
 * machine's own /proc, and beside it the files of the engines, which nobody's daemon sees.
 *
 * Only patch_state is not real, on a machine that is in no transition: whoever opens it gets "comm",
 * a file of the same task that the kernel prints in the same way, and the tasks are called "0" and
 * "1". Those of the machine itself count as blocked too. This is done by the linker (--wrap).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "host/container.h"
#include "host/stall.h"

#define RUNS       7
#define PROCESSES  4 /* of a container */
#define STACK_SIZE 65536
#define ID_MAX     65
#define BLOCKED    7u /* the container that blocks where only one does */

int __real_openat64(int dirfd, const char *path, int flags, ...);
int __wrap_openat64(int dirfd, const char *path, int flags, ...);

int __wrap_openat64(int dirfd, const char *path, int flags, ...)
{
	size_t len = strlen(path), end = strlen("patch_state");
	char other[64];
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & O_CREAT) ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (len < end || len >= sizeof(other) || strcmp(path + len - end, "patch_state") != 0)
		return __real_openat64(dirfd, path, flags, mode);
	(void)snprintf(other, sizeof(other), "%.*scomm", (int)(len - end), path);
	return __real_openat64(dirfd, other, flags, mode);
}

struct bench {
	unsigned containers, threads; /* @threads: of a process */
	char tree[64];                /* the root that is read */
	char cgroup[128];             /* of ours, below which the containers' are */
	int root;
	int ready[2]; /* a byte for each process that has all its threads */
	pid_t *inits;
	unsigned n_inits;
};

static bool is_docker(unsigned i)
{
	return i % 2 == 0;
}

static void id_of(unsigned i, char ret[ID_MAX])
{
	(void)snprintf(ret, ID_MAX, "%064x", 0xbe9c0000u + i);
}

static void cgroup_of(const struct bench *b, unsigned i, char *ret, size_t size)
{
	char id[ID_MAX];

	id_of(i, id);
	(void)snprintf(ret, size, "%s/%s%s", b->cgroup, is_docker(i) ? "docker/" : "libpod-", id);
}

static void *sleep_on(void *arg)
{
	for (;;)
		(void)pause();
	return arg;
}

/* One process with its threads; never returns. */
static void be_process(const struct bench *b)
{
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0 || pthread_attr_setstacksize(&attr, STACK_SIZE) != 0)
		_exit(1);
	for (unsigned i = 1; i < b->threads; i++) {
		pthread_t t;

		if (pthread_create(&t, &attr, sleep_on, NULL) != 0)
			_exit(1);
	}
	if (write(b->ready[1], "+", 1) != 1)
		_exit(1);
	(void)sleep_on(NULL);
}

/* Process 1 of a container; the others go with it. */
static void be_init(const struct bench *b, unsigned i)
{
	char path[256];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Threads inherit the name: whether they have switched. */
	(void)prctl(PR_SET_NAME, i == BLOCKED ? "0" : "1");
	cgroup_of(b, i, path, sizeof(path));
	(void)strncat(path, "/cgroup.procs", sizeof(path) - strlen(path) - 1);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "0", 1) != 1)
		_exit(1);
	(void)close(fd);
	for (unsigned k = 1; k < PROCESSES; k++)
		if (fork() == 0)
			be_process(b);
	be_process(b);
}

/* The first hierarchy that we may write to. */
static bool make_cgroup(struct bench *b)
{
	static const char *const bases[] = { "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd",
					     "/sys/fs/cgroup/pids", "/sys/fs/cgroup" };

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		char path[160];

		(void)snprintf(path, sizeof(path), "%s/cgroup.procs", bases[i]);
		(void)snprintf(b->cgroup, sizeof(b->cgroup), "%s/oakum-bench-%d", bases[i],
			       (int)getpid());
		if (access(path, W_OK) < 0 || mkdir(b->cgroup, 0755) < 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/docker", b->cgroup);
		return mkdir(path, 0755) == 0;
	}
	return false;
}

static int start_containers(struct bench *b)
{
	char path[256], byte;

	for (unsigned i = 0; i < b->containers; i++) {
		pid_t pid;

		cgroup_of(b, i, path, sizeof(path));
		if (mkdir(path, 0755) < 0)
			return -1;
		pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
		if (pid == 0)
			be_init(b, i);
		if (pid < 0)
			return -1;
		b->inits[b->n_inits++] = pid;
	}
	(void)close(b->ready[1]);
	b->ready[1] = -1;
	for (unsigned i = 0; i < b->containers * PROCESSES; i++)
		if (read(b->ready[0], &byte, 1) != 1)
			return -1;
	return 0;
}

static void remove_dir(const char *path)
{
	/* The kernel lets go of a cgroup a moment after its last process. */
	for (int i = 0; i < 200 && rmdir(path) < 0 && errno == EBUSY; i++)
		(void)usleep(5000);
}

static void stop_containers(struct bench *b)
{
	char path[256];

	for (unsigned i = 0; i < b->n_inits; i++)
		(void)kill(b->inits[i], SIGKILL);
	for (unsigned i = 0; i < b->n_inits; i++)
		(void)waitpid(b->inits[i], NULL, 0);
	for (unsigned i = 0; i < b->containers; i++) {
		cgroup_of(b, i, path, sizeof(path));
		remove_dir(path);
	}
	(void)snprintf(path, sizeof(path), "%s/docker", b->cgroup);
	remove_dir(path);
	remove_dir(b->cgroup);
}

static int put(const struct bench *b, const char *path, const char *text, struct oak_error *err)
{
	_cleanup_(freep) char *dir = strndup(path, (size_t)(strrchr(path, '/') - path));
	int r = dir ? dir_make(b->root, dir, err) : -1;

	return r < 0 ? r : file_write(b->root, path, text, strlen(text), 0644, err);
}

/* What docker and podman keep, as long as theirs: config.v2.json has about 4 KiB. */
static int put_evidence(const struct bench *b, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf podman = { 0 };
	char padding[3500], id[ID_MAX], path[256], text[4096];
	int r = 0;

	memset(padding, 'x', sizeof(padding) - 1);
	padding[sizeof(padding) - 1] = '\0';
	for (unsigned i = 0; r >= 0 && i < b->containers; i++) {
		id_of(i, id);
		if (is_docker(i)) {
			(void)snprintf(path, sizeof(path),
				       "var/lib/docker/containers/%s/config.v2.json", id);
			(void)snprintf(text, sizeof(text),
				       "{\"Name\": \"/web%u\", \"Path\": \"%s\", "
				       "\"Config\": {\"Image\": \"nginx:1.25\"}}",
				       i, padding);
			r = put(b, path, text, err);
			continue;
		}
		r = buf_printf(
			&podman,
			"%s{\"id\":\"%s\",\"names\":[\"pod%u\"],\"flags\":\"%.600s\","
			"\"metadata\":\"{\\\"image-name\\\":\\\"docker.io/library/redis:7\\\"}\"}",
			podman.len ? "," : "[", id, i, padding);
	}
	if (r < 0 || buf_add_str(&podman, "]") < 0)
		return -1;
	return put(b, "var/lib/containers/storage/overlay-containers/containers.json",
		   buf_str(&podman), err);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct figures {
	size_t tasks, containers, n_listed;
	double ms;
};

static int report(int root, bool to_patched, struct figures *ret, struct oak_error *err)
{
	_cleanup_(stall_free) struct stall s = { 0 };
	int r = stall_read(root, to_patched, NULL, &s, err);

	ret->tasks = s.n_total;
	ret->containers = s.n_containers;
	/* A name for each of those that are named is part of the work. */
	for (size_t i = 0; r == 0 && i < s.n_containers && i < STALL_NAMED_MAX; i++)
		if (!s.containers[i].c.name[0])
			r = oak_fail(err, OAK_E_FAILED, "a container has no name");
	return r;
}

/* All but the blocked container's tasks are called "1": they block on the way back. */
static int most_block(int root, struct figures *ret, struct oak_error *err)
{
	return report(root, false, ret, err);
}

static int one_blocks(int root, struct figures *ret, struct oak_error *err)
{
	return report(root, true, ret, err);
}

static int list_all(int root, struct figures *ret, struct oak_error *err)
{
	_cleanup_(container_list_free) struct container_list l = { 0 };
	int r = container_list_read(root, &l, err);

	ret->n_listed = l.n;
	return r;
}

static int count_all(int root, struct figures *ret, struct oak_error *err)
{
	return container_count(root, &ret->n_listed, err);
}

static int measure(int root, int (*what)(int root, struct figures *ret, struct oak_error *err),
		   struct figures *ret, struct oak_error *err)
{
	double ms[RUNS];

	for (int i = 0; i < RUNS; i++) {
		uint64_t start = clock_now_ns();

		if (what(root, ret, err) < 0)
			return -1;
		ms[i] = clock_seconds_since(start) * 1e3;
	}
	qsort(ms, RUNS, sizeof(ms[0]), by_value);
	ret->ms = ms[RUNS / 2];
	return 0;
}

static int measure_all(const struct bench *b, struct oak_error *err)
{
	struct figures most = { 0 }, one = { 0 }, list = { 0 }, count = { 0 };
	size_t of_one = (size_t)PROCESSES * b->threads;

	if (measure(b->root, most_block, &most, err) < 0 ||
	    measure(b->root, one_blocks, &one, err) < 0 ||
	    measure(b->root, list_all, &list, err) < 0 ||
	    measure(b->root, count_all, &count, err) < 0)
		return -1;
	if (most.tasks < of_one * (b->containers - 1) || most.containers < b->containers - 1 ||
	    one.tasks < of_one || !one.containers || list.n_listed < b->containers)
		return oak_fail(err, OAK_E_FAILED, "%zu tasks in %zu containers were found",
				most.tasks, list.n_listed);
	printf("%zu %zu %.0f %.0f %.0f %.0f\n", most.tasks + of_one, list.n_listed, most.ms, one.ms,
	       list.ms, count.ms);
	return 0;
}

static int run(struct bench *b, struct oak_error *err)
{
	int r;

	if (!mkdtemp(b->tree) || pipe(b->ready) < 0)
		return oak_fail_errno(err, errno, "%s", b->tree);
	b->root = open(b->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->root < 0 || symlinkat("/proc", b->root, "proc") < 0)
		return oak_fail_errno(err, errno, "%s", b->tree);
	if (!make_cgroup(b))
		return oak_fail(err, OAK_E_PERMISSION, "no cgroup can be made: run as root");
	r = put_evidence(b, err);
	if (r == 0 && start_containers(b) < 0)
		r = oak_fail_errno(err, errno, "the containers did not start");
	if (r == 0)
		r = measure_all(b, err);
	stop_containers(b);
	return r;
}

/* Arguments are ours: anything else is 0. */
static unsigned number(const char *text)
{
	unsigned n = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		n = 10 * n + (unsigned)(*text - '0');
	return n;
}

int main(int argc, char **argv)
{
	struct bench b = { .tree = "/tmp/stall-bench.XXXXXX", .root = -1 };
	struct oak_error err = { .code = OAK_OK };
	int r;

	b.containers = argc == 3 ? number(argv[1]) : 0;
	b.threads = b.containers > BLOCKED ? number(argv[2]) / b.containers / PROCESSES : 0;
	if (!b.threads) {
		(void)fprintf(stderr, "usage: stall-bench CONTAINERS TASKS\n");
		return 2;
	}
	b.inits = calloc(b.containers, sizeof(*b.inits));
	r = b.inits ? run(&b, &err) : -1;
	free(b.inits);
	if (b.root >= 0)
		(void)!tree_remove(AT_FDCWD, b.tree, NULL);
	if (r < 0)
		(void)fprintf(stderr, "stall-bench: %s\n", err.msg);
	return r < 0;
}
