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
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "host/number.h"
#include "host/security/survey.h"

#define RUNS   7
#define ID_MAX 65

struct bench {
	const char *oakum;
	unsigned containers;
	char tree[64];    /* the root that is read */
	char cgroup[128]; /* of ours, below which the containers' are */
	int root;
	int ready[2]; /* a byte for each that sleeps */
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

/* Never returns. */
static __attribute__((noreturn)) void be_container(const struct bench *b, unsigned i)
{
	char path[256];
	int fd;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	cgroup_of(b, i, path, sizeof(path));
	(void)strncat(path, "/cgroup.procs", sizeof(path) - strlen(path) - 1);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/tmp", "tmpfs", 0, NULL) < 0 || write(b->ready[1], "+", 1) != 1)
		_exit(1);
	(void)close(fd);
	for (;;)
		(void)pause();
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

static int start_one(struct bench *b, unsigned i)
{
	const unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC |
				    CLONE_NEWUTS | SIGCHLD;
	char path[256], byte;
	pid_t pid;

	cgroup_of(b, i, path, sizeof(path));
	if (mkdir(path, 0755) < 0)
		return -1;
	pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
	if (pid == 0)
		be_container(b, i);
	if (pid < 0)
		return -1;
	b->inits[b->n_inits++] = pid;
	return read(b->ready[0], &byte, 1) == 1 ? 0 : -1;
}

static int start_up_to(struct bench *b, unsigned n, struct oak_error *err)
{
	while (b->n_inits < n)
		if (start_one(b, b->n_inits) < 0)
			return oak_fail_errno(err, errno, "container %u", b->n_inits);
	return 0;
}

static void remove_dir(const char *path)
{
	/* The kernel lets go of a cgroup a moment after its last process. */
	for (int i = 0; i < 200 && rmdir(path) < 0 && errno == EBUSY; i++)
		(void)usleep(5000);
}

static void stop_all(struct bench *b)
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

/* What docker and podman keep. */
static int put_evidence(const struct bench *b, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf podman = { 0 };
	char id[ID_MAX], path[256], text[256];
	int r = 0;

	for (unsigned i = 0; r >= 0 && i < b->containers; i++) {
		id_of(i, id);
		if (!is_docker(i)) {
			r = buf_printf(&podman, "%s{\"id\":\"%s\",\"names\":[\"pod%u\"]}",
				       podman.len ? "," : "[", id, i);
			continue;
		}
		(void)snprintf(path, sizeof(path), "var/lib/docker/containers/%s/config.v2.json",
			       id);
		(void)snprintf(text, sizeof(text),
			       "{\"Name\": \"/web%u\", \"Config\": {\"Image\": \"nginx:1.25\"}}",
			       i);
		r = put(b, path, text, err);
	}
	if (r < 0 || buf_add_str(&podman, "]") < 0)
		return -1;
	return put(b, "var/lib/containers/storage/overlay-containers/containers.json",
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

static int survey(const struct bench *b, struct figures *ret, struct oak_error *err)
{
	_cleanup_(survey_free) struct survey s = { 0 };
	struct rusage before, after;
	int r;

	(void)getrusage(RUSAGE_SELF, &before);
	r = survey_read(b->root, &s, err);
	(void)getrusage(RUSAGE_SELF, &after);
	ret->cpu_ms = cpu_ms(&after) - cpu_ms(&before);
	ret->listed = s.n;
	for (size_t i = 0; r == 0 && i < s.n; i++)
		if (!s.v[i].is_read || (s.v[i].c.engine[0] != 'u' && !s.v[i].c.name[0]))
			r = oak_fail(err, OAK_E_FAILED, "container %s was not read", s.v[i].c.id);
	return r;
}

static int program(const struct bench *b, struct figures *ret, struct oak_error *err)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), status = -1;
	struct rusage use = { .ru_maxrss = 0 };
	pid_t pid = fork();

	if (pid == 0) {
		(void)dup2(null, STDOUT_FILENO);
		(void)execl(b->oakum, "oakum", "containers", "--root", b->tree, NULL);
		_exit(127);
	}
	(void)close(null);
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid || status != 0)
		return oak_fail(err, OAK_E_FAILED, "%s containers ended with %d", b->oakum, status);
	ret->peak_kib = use.ru_maxrss;
	ret->cpu_ms = cpu_ms(&use);
	return 0;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int measure(const struct bench *b,
		   int (*what)(const struct bench *b, struct figures *ret, struct oak_error *err),
		   struct figures *ret, struct oak_error *err)
{
	double ms[RUNS], cpu[RUNS];

	for (int i = 0; i < RUNS; i++) {
		uint64_t start = clock_now_ns();
		int r = what(b, ret, err);

		if (r < 0)
			return r;
		ms[i] = clock_seconds_since(start) * 1e3;
		cpu[i] = ret->cpu_ms;
	}
	qsort(ms, RUNS, sizeof(ms[0]), by_value);
	qsort(cpu, RUNS, sizeof(cpu[0]), by_value);
	ret->ms = ms[RUNS / 2];
	ret->cpu_ms = cpu[RUNS / 2];
	return 0;
}

static int measure_all(struct bench *b, struct oak_error *err)
{
	struct figures half = { 0 }, all = { 0 }, oakum = { 0 };
	int r = start_up_to(b, b->containers / 2, err);

	if (r == 0)
		r = measure(b, survey, &half, err);
	if (r == 0)
		r = start_up_to(b, b->containers, err);
	if (r == 0)
		r = measure(b, survey, &all, err);
	if (r == 0)
		r = measure(b, program, &oakum, err);
	if (r == 0 && all.listed < b->containers)
		r = oak_fail(err, OAK_E_FAILED, "%zu containers were found", all.listed);
	if (r == 0)
		printf("%zu %.0f %.0f %.0f %.0f %.0f %ld\n", all.listed, all.ms, all.cpu_ms,
		       half.cpu_ms, oakum.ms, oakum.cpu_ms, oakum.peak_kib);
	return r;
}

static int run(struct bench *b, struct oak_error *err)
{
	int r;

	if (!mkdtemp(b->tree) || pipe2(b->ready, O_CLOEXEC) < 0)
		return oak_fail_errno(err, errno, "%s", b->tree);
	b->root = open(b->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->root < 0 || symlinkat("/proc", b->root, "proc") < 0 ||
	    symlinkat("/sys", b->root, "sys") < 0)
		return oak_fail_errno(err, errno, "%s", b->tree);
	if (!make_cgroup(b))
		return oak_fail(err, OAK_E_PERMISSION, "no cgroup can be made: run as root");
	r = put_evidence(b, err);
	if (r == 0)
		r = measure_all(b, err);
	stop_all(b);
	return r;
}

int main(int argc, char **argv)
{
	struct bench b = { .tree = "/tmp/containers-bench.XXXXXX", .root = -1 };
	struct oak_error err = { .msg = "out of memory" };
	int r;

	if (argc != 3 || number_parse_u32(argv[2], &b.containers) < 0 || b.containers < 2) {
		(void)fprintf(stderr, "usage: containers-bench OAKUM CONTAINERS\n");
		return 2;
	}
	b.oakum = argv[1];
	b.inits = calloc(b.containers, sizeof(*b.inits));
	r = b.inits ? run(&b, &err) : -1;
	free(b.inits);
	if (b.root >= 0)
		(void)!tree_remove(AT_FDCWD, b.tree, NULL);
	if (r < 0)
		(void)fprintf(stderr, "containers-bench: %s\n", err.msg);
	return r < 0;
}
