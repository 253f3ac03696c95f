/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check-daemon: section 2 of the Docker Benchmark: what docker's daemon was told. */
#include <string.h>

#include "audit/audit.h"
#include "audit/engine.h"
#include "audit/tables.h"

#define JSON "in /etc/docker/daemon.json: "

/* A switch that should be on, or off. */
struct want_switch {
	enum docker_option option;
	bool on;
	enum audit_verdict otherwise;
};

static void check_switch(struct audit *a, const struct audit_check *c)
{
	const struct want_switch *want = c->arg;
	struct docker_value v;

	if (engine_no_docker(a, c))
		return;
	(void)engine_docker_find(a, c,
				 docker_is_on(&a->ctx.docker, want->option, &v) == want->on
					 ? AUDIT_PASS
					 : want->otherwise,
				 want->option, &v);
}

/* An option that should not be given, but for some values. */
struct want_absent {
	enum docker_option option;
	const char *const *allowed; /* ends with NULL; or NULL */
	enum audit_verdict otherwise;
};

static bool is_allowed(const struct want_absent *want, const char *value)
{
	for (size_t i = 0; want->allowed && want->allowed[i]; i++)
		if (strncmp(value, want->allowed[i], strlen(want->allowed[i])) == 0)
			return true;
	return false;
}

static void check_absent(struct audit *a, const struct audit_check *c)
{
	const struct want_absent *want = c->arg;
	const struct docker *d = &a->ctx.docker;
	struct docker_value v;
	struct finding *f;

	if (engine_no_docker(a, c))
		return;
	f = audit_find(a, c, ENGINE_DOCKER, AUDIT_PASS);
	for (size_t i = 0; docker_get(d, want->option, i, &v); i++) {
		audit_sawf(a, f, v.file, "%s=%s%s", docker_option_name(want->option), v.value,
			   v.is_default ? " (default)" : "");
		if (f && !is_allowed(want, v.value))
			f->verdict = want->otherwise;
	}
	if (f && !f->n_seen)
		audit_sawf(a, f, d->argv ? d->argv_path : d->settings_path, "no %s",
			   docker_option_name(want->option));
}

static void check_present(struct audit *a, const struct audit_check *c)
{
	const struct want_absent *want = c->arg;
	const struct docker *d = &a->ctx.docker;
	struct docker_value v;
	struct finding *f;

	if (engine_no_docker(a, c))
		return;
	if (docker_get(d, want->option, 0, &v) && v.value[0]) {
		(void)engine_docker_find(a, c, AUDIT_PASS, want->option, &v);
		return;
	}
	f = audit_find(a, c, ENGINE_DOCKER, want->otherwise);
	audit_sawf(a, f, d->argv ? d->argv_path : d->settings_path, "no %s",
		   docker_option_name(want->option));
}

static void check_nonroot(struct audit *a, const struct audit_check *c)
{
	const struct docker *d = &a->ctx.docker;
	const struct program_found *p = programs_running(&a->ctx.programs, "dockerd");
	struct finding *f;

	if (engine_no_docker(a, c))
		return;
	if (!p) {
		audit_saw(a, audit_find(a, c, ENGINE_DOCKER, AUDIT_INAPPLICABLE), "/proc",
			  "dockerd does not run");
		return;
	}
	f = audit_find(a, c, ENGINE_DOCKER, d->rootless ? AUDIT_PASS : AUDIT_INFO);
	audit_sawf(a, f, d->argv_path, "process %d runs as user %u", p->pid, p->euid);
}

static bool is_level(const char *value)
{
	return strcmp(value, "info") == 0;
}

static void check_log_level(struct audit *a, const struct audit_check *c)
{
	struct docker_value v;

	if (engine_no_docker(a, c))
		return;
	(void)docker_get(&a->ctx.docker, DOCKER_LOG_LEVEL, 0, &v);
	(void)engine_docker_find(a, c, is_level(v.value) ? AUDIT_PASS : AUDIT_WARN,
				 DOCKER_LOG_LEVEL, &v);
}

