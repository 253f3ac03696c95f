/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check-settings: what section 2 of the Docker Benchmark asks of docker, of containerd, CRI-O and
 * podman: by their settings files, later files over earlier ones, and by their defaults.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/inside.h"
#include "audit/tables.h"
#include "audit/toml.h"
#include "base/cleanup.h"
#include "host/security/caps.h"

#define SETTINGS_MAX (1u << 20)
#define FILES_MAX    32

/* Where an engine has its settings; "DIR/" are all *.conf of the folder, in order. */
struct engine_settings {
	const char *engine;
	const char *program; /* that is here where the engine is; NULL: by its files alone */
	const char *files[6];
};

static const struct engine_settings containerd = { "engine containerd",
						   "containerd",
						   { "/etc/containerd/config.toml" } };
static const struct engine_settings crio = { "engine cri-o",
					     "crio",
					     { "/etc/crio/crio.conf", "/etc/crio/crio.conf.d/" } };
static const struct engine_settings podman = { "engine podman",
					       "podman",
					       { "/usr/share/containers/containers.conf",
						 "/etc/containers/containers.conf",
						 "/etc/containers/containers.conf.d/" } };
static const struct engine_settings registries = { "engine podman",
						   NULL,
						   { "/etc/containers/registries.conf",
						     "/etc/containers/registries.conf.d/" } };

enum bad_when {
	BAD_IS,        /* one of the values */
	BAD_IS_NOT,    /* none of them, also where it is not set */
	BAD_SET,       /* not empty */
	BAD_SEVERAL,   /* a list of more than one */
	BAD_UNLIMITED, /* a number of 0 or less */
	BAD_CAPS,      /* a list of capabilities with a dangerous one */
};

struct setting {
	const struct engine_settings *in;
	const char *section; /* ends so; NULL: any */
	const char *key;
	enum bad_when bad;
	const char *values; /* parted by "," */
};

struct search {
	const struct setting *want;
	bool any_file, found;
	char file[400], value[TOML_TEXT_MAX];
};

