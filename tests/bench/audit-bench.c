/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit-bench: how long an audit of a host with many containers takes
 *
 *	audit-bench CONTAINERS
 *		prints the containers and findings, then milliseconds (the median of RUNS) and the peak
 *		memory in KiB
 *
 * The containers are real: PROCESSES processes each, in pid, mount, network and IPC namespaces of
 * their own, in cgroups that are called as docker calls them. The root that is read has the
 * machine's own /proc, /sys and list of packages, and docker's files as long as docker writes them.
 * While the audit runs, the kernel kills it for any fork or exec.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "audit/report.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "host/number.h"
#include "host/self.h"

#define RUNS       7
#define PROCESSES  3
#define ID_MAX     65
#define NAMESPACES (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

struct bench {
	unsigned containers;
	char tree[64];
	char cgroup[128];
	int root;
	pid_t *inits;
	unsigned n_inits;
};

static void id_of(unsigned i, char ret[ID_MAX])
{
	(void)snprintf(ret, ID_MAX, "%064x", 0xa0d10000u + i);
}

static void cgroup_of(const struct bench *b, unsigned i, char *ret, size_t size)
{
	char id[ID_MAX];

	id_of(i, id);
	(void)snprintf(ret, size, "%s/docker/%s", b->cgroup, id);
}

