/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Containers: section 5 of the Docker Benchmark by what the kernel holds them to. Cases in which
 * docker-bench-security errs say so.
 */
#include "audit-fixture.h"
#include "fake-docker.h"
#include "fake-security.h"

#define STATUS(...)                                       \
	do {                                              \
		struct fake_status status_ = FAKE_STATUS; \
		struct fake_status *s = &status_;         \
		__VA_ARGS__;                              \
		fake_status(root, 50, s);                 \
	} while (0)

#define EMPTY_CAPS  "0000000000000000"
#define ALL_CAPS    "000001ffffffffff"
#define DOCKER_20   "0000003fffffffff" /* privileged, of an engine older than the kernel */
#define CGROUP      "sys/fs/cgroup/system.slice/docker-" ID_A ".scope/"
#define CONFIG      "var/lib/docker/containers/" ID_A "/config.v2.json"
#define HOST_CONFIG "var/lib/docker/containers/" ID_A "/hostconfig.json"

static void put_mounts(int root, const char *more)
{
	_cleanup_(freep) char *text = NULL;

	EXPECT(asprintf(&text, "%s%s", FAKE_MOUNTS, more) > 0);
	proc_put(root, 50, "mountinfo", text);
}

/* What each case does to a container that is as docker makes it. */
static void as_it_is(int root)
{
	(void)root;
}

static void user_1000(int root)
{
	STATUS(s->uid = "1000\t1000\t1000\t1000", s->effective = EMPTY_CAPS);
}

static void user_may_return(int root)
{
	STATUS(s->uid = "0\t1000\t0\t1000");
}

static void userns(int root)
{
	STATUS(s->uid = "100000\t100000\t100000\t100000");
	fake_namespace(root, 50, "user", 106);
	proc_put(root, 50, "uid_map", "         0     100000      65536\n");
}

static void all_devices(int root)
{
	proc_put(root, 50, "cgroup", "4:devices:/d\n0::/system.slice/docker-" ID_A ".scope\n");
	tree_put(root, "sys/fs/cgroup/devices/d/devices.list", "a *:* rwm\n");
}

static void all_devices_mapped(int root)
{
	all_devices(root);
	userns(root);
}

static void unconfined(int root)
{
	proc_put(root, 50, "attr/apparmor/current", "unconfined\n");
}

static void complain(int root)
{
	proc_put(root, 50, "attr/apparmor/current", "docker-default (complain)\n");
}

static void selinux(int root)
{
	tree_put(root, "sys/kernel/security/lsm", "capability,selinux");
	tree_put(root, "sys/fs/selinux/enforce", "1");
	proc_put(root, 50, "attr/current", "system_u:system_r:container_t:s0:c1,c2");
}

static void spc(int root)
{
	selinux(root);
	proc_put(root, 50, "attr/current", "system_u:system_r:spc_t:s0");
}

static void net_admin(int root)
{
	STATUS(s->effective = s->bounding = "00000000a80435fb");
}

static void all_caps(int root)
{
	STATUS(s->effective = s->bounding = ALL_CAPS);
}

static void bounding_only(int root)
{
	STATUS(s->uid = "1000\t1000\t1000\t1000", s->effective = EMPTY_CAPS, s->bounding = ALL_CAPS);
}

static void all_caps_userns(int root)
{
	userns(root);
	STATUS(s->uid = "100000\t100000\t100000\t100000", s->effective = s->bounding = ALL_CAPS);
}

static void dac_read_search(int root)
{
	STATUS(s->effective = s->bounding = "0000000000000004");
}

/* --cap-add ALL and all unconfined: inspect says Privileged=false, and docker-bench passes it. */
static void like_privileged(int root)
{
	STATUS(s->effective = s->bounding = DOCKER_20, s->seccomp = "0");
	unconfined(root);
}

static void etc_ro(int root)
{
	put_mounts(root, "100 90 254:1 /etc /host ro - ext4 /dev/vda1 rw\n");
}

