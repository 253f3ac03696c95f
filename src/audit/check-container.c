/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check-container: sections 4.1 and 5 of the Docker Benchmark of every container, whatever its
 * engine, by what the kernel holds its processes to.
 */
#include <stdio.h>
#include <string.h>

#include "audit/container-state.h"
#include "audit/tables.h"
#include "host/security/caps.h"

#define CAPS_TEXT 256

static enum audit_verdict verdict_of(enum fact bad, enum audit_verdict otherwise)
{
	if (bad == FACT_UNKNOWN)
		return AUDIT_UNKNOWN;
	return bad == FACT_YES ? otherwise : AUDIT_PASS;
}

static void check_root(struct audit *a, const struct audit_check *c,
		       const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;
	struct finding *f = container_note(a, c, ct, verdict_of(s->real_root, AUDIT_FAIL),
					   ct->status_path, "user %u of the host%s", s->uid[1],
					   s->real_root == FACT_YES && s->uid[1]
						   ? ", who can be root again"
						   : "");

	/* Whoever came later, by exec. */
	if (f && f->verdict == AUDIT_PASS && ct->v->c.n_real_root) {
		f->verdict = AUDIT_WARN;
		audit_sawf(a, f, "/proc", "%zu of its %zu processes are root of the host",
			   ct->v->c.n_real_root, ct->v->c.processes);
	}
}

static void check_apparmor(struct audit *a, const struct audit_check *c,
			   const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;
	const char *lsm = c->arg;

	if (s->unread & SECURITY_LABEL) {
		(void)container_note(a, c, ct, AUDIT_UNKNOWN, "/proc", "its label cannot be read");
		return;
	}
	if (strcmp(s->lsm, lsm) != 0) {
		(void)container_note(a, c, ct, AUDIT_INAPPLICABLE, "/sys/kernel/security/lsm",
				     "%s is not active", lsm);
		return;
	}
	(void)container_note(a, c, ct,
			     s->confined == FACT_NO
				     ? AUDIT_FAIL
				     : verdict_of(s->confined == FACT_UNKNOWN ? FACT_UNKNOWN
									      : FACT_NO,
						  AUDIT_FAIL),
			     "/proc", "process %d: %s", s->pid, s->label);
}

/* All that any of its processes has, or may get back. */
static uint64_t caps_of(const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;

	return s->caps.effective | s->caps.permitted | ct->v->c.caps_any;
}

static void check_caps(struct audit *a, const struct audit_check *c,
		       const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;
	uint64_t has = caps_of(ct), may = has | s->caps.bounding;
	enum audit_verdict v = AUDIT_PASS;
	char text[CAPS_TEXT];
	struct finding *f;

	if (!security_has_caps_on_host(s)) {
		caps_text(has, text, sizeof(text));
		(void)container_note(a, c, ct, AUDIT_PASS, ct->status_path,
				     "%s, in a user namespace of its own", text);
		return;
	}
	if (has & caps_dangerous)
		v = AUDIT_FAIL;
	else if (may & ~CAPS_DOCKER)
		v = AUDIT_WARN;
	caps_text(has, text, sizeof(text));
	f = container_note(a, c, ct, v, ct->status_path, "CapEff: %s", text);
	if (s->caps.bounding & ~has & ~CAPS_DOCKER) {
		caps_text(s->caps.bounding, text, sizeof(text));
		audit_sawf(a, f, ct->status_path, "CapBnd: %s", text);
	}
}

static void check_one_cap(struct audit *a, const struct audit_check *c,
			  const struct audit_container *ct)
{
	int number = cap_number(c->arg);
	bool has = security_has_caps_on_host(&ct->v->s) && (caps_of(ct) & CAP_BIT(number));

	(void)container_note(a, c, ct, has ? AUDIT_FAIL : AUDIT_PASS, ct->status_path, "%s CAP_%s",
			     has ? "has" : "has no", (const char *)c->arg);
}

