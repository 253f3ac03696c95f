/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check-host: section 1 of the Docker Benchmark: the host of the engine. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit/audit-rules.h"
#include "audit/audit.h"
#include "audit/engine.h"
#include "audit/inside.h"
#include "audit/tables.h"
#include "audit/targets.h"
#include "audit/users.h"
#include "base/cleanup.h"

/* The mount point in a line of mountinfo, its fifth field. */
static bool is_mounted_at(const char *mounts, const char *path)
{
	for (const char *line = mounts; line && *line;
	     line += strcspn(line, "\n"), line += *line == '\n') {
		const char *p = line;
		size_t len;

		for (int i = 0; i < 4; i++) {
			p += strcspn(p, " \n");
			p += *p == ' ';
		}
		len = strcspn(p, " \n");
		if (len == strlen(path) && strncmp(p, path, len) == 0)
			return true;
	}
	return false;
}

static void check_partition(struct audit *a, const struct audit_check *c)
{
	const char *path = a->ctx.docker.data_root;
	struct finding *f;
	bool mounted;

	if (engine_no_docker(a, c))
		return;
	if (!a->ctx.mounts) {
		audit_saw(a, audit_find(a, c, ENGINE_DOCKER, AUDIT_UNKNOWN), "/proc/1/mountinfo",
			  "cannot be read");
		return;
	}
	mounted = is_mounted_at(a->ctx.mounts, path);
	f = audit_find(a, c, ENGINE_DOCKER, mounted ? AUDIT_PASS : AUDIT_WARN);
	audit_sawf(a, f, "/proc/1/mountinfo", "%s is %sa file system of its own", path,
		   mounted ? "" : "not ");
}

/* Members are root of this host: the finding names them, a baseline accepts them. */
static void check_group(struct audit *a, const struct audit_check *c)
{
	_cleanup_(buf_free) struct buf members = { 0 };
	struct docker_value group;
	struct finding *f;
	int r;

	if (engine_no_docker(a, c))
		return;
	(void)docker_get(&a->ctx.docker, DOCKER_GROUP, 0, &group);
	if (!a->ctx.groups) {
		audit_saw(a, audit_find(a, c, ENGINE_DOCKER, AUDIT_UNKNOWN), "/etc/group",
			  "cannot be read");
		return;
	}
	r = users_of_group(a->ctx.groups, a->ctx.passwd, group.value, &members);
	if (r == -ENOMEM)
		a->oom = true;
	f = audit_find(a, c, ENGINE_DOCKER, members.len ? AUDIT_WARN : AUDIT_PASS);
	if (r == -ENOENT)
		audit_sawf(a, f, "/etc/group", "no group %s", group.value);
	else
		audit_sawf(a, f, "/etc/group", "%s: %s", group.value,
			   members.len ? buf_str(&members) : "no members");
}

/* What is to be watched: a path, or a unit of systemd. */
struct watch {
	const char *path;
	bool is_unit;
};

/* A program that is not where the benchmark has it, but elsewhere: Debian's /usr/sbin/runc. */
static void find_program(const struct audit_context *ctx, char *path, size_t size)
{
	const struct programs *p = &ctx->programs;
	const char *name = strrchr(path, '/');
	struct stat st;

	if (!name || inside_stat(ctx->root, path, &st) == 0)
		return;
	for (size_t i = 0; i < p->n; i++) {
		if (strcmp(p->v[i].name, name + 1) == 0) {
			(void)snprintf(path, size, "%s", p->v[i].path);
			return;
		}
	}
}

/* Where it is, or would be; false: it is not here. */
static bool find_watch(const struct audit_context *ctx, const struct watch *want,
		       char path[TARGET_PATH_MAX])
{
	struct stat st;

	(void)snprintf(path, TARGET_PATH_MAX, "%s", want->path);
	find_program(ctx, path, TARGET_PATH_MAX);
	return (!want->is_unit || engine_unit(ctx->root, want->path, path, TARGET_PATH_MAX)) &&
	       inside_stat(ctx->root, path, &st) != -ENOENT;
}

static void check_watch(struct audit *a, const struct audit_check *c)
{
	char path[TARGET_PATH_MAX];
	struct finding *f;
	const char *line;
	size_t len;

	if (!find_watch(&a->ctx, c->arg, path)) {
		audit_saw(a, audit_find(a, c, "host", AUDIT_INAPPLICABLE), path, "not here");
		return;
	}
	if (!a->ctx.audit_rules) {
		f = audit_find(a, c, "host", AUDIT_WARN);
		audit_sawf(a, f, "/etc/audit/audit.rules", "no rules; %s is not watched", path);
		return;
	}
	if (audit_rules_watch(a->ctx.audit_rules, path, &line, &len)) {
		f = audit_find(a, c, "host", AUDIT_PASS);
		audit_sawf(a, f, a->ctx.audit_rules_path, "%.*s", (int)(len < 512 ? len : 512),
			   line);
		return;
	}
	f = audit_find(a, c, "host", AUDIT_WARN);
	audit_sawf(a, f, a->ctx.audit_rules_path, "%s is not watched", path);
	audit_fixf(a, f, "in /etc/audit/rules.d/containers.rules: -w %s -p wa -k containers", path);
}