/* On the network without TLS that asks for a certificate: whoever reaches it is root. */
static void check_tls(struct audit *a, const struct audit_check *c)
{
	const struct docker *d = &a->ctx.docker;
	struct docker_value v, tls;
	bool tcp = false, verified;
	struct finding *f;

	if (engine_no_docker(a, c))
		return;
	verified = docker_is_on(d, DOCKER_TLS_VERIFY, &tls);
	f = audit_find(a, c, ENGINE_DOCKER, AUDIT_PASS);
	for (size_t i = 0; docker_get(d, DOCKER_HOST, i, &v); i++) {
		/* "0.0.0.0:2375" and ":2375" are TCP too. */
		bool on_network = strncmp(v.value, "unix://", 7) != 0 &&
				  strncmp(v.value, "fd://", 5) != 0 && v.value[0] != '/' &&
				  strncmp(v.value, "npipe://", 8) != 0;

		tcp = tcp || on_network;
		audit_sawf(a, f, v.file, "host=%s", v.value);
	}
	if (!tcp)
		return;
	audit_sawf(a, f, tls.file, "tlsverify=%s", tls.value);
	if (f && !verified)
		f->verdict = AUDIT_FAIL;
}

/*
 * Containers' logs leave the host, or at least the container's folder, as the benchmark asks:
 * "none" and "local" do neither.
 */
static void check_log_driver(struct audit *a, const struct audit_check *c)
{
	static const char *const stays[] = { "json-file", "local", "none" };
	struct docker_value v;
	bool bad = false;

	if (engine_no_docker(a, c))
		return;
	(void)docker_get(&a->ctx.docker, DOCKER_LOG_DRIVER, 0, &v);
	for (size_t i = 0; i < sizeof(stays) / sizeof(stays[0]); i++)
		bad = bad || strcmp(v.value, stays[i]) == 0;
	(void)engine_docker_find(a, c, bad ? AUDIT_WARN : AUDIT_PASS, DOCKER_LOG_DRIVER, &v);
}

static void check_seccomp(struct audit *a, const struct audit_check *c)
{
	struct docker_value v;
	enum audit_verdict verdict =
		AUDIT_INFO; /* a profile of one's own: nobody can say how good */

	if (engine_no_docker(a, c))
		return;
	(void)docker_get(&a->ctx.docker, DOCKER_SECCOMP_PROFILE, 0, &v);
	if (strcmp(v.value, "unconfined") == 0)
		verdict = AUDIT_FAIL;
	else if (strcmp(v.value, "builtin") == 0 || strcmp(v.value, "default") == 0 || !v.value[0])
		verdict = AUDIT_PASS;
	(void)engine_docker_find(a, c, verdict, DOCKER_SECCOMP_PROFILE, &v);
}

static void check_basesize(struct audit *a, const struct audit_check *c)
{
	const struct docker *d = &a->ctx.docker;
	struct docker_value v;
	struct finding *f;

	if (engine_no_docker(a, c))
		return;
	f = audit_find(a, c, ENGINE_DOCKER, AUDIT_PASS);
	for (size_t i = 0; docker_get(d, DOCKER_STORAGE_OPT, i, &v); i++) {
		audit_sawf(a, f, v.file, "storage-opt=%s", v.value);
		if (f && strncmp(v.value, "dm.basesize", 11) == 0)
			f->verdict = AUDIT_WARN;
	}
	if (f && !f->n_seen)
		audit_saw(a, f, d->settings_path, "no storage-opts");
}

/* Live restore cannot be had in swarm mode. */
static void check_live_restore(struct audit *a, const struct audit_check *c)
{
	struct docker_value v;
	bool on;

	if (engine_no_docker(a, c))
		return;
	on = docker_is_on(&a->ctx.docker, DOCKER_LIVE_RESTORE, &v);
	if (!on && a->ctx.swarm) {
		audit_saw(a, audit_find(a, c, ENGINE_DOCKER, AUDIT_INAPPLICABLE),
			  a->ctx.docker.data_root, "a node of a swarm: live restore is not for it");
		return;
	}
	(void)engine_docker_find(a, c, on ? AUDIT_PASS : AUDIT_WARN, DOCKER_LIVE_RESTORE, &v);
}

