/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check-kernel-state: what the kernel says of itself at this moment. */
#include <stdio.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/tables.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/number.h"
#include "host/procs.h"
#include "host/sysfs.h"

#define VULNERABILITIES "sys/devices/system/cpu/vulnerabilities"

static void add_vulnerability(struct audit *a, const char *name, struct finding *f, bool *vulnerable)
{
	char path[SYSFS_PATH_MAX], text[256];

	(void)snprintf(path, sizeof(path), "/" VULNERABILITIES "/%s", name);
	if (sysfs_read(a->ctx.root, path + 1, text, sizeof(text)) < 0 ||
	    !strstr(text, "ulnerable") || strncmp(text, "Not affected", 12) == 0)
		return;
	/* "Mitigation: Clear CPU buffers; SMT vulnerable": half, and named so. */
	if (strncmp(text, "Vulnerable", 10) == 0)
		*vulnerable = true;
	audit_saw(a, f, path, text);
}

static void check_cpu(struct audit *a, const struct audit_check *c)
{
	_cleanup_(closedirp) DIR *d = procs_open(a->ctx.root, VULNERABILITIES);
	bool vulnerable = false;
	struct finding *f;
	struct dirent *e;

	f = audit_find(a, c, "host", d ? AUDIT_PASS : AUDIT_UNKNOWN);
	if (!d)
		audit_saw(a, f, "/" VULNERABILITIES, "cannot be read");
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			add_vulnerability(a, e->d_name, f, &vulnerable);
	if (f && vulnerable)
		f->verdict = AUDIT_FAIL;
	else if (f && d && f->n_seen)
		f->verdict = AUDIT_WARN;
	else if (d)
		audit_saw(a, f, "/" VULNERABILITIES, "not affected, or mitigated");
}

/* Bits of /proc/sys/kernel/tainted. Source: Documentation/admin-guide/tainted-kernels.rst. */
static const struct {
	unsigned bit;
	bool bad;
	const char *what;
} taints[] = {
	{ 0, false, "a proprietary module was loaded" },
	{ 1, true, "a module was loaded by force" },
	{ 2, false, "the processor is not meant for this kernel" },
	{ 3, true, "a module was removed by force" },
	{ 4, true, "the processor reported an error" },
	{ 5, true, "a page was found corrupt" },
	{ 6, false, "a program asked for the taint" },
	{ 7, true, "the kernel died once: an oops or a BUG" },
	{ 8, true, "a table of ACPI was overridden" },
	{ 9, true, "the kernel warned" },
	{ 10, false, "a staging driver was loaded" },
	{ 11, false, "a flaw of the firmware is worked around" },
	{ 12, false, "a module from outside the kernel's tree was loaded" },
	{ 13, true, "a module without a signature was loaded" },
	{ 14, true, "a task hung" },
	{ 15, false, "the kernel is live patched" },
	{ 16, false, "the distribution's own taint" },
	{ 17, false, "the layout of structures is randomised" },
	{ 18, false, "an in-kernel test ran" },
};

static void check_taint(struct audit *a, const struct audit_check *c)
{
	static const char path[] = "/proc/sys/kernel/tainted";
	enum audit_verdict v = AUDIT_PASS;
	struct finding *f;
	char text[32];
	uint32_t mask;

	if (sysfs_read(a->ctx.root, path + 1, text, sizeof(text)) < 0 ||
	    number_parse_u32(text, &mask) < 0) {
		f = audit_find(a, c, "host", AUDIT_UNKNOWN);
		audit_saw(a, f, path, "cannot be read");
		return;
	}
	for (size_t i = 0; i < sizeof(taints) / sizeof(taints[0]); i++)
		if (mask & (1u << taints[i].bit) && taints[i].bad)
			v = AUDIT_WARN;
	f = audit_find(a, c, "host", v);
	audit_sawf(a, f, path, "%u", mask);
	for (size_t i = 0; i < sizeof(taints) / sizeof(taints[0]); i++)
		if (mask & (1u << taints[i].bit))
			audit_saw(a, f, path, taints[i].what);
}

