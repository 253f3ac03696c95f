/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * containers-bench: how long the list of containers takes on a host that is full
 *
 *	containers-bench OAKUM CONTAINERS
 *		prints how many were listed; milliseconds of the survey of all, by the clock and of
 *		the processor, and of half of them, of the processor; the same two and the peak in KiB of
 *		"OAKUM containers". Times are the median of RUNS.
 *
 * The containers are real sleepers in pid, mount, network, ipc and uts namespaces of their own, in
 * cgroups that are called as docker and podman call them, half of each, with the mounts of this
 * machine and a tmpfs on /tmp. The root that is read has the machine's own /proc, and beside it the
 * files of the engines, which nobody's daemon sees.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "full-host.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "host/number.h"
#include "host/security/survey.h"

#define RUNS       7
#define NAMESPACES (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

/* Process 1 of a container, which is all of it. */
static void be_init(const struct full_host *h, _unused_ unsigned i)
{
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0)
		full_host_live(h);
}

/* What docker and podman keep. */
static int put_evidence(const struct full_host *h, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf podman = { 0 };
	char id[FULL_HOST_ID_MAX], path[256], text[256];
	int r = 0;

	for (unsigned i = 0; r >= 0 && i < h->containers; i++) {
		full_host_id(i, id);
		if (!full_host_is_docker(h, i)) {
			r = buf_printf(&podman, "%s{\"id\":\"%s\",\"names\":[\"pod%u\"]}",
				       podman.len ? "," : "[", id, i);
			continue;
		}
		(void)snprintf(path, sizeof(path), "var/lib/docker/containers/%s/config.v2.json",
			       id);
		(void)snprintf(text, sizeof(text),
			       "{\"Name\": \"/web%u\", \"Config\": {\"Image\": \"nginx:1.25\"}}",
			       i);
		r = full_host_put(h, path, text, err);
	}
	if (r < 0 || buf_add_str(&podman, "]") < 0)
		return -1;
	return full_host_put(h, "var/lib/containers/storage/overlay-containers/containers.json",
			     buf_str(&podman), err);
}

struct figures {
	size_t listed;
	double ms, cpu_ms; /* a busy machine moves the first */
	long peak_kib;
};

static double cpu_ms(const struct rusage *use)
{
	return (double)(use->ru_utime.tv_sec + use->ru_stime.tv_sec) * 1e3 +
	       (double)(use->ru_utime.tv_usec + use->ru_stime.tv_usec) / 1e3;
}

static int survey(const struct full_host *h, struct figures *ret, struct oak_error *err)
{
	_cleanup_(survey_free) struct survey s = { 0 };
	struct rusage before, after;
	int r;

	(void)getrusage(RUSAGE_SELF, &before);
	r = survey_read(h->root, &s, err);
	(void)getrusage(RUSAGE_SELF, &after);
	ret->cpu_ms = cpu_ms(&after) - cpu_ms(&before);
	ret->listed = s.n;
	for (size_t i = 0; r == 0 && i < s.n; i++)
		if (!s.v[i].is_read || (s.v[i].c.engine[0] != 'u' && !s.v[i].c.name[0]))
			r = oak_fail(err, OAK_E_FAILED, "container %s was not read", s.v[i].c.id);
	return r;
}

static int program(const struct full_host *h, struct figures *ret, struct oak_error *err)
{
	const char *oakum = h->what;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), status = -1;
	struct rusage use = { .ru_maxrss = 0 };
	pid_t pid = fork();

	if (pid == 0) {
		(void)dup2(null, STDOUT_FILENO);
		(void)execl(oakum, "oakum", "containers", "--root", h->tree, NULL);
		_exit(127);
	}
	(void)close(null);
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid || status != 0)
		return oak_fail(err, OAK_E_FAILED, "%s containers ended with %d", oakum, status);
	ret->peak_kib = use.ru_maxrss;
	ret->cpu_ms = cpu_ms(&use);
	return 0;
}

static int measure(const struct full_host *h,
		   int (*what)(const struct full_host *h, struct figures *ret,
			       struct oak_error *err),
		   struct figures *ret, struct oak_error *err)
{
	double ms[RUNS], cpu[RUNS];

	for (int i = 0; i < RUNS; i++) {
		uint64_t start = clock_now_ns();
		int r = what(h, ret, err);

		if (r < 0)
			return r;
		ms[i] = clock_seconds_since(start) * 1e3;
		cpu[i] = ret->cpu_ms;
	}
	ret->ms = median(ms, RUNS);
	ret->cpu_ms = median(cpu, RUNS);
	return 0;
}

static int measure_all(struct full_host *h, struct oak_error *err)
{
	struct figures half = { 0 }, all = { 0 }, oakum = { 0 };
	int r = full_host_start(h, h->containers / 2, err);

	if (r == 0)
		r = measure(h, survey, &half, err);
	if (r == 0)
		r = full_host_start(h, h->containers, err);
	if (r == 0)
		r = measure(h, survey, &all, err);
	if (r == 0)
		r = measure(h, program, &oakum, err);
	if (r == 0 && all.listed < h->containers)
		r = oak_fail(err, OAK_E_FAILED, "%zu containers were found", all.listed);
	if (r == 0)
		printf("%zu %.0f %.0f %.0f %.0f %.0f %ld\n", all.listed, all.ms, all.cpu_ms,
		       half.cpu_ms, oakum.ms, oakum.cpu_ms, oakum.peak_kib);
	return r;
}

int main(int argc, char **argv)
{
	static const char *const links[] = { "proc", "sys", NULL };
	struct full_host h = {
		.name = "containers-bench",
		.with_podman = true,
		.namespaces = NAMESPACES,
		.processes = 1,
		.links = links,
		.be_init = be_init,
	};
	struct oak_error err = { .msg = "out of memory" };
	int r;

	if (argc != 3 || number_parse_u32(argv[2], &h.containers) < 0 || h.containers < 2) {
		(void)fprintf(stderr, "usage: containers-bench OAKUM CONTAINERS\n");
		return 2;
	}
	h.what = argv[1];
	r = full_host_open(&h, &err);
	if (r == 0)
		r = put_evidence(&h, &err);
	if (r == 0)
		r = measure_all(&h, &err);
	full_host_close(&h);
	if (r < 0)
		(void)fprintf(stderr, "containers-bench: %s\n", err.msg);
	return r < 0;
}