bool watch_target(const struct audit_context *ctx, const struct audit_check *c,
		  char ret[TARGET_PATH_MAX])
{
	return c->run == check_watch && find_watch(ctx, c->arg, ret);
}

#define WATCH(p, unit)                                                                    \
	.why = "the log of the audit is what tells later who changed, or used, it",       \
	.fix = "a rule in /etc/audit/rules.d", .severity = AUDIT_LOW, .run = check_watch, \
	.arg = &(const struct watch)                                                      \
	{                                                                                 \
		(p), (unit)                                                               \
	}

static const struct audit_check rows[] = {
	{ .id = "1.1.1",
	  .title = "containers have a file system of their own",
	  .why = "one that fills the disk stops the host as well",
	  .fix = "mount a volume at docker's data root",
	  .severity = AUDIT_LOW,
	  .run = check_partition },
	{ .id = "1.1.2",
	  .title = "nobody but the administrators may use docker",
	  .why = "members of docker's group are root of the host, without a password",
	  .fix = "gpasswd -d USER docker; for those who must, rootless mode, or a baseline",
	  .severity = AUDIT_HIGH,
	  .run = check_group },
	{ .id = "1.1.3", .title = "docker's daemon is audited", WATCH("/usr/bin/dockerd", false) },
	{ .id = "1.1.4", .title = "/run/containerd is audited", WATCH("/run/containerd", false) },
	{ .id = "1.1.5", .title = "/var/lib/docker is audited", WATCH("/var/lib/docker", false) },
	{ .id = "1.1.6", .title = "/etc/docker is audited", WATCH("/etc/docker", false) },
	{ .id = "1.1.7", .title = "docker.service is audited", WATCH("docker.service", true) },
	{ .id = "1.1.8",
	  .title = "containerd's socket is audited",
	  WATCH("/run/containerd/containerd.sock", false) },
	{ .id = "1.1.9", .title = "docker.socket is audited", WATCH("docker.socket", true) },
	{ .id = "1.1.10",
	  .title = "/etc/default/docker is audited",
	  WATCH("/etc/default/docker", false) },
	{ .id = "1.1.11",
	  .title = "daemon.json is audited",
	  WATCH("/etc/docker/daemon.json", false) },
	{ .id = "1.1.12",
	  .title = "containerd's settings are audited",
	  WATCH("/etc/containerd/config.toml", false) },
	{ .id = "1.1.13",
	  .title = "/etc/sysconfig/docker is audited",
	  WATCH("/etc/sysconfig/docker", false) },
	{ .id = "1.1.14", .title = "containerd is audited", WATCH("/usr/bin/containerd", false) },
	{ .id = "1.1.15",
	  .title = "containerd-shim is audited",
	  WATCH("/usr/bin/containerd-shim", false) },
	{ .id = "1.1.16",
	  .title = "containerd-shim-runc-v1 is audited",
	  WATCH("/usr/bin/containerd-shim-runc-v1", false) },
	{ .id = "1.1.17",
	  .title = "containerd-shim-runc-v2 is audited",
	  WATCH("/usr/bin/containerd-shim-runc-v2", false) },
	{ .id = "1.1.18", .title = "runc is audited", WATCH("/usr/bin/runc", false) },
	{ .id = "1.2.1",
	  .title = "the host of containers is hardened",
	  .why = "all containers share its kernel",
	  .severity = AUDIT_MEDIUM,
	  .manual = "the groups kernel-config, kernel-sysctl, kernel-cmdline and kernel-state "
		    "answer for the kernel; the rest of a host is for an audit of the "
		    "distribution" },
	{ .id = "1.2.2",
	  .title = "docker is up to date",
	  .why = "old versions have known escapes",
	  .severity = AUDIT_MEDIUM,
	  .manual = "which version is the newest, files of this host do not tell; the group "
		    "platform-cves answers what matters: known escapes that are not fixed" },
};

const struct audit_table audit_host = {
	.group = "host",
	.title = "Host of containers (section 1)",
	.source = AUDIT_BENCHMARK,
	AUDIT_ROWS(rows),
};