static void etc_rw(int root)
{
	put_mounts(root, "100 90 254:1 /etc /host rw - ext4 /dev/vda1 rw\n");
}

static void root_ro(int root)
{
	put_mounts(root, "100 90 254:1 / /host ro - ext4 /dev/vda1 rw\n");
}

static void home_rw(int root)
{
	put_mounts(root, "100 90 254:1 /root /x rw - ext4 /dev/vda1 rw\n");
}

static void kubelet_rw(int root)
{
	put_mounts(root, "100 90 254:1 /var/lib/kubelet /x rw - ext4 /dev/vda1 rw\n");
}

static void volume(int root)
{
	put_mounts(root, "100 90 254:1 /var/lib/docker/volumes/a/_data /x rw - ext4 /dev/vda1 rw\n");
}

static void docker_socket(int root)
{
	struct oak_error err;

	EXPECT(dir_make(root, "run", &err) == 0);
	EXPECT(mknodat(root, "run/docker.sock", S_IFSOCK | 0600, 0) == 0);
	put_mounts(root, "100 90 0:40 /docker.sock /var/run/docker.sock rw - tmpfs tmpfs rw\n");
}

/* Read-only is no help, and the name that the container has for it says nothing. */
static void docker_socket_renamed(int root)
{
	docker_socket(root);
	put_mounts(root, "100 90 0:40 /docker.sock /x ro - tmpfs tmpfs rw\n");
}

static void run_folder(int root)
{
	put_mounts(root, "100 90 0:40 / /host-run rw - tmpfs tmpfs rw\n");
}

static void with_sshd(int root)
{
	proc_put(root, 51, "cgroup", "0::/system.slice/docker-" ID_A ".scope\n");
	proc_put(root, 51, "status", "Name:\tsshd\nPid:\t51\nNSpid:\t51\t7\n");
	proc_put(root, 51, "task/51/comm", "sshd\n");
	EXPECT(symlinkat("/usr/sbin/sshd", root, "proc/51/exe") == 0);
}

/* docker-bench looks at "ps" of the container: with --pid host it sees the host's. */
static void hosts_sshd(int root)
{
	fake_namespace(root, 50, "pid", 2);
	proc_put(root, 60, "cgroup", "0::/system.slice/ssh.service\n");
	proc_put(root, 60, "status", "Name:\tsshd\nPid:\t60\nNSpid:\t60\n");
	proc_put(root, 60, "task/60/comm", "sshd\n");
	EXPECT(symlinkat("/usr/sbin/sshd", root, "proc/60/exe") == 0);
}

static void host_net(int root)
{
	fake_namespace(root, 50, "net", 1);
}

static void host_pid(int root)
{
	fake_namespace(root, 50, "pid", 2);
}

static void host_ipc(int root)
{
	fake_namespace(root, 50, "ipc", 3);
}

static void host_uts(int root)
{
	fake_namespace(root, 50, "uts", 4);
}

static void limits(int root)
{
	tree_put(root, CGROUP "memory.max", "1048576\n");
	tree_put(root, CGROUP "pids.max", "100\n");
	tree_put(root, CGROUP "cpu.max", "50000 100000\n");
}

static void no_limits(int root)
{
	tree_put(root, CGROUP "memory.max", "max\n");
	tree_put(root, CGROUP "pids.max", "max\n");
	tree_put(root, CGROUP "cpu.max", "max 100000\n");
}

static void read_only(int root)
{
	proc_put(root, 50, "mountinfo",
		 "90 27 0:90 / / ro,relatime master:7 - overlay overlay rw\n" FAKE_PROC_MOUNTS
			 FAKE_SYS_MOUNTS FAKE_OWN_MOUNTS);
}

static void no_seccomp(int root)
{
	STATUS(s->seccomp = "0");
}

static void no_new_privs(int root)
{
	STATUS(s->no_new_privs = "1");
}

static void unmasked(int root)
{
	proc_put(root, 50, "mountinfo",
		 FAKE_ROOT_MOUNT
		 "91 90 0:91 / /proc rw - proc proc rw\n" FAKE_SYS_MOUNTS FAKE_OWN_MOUNTS);
}

