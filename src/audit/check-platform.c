/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check-platform: known escapes of engines, runtimes and the kernel, by what runs.
 *
 * To add one: a row; where Debian fixed it in an older version, one in platform.c too.
 */
#include <stdio.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/platform.h"
#include "audit/tables.h"
#include "audit/version.h"
#include "base/cleanup.h"

static void subject_of(const struct platform_binary *b, char ret[AUDIT_SUBJECT_MAX])
{
	(void)snprintf(ret, AUDIT_SUBJECT_MAX, "engine %s (%s)", b->component->name,
		       b->program->path);
}

/* What a package's own distribution says; PLATFORM_UNKNOWN where it says nothing. */
static enum platform_answer ask_distribution(struct audit *a, struct finding *f,
					     const struct platform_binary *b,
					     const struct platform_cve *cve)
{
	const char *fix = b->is_rpm ? NULL : platform_debian_fix(b->package, cve->id);
	char version[DPKG_VERSION_MAX];

	if (fix && b->is_components && platform_has_debian_fix(b->package_version, fix)) {
		audit_sawf(a, f, b->database, "%s %s; Debian fixed it in %s", b->package,
			   b->package_version, fix);
		return PLATFORM_FIXED;
	}
	if (b->changelog.len &&
	    dpkg_changelog_names(buf_str(&b->changelog), cve->id, version, sizeof(version))) {
		audit_sawf(a, f, b->is_rpm ? b->database : "/usr/share/doc",
			   "%s %s: its changelog names it, in %s", b->package, b->package_version,
			   version[0] ? version : "an entry");
		return PLATFORM_FIXED;
	}
	return PLATFORM_UNKNOWN;
}

static enum platform_answer ask_ranges(struct audit *a, struct finding *f,
				       const struct platform_binary *b,
				       const struct platform_cve *cve)
{
	/* Only what a package may own. */
	const char *why = strncmp(b->program->path, "/usr/local/", 11) == 0 ? ""
									    : a->ctx.platform.why;
	enum platform_answer answer;

	if (!b->version[0]) {
		audit_sawf(a, f, b->program->path, "its version is not known: %s",
			   why[0] ? why
				  : "no package of the component owns it, and its build tells none");
		return PLATFORM_UNKNOWN;
	}
	answer = platform_compare(cve, b->version);
	if (b->package[0] && b->is_components)
		audit_sawf(a, f, b->database, "%s %s: upstream %s", b->package, b->package_version,
			   b->version);
	else
		audit_sawf(a, f, b->program->path, "version %s, by %s", b->version, b->source);
	if (answer != PLATFORM_AFFECTED)
		return answer;
	if (b->is_rpm && platform_may_backport(b->package)) {
		audit_sawf(a, f, b->database,
			   "its changelog does not name the flaw; the distribution may have fixed "
			   "it all the same");
		return PLATFORM_DOUBTFUL;
	}
	if (why[0] && !b->package[0]) {
		audit_sawf(a, f, b->program->path,
			   "whether a package has fixed it is not known: %s", why);
		return PLATFORM_DOUBTFUL;
	}
	return answer;
}

/* "fixed upstream in 1.2.8, 1.3.3" */
static void advise(struct audit *a, struct finding *f, const struct platform_binary *b,
		   const struct platform_cve *cve)
{
	char versions[256];

	(void)snprintf(versions, sizeof(versions), "%s", cve->fixed);
	for (char *p = versions; *p; p++)
		if (*p == ';')
			*p = ' ';
	audit_fixf(a, f, "update %s; fixed upstream in %s", b->component->name, versions);
}

static void judge(struct audit *a, const struct audit_check *c, const struct platform_binary *b)
{
	static const enum audit_verdict verdicts[] = {
		[PLATFORM_FIXED] = AUDIT_PASS,
		[PLATFORM_AFFECTED] = AUDIT_FAIL,
		[PLATFORM_DOUBTFUL] = AUDIT_WARN,
		[PLATFORM_UNKNOWN] = AUDIT_UNKNOWN,
	};
	const struct platform_cve *cve = c->arg;
	char subject[AUDIT_SUBJECT_MAX];
	enum platform_answer answer;
	struct finding *f;

	subject_of(b, subject);
	f = audit_find(a, c, subject, AUDIT_UNKNOWN);
	answer = ask_distribution(a, f, b, cve);
	if (answer == PLATFORM_UNKNOWN)
		answer = ask_ranges(a, f, b, cve);
	/* What is installed is fixed; what runs is what was there before. */
	if (b->program->deleted && answer == PLATFORM_FIXED) {
		audit_sawf(a, f, "/proc", "process %d runs a file that was replaced",
			   b->program->pid);
		answer = PLATFORM_UNKNOWN;
	}
	if (f)
		f->verdict = verdicts[answer];
	if (answer == PLATFORM_AFFECTED || answer == PLATFORM_DOUBTFUL)
		advise(a, f, b, cve);
}