static void check_privileged(struct audit *a, const struct audit_check *c,
			     const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;
	enum audit_verdict v = AUDIT_PASS;
	struct finding *f;

	if (s->privileged == PRIVILEGED_UNKNOWN)
		v = AUDIT_UNKNOWN;
	else if (s->privileged != PRIVILEGED_NO)
		v = AUDIT_FAIL;
	f = container_note(a, c, ct, v, ct->status_path, "privileged: %s",
			   s->privileged == PRIVILEGED_LIKE ? "in all but name"
							    : privileged_name(s->privileged));
	for (unsigned bit = 1; v == AUDIT_FAIL && bit <= PRIVILEGED_DEVICES; bit <<= 1)
		if (s->privileged_by & bit)
			audit_sawf(a, f, "/proc", "sign: %s",
				   privileged_sign_name((enum privileged_sign)bit));
}

/* A part of the host that a container should not have; volumes and its own files are none. */
static bool is_sensitive(const struct security_mount *m)
{
	/* What --ipc host brings: 5.17 says it. */
	if (strcmp(m->host, "/dev/shm") == 0 || strcmp(m->host, "/dev/mqueue") == 0)
		return false;
	return m->place != PLACE_NONE && m->place != PLACE_OTHER && m->place != PLACE_OWN &&
	       m->place != PLACE_VOLUME && m->place != PLACE_SOCKET;
}

/* Written: it owns the host. Read: secrets. A part of it, to be read: what many need. */
static enum audit_verdict mount_verdict(const struct security_mount *m)
{
	if (!m->read_only)
		return m->whole ? AUDIT_FAIL : AUDIT_WARN;
	return m->whole ? AUDIT_WARN : AUDIT_PASS;
}

static void check_mounts(struct audit *a, const struct audit_check *c,
			 const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;
	struct finding *f = audit_find(a, c, ct->subject, AUDIT_PASS);
	char path[48];

	(void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", s->pid);
	if (s->unread & SECURITY_MOUNTS) {
		if (f)
			f->verdict = AUDIT_UNKNOWN;
		audit_saw(a, f, path, "cannot be read");
		return;
	}
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct security_mount *m = &s->mounts[i];
		enum audit_verdict v = mount_verdict(m);

		if (!is_sensitive(m) || v == AUDIT_PASS)
			continue;
		if (f && v < f->verdict)
			f->verdict = v;
		audit_sawf(a, f, path, "%s of the host is %s%s", m->host, m->inside,
			   m->read_only ? ", read-only" : "");
	}
	if (f && !f->n_seen)
		audit_saw(a, f, path, "none of the host's own folders");
}

static void check_sockets(struct audit *a, const struct audit_check *c,
			  const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;
	struct finding *f = audit_find(a, c, ct->subject, AUDIT_PASS);
	char path[48];

	(void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", s->pid);
	if (s->unread & SECURITY_MOUNTS) {
		if (f)
			f->verdict = AUDIT_UNKNOWN;
		audit_saw(a, f, path, "cannot be read");
		return;
	}
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct security_mount *m = &s->mounts[i];

		if (!m->socket)
			continue;
		/* Read-only is no help: a socket is written through. */
		if (f)
			f->verdict = AUDIT_FAIL;
		audit_sawf(a, f, path, "%s is reached by %s", m->socket, m->inside);
	}
	if (f && !f->n_seen)
		audit_saw(a, f, path, "no socket of an engine");
}

static void check_sshd(struct audit *a, const struct audit_check *c,
		       const struct audit_container *ct)
{
	if (ct->sshd)
		(void)container_note(a, c, ct, AUDIT_WARN, "/proc", "process %d is one", ct->sshd);
	else
		(void)container_note(a, c, ct, AUDIT_PASS, "/proc", "no process of it is one");
}

static void check_namespace(struct audit *a, const struct audit_check *c,
			    const struct audit_container *ct)
{
	const enum namespace_kind *k = c->arg;
	enum fact host = ct->v->s.ns_host[*k];
	char path[48];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", ct->v->s.pid, namespace_name(*k));
	(void)container_note(a, c, ct, verdict_of(host, c->otherwise), path, "that of the host: %s",
			     fact_name(host));
}