static void exec_root(int root)
{
	user_1000(root);
	proc_put(root, 51, "cgroup", "0::/system.slice/docker-" ID_A ".scope\n");
	proc_put(root, 51, "status",
		 "Name:\tsh\nPid:\t51\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t\n"
		 "NSpid:\t51\t7\nCapInh:\t0000000000000000\nCapPrm:\t000001ffffffffff\n"
		 "CapEff:\t000001ffffffffff\nCapBnd:\t000001ffffffffff\n"
		 "CapAmb:\t0000000000000000\nNoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n");
	proc_put(root, 51, "task/51/comm", "sh\n");
	fake_namespaces(root, 51, 101);
	fake_namespace(root, 51, "user", 6);
	proc_put(root, 51, "uid_map", "         0          0 4294967295\n");
}

static void listens(int root)
{
	proc_put(root, 50, "net/sockstat", "TCP: inuse 1 orphan 0\nUDP: inuse 0 mem 0\n");
	proc_put(root, 50, "net/tcp",
		 "  sl  local_address rem_address   st\n"
		 "   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 9\n");
}

static const struct {
	const char *id;
	void (*spoil)(int root);
	enum audit_verdict want;
} cases[] = {
	{ "4.1", as_it_is, AUDIT_FAIL },
	{ "4.1", user_1000, AUDIT_PASS },
	{ "4.1", user_may_return, AUDIT_FAIL },
	/* docker-bench calls this root: it looks at the image alone. */
	{ "4.1", userns, AUDIT_PASS },
	{ "4.1", exec_root, AUDIT_WARN },
	{ "5.2", as_it_is, AUDIT_PASS },
	{ "5.2", unconfined, AUDIT_FAIL },
	{ "5.2", complain, AUDIT_FAIL },
	{ "5.2", selinux, AUDIT_INAPPLICABLE },
	{ "5.3", as_it_is, AUDIT_INAPPLICABLE },
	{ "5.3", selinux, AUDIT_PASS },
	/* docker-bench takes any security option for SELinux. */
	{ "5.3", spc, AUDIT_FAIL },
	{ "5.4", as_it_is, AUDIT_PASS },
	{ "5.4", net_admin, AUDIT_FAIL },
	/* docker-bench looks at what was added: a privileged one passes. */
	{ "5.4", like_privileged, AUDIT_FAIL },
	{ "5.4", bounding_only, AUDIT_WARN },
	{ "5.4", all_caps_userns, AUDIT_PASS },
	{ "5.5", as_it_is, AUDIT_PASS },
	{ "5.5", like_privileged, AUDIT_FAIL },
	{ "5.5", all_caps_userns, AUDIT_PASS },
	{ "5.6", as_it_is, AUDIT_PASS },
	{ "5.6", etc_rw, AUDIT_FAIL },
	/* docker-bench looks at what can be written, and not at /root, /run, /var/lib/kubelet. */
	{ "5.6", etc_ro, AUDIT_WARN },
	{ "5.6", root_ro, AUDIT_WARN },
	{ "5.6", home_rw, AUDIT_FAIL },
	{ "5.6", kubelet_rw, AUDIT_FAIL },
	{ "5.6", run_folder, AUDIT_FAIL },
	{ "5.6", volume, AUDIT_PASS },
	{ "5.7", as_it_is, AUDIT_PASS },
	{ "5.7", with_sshd, AUDIT_WARN },
	{ "5.7", hosts_sshd, AUDIT_PASS },
	{ "5.9", as_it_is, AUDIT_PASS },
	{ "5.9", listens, AUDIT_INFO },
	{ "5.10", as_it_is, AUDIT_PASS },
	{ "5.10", host_net, AUDIT_FAIL },
	{ "5.11", as_it_is, AUDIT_WARN },
	{ "5.11", limits, AUDIT_PASS },
	{ "5.12", no_limits, AUDIT_WARN },
	{ "5.12", limits, AUDIT_PASS },
	{ "5.13", as_it_is, AUDIT_WARN },
	{ "5.13", read_only, AUDIT_PASS },
	{ "5.16", as_it_is, AUDIT_PASS },
	{ "5.16", host_pid, AUDIT_FAIL },
	{ "5.17", as_it_is, AUDIT_PASS },
	{ "5.17", host_ipc, AUDIT_FAIL },
	{ "5.18", as_it_is, AUDIT_UNKNOWN },
	{ "5.18", all_devices, AUDIT_FAIL },
	/* Nodes can neither be made nor opened there. */
	{ "5.18", all_devices_mapped, AUDIT_PASS },
	{ "5.21", as_it_is, AUDIT_PASS },
	{ "5.21", host_uts, AUDIT_FAIL },
	{ "5.22", as_it_is, AUDIT_PASS },
	/* docker-bench knows "unconfined" alone; --privileged has no filter either. */
	{ "5.22", no_seccomp, AUDIT_FAIL },
	{ "5.22", exec_root, AUDIT_WARN },
	{ "5.26", as_it_is, AUDIT_WARN },
	{ "5.26", no_new_privs, AUDIT_PASS },
	{ "5.29", no_limits, AUDIT_WARN },
	{ "5.29", limits, AUDIT_PASS },
	/* docker-bench passes it where nobody said "host". */
	{ "5.31", as_it_is, AUDIT_WARN },
	{ "5.31", userns, AUDIT_PASS },
	{ "5.32", as_it_is, AUDIT_PASS },
	{ "5.32", docker_socket, AUDIT_FAIL },
	{ "5.32", docker_socket_renamed, AUDIT_FAIL },
	{ "C.5.3.1", as_it_is, AUDIT_PASS },
	{ "C.5.3.1", dac_read_search, AUDIT_FAIL },
	/* docker-bench misses --privileged and ALL. */
	{ "C.5.3.1", all_caps, AUDIT_FAIL },
	{ "C.5.3.2", as_it_is, AUDIT_PASS },
	{ "C.5.3.2", all_caps, AUDIT_FAIL },
	{ "C.5.3.2", all_caps_userns, AUDIT_PASS },
	{ "C.5.3.3", as_it_is, AUDIT_PASS },
	{ "C.5.3.3", all_caps, AUDIT_FAIL },
	{ "C.5.3.4", as_it_is, AUDIT_PASS },
	{ "C.5.3.4", all_caps, AUDIT_FAIL },
	{ "container.proc", as_it_is, AUDIT_PASS },
	{ "container.proc", unmasked, AUDIT_FAIL },
	{ "container.others", as_it_is, AUDIT_PASS },
	{ "container.others", exec_root, AUDIT_WARN },
};

