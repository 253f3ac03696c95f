/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/inside.h"
#include "audit/version.h"
#include "base/cleanup.h"
#include "base/debian-version.h"

#define STATUS     "/var/lib/dpkg/status"
#define STATUS_MAX (16u << 20)

#define LIST(...)                 \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

const struct platform_component platform_components[] = {
	{ "runc", LIST("runc"), LIST("runc") },
	{ "crun", LIST("crun"), LIST("crun") },
	{ "containerd", LIST("containerd"), LIST("containerd", "containerd.io") },
	{ "docker", LIST("dockerd"), LIST("docker.io", "docker-ce", "moby-engine", "docker") },
	{ "buildkit", LIST("buildkitd"), LIST("buildkit") },
	{ "podman", LIST("podman"), LIST("podman") },
	{ "buildah", LIST("buildah"), LIST("buildah") },
	{ "cri-o", LIST("crio"), LIST("cri-o") },
	{ "kubelet", LIST("kubelet"), LIST("kubelet") },
	{ "cni-plugins", LIST("portmap"),
	  LIST("containernetworking-plugins", "kubernetes-cni", "cni-plugins") },
	{ "nvidia-container-toolkit", LIST("nvidia-ctk", "nvidia-container-runtime-hook"),
	  LIST("nvidia-container-toolkit", "nvidia-container-toolkit-base") },
};
const size_t platform_n_components = sizeof(platform_components) / sizeof(platform_components[0]);

/* The last ones carry no flaws of the table, but may be replaced while they run. */
const char *const platform_programs[] = {
	"runc",
	"crun",
	"containerd",
	"dockerd",
	"buildkitd",
	"podman",
	"buildah",
	"crio",
	"kubelet",
	"portmap",
	"nvidia-ctk",
	"nvidia-container-runtime-hook",
	"containerd-shim-runc-v2",
	"conmon",
	"docker-proxy",
	NULL,
};

/* Debian 12 and before, from the changelogs of the packages. */
static const struct {
	const char *package, *id, *version;
} debian_fixes[] = {
	{ "runc", "CVE-2021-30465", "1.0.0~rc94+ds1-2" },
	{ "runc", "CVE-2024-21626", "1.1.5+ds1-1+deb12u1" },
	{ "containerd", "CVE-2024-25621", "1.6.20~ds1-1+deb12u2" },
	{ "containerd", "CVE-2024-40635", "1.6.20~ds1-1+deb12u2" },
	{ "containerd", "CVE-2025-64329", "1.6.20~ds1-1+deb12u3" },
	{ "docker.io", "CVE-2019-13139", "18.09.1+dfsg1-8" },
	{ "docker.io", "CVE-2019-14271", "18.09.1+dfsg1-9" },
	{ "docker.io", "CVE-2024-41110", "20.10.24+dfsg1-1+deb12u1" },
	{ "podman", "CVE-2023-0778", "4.3.1+ds1-7" },
};

const char *platform_debian_fix(const char *package, const char *id)
{
	for (size_t i = 0; i < sizeof(debian_fixes) / sizeof(debian_fixes[0]); i++)
		if (strcmp(debian_fixes[i].package, package) == 0 &&
		    strcmp(debian_fixes[i].id, id) == 0)
			return debian_fixes[i].version;
	return NULL;
}

bool platform_has_debian_fix(const char *version, const char *fix)
{
	char a[VERSION_MAX], b[VERSION_MAX];

	version_upstream(version, a, sizeof(a));
	version_upstream(fix, b, sizeof(b));
	return version_compare(a, b) == 0 && debian_version_compare(version, fix) >= 0;
}

bool platform_may_backport(const char *package)
{
	/* From the projects' own repositories: each version is upstream's. */
	static const char *const upstreams[] = {
		"containerd.io",
		"docker-ce",
		"kubelet",
		"kubernetes-cni",
		"nvidia-container-toolkit",
		"nvidia-container-toolkit-base",
	};

	for (size_t i = 0; i < sizeof(upstreams) / sizeof(upstreams[0]); i++)
		if (strcmp(upstreams[i], package) == 0)
			return false;
	return true;
}

/* Part @i of a list that is parted by ";"; "" after the last. */
static void part(const char *list, size_t i, char *ret, size_t size)
{
	for (; i > 0 && *list; i--) {
		list += strcspn(list, ";");
		list += *list == ';';
	}
	(void)snprintf(ret, size, "%.*s", (int)strcspn(list, ";"), list);
}