/* Hierarchies of version 1 with controllers: not systemd's own, which has none. */
static void check_cgroup(struct audit *a, const struct audit_check *c)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	static const char path[] = "/proc/cgroups";
	unsigned v1 = 0;
	struct finding *f;

	if (file_read(a->ctx.root, path + 1, 65536, &text, NULL) < 0) {
		f = audit_find(a, c, "host", AUDIT_UNKNOWN);
		audit_saw(a, f, path, "cannot be read");
		return;
	}
	/* "name hierarchy num_cgroups enabled"; hierarchy 0 is version 2. */
	for (const char *p = buf_str(&text); *p; p += strcspn(p, "\n"), p += *p == '\n') {
		size_t name = strcspn(p, "\t\n");

		if (*p != '#' && p[name] == '\t' && p[name + 1] != '0')
			v1++;
	}
	f = audit_find(a, c, "host", v1 ? AUDIT_WARN : AUDIT_PASS);
	audit_sawf(a, f, path, "%u controllers are in hierarchies of version 1", v1);
}

static void check_livepatch(struct audit *a, const struct audit_check *c)
{
	_cleanup_(closedirp) DIR *d = procs_open(a->ctx.root, "sys/kernel/livepatch");
	struct finding *f = audit_find(a, c, "host", d ? AUDIT_INFO : AUDIT_INAPPLICABLE);
	struct dirent *e;

	if (!d)
		audit_saw(a, f, "/sys/kernel/livepatch", "not in this kernel");
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			audit_saw(a, f, "/sys/kernel/livepatch", e->d_name);
	if (f && d && !f->n_seen)
		audit_saw(a, f, "/sys/kernel/livepatch", "no live patch is in the kernel");
}

static const struct audit_check rows[] = {
	{ .id = "state.cpu-vulnerabilities",
	  .title = "known flaws of this processor are mitigated",
	  .why = "without the mitigation one container reads another's memory",
	  .fix = "boot without mitigations=off, update the processor's microcode; where SMT is named, "
		 "mitigations=auto,nosmt",
	  .severity = AUDIT_HIGH,
	  .run = check_cpu },
	{ .id = "state.tainted",
	  .title = "nothing happened to this kernel that it marks",
	  .why = "after an oops or a corrupt page nothing that this kernel says is sure, and a module "
		 "without a signature is code of unknown origin",
	  .fix = "find the cause in the kernel's log (dmesg), then reboot",
	  .severity = AUDIT_LOW,
	  .run = check_taint },
	{ .id = "state.lsm",
	  .title = "AppArmor or SELinux is active",
	  .why = "they confine a container that got out of its mounts",
	  .fix = "boot with apparmor=1 security=apparmor, or with SELinux enforcing",
	  .severity = AUDIT_MEDIUM,
	  .rule = "file:/sys/kernel/security/lsm~apparmor | file:/sys/kernel/security/lsm~selinux",
	  .otherwise = AUDIT_WARN },
	{ .id = "state.selinux-enforcing",
	  .title = "SELinux enforces",
	  .why = "in permissive mode it only writes down what it would refuse",
	  .fix = "setenforce 1, and SELINUX=enforcing in /etc/selinux/config",
	  .severity = AUDIT_MEDIUM,
	  .rule = "file:/sys/fs/selinux/enforce=1" },
	{ .id = "state.cgroup-version",
	  .title = "controllers are in version 2 of control groups",
	  .why = "the release_agent of version 1 runs a program as root of the host (CVE-2022-0492)",
	  .fix = "boot with systemd.unified_cgroup_hierarchy=1",
	  .severity = AUDIT_MEDIUM,
	  .run = check_cgroup },
	{ .id = "state.livepatch",
	  .title = "live patches in the kernel",
	  .why = "oakum status says what they fix",
	  .fix = "oakum update",
	  .severity = AUDIT_LOW,
	  .run = check_livepatch },
};

const struct audit_table audit_kernel_state = {
	.group = "kernel-state",
	.title = "Kernel state",
	.source = "Oakum",
	AUDIT_ROWS(rows),
};