TEST(containers_are_judged_by_the_kernel)
{
	const char *ids[sizeof(cases) / sizeof(cases[0])];
	char name[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = fake_security();

		(void)snprintf(name, sizeof(name), "%s, case %zu", cases[i].id, i);
		test_case = name;
		ids[i] = cases[i].id;
		cases[i].spoil(root);
		expect_verdict(root, cases[i].id, cases[i].want);
	}
	test_case = NULL;
	expect_all_of("containers", ids, sizeof(ids) / sizeof(ids[0]));
}

static int new_docker(const char *config, const char *host_config)
{
	int root = fake_security();

	tree_put(root, CONFIG, config);
	tree_put(root, HOST_CONFIG, host_config);
	return root;
}

#define PORTS(ip, port)                                                      \
	"{\"NetworkSettings\": {\"Ports\": {\"80/tcp\": [{\"HostIp\": \"" ip \
	"\", \"HostPort\": \"" port "\"}], \"81/tcp\": null}}}"
#define RESTART(name, count) \
	"{\"RestartPolicy\": {\"Name\": \"" name "\", \"MaximumRetryCount\": " count "}}"
#define ALLOW_ALL "{\\\"defaultAction\\\": \\\"SCMP_ACT_ALLOW\\\"}"
#define ALLOW_MOST                                                           \
	"{\\\"defaultAction\\\": \\\"SCMP_ACT_ALLOW\\\", \\\"syscalls\\\": " \
	"[{\\\"names\\\": [\\\"mount\\\"], \\\"action\\\": \\\"SCMP_ACT_ERRNO\\\"}]}"