enum platform_answer platform_compare(const struct platform_cve *cve, const char *version)
{
	enum platform_answer answer = PLATFORM_FIXED;
	char from[VERSION_MAX], to[VERSION_MAX];

	for (size_t i = 0;; i++) {
		bool from_known, to_known;

		part(cve->introduced, i, from, sizeof(from));
		part(cve->fixed, i, to, sizeof(to));
		if (!from[0])
			return answer;
		from_known = strcmp(from, "?") != 0;
		to_known = strcmp(to, "?") != 0;
		if (to_known && version_compare(version, to) >= 0)
			continue;
		if (from_known && version_compare(version, from) < 0)
			continue;
		if (from_known && to_known)
			return PLATFORM_AFFECTED;
		answer = PLATFORM_UNKNOWN;
	}
}

static bool is_one_of(const char *const *list, const char *word)
{
	for (size_t i = 0; list[i]; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

/* Who tells to which package a file belongs. */
struct packages {
	int root;
	const char *status; /* dpkg's; or NULL */
	struct rpm_db *rpm; /* or NULL */
	char *why;          /* why rpm cannot tell */
};

static bool ask_dpkg(const struct packages *p, struct platform_binary *b)
{
	if (!p->status ||
	    !dpkg_owner(p->root, b->program->path, b->component->packages, b->package) ||
	    !dpkg_version(p->status, b->package, b->package_version))
		return false;
	version_upstream(b->package_version, b->version, sizeof(b->version));
	b->database = STATUS;
	/* One that is not there names nothing. */
	(void)dpkg_changelog(p->root, b->package, &b->changelog);
	return true;
}

static bool ask_rpm(const struct packages *p, struct platform_binary *b)
{
	struct rpm_package package;

	/* As of dpkg: no distribution has files there. */
	if (!p->rpm || strncmp(b->program->path, "/usr/local/", 11) == 0 ||
	    rpm_owner(p->rpm, b->program->path, &package, p->why) != RPM_READ)
		return false;
	(void)snprintf(b->package, sizeof(b->package), "%s", package.name);
	(void)snprintf(b->package_version, sizeof(b->package_version), "%s", package.version);
	(void)snprintf(b->version, sizeof(b->version), "%s", package.upstream);
	b->database = rpm_path(p->rpm);
	b->is_rpm = true;
	b->changelog = package.changelog;
	return true;
}

static void read_version(const struct packages *p, struct platform_binary *b)
{
	const char *path = b->program->path;
	char go[GO_VERSION_MAX];

	if (ask_dpkg(p, b) || ask_rpm(p, b)) {
		b->is_components = is_one_of(b->component->packages, b->package);
		b->source = "the package that owns it";
		if (!b->is_components)
			b->version[0] = '\0';
	} else {
		b->package[0] = '\0';
	}
	/* Of a file that was replaced, this would be the version of the new one. */
	if (!b->version[0] && !b->program->deleted && go_build_version(p->root, path, go)) {
		(void)snprintf(b->version, sizeof(b->version), "%s", go);
		b->source = "its build";
	}
}

static int add(const struct packages *packages, const struct platform_component *c,
	       const struct program_found *program, struct platform *p)
{
	struct platform_binary *more = reallocarray(p->v, p->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	p->v = more;
	p->v[p->n] = (struct platform_binary){ .component = c, .program = program };
	read_version(packages, &p->v[p->n++]);
	return 0;
}

int platform_read(int root, const struct programs *p, struct platform *ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf status = { 0 };
	struct packages packages = { .root = root };
	struct platform platform = { .n = 0 };
	int r = 0;

	if (!p->n) {
		*ret = platform;
		return 0;
	}
	packages.why = platform.why;
	if (inside_read(root, STATUS, STATUS_MAX, &status) == 0)
		packages.status = buf_str(&status);
	else
		(void)rpm_open(root, &packages.rpm, platform.why);
	for (size_t i = 0; r == 0 && i < p->n; i++)
		for (size_t k = 0; r == 0 && k < platform_n_components; k++)
			if (is_one_of(platform_components[k].programs, p->v[i].name))
				r = add(&packages, &platform_components[k], &p->v[i], &platform);
	rpm_close(packages.rpm);
	if (r < 0) {
		platform_clear(&platform);
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	*ret = platform;
	return 0;
}

void platform_clear(struct platform *p)
{
	for (size_t i = 0; i < p->n; i++)
		buf_free(&p->v[i].changelog);
	free(p->v);
	*p = (struct platform){ .n = 0 };
}