#define SWITCH(o, want, bad)                                    \
	.run = check_switch, .arg = &(const struct want_switch) \
	{                                                       \
		.option = (o), .on = (want), .otherwise = (bad) \
	}
#define ABSENT(o, list, bad)                                         \
	.run = check_absent, .arg = &(const struct want_absent)      \
	{                                                            \
		.option = (o), .allowed = (list), .otherwise = (bad) \
	}
#define PRESENT(o, bad)                                          \
	.run = check_present, .arg = &(const struct want_absent) \
	{                                                        \
		.option = (o), .otherwise = (bad)                \
	}

/* A registry of this very host; names that only begin so are others'. */
static const char *const local_registries[] = { "localhost:", "127.0.0.0/8", "127.0.0.1:",
						"::1/128",    "[::1]:",      NULL };
static const char *const drivers[] = { "overlay2", "fuse-overlayfs", "btrfs",  "zfs", "overlayfs",
				       "vfs",      "native",         "stargz", NULL };

static const struct audit_check rows[] = {
	{ .id = "2.1",
	  .title = "docker's daemon does not run as root",
	  .why = "who takes over a rootless daemon is a user, not root of the host",
	  .fix = "rootless mode, where its limits allow it",
	  .severity = AUDIT_MEDIUM,
	  .run = check_nonroot },
	{ .id = "2.2",
	  .title = "containers of the default bridge do not reach each other",
	  .why = "one container that was taken over attacks its neighbours",
	  .fix = JSON "\"icc\": false, or networks of one's own for what belongs together",
	  .severity = AUDIT_MEDIUM,
	  SWITCH(DOCKER_ICC, false, AUDIT_WARN) },
	{ .id = "2.3",
	  .title = "the log level is info",
	  .why = "debug writes secrets, less than info hides what happened",
	  .fix = JSON "\"log-level\": \"info\"",
	  .severity = AUDIT_LOW,
	  .run = check_log_level },
	{ .id = "2.4",
	  .title = "docker keeps the firewall",
	  .why = "without it ports are open that nobody published, and networks are not apart",
	  .fix = JSON "leave \"iptables\" out, or true",
	  .severity = AUDIT_MEDIUM,
	  SWITCH(DOCKER_IPTABLES, true, AUDIT_FAIL) },
	{ .id = "2.5",
	  .title = "registries are asked over TLS that is verified",
	  .why = "whoever sits between replaces the image",
	  .fix = JSON "no \"insecure-registries\"; put the registry's CA into /etc/docker/certs.d",
	  .severity = AUDIT_HIGH,
	  ABSENT(DOCKER_INSECURE_REGISTRY, local_registries, AUDIT_FAIL) },
	{ .id = "2.6",
	  .title = "the storage driver is maintained",
	  .why = "aufs and devicemapper have left the kernel or docker, with their flaws",
	  .fix = JSON "\"storage-driver\": \"overlay2\"",
	  .severity = AUDIT_MEDIUM,
	  ABSENT(DOCKER_STORAGE_DRIVER, drivers, AUDIT_FAIL) },
	{ .id = "2.7",
	  .title = "docker on the network asks for a certificate",
	  .why = "the API is root of this host, for whoever reaches the port",
	  .fix = "no TCP address, or \"tlsverify\": true with tlscacert, tlscert and tlskey; "
		 "ssh:// needs neither",
	  .severity = AUDIT_CRITICAL,
	  .run = check_tls },
	{ .id = "2.8",
	  .title = "limits of processes have a default",
	  .why = "a container opens files and forks until the host has none left",
	  .fix = JSON "\"default-ulimits\": {\"nofile\": {\"Soft\": 1024, \"Hard\": 65536}}",
	  .severity = AUDIT_LOW,
	  PRESENT(DOCKER_ULIMIT, AUDIT_INFO) },
	{ .id = "2.9",
	  .title = "root of a container is not root of the host",
	  .why = "what gets out of a container's mounts has the rights of an unknown user",
	  .fix = JSON "\"userns-remap\": \"default\"",
	  .severity = AUDIT_MEDIUM,
	  PRESENT(DOCKER_USERNS_REMAP, AUDIT_WARN) },
	{ .id = "2.10",
	  .title = "containers are in docker's own control group",
	  .why = "a group of one's own has limits of its own, or none",
	  .fix = JSON "no \"cgroup-parent\", unless its limits were looked at",
	  .severity = AUDIT_LOW,
	  ABSENT(DOCKER_CGROUP_PARENT, NULL, AUDIT_WARN) },
	{ .id = "2.11",
	  .title = "the size of containers' disks is as it comes",
	  .why = "a base size that grew lets one container fill the disk",
	  .fix = "no storage option dm.basesize",
	  .severity = AUDIT_LOW,
	  .run = check_basesize },
	{ .id = "2.12",
	  .title = "requests to docker are authorised one by one",
	  .why = "without a plugin everyone who may use docker may do everything with it",
	  .fix = JSON "\"authorization-plugins\": [...], where several people share the daemon",
	  .severity = AUDIT_LOW,
	  PRESENT(DOCKER_AUTHORIZATION, AUDIT_WARN) },
	{ .id = "2.13",
	  .title = "logs of containers leave the host",
	  .why = "what is kept beside the container is lost, or changed, with it",
	  .fix = JSON "\"log-driver\": \"journald\", \"syslog\" or the collector's",
	  .severity = AUDIT_LOW,
	  .run = check_log_driver },
	{ .id = "2.14",
	  .title = "containers gain no privilege by default",
	  .why = "a setuid program in the image makes root of any user",
	  .fix = JSON "\"no-new-privileges\": true",
	  .severity = AUDIT_MEDIUM,
	  SWITCH(DOCKER_NO_NEW_PRIVILEGES, true, AUDIT_WARN) },
	{ .id = "2.15",
	  .title = "containers outlive the daemon",
	  .why = "else updating docker, which closes holes, means stopping everything",
	  .fix = JSON "\"live-restore\": true",
	  .severity = AUDIT_LOW,
	  .run = check_live_restore },
	{ .id = "2.16",
	  .title = "ports are published by the kernel alone",
	  .why = "a proxy process for each port is more that can be attacked",
	  .fix = JSON "\"userland-proxy\": false, where the kernel does hairpin NAT",
	  .severity = AUDIT_LOW,
	  SWITCH(DOCKER_USERLAND_PROXY, false, AUDIT_WARN) },
	{ .id = "2.17",
	  .title = "the default seccomp profile is in force",
	  .why = "it closes what most escapes need",
	  .fix = JSON "no \"seccomp-profile\", or one that forbids more",
	  .severity = AUDIT_HIGH,
	  .run = check_seccomp },
	{ .id = "2.18",
	  .title = "experimental features are off",
	  .why = "they are not meant for production",
	  .fix = JSON "no \"experimental\"",
	  .severity = AUDIT_LOW,
	  SWITCH(DOCKER_EXPERIMENTAL, false, AUDIT_WARN) },
	{ .id = "C.2",
	  .title = "the registry protocol of version 1 is off",
	  .why = "it has no digests; docker since 17.12 does not know it",
	  .fix = "no \"disable-legacy-registry\": false",
	  .source = "docker-bench-security",
	  .severity = AUDIT_LOW,
	  SWITCH(DOCKER_LEGACY_REGISTRY, true, AUDIT_FAIL) },
};

const struct audit_table audit_daemon = {
	.group = "docker-daemon",
	.title = "Docker: the daemon (section 2)",
	.source = AUDIT_BENCHMARK,
	AUDIT_ROWS(rows),
};