static const struct {
	const char *id, *config, *host_config;
	enum audit_verdict want;
} declared[] = {
	{ "5.8", PORTS("0.0.0.0", "8080"), "{}", AUDIT_PASS },
	{ "5.8", PORTS("0.0.0.0", "80"), "{}", AUDIT_WARN },
	{ "5.14", PORTS("127.0.0.1", "8080"), "{}", AUDIT_PASS },
	{ "5.14", PORTS("0.0.0.0", "8080"), "{}", AUDIT_WARN },
	/* docker-bench misses these. */
	{ "5.14", PORTS("::", "8080"), "{}", AUDIT_WARN },
	{ "5.14", PORTS("", "8080"), "{}", AUDIT_WARN },
	{ "5.15", "{}", "{}", AUDIT_PASS },
	{ "5.15", "{}", RESTART("no", "0"), AUDIT_PASS },
	{ "5.15", "{}", RESTART("on-failure", "5"), AUDIT_PASS },
	{ "5.15", "{}", RESTART("on-failure", "6"), AUDIT_WARN },
	{ "5.15", "{}", RESTART("on-failure", "0"), AUDIT_WARN },
	{ "5.15", "{}", RESTART("always", "0"), AUDIT_WARN },
	{ "5.20", "{\"MountPoints\": {\"/x\": {\"Propagation\": \"rprivate\"}}}", "{}", AUDIT_PASS },
	{ "5.20", "{\"MountPoints\": {\"/x\": {\"Propagation\": \"rshared\"}}}", "{}", AUDIT_FAIL },
	{ "5.18", "{}", "{\"Devices\": [{\"PathOnHost\": \"/dev/sda\"}]}", AUDIT_WARN },
	{ "5.18", "{}", "{\"Devices\": []}", AUDIT_PASS },
	{ "5.25", "{}", "{\"CgroupParent\": \"\"}", AUDIT_PASS },
	{ "5.25", "{}", "{\"CgroupParent\": \"/mine\"}", AUDIT_WARN },
	{ "5.27", "{\"State\": {\"Health\": {\"Status\": \"healthy\"}}}", "{}", AUDIT_PASS },
	{ "5.27", "{\"State\": {}}", "{}", AUDIT_WARN },
	{ "5.30", "{\"NetworkSettings\": {\"Networks\": {\"mine\": {}}}}", "{}", AUDIT_PASS },
	{ "5.30", "{\"NetworkSettings\": {\"Networks\": {\"bridge\": {}}}}", "{}", AUDIT_WARN },
	{ "container.seccomp-profile", "{}", "{}", AUDIT_PASS },
	{ "container.seccomp-profile", "{}", "{\"SecurityOpt\": [\"seccomp=" ALLOW_ALL "\"]}",
	  AUDIT_FAIL },
	{ "container.seccomp-profile", "{}", "{\"SecurityOpt\": [\"seccomp=" ALLOW_MOST "\"]}",
	  AUDIT_INFO },
	{ "container.differs", "{}", "{}", AUDIT_PASS },
	{ "container.differs", "{}", "{\"Privileged\": true}", AUDIT_WARN },
	{ "container.differs", "{}", "{\"ReadonlyRootfs\": true}", AUDIT_WARN },
	{ "container.differs", "{}", "{\"NetworkMode\": \"host\"}", AUDIT_WARN },
	{ "container.differs", "{}", "{\"PidMode\": \"host\"}", AUDIT_WARN },
	{ "container.differs", "{}", "{\"SecurityOpt\": [\"no-new-privileges\"]}", AUDIT_WARN },
	/* docker-bench takes this for the option. */
	{ "container.differs", "{}", "{\"SecurityOpt\": [\"no-new-privileges:false\"]}",
	  AUDIT_PASS },
	{ "container.differs", "{}", "{\"SecurityOpt\": [\"seccomp=unconfined\"]}", AUDIT_WARN },
	{ "container.differs", "{\"Config\": {\"User\": \"1000\"}}", "{}", AUDIT_WARN },
	/* All are root; docker-bench knows "" and "root" alone. */
	{ "container.differs", "{\"Config\": {\"User\": \"\"}}", "{}", AUDIT_PASS },
	{ "container.differs", "{\"Config\": {\"User\": \"0:0\"}}", "{}", AUDIT_PASS },
	{ "container.differs", "{\"Config\": {\"User\": \"root:root\"}}", "{}", AUDIT_PASS },
	{ "container.differs", "{\"Config\": {\"User\": \"00\"}}", "{}", AUDIT_PASS },
	{ "container.differs", "{\"Config\": {\"User\": \"+0\"}}", "{}", AUDIT_PASS },
	/* What cannot be read. */
	{ "5.8", "{", "{}", AUDIT_UNKNOWN },
	{ "5.15", "{}", "[", AUDIT_UNKNOWN },
};