static void check_limit(struct audit *a, const struct audit_check *c,
			const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;
	bool memory = strcmp(c->arg, "memory") == 0;
	uint64_t limit = memory ? s->memory_max_bytes : s->pids_max;

	if (LIMIT_IS_SET(limit))
		(void)container_note(a, c, ct, AUDIT_PASS, "/sys/fs/cgroup", "%s: %llu",
				     (const char *)c->arg, (unsigned long long)limit);
	else
		(void)container_note(a, c, ct, limit == LIMIT_NONE ? AUDIT_WARN : AUDIT_UNKNOWN,
				     "/sys/fs/cgroup", "%s: %s", (const char *)c->arg,
				     limit == LIMIT_NONE ? "no limit" : "cannot be read");
}

static bool has_shares(const struct audit_container *ct)
{
	static const char *const keys[] = { "CpuShares", "NanoCpus", "CpuQuota" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_integer_value(json_object_get(ct->host_config, keys[i])) > 0)
			return true;
	return false;
}

static void check_cpu(struct audit *a, const struct audit_check *c, const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;

	if (LIMIT_IS_SET(s->cpu_quota_us))
		(void)container_note(a, c, ct, AUDIT_PASS, "/sys/fs/cgroup", "%llu of %llu us",
				     (unsigned long long)s->cpu_quota_us,
				     (unsigned long long)s->cpu_period_us);
	else if (has_shares(ct))
		(void)container_note(a, c, ct, AUDIT_PASS, ct->host_config_path, "has shares");
	else
		(void)container_note(a, c, ct,
				     s->cpu_quota_us == LIMIT_NONE ? AUDIT_WARN : AUDIT_UNKNOWN,
				     "/sys/fs/cgroup", "no quota");
}

