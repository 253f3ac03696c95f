/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check-files: section 3 of the Docker Benchmark: who owns the files of engines, and who may read
 * and write them. Modes are sets of bits: 0602 is not "less than" 0644.
 */
#include <errno.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/engine.h"
#include "audit/inside.h"
#include "audit/tables.h"
#include "audit/targets.h"

static void judge_mode(struct audit *a, struct finding *f, const char *path, const struct stat *st,
		       unsigned most)
{
	audit_sawf(a, f, path, "mode %04o, at most %04o", (unsigned)st->st_mode & 07777u, most);
	if (f && (st->st_mode & 0777u & ~most))
		f->verdict = f->check->otherwise;
}

static void judge_owner(struct audit *a, struct finding *f, const char *path, const struct stat *st,
			const struct file_check *want)
{
	audit_sawf(a, f, path, "owner %u:%u", st->st_uid, st->st_gid);
	if (f && !file_check_owner_is_fine(&a->ctx, want, st))
		f->verdict = f->check->otherwise;
}

struct look {
	struct audit *a;
	struct finding *f;
	const struct file_check *want;
};

/* Adds what the file is to the finding. */
static bool look_at(void *ctx, const char *path)
{
	const struct look *l = ctx;
	struct finding *f = l->f;
	struct stat st;
	int r = inside_stat(l->a->ctx.root, path, &st);

	if (r == -ENOENT || r == -ENOTDIR)
		return false;
	if (r < 0) {
		audit_saw(l->a, f, path, strerror(-r));
		if (f && f->verdict != f->check->otherwise)
			f->verdict = AUDIT_UNKNOWN;
	} else if (l->want->mode) {
		judge_mode(l->a, f, path, &st, l->want->mode);
	} else {
		judge_owner(l->a, f, path, &st, l->want);
	}
	return true;
}

static void check_file(struct audit *a, const struct audit_check *c)
{
	const struct file_check *want = c->arg;
	struct look l = { .a = a, .want = want };
	char path[TARGET_PATH_MAX];

	if (!want->whatever_engine && engine_no_docker(a, c))
		return;
	l.f = audit_find(a, c, want->whatever_engine ? "host" : ENGINE_DOCKER, AUDIT_PASS);
	if (targets_each(&a->ctx, want, look_at, &l, path))
		return;
	audit_saw(a, l.f, path, "not here");
	if (l.f)
		l.f->verdict = AUDIT_INAPPLICABLE;
}

const struct file_check *file_check_of(const struct audit_check *c)
{
	return c->run == check_file ? c->arg : NULL;
}

#define FILE_ROW(...)                                                                \
	.severity = AUDIT_HIGH, .run = check_file, .arg = &(const struct file_check) \
	{                                                                            \
		__VA_ARGS__                                                          \
	}
#define PATH(p)   .kind = TARGET_PATH, .path = (p)
#define UNIT(u)   .kind = TARGET_UNIT, .path = (u)
#define OPTION(o) .kind = TARGET_OPTION, .option = (o)

#define WHY_UNIT   "who writes it runs any command as root"
#define WHY_CERT   "who writes it decides whom docker trusts"
#define WHY_KEY    "who reads it is the daemon, for every client"
#define WHY_SOCKET "who may write to the socket is root of the host"
#define WHY_CONFIG "who writes it decides how containers are confined"

#define OWNER(what)   "the owner of " what " is root"
#define MODE(what, m) what " has mode " m " or less"