static bool is_one_of(const char *value, const char *list)
{
	size_t len = strlen(value);

	for (const char *p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (strcspn(p, ",") == len && strncmp(p, value, len) == 0)
			return true;
	return false;
}

static bool has_dangerous_cap(const char *list)
{
	for (const char *p = list; *p; p += strcspn(p, ","), p += *p == ',') {
		char name[64];
		int number;

		(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(p, ","), p);
		number = cap_number(name);
		if (number >= 0 && caps_dangerous & CAP_BIT(number))
			return true;
	}
	return false;
}

static bool is_bad(const struct setting *want, const char *value, bool found)
{
	switch (want->bad) {
	case BAD_IS_NOT:
		return !is_one_of(value, want->values);
	case BAD_SET:
		return value[0] != '\0';
	case BAD_SEVERAL:
		return strchr(value, ',') != NULL;
	case BAD_UNLIMITED:
		return found && (value[0] == '-' || strcmp(value, "0") == 0);
	case BAD_CAPS:
		return has_dangerous_cap(value);
	case BAD_IS:
	default:
		return found && is_one_of(value, want->values);
	}
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

static void search_file(struct audit *a, const char *path, struct search *s)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct toml_entry e = { .section = "" };
	const char *p;

	if (inside_read(a->ctx.root, path, SETTINGS_MAX, &text) < 0)
		return;
	s->any_file = true;
	p = buf_str(&text);
	while (toml_next(&p, &e)) {
		if (strcmp(e.key, s->want->key) != 0 ||
		    (s->want->section && !ends_with(e.section, s->want->section)))
			continue;
		/* A key that stands in many sections: one that is bad counts. */
		if (s->found && !s->want->section && is_bad(s->want, s->value, true))
			return;
		s->found = true;
		(void)snprintf(s->file, sizeof(s->file), "%s", path);
		memcpy(s->value, e.value, sizeof(s->value));
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void search_folder(struct audit *a, const char *folder, struct search *s)
{
	_cleanup_(closedirp) DIR *d = inside_opendir(a->ctx.root, folder);
	char names[FILES_MAX][128], path[400];
	struct dirent *e;
	size_t n = 0;

	while (d && n < FILES_MAX && (e = readdir(d)))
		if (e->d_name[0] != '.' && ends_with(e->d_name, ".conf") &&
		    strlen(e->d_name) < sizeof(names[0]))
			(void)snprintf(names[n++], sizeof(names[0]), "%s", e->d_name);
	qsort(names, n, sizeof(names[0]), by_name);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%.200s%.127s", folder, names[i]);
		search_file(a, path, s);
	}
}

static bool is_here(const struct audit *a, const struct engine_settings *in)
{
	for (size_t i = 0; in->program && i < a->ctx.programs.n; i++)
		if (strcmp(a->ctx.programs.v[i].name, in->program) == 0)
			return true;
	return false;
}

static void check_setting(struct audit *a, const struct audit_check *c)
{
	struct search s = { .want = c->arg };
	const struct engine_settings *in = s.want->in;
	enum audit_verdict v = AUDIT_PASS;
	struct finding *f;

	for (size_t i = 0; i < sizeof(in->files) / sizeof(in->files[0]) && in->files[i]; i++) {
		if (ends_with(in->files[i], "/"))
			search_folder(a, in->files[i], &s);
		else
			search_file(a, in->files[i], &s);
	}
	if (!s.any_file && !is_here(a, in))
		v = AUDIT_INAPPLICABLE;
	else if (is_bad(s.want, s.value, s.found))
		v = c->otherwise;
	f = audit_find(a, c, in->engine, v);
	if (s.found)
		audit_sawf(a, f, s.file, "%s = %s", s.want->key, s.value);
	else
		audit_sawf(a, f, in->files[0], v == AUDIT_INAPPLICABLE ? "not here" : "no %s",
			   s.want->key);
}

#define SETTING(engine, section_, key_, bad_, values_)                                \
	.run = check_setting, .arg = &(const struct setting)                          \
	{                                                                             \
		.in = &(engine), .section = (section_), .key = (key_), .bad = (bad_), \
		.values = (values_)                                                   \
	}

#define WHY_SECCOMP  "the default profile closes what most escapes of the kernel need"
#define WHY_APPARMOR "it holds where a mount or a capability was forgotten"
#define WHY_REGISTRY "whoever sits between replaces the image"
#define WHY_CAPS     "some capabilities are root of the host by another name"
#define WHY_PIDS     "a fork bomb takes the host's processes"
#define WHY_HOST     "every container then has what the host has, and nobody sees it"

static const struct audit_check rows[] = {
	{ .id = "containerd.tcp",
	  .title = "containerd does not listen on the network",
	  .why = "its API is root of this host",
	  .fix = "no tcp_address in [grpc]",
	  .severity = AUDIT_CRITICAL,
	  SETTING(containerd, "grpc", "tcp_address", BAD_SET, NULL) },
	{ .id = "containerd.registry-tls",
	  .title = "containerd asks registries over TLS that is verified",
	  .why = WHY_REGISTRY,
	  .fix = "no insecure_skip_verify; the registry's CA in its hosts.toml",
	  .severity = AUDIT_HIGH,
	  SETTING(containerd, NULL, "insecure_skip_verify", BAD_IS, "true") },
	{ .id = "containerd.apparmor",
	  .title = "containerd puts pods under AppArmor",
	  .why = WHY_APPARMOR,
	  .fix = "no disable_apparmor",
	  .severity = AUDIT_MEDIUM,
	  SETTING(containerd, NULL, "disable_apparmor", BAD_IS, "true") },
	{ .id = "containerd.seccomp",
	  .title = "pods that name no seccomp profile get one",
	  .why = "Kubernetes asks for none by default, and none is unconfined",
	  .fix = "unset_seccomp_profile = \"runtime/default\", or seccompDefault: true of the kubelet",
	  .severity = AUDIT_MEDIUM,
	  .otherwise = AUDIT_INFO,
	  SETTING(containerd, NULL, "unset_seccomp_profile", BAD_IS_NOT, "runtime/default") },
	{ .id = "containerd.privileged-ports",
	  .title = "pods ask before they take ports below 1024",
	  .why = "clients take what listens there for the host's",
	  .fix = "no enable_unprivileged_ports, where pods are on the host's network",
	  .severity = AUDIT_LOW,
	  .otherwise = AUDIT_INFO,
	  SETTING(containerd, NULL, "enable_unprivileged_ports", BAD_IS, "true") },
	{ .id = "crio.seccomp",
	  .title = "CRI-O's seccomp profile is in force",
	  .why = WHY_SECCOMP,
	  .fix = "no seccomp_profile = \"unconfined\"",
	  .severity = AUDIT_HIGH,
	  SETTING(crio, "crio.runtime", "seccomp_profile", BAD_IS, "unconfined") },
	{ .id = "crio.apparmor",
	  .title = "CRI-O's AppArmor profile is in force",
	  .why = WHY_APPARMOR,
	  .fix = "no apparmor_profile = \"unconfined\"",
	  .severity = AUDIT_MEDIUM,
	  SETTING(crio, "crio.runtime", "apparmor_profile", BAD_IS, "unconfined") },
	{ .id = "crio.registry-tls",
	  .title = "CRI-O asks registries over TLS that is verified",
	  .why = WHY_REGISTRY,
	  .fix = "no insecure_registries; the registry's CA in /etc/containers/certs.d",
	  .severity = AUDIT_HIGH,
	  SETTING(crio, "crio.image", "insecure_registries", BAD_SET, NULL) },
	{ .id = "crio.capabilities",
	  .title = "CRI-O gives no dangerous capabilities by default",
	  .why = WHY_CAPS,
	  .fix = "default_capabilities without them",
	  .severity = AUDIT_HIGH,
	  SETTING(crio, "crio.runtime", "default_capabilities", BAD_CAPS, NULL) },
	{ .id = "crio.pids",
	  .title = "CRI-O limits processes of a container",
	  .why = WHY_PIDS,
	  .fix = "pids_limit, or podPidsLimit of the kubelet",
	  .severity = AUDIT_LOW,
	  .otherwise = AUDIT_WARN,
	  SETTING(crio, "crio.runtime", "pids_limit", BAD_UNLIMITED, NULL) },
	{ .id = "podman.seccomp",
	  .title = "podman's seccomp profile is in force",
	  .why = WHY_SECCOMP,
	  .fix = "no seccomp_profile = \"unconfined\"",
	  .severity = AUDIT_HIGH,
	  SETTING(podman, "containers", "seccomp_profile", BAD_IS, "unconfined") },
	{ .id = "podman.apparmor",
	  .title = "podman's AppArmor profile is in force",
	  .why = WHY_APPARMOR,
	  .fix = "no apparmor_profile = \"unconfined\"",
	  .severity = AUDIT_MEDIUM,
	  SETTING(podman, "containers", "apparmor_profile", BAD_IS, "unconfined") },
	{ .id = "podman.label",
	  .title = "podman labels containers for SELinux",
	  .why = WHY_APPARMOR,
	  .fix = "no label = false",
	  .severity = AUDIT_MEDIUM,
	  SETTING(podman, "containers", "label", BAD_IS, "false") },
	{ .id = "podman.capabilities",
	  .title = "podman gives no dangerous capabilities by default",
	  .why = WHY_CAPS,
	  .fix = "default_capabilities without them",
	  .severity = AUDIT_HIGH,
	  SETTING(podman, "containers", "default_capabilities", BAD_CAPS, NULL) },
	{ .id = "podman.privileged",
	  .title = "podman's containers are not privileged by default",
	  .why = WHY_HOST,
	  .fix = "no privileged = true",
	  .severity = AUDIT_CRITICAL,
	  SETTING(podman, "containers", "privileged", BAD_IS, "true") },
	{ .id = "podman.pids",
	  .title = "podman limits processes of a container",
	  .why = WHY_PIDS,
	  .fix = "no pids_limit of 0; the default is 2048",
	  .severity = AUDIT_LOW,
	  .otherwise = AUDIT_WARN,
	  SETTING(podman, "containers", "pids_limit", BAD_UNLIMITED, NULL) },
	{ .id = "podman.netns",
	  .title = "podman's containers have networks of their own",
	  .why = WHY_HOST,
	  .fix = "no netns = \"host\"",
	  .severity = AUDIT_HIGH,
	  SETTING(podman, "containers", "netns", BAD_IS, "host") },
	{ .id = "podman.pidns",
	  .title = "podman's containers see their own processes only",
	  .why = WHY_HOST,
	  .fix = "no pidns = \"host\"",
	  .severity = AUDIT_HIGH,
	  SETTING(podman, "containers", "pidns", BAD_IS, "host") },
	{ .id = "podman.ipcns",
	  .title = "podman's containers have shared memory of their own",
	  .why = WHY_HOST,
	  .fix = "no ipcns = \"host\"",
	  .severity = AUDIT_MEDIUM,
	  SETTING(podman, "containers", "ipcns", BAD_IS, "host") },
	{ .id = "registries.insecure",
	  .title = "podman, buildah and CRI-O ask registries over TLS",
	  .why = WHY_REGISTRY,
	  .fix = "no insecure = true",
	  .severity = AUDIT_HIGH,
	  SETTING(registries, NULL, "insecure", BAD_IS, "true") },
	{ .id = "registries.short-names",
	  .title = "a short name means one registry",
	  .why = "of several registries the first that has the name answers, also where the image was "
		 "another's",
	  .fix = "one unqualified-search-registries, or none: names in full",
	  .severity = AUDIT_MEDIUM,
	  .otherwise = AUDIT_WARN,
	  SETTING(registries, NULL, "unqualified-search-registries", BAD_SEVERAL, NULL) },
	{ .id = "registries.short-name-mode",
	  .title = "what a short name means is not guessed",
	  .why = "with enforcing, podman asks which registry is meant, and keeps the answer",
	  .fix = "short-name-mode = \"enforcing\"",
	  .severity = AUDIT_LOW,
	  .otherwise = AUDIT_WARN,
	  SETTING(registries, NULL, "short-name-mode", BAD_IS, "permissive,disabled") },
};

const struct audit_table audit_settings = {
	.group = "engine-settings",
	.title = "Settings of containerd, CRI-O and podman",
	.source = "documentation of the engines, after the CIS Docker Benchmark",
	AUDIT_ROWS(rows),
};