static void check_cve(struct audit *a, const struct audit_check *c)
{
	const struct platform_cve *cve = c->arg;
	bool found = false;

	for (size_t i = 0; i < a->ctx.platform.n; i++) {
		const struct platform_binary *b = &a->ctx.platform.v[i];

		if (strcmp(b->component->name, cve->component) != 0)
			continue;
		judge(a, c, b);
		found = true;
	}
	if (!found)
		audit_sawf(a, audit_find(a, c, "host", AUDIT_INAPPLICABLE), "/proc",
			   "no %s runs or is installed", cve->component);
}

/*
 * Distributions fix kernels without raising their number: a younger one is fixed, of an older one
 * only the package's changelog can tell.
 */
static void check_kernel_cve(struct audit *a, const struct audit_check *c)
{
	const struct platform_cve *cve = c->arg;
	_cleanup_(buf_free) struct buf changelog = { 0 };
	char package[DPKG_NAME_MAX], version[DPKG_VERSION_MAX];
	struct finding *f = audit_find(a, c, "host", AUDIT_UNKNOWN);

	audit_sawf(a, f, "/proc/sys/kernel/osrelease", "%s, mainline fixed it in %s",
		   a->ctx.id.release[0] ? a->ctx.id.release : "unknown", cve->fixed);
	if (!f || !a->ctx.id.release[0])
		return;
	if (!audit_kernel_is_before(&a->ctx, cve->fixed)) {
		f->verdict = AUDIT_PASS;
		return;
	}
	(void)snprintf(package, sizeof(package), "linux-image-%.80s", a->ctx.id.release);
	if (!strchr(package, '/') && dpkg_changelog(a->ctx.root, package, &changelog) == 0 &&
	    dpkg_changelog_names(buf_str(&changelog), cve->id, version, sizeof(version))) {
		audit_sawf(a, f, "/usr/share/doc", "%s: its changelog names it, in %s", package,
			   version);
		f->verdict = AUDIT_PASS;
	}
}

static void check_replaced(struct audit *a, const struct audit_check *c)
{
	const struct programs *p = &a->ctx.programs;
	bool any = false;

	for (size_t i = 0; i < p->n; i++) {
		const struct program_found *v = &p->v[i];
		char subject[AUDIT_SUBJECT_MAX];
		struct finding *f;

		if (!v->pid)
			continue;
		any = true;
		(void)snprintf(subject, sizeof(subject), "engine %s (%s)", v->name, v->path);
		f = audit_find(a, c, subject, v->deleted ? AUDIT_FAIL : AUDIT_PASS);
		audit_sawf(a, f, "/proc", "process %d%s executes %s%s", v->pid,
			   v->n > 1 ? " and others" : "", v->path,
			   v->deleted ? ", which was replaced or removed" : "");
	}
	if (!any)
		audit_saw(a, audit_find(a, c, "host", AUDIT_INAPPLICABLE), "/proc",
			  "no program of an engine runs");
}

#define CVE(component, id_, severity_, from, to, what)                                         \
	{                                                                                      \
		.id = "cve." component "." id_, .title = component " is free of " id_,         \
		.why = what, .fix = "update " component ", and restart what runs it",          \
		.severity = (severity_), .run = check_cve, .arg = &(const struct platform_cve) \
		{                                                                              \
			(component), (id_), (from), (to)                                       \
		}                                                                              \
	}
#define KERNEL(id_, severity_, to, what)                                                     \
	{                                                                                    \
		.id = "cve.kernel." id_, .title = "the kernel is free of " id_, .why = what, \
		.fix = "oakum update, or a newer kernel; oakum cves says more",              \
		.severity = (severity_), .run = check_kernel_cve,                            \
		.arg = &(const struct platform_cve)                                          \
		{                                                                            \
			"kernel", (id_), "0", (to)                                           \
		}                                                                            \
	}