static const struct audit_check rows[] = {
	{ .id = "3.1",
	  .title = OWNER("docker.service"),
	  .why = WHY_UNIT,
	  .fix = "chown root:root",
	  FILE_ROW(UNIT("docker.service")) },
	{ .id = "3.2",
	  .title = MODE("docker.service", "0644"),
	  .why = WHY_UNIT,
	  .fix = "chmod 0644",
	  FILE_ROW(UNIT("docker.service"), .mode = 0644) },
	{ .id = "3.3",
	  .title = OWNER("docker.socket, the unit,"),
	  .why = WHY_UNIT,
	  .fix = "chown root:root",
	  FILE_ROW(UNIT("docker.socket")) },
	{ .id = "3.4",
	  .title = MODE("docker.socket, the unit,", "0644"),
	  .why = WHY_UNIT,
	  .fix = "chmod 0644",
	  FILE_ROW(UNIT("docker.socket"), .mode = 0644) },
	{ .id = "3.5",
	  .title = OWNER("/etc/docker"),
	  .why = WHY_CONFIG,
	  .fix = "chown root:root /etc/docker",
	  FILE_ROW(PATH("/etc/docker")) },
	{ .id = "3.6",
	  .title = MODE("/etc/docker", "0755"),
	  .why = WHY_CONFIG,
	  .fix = "chmod 0755 /etc/docker",
	  FILE_ROW(PATH("/etc/docker"), .mode = 0755) },
	{ .id = "3.7",
	  .title = OWNER("registries' certificates"),
	  .why = WHY_CERT,
	  .fix = "chown root:root",
	  FILE_ROW(.kind = TARGET_CERTS) },
	{ .id = "3.8",
	  .title = MODE("registries' certificates", "0444"),
	  .why = WHY_CERT,
	  .fix = "chmod 0444",
	  FILE_ROW(.kind = TARGET_CERTS, .mode = 0444) },
	{ .id = "3.9",
	  .title = OWNER("the CA certificate"),
	  .why = WHY_CERT,
	  .fix = "chown root:root",
	  FILE_ROW(OPTION(DOCKER_TLS_CA)) },
	{ .id = "3.10",
	  .title = MODE("the CA certificate", "0444"),
	  .why = WHY_CERT,
	  .fix = "chmod 0444",
	  FILE_ROW(OPTION(DOCKER_TLS_CA), .mode = 0444) },
	{ .id = "3.11",
	  .title = OWNER("the server's certificate"),
	  .why = WHY_CERT,
	  .fix = "chown root:root",
	  FILE_ROW(OPTION(DOCKER_TLS_CERT)) },
	{ .id = "3.12",
	  .title = MODE("the server's certificate", "0444"),
	  .why = WHY_CERT,
	  .fix = "chmod 0444",
	  FILE_ROW(OPTION(DOCKER_TLS_CERT), .mode = 0444) },
	{ .id = "3.13",
	  .title = OWNER("the server's key"),
	  .why = WHY_KEY,
	  .fix = "chown root:root",
	  FILE_ROW(OPTION(DOCKER_TLS_KEY)) },
	{ .id = "3.14",
	  .title = MODE("the server's key", "0400"),
	  .why = WHY_KEY,
	  .fix = "chmod 0400",
	  FILE_ROW(OPTION(DOCKER_TLS_KEY), .mode = 0400) },
	{ .id = "3.15",
	  .title = "the owner of docker's socket is root, its group docker's",
	  .why = WHY_SOCKET,
	  .fix = "chown root:docker /run/docker.sock",
	  FILE_ROW(.kind = TARGET_SOCKET, .group_too = true) },
	{ .id = "3.16",
	  .title = MODE("docker's socket", "0660"),
	  .why = WHY_SOCKET,
	  .fix = "chmod 0660 /run/docker.sock",
	  FILE_ROW(.kind = TARGET_SOCKET, .mode = 0660) },
	{ .id = "3.17",
	  .title = OWNER("daemon.json"),
	  .why = WHY_CONFIG,
	  .fix = "chown root:root",
	  FILE_ROW(OPTION(DOCKER_CONFIG_FILE)) },
	{ .id = "3.18",
	  .title = MODE("daemon.json", "0644"),
	  .why = WHY_CONFIG,
	  .fix = "chmod 0644",
	  FILE_ROW(OPTION(DOCKER_CONFIG_FILE), .mode = 0644) },
	{ .id = "3.19",
	  .title = OWNER("/etc/default/docker"),
	  .why = WHY_CONFIG,
	  .fix = "chown root:root /etc/default/docker",
	  FILE_ROW(PATH("/etc/default/docker")) },
	{ .id = "3.20",
	  .title = MODE("/etc/default/docker", "0644"),
	  .why = WHY_CONFIG,
	  .fix = "chmod 0644 /etc/default/docker",
	  FILE_ROW(PATH("/etc/default/docker"), .mode = 0644) },
	{ .id = "3.21",
	  .title = MODE("/etc/sysconfig/docker", "0644"),
	  .why = WHY_CONFIG,
	  .fix = "chmod 0644 /etc/sysconfig/docker",
	  FILE_ROW(PATH("/etc/sysconfig/docker"), .mode = 0644) },
	{ .id = "3.22",
	  .title = OWNER("/etc/sysconfig/docker"),
	  .why = WHY_CONFIG,
	  .fix = "chown root:root /etc/sysconfig/docker",
	  FILE_ROW(PATH("/etc/sysconfig/docker")) },
	{ .id = "3.23",
	  .title = OWNER("containerd's socket"),
	  .why = WHY_SOCKET,
	  .fix = "chown root:root /run/containerd/containerd.sock",
	  FILE_ROW(PATH("/run/containerd/containerd.sock"), .whatever_engine = true) },
	{ .id = "3.24",
	  .title = MODE("containerd's socket", "0660"),
	  .why = WHY_SOCKET,
	  .fix = "chmod 0660 /run/containerd/containerd.sock",
	  FILE_ROW(PATH("/run/containerd/containerd.sock"), .mode = 0660, .whatever_engine = true) },
	/* The same of other engines. */
	{ .id = "containerd.config-owner",
	  .title = OWNER("/etc/containerd/config.toml"),
	  .why = WHY_CONFIG,
	  .fix = "chown root:root /etc/containerd/config.toml",
	  .source = "Oakum",
	  FILE_ROW(PATH("/etc/containerd/config.toml"), .whatever_engine = true) },
	{ .id = "containerd.config-mode",
	  .title = MODE("/etc/containerd/config.toml", "0644"),
	  .why = WHY_CONFIG,
	  .fix = "chmod 0644 /etc/containerd/config.toml",
	  .source = "Oakum",
	  FILE_ROW(PATH("/etc/containerd/config.toml"), .mode = 0644, .whatever_engine = true) },
	{ .id = "containerd.state-mode",
	  .title = MODE("/run/containerd", "0711"),
	  .why = "others list, or reach, containers' files (CVE-2024-25621)",
	  .fix = "chmod 0711 /run/containerd",
	  .source = "Oakum",
	  FILE_ROW(PATH("/run/containerd"), .mode = 0711, .whatever_engine = true) },
	{ .id = "containerd.root-mode",
	  .title = MODE("/var/lib/containerd", "0711"),
	  .why = "users of the host run setuid programs of images (CVE-2024-25621)",
	  .fix = "chmod 0700 /var/lib/containerd",
	  .source = "Oakum",
	  FILE_ROW(PATH("/var/lib/containerd"), .mode = 0711, .whatever_engine = true) },
	{ .id = "docker.root-mode",
	  .title = MODE("docker's data root", "0711"),
	  .why = "users of the host run setuid programs of images (CVE-2021-41091)",
	  .fix = "chmod 0710 /var/lib/docker",
	  .source = "Oakum",
	  FILE_ROW(.kind = TARGET_DATA_ROOT, .mode = 0711) },
	{ .id = "crio.socket-owner",
	  .title = OWNER("CRI-O's socket"),
	  .why = WHY_SOCKET,
	  .fix = "chown root:root /run/crio/crio.sock",
	  .source = "Oakum",
	  FILE_ROW(PATH("/run/crio/crio.sock"), .whatever_engine = true) },
	{ .id = "crio.socket-mode",
	  .title = MODE("CRI-O's socket", "0660"),
	  .why = WHY_SOCKET,
	  .fix = "chmod 0660 /run/crio/crio.sock",
	  .source = "Oakum",
	  FILE_ROW(PATH("/run/crio/crio.sock"), .mode = 0660, .whatever_engine = true) },
	{ .id = "crio.config-mode",
	  .title = MODE("/etc/crio/crio.conf", "0644"),
	  .why = WHY_CONFIG,
	  .fix = "chmod 0644 /etc/crio/crio.conf",
	  .source = "Oakum",
	  FILE_ROW(PATH("/etc/crio/crio.conf"), .mode = 0644, .whatever_engine = true) },
	{ .id = "podman.socket-owner",
	  .title = OWNER("podman's socket"),
	  .why = WHY_SOCKET,
	  .fix = "chown root:root /run/podman/podman.sock",
	  .source = "Oakum",
	  FILE_ROW(PATH("/run/podman/podman.sock"), .whatever_engine = true) },
	{ .id = "podman.socket-mode",
	  .title = MODE("podman's socket", "0660"),
	  .why = WHY_SOCKET,
	  .fix = "chmod 0660 /run/podman/podman.sock",
	  .source = "Oakum",
	  FILE_ROW(PATH("/run/podman/podman.sock"), .mode = 0660, .whatever_engine = true) },
	{ .id = "podman.config-mode",
	  .title = MODE("/etc/containers/containers.conf", "0644"),
	  .why = WHY_CONFIG,
	  .fix = "chmod 0644 /etc/containers/containers.conf",
	  .source = "Oakum",
	  FILE_ROW(PATH("/etc/containers/containers.conf"), .mode = 0644, .whatever_engine = true) },
	{ .id = "podman.policy-mode",
	  .title = MODE("/etc/containers/policy.json", "0644"),
	  .why = "who writes it decides which images are trusted",
	  .fix = "chmod 0644 /etc/containers/policy.json",
	  .source = "Oakum",
	  FILE_ROW(PATH("/etc/containers/policy.json"), .mode = 0644, .whatever_engine = true) },
};

const struct audit_table audit_files = {
	.group = "engine-files",
	.title = "Files of engines (section 3)",
	.source = AUDIT_BENCHMARK,
	AUDIT_ROWS(rows),
};