TEST(containers_are_judged_by_what_docker_was_asked)
{
	const char *ids[sizeof(declared) / sizeof(declared[0])];
	char name[64];

	for (size_t i = 0; i < sizeof(declared) / sizeof(declared[0]); i++) {
		_cleanup_(closep) int root =
			new_docker(declared[i].config, declared[i].host_config);

		(void)snprintf(name, sizeof(name), "%s, case %zu", declared[i].id, i);
		test_case = name;
		ids[i] = declared[i].id;
		expect_verdict(root, declared[i].id, declared[i].want);
	}
	test_case = NULL;
	expect_all_of("containers-declared", ids, sizeof(ids) / sizeof(ids[0]));
	expect_all_of("containers-differ", ids, sizeof(ids) / sizeof(ids[0]));
}

TEST(containers_say_what_was_seen)
{
	_cleanup_(closep) int root = new_docker("{\"Name\": \"/web\"}", "{\"Privileged\": false}");

	like_privileged(root);
	expect_finding(root, "container.differs",
		       "warn: /" HOST_CONFIG
		       ": privileged: declared no, in force yes; /" HOST_CONFIG
		       ": a seccomp filter: declared yes, in force no");
	expect_subject(root, "5.32", 1, 0, AUDIT_PASS, "container docker/web");
}

/* docker-bench in a container warns of the container that it asks for. */
TEST(containers_of_the_audit_itself_are_spared)
{
	_cleanup_(closep) int root = fake_security();

	like_privileged(root);
	expect_verdict(root, "5.5", AUDIT_FAIL);
	EXPECT(symlinkat("50", root, "proc/self") == 0);
	expect_finding(root, "5.16", "pass: /proc/50/ns/pid: that of the host: no");
	{
		_cleanup_(audit_clear) struct audit a = audit_one(root, "5.5");

		EXPECT(a.n == 1 && a.findings[0].verdict == AUDIT_INFO);
		EXPECT_STR(a.findings[0].seen[a.findings[0].n_seen - 1].value,
			   "the container of this audit");
	}
	/* A process of the host. */
	tree_drop(root, "proc/self");
	EXPECT(symlinkat("1", root, "proc/self") == 0);
	expect_verdict(root, "5.5", AUDIT_FAIL);
}

TEST(containers_that_are_not_here_are_not_judged)
{
	_cleanup_(closep) int root = tree_new_host();

	expect_finding(root, "5.5", "not-applicable: /proc: no container runs");
	expect_finding(root, "5.8", "not-applicable: /proc: no container runs");
}

