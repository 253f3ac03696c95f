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
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "full-host.h"

#include "audit/report.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "host/number.h"
#include "host/self.h"

#define RUNS       7
#define PROCESSES  3
#define NAMESPACES (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

/* Process 1 of a container. */
static _Noreturn void be_init(const struct full_host *h, _unused_ unsigned i)
{
	for (unsigned k = 1; k < PROCESSES; k++)
		if (fork() == 0)
			break;
	full_host_live(h);
}

/* As docker writes them: a configuration of about 4 KiB, settings of about 2. */
static int put_docker(const struct full_host *h, struct oak_error *err)
{
	char padding[3500], id[FULL_HOST_ID_MAX], path[256], text[4500];
	int r = full_host_put(h, "etc/docker/daemon.json", "{\"icc\": false}", err);

	memset(padding, 'x', sizeof(padding) - 1);
	padding[sizeof(padding) - 1] = '\0';
	for (unsigned i = 0; r == 0 && i < h->containers; i++) {
		full_host_id(i, id);
		(void)snprintf(path, sizeof(path), "var/lib/docker/containers/%s/config.v2.json",
			       id);
		(void)snprintf(text, sizeof(text),
			       "{\"Name\": \"/web%u\", \"Path\": \"%s\", \"Config\": {\"Image\": "
			       "\"nginx:1.25\"}, \"NetworkSettings\": {\"Ports\": {\"80/tcp\": "
			       "[{\"HostIp\": \"0.0.0.0\", \"HostPort\": \"%u\"}]}}}",
			       i, padding, 8000 + i);
		r = full_host_put(h, path, text, err);
		if (r < 0)
			break;
		(void)snprintf(path, sizeof(path), "var/lib/docker/containers/%s/hostconfig.json",
			       id);
		(void)snprintf(text, sizeof(text),
			       "{\"NetworkMode\": \"default\", \"Binds\": [\"%.1900s\"], "
			       "\"RestartPolicy\": {\"Name\": \"always\"}}",
			       padding);
		r = full_host_put(h, path, text, err);
	}
	return r;
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

static int measure(const struct full_host *h, struct oak_error *err)
{
	size_t containers = 0, findings = 0;
	double ms[RUNS];

	if (forbid() != 0)
		return oak_fail(err, OAK_E_FAILED, "no seccomp filter");
	for (int i = 0; i < RUNS; i++) {
		uint64_t start = clock_now_ns();
		int r = audit_once(h->root, &containers, &findings, err);

		if (r < 0)
			return r;
		ms[i] = clock_seconds_since(start) * 1e3;
	}
	if (containers < h->containers)
		return oak_fail(err, OAK_E_FAILED, "%zu containers were found", containers);
	printf("%zu %zu %.0f %lu\n", containers, findings, median(ms, RUNS), self_peak_kib(h->root));
	return 0;
}

int main(int argc, char **argv)
{
	static const char *const links[] = { "proc", "sys", "boot", "usr", NULL };
	struct full_host h = {
		.name = "audit-bench",
		.namespaces = NAMESPACES,
		.processes = PROCESSES,
		.links = links,
		.be_init = be_init,
	};
	struct oak_error err = { .code = OAK_OK };
	int r;

	if (argc != 2 || number_parse_u32(argv[1], &h.containers) < 0 || !h.containers) {
		(void)fprintf(stderr, "usage: audit-bench CONTAINERS\n");
		return 2;
	}
	r = full_host_open(&h, &err);
	if (r == 0)
		r = put_docker(&h, &err);
	if (r == 0)
		r = full_host_start(&h, h.containers, &err);
	if (r == 0)
		r = measure(&h, &err);
	full_host_close(&h);
	if (r < 0)
		(void)fprintf(stderr, "audit-bench: %s\n", err.msg);
	return r < 0;
}
