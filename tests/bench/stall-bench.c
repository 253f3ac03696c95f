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
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "full-host.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "host/container.h"
#include "host/number.h"
#include "host/stall.h"

#define RUNS       7
#define PROCESSES  4 /* of a container */
#define STACK_SIZE 65536
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

static void *sleep_on(void *arg)
{
	for (;;)
		(void)pause();
	return arg;
}

/* One process with its threads. */
static _Noreturn void be_process(const struct full_host *h)
{
	const unsigned *threads = h->what;
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0 || pthread_attr_setstacksize(&attr, STACK_SIZE) != 0)
		_exit(1);
	for (unsigned i = 1; i < *threads; i++) {
		pthread_t t;

		if (pthread_create(&t, &attr, sleep_on, NULL) != 0)
			_exit(1);
	}
	full_host_live(h);
}

/* Process 1 of a container; the others go with it. */
static _Noreturn void be_init(const struct full_host *h, unsigned i)
{
	/* Threads inherit the name: whether they have switched. */
	(void)prctl(PR_SET_NAME, i == BLOCKED ? "0" : "1");
	for (unsigned k = 1; k < PROCESSES; k++)
		if (fork() == 0)
			be_process(h);
	be_process(h);
}

/* What docker and podman keep, as long as theirs: config.v2.json has about 4 KiB. */
static int put_evidence(const struct full_host *h, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf podman = { 0 };
	char padding[3500], id[FULL_HOST_ID_MAX], path[256], text[4096];
	int r = 0;

	memset(padding, 'x', sizeof(padding) - 1);
	padding[sizeof(padding) - 1] = '\0';
	for (unsigned i = 0; r >= 0 && i < h->containers; i++) {
		full_host_id(i, id);
		if (full_host_is_docker(h, i)) {
			(void)snprintf(path, sizeof(path),
				       "var/lib/docker/containers/%s/config.v2.json", id);
			(void)snprintf(text, sizeof(text),
				       "{\"Name\": \"/web%u\", \"Path\": \"%s\", "
				       "\"Config\": {\"Image\": \"nginx:1.25\"}}",
				       i, padding);
			r = full_host_put(h, path, text, err);
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
	return full_host_put(h, "var/lib/containers/storage/overlay-containers/containers.json",
			     buf_str(&podman), err);
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
	ret->ms = median(ms, RUNS);
	return 0;
}

static int measure_all(const struct full_host *h, unsigned threads, struct oak_error *err)
{
	struct figures most = { 0 }, one = { 0 }, list = { 0 }, count = { 0 };
	size_t of_one = (size_t)PROCESSES * threads;

	if (measure(h->root, most_block, &most, err) < 0 ||
	    measure(h->root, one_blocks, &one, err) < 0 ||
	    measure(h->root, list_all, &list, err) < 0 ||
	    measure(h->root, count_all, &count, err) < 0)
		return -1;
	if (most.tasks < of_one * (h->containers - 1) || most.containers < h->containers - 1 ||
	    one.tasks < of_one || !one.containers || list.n_listed < h->containers)
		return oak_fail(err, OAK_E_FAILED, "%zu tasks in %zu containers were found",
				most.tasks, list.n_listed);
	printf("%zu %zu %.0f %.0f %.0f %.0f\n", most.tasks + of_one, list.n_listed, most.ms, one.ms,
	       list.ms, count.ms);
	return 0;
}

int main(int argc, char **argv)
{
	static const char *const links[] = { "proc", NULL };
	unsigned tasks, threads = 0;
	struct full_host h = {
		.name = "stall-bench",
		.with_podman = true,
		.namespaces = CLONE_NEWPID | CLONE_NEWNS,
		.processes = PROCESSES,
		.links = links,
		.what = &threads,
		.be_init = be_init,
	};
	struct oak_error err = { .code = OAK_OK };
	int r;

	if (argc == 3 && number_parse_u32(argv[1], &h.containers) == 0 &&
	    number_parse_u32(argv[2], &tasks) == 0 && h.containers > BLOCKED)
		threads = tasks / h.containers / PROCESSES;
	if (!threads) {
		(void)fprintf(stderr, "usage: stall-bench CONTAINERS TASKS\n");
		return 2;
	}
	r = full_host_open(&h, &err);
	if (r == 0)
		r = put_evidence(&h, &err);
	if (r == 0)
		r = full_host_start(&h, h.containers, &err);
	if (r == 0)
		r = measure_all(&h, threads, &err);
	full_host_close(&h);
	if (r < 0)
		(void)fprintf(stderr, "stall-bench: %s\n", err.msg);
	return r < 0;
}