TEST(containers_of_other_engines_have_no_file_that_tells)
{
	_cleanup_(closep) int root = fake_security();

	proc_put(root, 50, "cgroup", "0::/machine.slice/libpod-" ID_A ".scope\n");
	expect_finding(root, "5.15", "unknown: /proc: podman keeps it in a database");
	expect_finding(root, "container.differs", "unknown: /proc: no file of podman tells");
	expect_verdict(root, "5.5", AUDIT_PASS);
	proc_put(root, 50, "cgroup",
		 "0::/kubepods/besteffort/pod6c02d2ac-4b2c-4d1b-a6e7-6f1d6e3c8f10/" ID_A "\n");
	expect_finding(root, "5.15", "not-applicable: /proc: of a pod: Kubernetes decides");
}

#define OCI_CAPS                                                                               \
	"\"CAP_CHOWN\", \"CAP_DAC_OVERRIDE\", \"CAP_FSETID\", \"CAP_FOWNER\", \"CAP_MKNOD\", " \
	"\"CAP_NET_RAW\", \"CAP_SETGID\", \"CAP_SETUID\", \"CAP_SETFCAP\", \"CAP_SETPCAP\", "  \
	"\"CAP_NET_BIND_SERVICE\", \"CAP_SYS_CHROOT\", \"CAP_KILL\", \"CAP_AUDIT_WRITE\""
#define OCI(process, root, linux_)                                                            \
	"{\"process\": {\"user\": {\"uid\": 0}, \"capabilities\": {\"permitted\": [" OCI_CAPS \
	"]}" process "}, \"root\": {" root "}, \"linux\": {\"namespaces\": [{\"type\": "      \
	"\"network\"}, {\"type\": \"pid\"}, {\"type\": \"ipc\"}]" linux_ "}}"
#define SOME ", \"seccomp\": {\"defaultAction\": \"SCMP_ACT_ERRNO\"}"

/* What the runtime was given, of each engine where it keeps it. */
TEST(containers_of_other_engines_differ_too)
{
	static const struct {
		const char *id, *oci;
		enum audit_verdict want;
	} cases_[] = {
		{ "container.differs", OCI("", "", SOME), AUDIT_PASS },
		{ "container.differs", OCI("", "", ""), AUDIT_WARN },
		{ "container.differs", OCI("", "\"readonly\": true", SOME), AUDIT_WARN },
		{ "container.differs", OCI(", \"noNewPrivileges\": true", "", SOME), AUDIT_WARN },
		{ "container.differs", OCI("", "", SOME ", \"uidMappings\": [{}]"), AUDIT_WARN },
		{ "container.differs", "{\"linux\": {}}", AUDIT_WARN },
		{ "container.seccomp-profile", OCI("", "", SOME), AUDIT_PASS },
		{ "container.seccomp-profile",
		  OCI("", "", ", \"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\"}"),
		  AUDIT_FAIL },
		{ "container.differs", "[", AUDIT_UNKNOWN },
	};
	static const struct {
		const char *cgroup, *path;
	} engines[] = {
		{ "0::/machine.slice/libpod-" ID_A ".scope\n",
		  "var/lib/containers/storage/overlay-containers/" ID_A "/userdata/config.json" },
		{ "0::/system.slice/nerdctl-" ID_A ".scope\n",
		  "run/containerd/io.containerd.runtime.v2.task/default/" ID_A "/config.json" },
		{ "0::/system.slice/crun-" ID_A ".scope\n", "run/crun/" ID_A "/config.json" },
		{ "0::/system.slice/runc-" ID_A ".scope\n", "srv/bundle/config.json" },
	};

	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
		_cleanup_(closep) int root = fake_security();

		proc_put(root, 50, "cgroup", engines[i].cgroup);
		tree_put(root, "run/runc/" ID_A "/state.json",
			 "{\"config\": {\"labels\": [\"x\", \"bundle=/srv/bundle\"]}}");
		for (size_t k = 0; k < sizeof(cases_) / sizeof(cases_[0]); k++) {
			char name[128];

			(void)snprintf(name, sizeof(name), "%zu: %s", k, engines[i].path);
			test_case = name;
			tree_put(root, engines[i].path, cases_[k].oci);
			expect_verdict(root, cases_[k].id, cases_[k].want);
			test_case = NULL;
		}
	}
}