static void check_root_read_only(struct audit *a, const struct audit_check *c,
				 const struct audit_container *ct)
{
	enum fact ro = ct->v->s.root_read_only, bad = FACT_UNKNOWN;
	char path[48];

	if (ro != FACT_UNKNOWN)
		bad = ro == FACT_YES ? FACT_NO : FACT_YES;
	(void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", ct->v->s.pid);
	(void)container_note(a, c, ct, verdict_of(bad, AUDIT_WARN), path, "read-only: %s",
			     fact_name(ro));
}

static void check_ports(struct audit *a, const struct audit_check *c,
			const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;
	struct finding *f = audit_find(a, c, ct->subject, AUDIT_INFO);
	char path[48];

	(void)snprintf(path, sizeof(path), "/proc/%d/net", s->pid);
	for (size_t i = 0; i < s->n_ports && i < 16; i++)
		audit_sawf(a, f, path, "listens on %s port %u", s->ports[i].address,
			   s->ports[i].port);
	if (f && !s->n_ports) {
		f->verdict = s->unread & SECURITY_PORTS ? AUDIT_UNKNOWN : AUDIT_PASS;
		audit_saw(a, f, path,
			  s->unread & SECURITY_PORTS ? "cannot be read" : "listens on nothing");
	}
}

static void check_devices(struct audit *a, const struct audit_check *c,
			  const struct audit_container *ct)
{
	enum fact all = ct->v->s.devices_all;
	/* There nodes can neither be made nor opened but for those that were given to it. */
	bool mapped = ct->v->s.ns_host[NS_USER] == FACT_NO;
	size_t n = json_array_size(json_object_get(ct->host_config, "Devices"));

	if (all == FACT_YES && !mapped)
		(void)container_note(a, c, ct, AUDIT_FAIL, "/sys/fs/cgroup", "all devices");
	else if (n)
		(void)container_note(a, c, ct, AUDIT_WARN, ct->host_config_path,
				     "%zu devices of the host", n);
	else if (all != FACT_UNKNOWN || ct->host_config)
		(void)container_note(a, c, ct, AUDIT_PASS, "/sys/fs/cgroup",
				     "no device of the host");
	else
		(void)container_note(a, c, ct, AUDIT_UNKNOWN, "/sys/fs/cgroup",
				     "a BPF program decides, which could not be read");
}

static void check_seccomp(struct audit *a, const struct audit_check *c,
			  const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;
	enum audit_verdict v = AUDIT_PASS;
	struct finding *f;

	if (s->seccomp == SECCOMP_UNKNOWN)
		v = AUDIT_UNKNOWN;
	else if (s->seccomp == SECCOMP_OFF)
		v = AUDIT_FAIL;
	f = container_note(a, c, ct, v, ct->status_path, "Seccomp: %s", seccomp_name(s->seccomp));
	if (v == AUDIT_PASS && ct->v->c.n_unfiltered) {
		if (f)
			f->verdict = AUDIT_WARN;
		audit_sawf(a, f, "/proc", "%zu of its processes have no filter",
			   ct->v->c.n_unfiltered);
	}
}

static void check_no_new_privs(struct audit *a, const struct audit_check *c,
			       const struct audit_container *ct)
{
	enum fact nnp = ct->v->s.no_new_privs, bad = FACT_UNKNOWN;

	if (nnp != FACT_UNKNOWN)
		bad = nnp == FACT_YES ? FACT_NO : FACT_YES;
	(void)container_note(a, c, ct, verdict_of(bad, AUDIT_WARN), ct->status_path,
			     "NoNewPrivs: %s", fact_name(nnp));
}

/* Masked or read-only, which engines do since CVE-2019-16884 and its kin showed why. */
static void check_proc(struct audit *a, const struct audit_check *c,
		       const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;
	enum fact bad = FACT_UNKNOWN;
	struct finding *f;
	char path[48];

	if (s->proc_masked == FACT_NO || s->proc_sys_read_only == FACT_NO ||
	    s->sys_writable == FACT_YES)
		bad = FACT_YES;
	else if (s->proc_masked == FACT_YES && s->proc_sys_read_only == FACT_YES)
		bad = FACT_NO;
	(void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", s->pid);
	f = container_note(a, c, ct, verdict_of(bad, AUDIT_FAIL), path, "/proc/kcore is hidden: %s",
			   fact_name(s->proc_masked));
	audit_sawf(a, f, path, "/proc/sys is read-only: %s", fact_name(s->proc_sys_read_only));
	audit_sawf(a, f, path, "/sys is writable: %s", fact_name(s->sys_writable));
	if (bad == FACT_YES && f && s->real_root == FACT_NO)
		f->verdict = AUDIT_WARN;
}

static void check_others(struct audit *a, const struct audit_check *c,
			 const struct audit_container *ct)
{
	uint64_t more = surveyed_more_caps(ct->v);
	char text[CAPS_TEXT];

	if (!more) {
		(void)container_note(a, c, ct, AUDIT_PASS, "/proc",
				     "no process has more than process 1");
		return;
	}
	caps_text(more, text, sizeof(text));
	(void)container_note(a, c, ct, AUDIT_WARN, "/proc",
			     "a process of it has what its process 1 has not: %s", text);
}

static const enum namespace_kind ns_net = NS_NET, ns_pid = NS_PID, ns_ipc = NS_IPC, ns_uts = NS_UTS,
				 ns_user = NS_USER;

#define NAMESPACE(kind, bad) .run_container = check_namespace, .arg = &ns_##kind, .otherwise = (bad)

static const struct audit_check rows[] = {
	{ .id = "4.1",
	  .title = "containers do not run as root of the host",
	  .why = "what gets out of the container's mounts is root of the host",
	  .fix = "a USER in the image, --user, or a user namespace (userns-remap, rootless, "
		 "hostUsers: false)",
	  .severity = AUDIT_MEDIUM,
	  .run_container = check_root },
	{ .id = "5.2",
	  .title = "AppArmor confines the container",
	  .why = "it holds where a mount or a capability was forgotten",
	  .fix = "no --security-opt apparmor=unconfined",
	  .severity = AUDIT_MEDIUM,
	  .run_container = check_apparmor,
	  .arg = "apparmor" },
	{ .id = "5.3",
	  .title = "SELinux confines the container",
	  .why = "it holds where a mount or a capability was forgotten",
	  .fix = "no --security-opt label=disable; \"selinux-enabled\": true",
	  .severity = AUDIT_MEDIUM,
	  .run_container = check_apparmor,
	  .arg = "selinux" },
	{ .id = "5.4",
	  .title = "the container has no capabilities beyond the default",
	  .why = "some of them are root of the host by another name",
	  .fix = "--cap-drop ALL, and add what is needed",
	  .severity = AUDIT_HIGH,
	  .run_container = check_caps },
	{ .id = "5.5",
	  .title = "the container is not privileged",
	  .why = "a privileged container is root of the host; so is one that was given the parts",
	  .fix = "no --privileged; the capabilities and devices that are needed",
	  .severity = AUDIT_CRITICAL,
	  .run_container = check_privileged },
	{ .id = "5.6",
	  .title = "the container has none of the host's own folders",
	  .why = "who writes there owns the host, who reads there has its secrets",
	  .fix = "a volume with what is needed",
	  .severity = AUDIT_HIGH,
	  .run_container = check_mounts },
	{ .id = "5.7",
	  .title = "no SSH server runs in the container",
	  .why = "keys, users and a way in that nobody looks after",
	  .fix = "docker exec, kubectl exec",
	  .severity = AUDIT_LOW,
	  .run_container = check_sshd },
	{ .id = "5.9",
	  .title = "the container listens on what is needed only",
	  .why = "each port is a way in",
	  .fix = "publish less, or bind it to 127.0.0.1",
	  .severity = AUDIT_LOW,
	  .run_container = check_ports },
	{ .id = "5.10",
	  .title = "the container has a network of its own",
	  .why = "on the host's it reaches what listens on 127.0.0.1, and sniffs",
	  .fix = "no --network host",
	  .severity = AUDIT_HIGH,
	  NAMESPACE(net, AUDIT_FAIL) },
	{ .id = "5.11",
	  .title = "the container's memory is limited",
	  .why = "one that leaks takes the host's memory",
	  .fix = "--memory",
	  .severity = AUDIT_LOW,
	  .run_container = check_limit,
	  .arg = "memory" },
	{ .id = "5.12",
	  .title = "the container's share of the processors is set",
	  .why = "one that spins starves the others",
	  .fix = "--cpus or --cpu-shares",
	  .severity = AUDIT_LOW,
	  .run_container = check_cpu },
	{ .id = "5.13",
	  .title = "the container's root is read-only",
	  .why = "who got in cannot leave tools there",
	  .fix = "--read-only, with --tmpfs where it must write",
	  .severity = AUDIT_LOW,
	  .run_container = check_root_read_only },
	{ .id = "5.16",
	  .title = "the container sees its own processes only",
	  .why = "else it sees, signals and, with luck, traces those of the host",
	  .fix = "no --pid host",
	  .severity = AUDIT_HIGH,
	  NAMESPACE(pid, AUDIT_FAIL) },
	{ .id = "5.17",
	  .title = "the container has shared memory of its own",
	  .why = "programs of the host trust what is in theirs",
	  .fix = "no --ipc host",
	  .severity = AUDIT_MEDIUM,
	  NAMESPACE(ipc, AUDIT_FAIL) },
	{ .id = "5.18",
	  .title = "the container has no devices of the host",
	  .why = "a disk is all files of the host, whatever their owners",
	  .fix = "no --device",
	  .severity = AUDIT_MEDIUM,
	  .run_container = check_devices },
	{ .id = "5.21",
	  .title = "the container has a host name of its own",
	  .why = "with CAP_SYS_ADMIN it renames the host",
	  .fix = "no --uts host",
	  .severity = AUDIT_LOW,
	  NAMESPACE(uts, AUDIT_FAIL) },
	{ .id = "5.22",
	  .title = "a seccomp filter holds the container",
	  .why = "it closes what most escapes of the kernel need",
	  .fix = "no --security-opt seccomp=unconfined; seccompProfile: RuntimeDefault",
	  .severity = AUDIT_HIGH,
	  .run_container = check_seccomp },
	{ .id = "5.26",
	  .title = "the container gains no privilege",
	  .why = "a setuid program in the image makes root of any user",
	  .fix = "--security-opt no-new-privileges; allowPrivilegeEscalation: false",
	  .severity = AUDIT_MEDIUM,
	  .run_container = check_no_new_privs },
	{ .id = "5.29",
	  .title = "the number of the container's processes is limited",
	  .why = "a fork bomb takes the host's",
	  .fix = "--pids-limit 200",
	  .severity = AUDIT_LOW,
	  .run_container = check_limit,
	  .arg = "pids" },
	{ .id = "5.31",
	  .title = "root of the container is not root of the host",
	  .why = "in the host's user namespace its capabilities count on the host",
	  .fix = "userns-remap, rootless, --userns auto, hostUsers: false",
	  .severity = AUDIT_MEDIUM,
	  NAMESPACE(user, AUDIT_WARN) },
	{ .id = "5.32",
	  .title = "no engine's socket is in the container",
	  .why = "who may write to it starts a privileged container: root of the host",
	  .fix = "no bind of docker.sock, containerd.sock, or of the folder that has it",
	  .severity = AUDIT_CRITICAL,
	  .run_container = check_sockets },
	{ .id = "C.5.3.1",
	  .title = "the container has no CAP_DAC_READ_SEARCH",
	  .why = "it opens any file of the host by its handle",
	  .fix = "--cap-drop DAC_READ_SEARCH",
	  .source = "docker-bench-security",
	  .severity = AUDIT_HIGH,
	  .run_container = check_one_cap,
	  .arg = "DAC_READ_SEARCH" },
	{ .id = "C.5.3.2",
	  .title = "the container has no CAP_SYS_MODULE",
	  .why = "it loads code into the kernel",
	  .fix = "--cap-drop SYS_MODULE",
	  .source = "docker-bench-security",
	  .severity = AUDIT_CRITICAL,
	  .run_container = check_one_cap,
	  .arg = "SYS_MODULE" },
	{ .id = "C.5.3.3",
	  .title = "the container has no CAP_SYS_ADMIN",
	  .why = "it mounts, and that is root of the host",
	  .fix = "--cap-drop SYS_ADMIN",
	  .source = "docker-bench-security",
	  .severity = AUDIT_CRITICAL,
	  .run_container = check_one_cap,
	  .arg = "SYS_ADMIN" },
	{ .id = "C.5.3.4",
	  .title = "the container has no CAP_SYS_PTRACE",
	  .why = "with the host's processes it takes them over",
	  .fix = "--cap-drop SYS_PTRACE",
	  .source = "docker-bench-security",
	  .severity = AUDIT_HIGH,
	  .run_container = check_one_cap,
	  .arg = "SYS_PTRACE" },
	{ .id = "container.proc",
	  .title = "files of the kernel are hidden from the container",
	  .why = "/proc/sys/kernel/core_pattern, /proc/sysrq-trigger and /sys are ways out "
		 "(CVE-2025-31133)",
	  .fix = "no --security-opt systempaths=unconfined, no procMount: Unmasked; update runc",
	  .source = "Oakum",
	  .severity = AUDIT_HIGH,
	  .run_container = check_proc },
	{ .id = "container.others",
	  .title = "no process has more than the container's first",
	  .why = "docker exec --privileged, or with another user, is not seen in any setting",
	  .fix = "end that process",
	  .source = "Oakum",
	  .severity = AUDIT_MEDIUM,
	  .run_container = check_others },
};

const struct audit_table audit_container_state = {
	.group = "containers",
	.title = "Containers: what they may do (section 5)",
	.source = AUDIT_BENCHMARK,
	AUDIT_ROWS(rows),
};