static const struct audit_check rows[] = {
	{ .id = "platform.replaced",
	  .title = "what runs is what is installed",
	  .why = "an update replaced the file, and the old one with its flaws goes on running",
	  .fix = "restart the service; with live-restore, containers go on",
	  .severity = AUDIT_HIGH,
	  .run = check_replaced },
	CVE("runc", "CVE-2016-9962", AUDIT_MEDIUM, "0", "1.0.0-rc3", "exec fd leak into container"),
	CVE("runc", "CVE-2019-5736", AUDIT_HIGH, "0", "1.0.0-rc7",
	    "/proc/self/exe overwrite of host runc"),
	CVE("runc", "CVE-2019-16884", AUDIT_HIGH, "0", "1.0.0-rc9",
	    "AppArmor/SELinux bypass by /proc volume mount"),
	CVE("runc", "CVE-2019-19921", AUDIT_HIGH, "0", "1.0.0-rc10",
	    "/proc race with shared volumes"),
	CVE("runc", "GHSA-g54h-m393-cpwq", AUDIT_LOW, "0", "1.0.0-rc91",
	    "devices deny list treated as blacklist"),
	CVE("runc", "CVE-2021-30465", AUDIT_HIGH, "0", "1.0.0-rc95",
	    "symlink-exchange mount race, host fs escape"),
	CVE("runc", "CVE-2021-43784", AUDIT_LOW, "1.0.0", "1.0.3",
	    "netlink bytemsg length overflow, namespace bypass"),
	CVE("runc", "CVE-2022-29162", AUDIT_LOW, "0", "1.1.2", "inheritable caps not empty on exec"),
	CVE("runc", "CVE-2023-25809", AUDIT_LOW, "0", "1.1.5",
	    "rootless: /sys/fs/cgroup writable without cgroupns"),
	CVE("runc", "CVE-2023-27561", AUDIT_HIGH, "1.0.0-rc95", "1.1.5",
	    "regression of CVE-2019-19921"),
	CVE("runc", "CVE-2023-28642", AUDIT_LOW, "0", "1.1.5",
	    "AppArmor/SELinux bypass with symlinked /proc"),
	CVE("runc", "CVE-2024-21626", AUDIT_HIGH, "1.0.0-rc93", "1.1.12",
	    "Leaky Vessels: leaked fd + cwd /proc/self/fd/N escape"),
	CVE("runc", "CVE-2024-45310", AUDIT_LOW, "0;1.2.0-rc.1", "1.1.14;1.2.0-rc.3",
	    "empty host files/dirs creation"),
	CVE("runc", "CVE-2025-31133", AUDIT_HIGH, "0;1.3.0-rc.1;1.4.0-rc.1",
	    "1.2.8;1.3.3;1.4.0-rc.3", "maskedPaths /dev/null symlink, write to procfs, escape"),
	CVE("runc", "CVE-2025-52565", AUDIT_HIGH, "1.0.0-rc3;1.3.0-rc.1;1.4.0-rc.1",
	    "1.2.8;1.3.3;1.4.0-rc.3", "/dev/console bind-mount of symlink, escape"),
	CVE("runc", "CVE-2025-52881", AUDIT_HIGH, "0;1.3.0-rc.1;1.4.0-rc.1",
	    "1.2.8;1.3.3;1.4.0-rc.3",
	    "procfs write redirect (LSM label, sysctl) -> core_pattern/sysrq-trigger; also opencontainers/selinux <1.13.0"),
	CVE("runc", "CVE-2026-41579", AUDIT_LOW, "0;1.4.0;1.5.0-rc.1", "1.3.6;1.4.3;1.5.0-rc.3",
	    "image with /dev symlink, limited host writes"),
	CVE("crun", "CVE-2019-16884", AUDIT_HIGH, "0", "0.10",
	    "SELinux/AppArmor label write to a fake /proc"),
	CVE("crun", "CVE-2019-18837", AUDIT_HIGH, "0", "0.10.5", "symlink mount escape"),
	CVE("crun", "CVE-2022-27650", AUDIT_LOW, "0", "1.4.4", "inheritable caps on exec"),
	CVE("crun", "CVE-2025-24965", AUDIT_HIGH, "0", "1.20",
	    "krun handler .krun_config.json escape"),
	CVE("crun", "CVE-2026-30892", AUDIT_MEDIUM, "0", "1.27",
	    "crun exec -u parsing error can run with wrong (root) uid"),
	CVE("crun", "CVE-2026-47766", AUDIT_LOW, "0", "1.28", "/dev symlink in rootfs followed"),
	CVE("containerd", "CVE-2020-15157", AUDIT_MEDIUM, "0", "1.2.14", "credential leak on pull"),
	CVE("containerd", "CVE-2020-15257", AUDIT_MEDIUM, "0;1.4.0", "1.3.9;1.4.3",
	    "abstract shim socket reachable from host-net containers"),
	CVE("containerd", "CVE-2021-32760", AUDIT_MEDIUM, "0;1.5.0", "1.4.8;1.5.4",
	    "chmod of host files on unpack"),
	CVE("containerd", "CVE-2021-41103", AUDIT_MEDIUM, "0;1.5.0", "1.4.11;1.5.7",
	    "lax permissions on bundle/plugin dirs"),
	CVE("containerd", "CVE-2021-43816", AUDIT_HIGH, "1.5.0", "1.5.9",
	    "hostPath relabel side-steps SELinux"),
	CVE("containerd", "CVE-2022-23648", AUDIT_HIGH, "0;1.5.0;1.6.0", "1.4.13;1.5.10;1.6.1",
	    "image volume path traversal: read host files"),
	CVE("containerd", "CVE-2022-24769", AUDIT_LOW, "0;1.6.0", "1.5.11;1.6.2",
	    "inheritable caps (GHSA-c9cp-9c75-9v8c)"),
	CVE("containerd", "CVE-2022-31030", AUDIT_MEDIUM, "0;1.6.0", "1.5.13;1.6.6",
	    "ExecSync memory exhaustion"),
	CVE("containerd", "CVE-2022-23471", AUDIT_MEDIUM, "0;1.6.0", "1.5.16;1.6.12",
	    "CRI stream goroutine leak"),
	CVE("containerd", "CVE-2023-25153", AUDIT_MEDIUM, "0;1.6.0", "1.5.18;1.6.18",
	    "OCI importer memory exhaustion"),
	CVE("containerd", "CVE-2023-25173", AUDIT_MEDIUM, "0;1.6.0", "1.5.18;1.6.18",
	    "supplementary groups"),
	CVE("containerd", "GHSA-7ww5-4wqc-m92c", AUDIT_LOW, "0;1.7.0", "1.6.26;1.7.11",
	    "RAPL /sys/devices/virtual/powercap readable"),
	CVE("containerd", "CVE-2024-40635", AUDIT_MEDIUM, "0;1.7.0-beta.0;2.0.0",
	    "1.6.38;1.7.27;2.0.4", "UID overflow -> runs as root"),
	CVE("containerd", "CVE-2025-47290", AUDIT_HIGH, "2.1.0", "2.1.1",
	    "TOCTOU on pull, host fs write"),
	CVE("containerd", "CVE-2025-47291", AUDIT_MEDIUM, "2.0.1", "2.0.5",
	    "userns pods not in the right cgroup (also 2.1.0-rc)"),
	CVE("containerd", "CVE-2024-25621", AUDIT_HIGH, "0;2.0.0;2.1.0-beta.0;2.2.0-beta.0",
	    "1.7.29;2.0.7;2.1.5;2.2.0", "state/root dirs 0711/0700 too wide, local LPE"),
	CVE("containerd", "CVE-2025-64329", AUDIT_MEDIUM, "0;2.0.0;2.1.0-beta.0;2.2.0-beta.0",
	    "1.7.29;2.0.7;2.1.5;2.2.0", "CRI Attach goroutine leak"),
	CVE("containerd", "CVE-2026-46680", AUDIT_MEDIUM, "1.7.27;2.0.4;2.1.0-beta.0;2.3.0-beta.0",
	    "1.7.32;2.0.9;2.2.4;2.3.1", "user id bypass of runAsNonRoot"),
	CVE("containerd", "CVE-2026-47262", AUDIT_MEDIUM, "1.7.0;2.0.0;2.1.0;2.2.0;2.3.0",
	    "1.7.33;2.0.10;2.1.9;2.2.5;2.3.2", "unbounded group parsing DoS"),
	CVE("containerd", "CVE-2026-53488", AUDIT_CRITICAL, "1.7.0;2.0.0;2.1.0;2.2.0;2.3.0",
	    "1.7.33;2.0.10;2.1.9;2.2.5;2.3.2",
	    "image LABEL -> restart-monitor binary:// logger: host root exec from a pull"),
	CVE("containerd", "CVE-2026-50195", AUDIT_HIGH, "2.1.0;2.2.0;2.3.0", "2.1.9;2.2.5;2.3.2",
	    "CRI checkpoint import tag poisoning (vulndb also lists 1.x, no fix)"),
	CVE("containerd", "CVE-2026-53489", AUDIT_HIGH, "2.1.0;2.2.0;2.3.0", "2.1.9;2.2.5;2.3.2",
	    "CRI checkpoint restore: host file read via symlinked log"),
	CVE("containerd", "CVE-2026-53492", AUDIT_HIGH, "2.1.0;2.2.0;2.3.0", "2.1.9;2.2.5;2.3.2",
	    "CRI checkpoint restore: CDI annotation smuggling"),
	CVE("containerd", "CVE-2026-53495", AUDIT_MEDIUM, "?", "2.3.5",
	    "announced with 2.3.5 (Sept 2026), branches other than 2.3 not confirmed here"),
	CVE("docker", "CVE-2019-14271", AUDIT_HIGH, "19.03.0", "19.03.1",
	    "docker cp loads libnss from container as root"),
	CVE("docker", "CVE-2019-13139", AUDIT_MEDIUM, "0", "18.09.4",
	    "build git URL command injection"),
	CVE("docker", "CVE-2021-21284", AUDIT_MEDIUM, "0;20.10.0", "19.03.15;20.10.3",
	    "userns-remap root -> real root"),
	CVE("docker", "CVE-2021-21285", AUDIT_MEDIUM, "0;20.10.0", "19.03.15;20.10.3",
	    "malicious manifest crashes dockerd"),
	CVE("docker", "CVE-2021-41089", AUDIT_MEDIUM, "0", "20.10.9", "docker cp chmods host files"),
	CVE("docker", "CVE-2021-41091", AUDIT_MEDIUM, "0", "20.10.9",
	    "/var/lib/docker traversable, setuid files usable by host users"),
	CVE("docker", "CVE-2022-24769", AUDIT_LOW, "0", "20.10.14", "inheritable caps"),
	CVE("docker", "CVE-2022-36109", AUDIT_MEDIUM, "0", "20.10.18", "supplementary groups"),
	CVE("docker", "GHSA-vp35-85q5-9f25", AUDIT_MEDIUM, "0", "20.10.20",
	    "build leaks host paths (git)"),
	CVE("docker", "CVE-2023-28840", AUDIT_HIGH, "1.12.0;23.0.0", "20.10.24;23.0.3",
	    "swarm encrypted overlay unauthenticated (+28841,28842)"),
	CVE("docker", "CVE-2024-24557", AUDIT_MEDIUM, "0;25.0.0", "24.0.9;25.0.2",
	    "classic builder cache poisoning"),
	CVE("docker", "CVE-2024-29018", AUDIT_MEDIUM, "25.0.0;26.0.0-rc1", "25.0.5;26.0.0-rc3",
	    "internal network DNS exfiltration (also 23.0.11)"),
	CVE("docker", "CVE-2024-32473", AUDIT_MEDIUM, "26.0.0", "26.0.2",
	    "IPv6 on IPv4-only interfaces"),
	CVE("docker", "CVE-2024-41110", AUDIT_CRITICAL,
	    "19.03.0;20.10.0;23.0.0;24.0.0;25.0.0;26.0.0;26.1.0;27.0.0;27.1.0",
	    "19.03.16;20.10.28;23.0.15;24.0.10;25.0.6;26.0.3;26.1.5;27.0.4;27.1.1",
	    "AuthZ plugin bypass, zero-length body"),
	CVE("docker", "CVE-2025-54388", AUDIT_MEDIUM, "28.2.0", "28.3.3",
	    "firewalld reload opens published localhost ports"),
	CVE("docker", "CVE-2025-54410", AUDIT_LOW, "0;26.0.0", "25.0.13;28.0.0",
	    "firewalld reload removes bridge isolation"),
	CVE("docker", "CVE-2026-34040", AUDIT_HIGH, "0", "29.3.1",
	    "AuthZ plugin bypass with oversized body"),
	CVE("docker", "CVE-2026-33997", AUDIT_MEDIUM, "0", "29.3.1",
	    "plugin privilege validation off by one"),
	CVE("docker", "CVE-2026-41567", AUDIT_HIGH, "0", "29.5.1",
	    "PUT /containers/{id}/archive runs a container binary on host"),
	CVE("docker", "CVE-2026-41568", AUDIT_MEDIUM, "0", "29.5.1",
	    "docker cp race: create empty host files"),
	CVE("docker", "CVE-2026-42306", AUDIT_HIGH, "0", "29.5.1",
	    "docker cp race: bind mount redirection"),
	CVE("buildkit", "CVE-2024-23650", AUDIT_HIGH, "0", "0.12.5", "panic"),
	CVE("buildkit", "CVE-2024-23651", AUDIT_HIGH, "0", "0.12.5", "cache mount race: host files"),
	CVE("buildkit", "CVE-2024-23652", AUDIT_HIGH, "0", "0.12.5",
	    "mount stub teardown deletes host files"),
	CVE("buildkit", "CVE-2024-23653", AUDIT_HIGH, "0", "0.12.5",
	    "GRPC privileged container without entitlement"),
	CVE("buildkit", "CVE-2026-33747", AUDIT_HIGH, "0", "0.28.1",
	    "malicious frontend file escape"),
	CVE("buildkit", "CVE-2026-33748", AUDIT_MEDIUM, "0", "0.28.1", "git subdir traversal"),
	CVE("buildkit", "CVE-2026-15792", AUDIT_MEDIUM, "0", "0.31.2",
	    "panic DoS (with 15788,15789,15791,15793)"),
	CVE("podman", "CVE-2019-10152", AUDIT_HIGH, "0", "1.4.0", "podman cp symlink"),
	CVE("podman", "CVE-2021-4024", AUDIT_MEDIUM, "3.3.0", "3.4.3", "podman machine API exposed"),
	CVE("podman", "CVE-2022-27649", AUDIT_HIGH, "0", "4.0.3", "inheritable caps"),
	CVE("podman", "CVE-2022-4122", AUDIT_MEDIUM, "0", "4.5.0",
	    ".containerignore link following"),
	CVE("podman", "CVE-2023-0778", AUDIT_MEDIUM, "0", "4.4.2", "volume export TOCTOU"),
	CVE("podman", "CVE-2024-1753", AUDIT_HIGH, "0", "4.9.4;5.0.1",
	    "build bind mount escape (buildah 1.35.1)"),
	CVE("podman", "CVE-2024-9407", AUDIT_MEDIUM, "0", "5.2.4",
	    "RUN --mount escape (buildah 1.37.4)"),
	CVE("podman", "CVE-2024-9341", AUDIT_MEDIUM, "0", "5.2.4",
	    "FIPS mount symlink (containers/common 0.60.4)"),
	CVE("podman", "CVE-2024-9675", AUDIT_HIGH, "0", "5.2.5", "cache mount dir traversal"),
	CVE("podman", "CVE-2024-9676", AUDIT_MEDIUM, "0", "5.2.5",
	    "containers/storage symlink passwd DoS"),
	CVE("podman", "CVE-2025-6032", AUDIT_HIGH, "4.8.0", "5.5.2",
	    "machine image TLS not verified"),
	CVE("podman", "CVE-2025-9566", AUDIT_HIGH, "4.0.0", "5.6.1",
	    "kube play symlink overwrites host files"),
	CVE("podman", "CVE-2026-55686", AUDIT_HIGH, "0", "5.7.1", "WORKDIR symlink traversal"),
	CVE("podman", "CVE-2026-33414", AUDIT_LOW, "4.8.0", "5.8.2", "HyperV machine only"),
	CVE("buildah", "CVE-2024-11218", AUDIT_HIGH, "0;1.35.0;1.37.0;1.38.0",
	    "1.33.12;1.35.5;1.37.6;1.38.1", "build breakout with concurrent builds"),
	CVE("buildah", "CVE-2026-44517", AUDIT_HIGH, "1.38.1", "?",
	    "build breakout by Containerfile/git server"),
	CVE("cri-o", "CVE-2022-0811", AUDIT_HIGH, "1.19.0;1.20.0;1.21.0;1.22.0;1.23.0",
	    "1.19.6;1.20.7;1.21.6;1.22.3;1.23.2", "cr8escape: kernel.core_pattern via pinns sysctl"),
	CVE("cri-o", "CVE-2022-1708", AUDIT_MEDIUM, "0;1.23.0;1.24.0", "1.22.5;1.23.3;1.24.1",
	    "ExecSync memory"),
	CVE("cri-o", "CVE-2022-4318", AUDIT_MEDIUM, "0", "1.26.0", "/etc/passwd tampering"),
	CVE("cri-o", "CVE-2023-6476", AUDIT_MEDIUM, "0;1.28.0;1.29.0", "1.27.3;1.28.3;1.29.1",
	    "cgroup v2 limits escape"),
	CVE("cri-o", "CVE-2024-3154", AUDIT_HIGH, "0;1.28.0;1.29.0", "1.27.6;1.28.6;1.29.4",
	    "systemd property injection"),
	CVE("cri-o", "CVE-2024-5154", AUDIT_HIGH, "1.28.6;1.29.4;1.30.0", "1.28.7;1.29.5;1.30.1",
	    "mtab symlink on host"),
	CVE("cri-o", "CVE-2024-8676", AUDIT_HIGH, "0;1.30.0;1.31.0", "1.29.11;1.30.8;1.31.3",
	    "checkpoint file node access"),
	CVE("cri-o", "CVE-2026-15809", AUDIT_MEDIUM, "?", "?", "see cri-o PR 10160..10164"),
	CVE("kubelet", "CVE-2021-25741", AUDIT_HIGH, "0;1.20.0;1.21.0;1.22.0",
	    "1.19.15;1.20.11;1.21.5;1.22.2", "subPath symlink exchange"),
	CVE("kubelet", "CVE-2023-2431", AUDIT_LOW, "0;1.25.0;1.26.0;1.27.0",
	    "1.24.14;1.25.10;1.26.5;1.27.2", "empty localhost seccomp profile = unconfined"),
	CVE("kubelet", "CVE-2024-10220", AUDIT_HIGH, "0;1.29.0;1.30.0", "1.28.12;1.29.7;1.30.3",
	    "gitRepo volume command execution"),
	CVE("kubelet", "CVE-2025-0426", AUDIT_MEDIUM, "0;1.30.0;1.31.0;1.32.0",
	    "1.29.14;1.30.10;1.31.6;1.32.2", "checkpoint API DoS"),
	CVE("cni-plugins", "CVE-2020-10749", AUDIT_MEDIUM, "0", "0.8.6", "IPv6 RA MitM"),
	CVE("cni-plugins", "CVE-2025-67499", AUDIT_MEDIUM, "1.6.0", "1.9.0",
	    "portmap nftables intercepts non-local traffic"),
	CVE("nvidia-container-toolkit", "CVE-2024-0132", AUDIT_CRITICAL, "0", "1.16.2",
	    "TOCTOU escape"),
	CVE("nvidia-container-toolkit", "CVE-2025-23359", AUDIT_HIGH, "0", "1.17.4",
	    "bypass of CVE-2024-0132 fix"),
	CVE("nvidia-container-toolkit", "CVE-2025-23266", AUDIT_CRITICAL, "0", "1.17.8",
	    "NVIDIAScape: LD_PRELOAD in createContainer hook"),
	KERNEL("CVE-2016-5195", AUDIT_HIGH, "4.8.3", "Dirty COW"),
	KERNEL("CVE-2017-1000112", AUDIT_HIGH, "4.12.7", "UFO, userns"),
	KERNEL("CVE-2022-0185", AUDIT_HIGH, "5.16.2", "fs_context heap overflow, userns"),
	KERNEL("CVE-2022-0492", AUDIT_HIGH, "5.17-rc3", "cgroup v1 release_agent escape"),
	KERNEL("CVE-2022-0847", AUDIT_HIGH, "5.16.11", "Dirty Pipe"),
	KERNEL("CVE-2023-0386", AUDIT_HIGH, "6.2-rc6", "overlayfs setuid copy-up"),
	KERNEL("CVE-2023-32233", AUDIT_HIGH, "6.4-rc1", "nf_tables anonymous set UAF, userns"),
	KERNEL("CVE-2024-1086", AUDIT_HIGH, "6.8-rc2", "nf_tables double free, userns"),
};

const struct audit_table audit_platform = {
	.group = "platform-cves",
	.title = "Known flaws of engines and runtimes",
	.source = "vuln.go.dev, changelogs of the projects and of Debian",
	AUDIT_ROWS(rows),
};