/* Process 1 of a container; never returns. */
static _Noreturn void be_init(const struct bench *b, unsigned i)
{
	char path[256];
	int fd;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	cgroup_of(b, i, path, sizeof(path));
	(void)strncat(path, "/cgroup.procs", sizeof(path) - strlen(path) - 1);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		_exit(1);
	for (unsigned k = 1; k < PROCESSES; k++)
		if (fork() == 0)
			break;
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
		(void)snprintf(b->cgroup, sizeof(b->cgroup), "%s/oakum-audit-%d", bases[i],
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
	char path[256];

	for (unsigned i = 0; i < b->containers; i++) {
		pid_t pid;

		cgroup_of(b, i, path, sizeof(path));
		if (mkdir(path, 0755) < 0)
			return -1;
		pid = (pid_t)syscall(SYS_clone, NAMESPACES | SIGCHLD, 0, 0, 0, 0);
		if (pid == 0)
			be_init(b, i);
		if (pid < 0)
			return -1;
		b->inits[b->n_inits++] = pid;
	}
	(void)usleep(200000); /* until all are where they belong */
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

/* As docker writes them: a configuration of about 4 KiB, settings of about 2. */
static int put_docker(const struct bench *b, struct oak_error *err)
{
	char padding[3500], id[ID_MAX], path[256], text[4500];
	int r = put(b, "etc/docker/daemon.json", "{\"icc\": false}", err);

	memset(padding, 'x', sizeof(padding) - 1);
	padding[sizeof(padding) - 1] = '\0';
	for (unsigned i = 0; r == 0 && i < b->containers; i++) {
		id_of(i, id);
		(void)snprintf(path, sizeof(path), "var/lib/docker/containers/%s/config.v2.json",
			       id);
		(void)snprintf(text, sizeof(text),
			       "{\"Name\": \"/web%u\", \"Path\": \"%s\", \"Config\": {\"Image\": "
			       "\"nginx:1.25\"}, \"NetworkSettings\": {\"Ports\": {\"80/tcp\": "
			       "[{\"HostIp\": \"0.0.0.0\", \"HostPort\": \"%u\"}]}}}",
			       i, padding, 8000 + i);
		r = put(b, path, text, err);
		if (r < 0)
			break;
		(void)snprintf(path, sizeof(path), "var/lib/docker/containers/%s/hostconfig.json",
			       id);
		(void)snprintf(text, sizeof(text),
			       "{\"NetworkMode\": \"default\", \"Binds\": [\"%.1900s\"], "
			       "\"RestartPolicy\": {\"Name\": \"always\"}}",
			       padding);
		r = put(b, path, text, err);
	}
	return r;
}

static int put_machine(const struct bench *b, struct oak_error *err)
{
	static const char *const parts[] = { "proc", "sys", "boot", "usr" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char target[16];

		(void)snprintf(target, sizeof(target), "/%s", parts[i]);
		if (symlinkat(target, b->root, parts[i]) < 0)
			return oak_fail_errno(err, errno, "%s", parts[i]);
	}
	return put_docker(b, err);
}

static int forbid(void)
{
	static const int calls[] = { SCMP_SYS(fork),   SCMP_SYS(vfork),  SCMP_SYS(clone),
				     SCMP_SYS(clone3), SCMP_SYS(execve), SCMP_SYS(execveat) };
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int r = ctx ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < sizeof(calls) / sizeof(calls[0]); i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, calls[i], 0);
	if (r == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int drop(void *ctx, const char *text, struct oak_error *err)
{
	size_t *bytes = ctx;

	(void)err;
	*bytes += strlen(text);
	return 0;
}

/* One audit with its score and its document, as "oakum audit --json" does them. */
static int audit_once(int root, size_t *ret_containers, size_t *ret_findings, struct oak_error *err)
{
	const struct audit_options opt = { .now = time(NULL) };
	_cleanup_(audit_clear) struct audit a = { .n = 0 };
	struct score s;
	size_t bytes = 0;
	int r = audit_run(root, &opt, &a, err);

	if (r < 0)
		return r;
	score_of(&a, &s);
	r = report_json(&a, &s, drop, &bytes, err);
	*ret_containers = a.containers;
	*ret_findings = a.n;
	return r;
}

static int measure(const struct bench *b, struct oak_error *err)
{
	size_t containers = 0, findings = 0;
	double ms[RUNS];

	if (forbid() != 0)
		return oak_fail(err, OAK_E_FAILED, "no seccomp filter");
	for (int i = 0; i < RUNS; i++) {
		uint64_t start = clock_now_ns();
		int r = audit_once(b->root, &containers, &findings, err);

		if (r < 0)
			return r;
		ms[i] = clock_seconds_since(start) * 1e3;
	}
	if (containers < b->containers)
		return oak_fail(err, OAK_E_FAILED, "%zu containers were found", containers);
	qsort(ms, RUNS, sizeof(ms[0]), by_value);
	printf("%zu %zu %.0f %lu\n", containers, findings, ms[RUNS / 2], self_peak_kib(b->root));
	return 0;
}

static int run(struct bench *b, struct oak_error *err)
{
	int r;

	if (!mkdtemp(b->tree))
		return oak_fail_errno(err, errno, "%s", b->tree);
	b->root = open(b->tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->root < 0)
		return oak_fail_errno(err, errno, "%s", b->tree);
	if (!make_cgroup(b))
		return oak_fail(err, OAK_E_PERMISSION, "no cgroup can be made: run as root");
	r = put_machine(b, err);
	if (r == 0 && start_containers(b) < 0)
		r = oak_fail_errno(err, errno, "the containers did not start");
	if (r == 0)
		r = measure(b, err);
	stop_containers(b);
	return r;
}

int main(int argc, char **argv)
{
	struct bench b = { .tree = "/tmp/audit-bench.XXXXXX", .root = -1 };
	struct oak_error err = { .code = OAK_OK };
	int r;

	if (argc != 2 || number_parse_u32(argv[1], &b.containers) < 0 || !b.containers) {
		(void)fprintf(stderr, "usage: audit-bench CONTAINERS\n");
		return 2;
	}
	b.inits = calloc(b.containers, sizeof(*b.inits));
	r = b.inits ? run(&b, &err) : -1;
	free(b.inits);
	if (b.root >= 0)
		(void)!tree_remove(AT_FDCWD, b.tree, NULL);
	if (r < 0)
		(void)fprintf(stderr, "audit-bench: %s\n", err.msg);
	return r < 0;
}
