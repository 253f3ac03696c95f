/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one process may do, on fake trees: each property both ways, and trees that lie. */
#include "fake-security.h"

#include <pthread.h>
#include <unistd.h>

#include "host/security/security.h"

static void read_one(int root, struct security *s)
{
	struct oak_error err = { .code = OAK_OK };

	if (security_read(root, 50, s, &err) < 0)
		EXPECT_STR(err.msg, "");
}

TEST(security_of_a_docker_container)
{
	_cleanup_(closep) int root = fake_security();
	_cleanup_(security_free) struct security s = { 0 };

	read_one(root, &s);
	EXPECT(s.pid == 50 && s.start_ticks == 4711);
	EXPECT_STR(s.command, "sleep");
	EXPECT(s.real_root == FACT_YES && s.root_uid == 0 && s.identity_map);
	EXPECT(s.n_groups == 2 && s.groups[1] == 27);
	EXPECT(s.caps.effective == CAPS_DOCKER && s.caps.bounding == CAPS_DOCKER);
	EXPECT(s.seccomp == SECCOMP_FILTER && s.seccomp_filters == 1);
	EXPECT(s.no_new_privs == FACT_NO);
	EXPECT_STR(s.lsm, "apparmor");
	EXPECT_STR(s.label, "docker-default (enforce)");
	EXPECT(s.confined == FACT_YES);
	for (enum namespace_kind k = NS_NET; k <= NS_MNT; k++)
		EXPECT(s.ns_host[k] == FACT_NO && s.ns[k] == 101 + (uint64_t)k);
	for (enum namespace_kind k = NS_USER; k <= NS_TIME; k++)
		EXPECT(s.ns_host[k] == FACT_YES);
	EXPECT(s.root_read_only == FACT_NO && s.root_propagation == PROPAGATION_SLAVE);
	EXPECT_STR(s.root_type, "overlay");
	EXPECT(s.root_is_hosts == FACT_NO && s.sys_writable == FACT_NO);
	EXPECT(s.proc_masked == FACT_YES && s.proc_sys_read_only == FACT_YES);
	EXPECT(s.n_mounts == 1 && s.mounts[0].place == PLACE_OWN);
	EXPECT_STR(s.mounts[0].inside, "/etc/hosts");
	EXPECT(s.memory_max_bytes == LIMIT_NONE && s.pids_max == LIMIT_NONE);
	EXPECT(s.cpu_quota_us == LIMIT_NONE && s.n_ports == 0);
	EXPECT(s.privileged == PRIVILEGED_NO && s.privileged_by == 0);
	/* cgroup v2 alone does not tell of devices. */
	EXPECT(s.devices_all == FACT_UNKNOWN && s.unread == SECURITY_DEVICES);
}

TEST(security_of_users)
{
	static const struct {
		const char *uid, *map;
		int user_ns;
		enum fact real_root;
		uint32_t root_uid;
		bool identity;
	} cases[] = {
		{ "1000\t1000\t1000\t1000", "0 0 4294967295\n", 6, FACT_NO, 0, true },
		{ "1000\t1000\t0\t1000", "0 0 4294967295\n", 6, FACT_YES, 0, true },
		{ "1000\t1000\t1000\t0", "0 0 4294967295\n", 6, FACT_YES, 0, true },
		{ "100000\t100000\t100000\t100000", "0 100000 65536\n", 206, FACT_NO, 100000,
		  false },
		/* A namespace of its own whose root is the host's. */
		{ "0\t0\t0\t0", "0 0 1\n", 206, FACT_YES, 0, false },
		{ "65534\t65534\t65534\t65534", "", 206, FACT_NO, ID_NONE, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = fake_security();
		_cleanup_(security_free) struct security s = { 0 };
		struct fake_status status = FAKE_STATUS;

		test_case = cases[i].map;
		status.uid = cases[i].uid;
		fake_status(root, 50, &status);
		proc_put(root, 50, "uid_map", cases[i].map);
		fake_namespace(root, 50, "user", cases[i].user_ns);
		read_one(root, &s);
		EXPECT(s.real_root == cases[i].real_root);
		EXPECT(s.root_uid == cases[i].root_uid && s.identity_map == cases[i].identity);
		EXPECT(s.ns_host[NS_USER] == (cases[i].user_ns == 6 ? FACT_YES : FACT_NO));
	}
	test_case = NULL;
}

#define OPEN_MOUNTS                              \
	FAKE_ROOT_MOUNT                          \
	"91 90 0:91 / /proc rw - proc proc rw\n" \
	"96 90 0:93 / /sys rw - sysfs sysfs rw\n"

TEST(security_privileged)
{
	static const struct {
		const char *name, *bounding, *seccomp, *label, *mounts, *devices;
		int user_ns;
		enum privileged want;
		unsigned by;
	} cases[] = {
		{ "docker --privileged", "0000003fffffffff", "0", "unconfined\n", OPEN_MOUNTS,
		  "a *:* rwm\n", 6, PRIVILEGED_YES, 0x3f },
		{ "the same on cgroup v2", "0000003fffffffff", "0", "unconfined\n", OPEN_MOUNTS,
		  NULL, 6, PRIVILEGED_YES, 0x1f },
		{ "all capabilities, nothing else taken away", "0000003fffffffff", "0",
		  "unconfined\n", FAKE_MOUNTS, "c 1:3 rwm\n", 6, PRIVILEGED_LIKE, 0x7 },
		{ "open, but a list of devices", "0000003fffffffff", "0", "unconfined\n",
		  OPEN_MOUNTS, "c 1:3 rwm\n", 6, PRIVILEGED_LIKE, 0x1f },
		{ "seccomp holds", "0000003fffffffff", "2", "unconfined\n", FAKE_MOUNTS, NULL, 6,
		  PRIVILEGED_NO, 0x5 },
		{ "AppArmor holds", "0000003fffffffff", "0", "docker-default (enforce)\n",
		  FAKE_MOUNTS, NULL, 6, PRIVILEGED_NO, 0x3 },
		{ "the label cannot be read", "0000003fffffffff", "0", NULL, FAKE_MOUNTS, NULL, 6,
		  PRIVILEGED_UNKNOWN, 0x3 },
		{ "in a user namespace", "0000003fffffffff", "0", "unconfined\n", OPEN_MOUNTS, NULL,
		  206, PRIVILEGED_NO, 0x1e },
		{ "no capabilities", FAKE_CAPS_DOCKER, "0", "unconfined\n", OPEN_MOUNTS, NULL, 6,
		  PRIVILEGED_NO, 0x1e },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = fake_security();
		_cleanup_(security_free) struct security s = { 0 };
		struct fake_status status = FAKE_STATUS;

		test_case = cases[i].name;
		status.bounding = status.effective = cases[i].bounding;
		status.seccomp = cases[i].seccomp;
		fake_status(root, 50, &status);
		fake_namespace(root, 50, "user", cases[i].user_ns);
		proc_put(root, 50, "mountinfo", cases[i].mounts);
		tree_drop(root, "proc/50/attr");
		if (cases[i].label)
			proc_put(root, 50, "attr/apparmor/current", cases[i].label);
		if (cases[i].devices) {
			proc_put(root, 50, "cgroup", "5:devices:/docker/x\n0::/\n");
			tree_put(root, "sys/fs/cgroup/devices/docker/x/devices.list",
				 cases[i].devices);
		}
		read_one(root, &s);
		EXPECT(s.privileged == cases[i].want);
		EXPECT(s.privileged_by == cases[i].by);
	}
	test_case = NULL;
}

TEST(security_of_kernel_files)
{
	static const struct {
		const char *name, *mounts;
		enum fact masked, sys_ro, sys_writable, root_ro;
	} cases[] = {
		{ "no mask of kcore",
		  FAKE_ROOT_MOUNT "91 90 0:91 / /proc rw - proc proc rw\n"
				  "95 90 0:92 /null /proc/keys rw - tmpfs tmpfs rw\n",
		  FACT_NO, FACT_NO, FACT_NO, FACT_NO },
		/* CVE-2025-31133: what should hide the file is a file of /proc. */
		{ "a mask that shows",
		  FAKE_ROOT_MOUNT
		  "91 90 0:91 / /proc rw - proc proc rw\n"
		  "94 90 0:91 /sys/kernel/core_pattern /proc/kcore rw - proc proc rw\n"
		  "95 90 0:92 /null /proc/keys rw - tmpfs tmpfs rw\n",
		  FACT_NO, FACT_NO, FACT_NO, FACT_NO },
		{ "no /proc at all", FAKE_ROOT_MOUNT, FACT_YES, FACT_YES, FACT_NO, FACT_NO },
		{ "all of /proc read-only", FAKE_ROOT_MOUNT "91 90 0:91 / /proc ro - proc proc rw\n",
		  FACT_NO, FACT_YES, FACT_NO, FACT_NO },
		{ "the trigger is open",
		  FAKE_ROOT_MOUNT "91 90 0:91 / /proc rw - proc proc rw\n"
				  "92 90 0:91 /sys /proc/sys ro - proc proc rw\n",
		  FACT_NO, FACT_NO, FACT_NO, FACT_NO },
		{ "another sysfs is writable",
		  FAKE_MOUNTS "99 90 0:93 / /host/sys rw - sysfs sysfs rw\n", FACT_YES, FACT_YES,
		  FACT_YES, FACT_NO },
		{ "a read-only root", "90 27 0:90 / / ro - overlay overlay rw\n" FAKE_PROC_MOUNTS,
		  FACT_YES, FACT_YES, FACT_NO, FACT_YES },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = fake_security();
		_cleanup_(security_free) struct security s = { 0 };

		test_case = cases[i].name;
		proc_put(root, 50, "mountinfo", cases[i].mounts);
		read_one(root, &s);
		EXPECT(s.proc_masked == cases[i].masked);
		EXPECT(s.proc_sys_read_only == cases[i].sys_ro);
		EXPECT(s.sys_writable == cases[i].sys_writable);
		EXPECT(s.root_read_only == cases[i].root_ro);
	}
	test_case = NULL;
}

static void put_socket(int root, const char *path)
{
	tree_put(root, path, "");
	tree_drop(root, path);
	EXPECT(mknodat(root, path, S_IFSOCK | 0660, 0) == 0);
}

/* As text: "place[!] host inside ro|rw [socket] [renamed]"; "!" is all of the place. */
static void mounts_text(const struct security *s, struct buf *b)
{
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct security_mount *m = &s->mounts[i];

		if (m->place == PLACE_OWN)
			continue;
		EXPECT(buf_printf(b, "%s%s %s %s %s%s%s%s\n", place_name(m->place),
				  m->whole ? "!" : "", m->host, m->inside,
				  m->read_only ? "ro" : "rw", m->socket ? " " : "",
				  m->socket ? m->socket : "", m->renamed ? " renamed" : "") == 0);
	}
}

TEST(security_of_mounts)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "1 90 254:1 /etc /host/etc rw - ext4 /dev/vda1 rw\n", "etc! /etc /host/etc rw\n" },
		{ "1 90 254:1 /etc /host/etc ro - ext4 /dev/vda1 rw\n", "etc! /etc /host/etc ro\n" },
		{ "1 90 254:1 / /host rw - ext4 /dev/vda1 rw\n",
		  "root! / /host rw /srv/podman.sock\n" },
		/* What lies on another file system need not be there. */
		{ "1 90 254:1 /srv /s rw - ext4 /dev/vda1 rw\n",
		  "other /srv /s rw /srv/podman.sock\n" },
		{ "1 90 0:40 / /x rw - tmpfs tmpfs rw\n", "run! /run /x rw /run/docker.sock\n" },
		{ "1 90 0:40 /docker.sock /x.sock ro - tmpfs tmpfs rw\n",
		  "socket! /run/docker.sock /x.sock ro /run/docker.sock\n" },
		{ "1 90 0:40 /other /y.sock rw - tmpfs tmpfs rw\n",
		  "socket! /run/docker.sock /y.sock rw /run/docker.sock renamed\n" },
		{ "1 90 0:40 /udev /run/udev ro - tmpfs tmpfs rw\n",
		  "run /run/udev /run/udev ro\n" },
		{ "1 90 254:1 /srv/www /www ro - ext4 /dev/vda1 rw\n", "other /srv/www /www ro\n" },
		{ "1 90 254:1 /var/lib/docker/volumes/v/_data /v rw - ext4 /dev/vda1 rw\n",
		  "volume! /var/lib/docker/volumes/v/_data /v rw\n" },
		{ "1 90 0:21 / /host/proc rw - proc proc rw\n", "proc! /proc /host/proc rw\n" },
		{ "1 90 0:22 / /host/sys ro - sysfs sysfs rw\n", "sys! /sys /host/sys ro\n" },
		{ "1 90 0:5 / /dev rw - devtmpfs udev rw\n", "dev! /dev /dev rw\n" },
		{ "1 90 0:5 /kmsg /dev/kmsg rw - devtmpfs udev rw\n",
		  "dev /dev/kmsg /dev/kmsg rw\n" },
		/* Of nobody: a file system of its own, or one that the host has not mounted. */
		{ "1 90 0:99 / /tmp rw - tmpfs tmpfs rw\n", "" },
		{ "1 90 8:1 /etc /etc rw - ext4 /dev/sda1 rw\n", "" },
		/* Hidden by another mount on it. */
		{ "1 90 254:1 /etc /x rw - ext4 /dev/vda1 rw\n2 90 0:99 / /x rw - tmpfs tmpfs rw\n",
		  "" },
		/* Another's control characters. */
		{ "1 90 254:1 /srv/\033[2J\\012 /\007 rw - ext4 /dev/vda1 rw\n",
		  "other /srv/?[2J? /? rw\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = fake_security();
		_cleanup_(security_free) struct security s = { 0 };
		_cleanup_(buf_free) struct buf text = { 0 }, mounts = { 0 };
		struct oak_error err;

		test_case = cases[i].line;
		put_socket(root, "run/docker.sock");
		put_socket(root, "srv/podman.sock");
		proc_put(root, 1, "net/unix", "0: 2 0 1 1 1 9 /srv/podman.sock\n");
		EXPECT(dir_make(root, "proc/50/root", &err) == 0);
		EXPECT(linkat(root, "run/docker.sock", root, "proc/50/root/y.sock", 0) == 0);
		EXPECT(buf_printf(&mounts, "%s%s", FAKE_MOUNTS, cases[i].line) == 0);
		proc_put(root, 50, "mountinfo", buf_str(&mounts));
		read_one(root, &s);
		mounts_text(&s, &text);
		EXPECT_STR(buf_str(&text), cases[i].want);
	}
	test_case = NULL;
}

/* Where looking may wait for somebody else, nobody looks. */
TEST(security_of_mounts_below_fuse)
{
	_cleanup_(closep) int root = fake_security();
	_cleanup_(security_free) struct security s = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	put_socket(root, "run/docker.sock");
	EXPECT(dir_make(root, "proc/50/root/f", &err) == 0);
	EXPECT(linkat(root, "run/docker.sock", root, "proc/50/root/f/y.sock", 0) == 0);
	proc_put(root, 50, "mountinfo",
		 FAKE_MOUNTS "1 90 0:98 / /f rw - fuse.x x rw\n"
			     "2 90 0:40 /other /f/y.sock rw - tmpfs tmpfs rw\n");
	read_one(root, &s);
	mounts_text(&s, &text);
	EXPECT_STR(buf_str(&text), "run /run/other /f/y.sock rw\n");
}

/* A socket elsewhere is known by the kernel's list. */
TEST(security_of_a_socket_elsewhere)
{
	_cleanup_(closep) int root = fake_security();
	_cleanup_(security_free) struct security s = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };

	put_socket(root, "srv/engine/docker.sock");
	proc_put(root, 1, "net/unix",
		 "Num\n0: 00000002 00000000 00010000 0001 01 9 /srv/engine/docker.sock\n");
	proc_put(root, 50, "mountinfo",
		 FAKE_MOUNTS "1 90 254:1 /srv/engine /e rw - ext4 /dev/vda1 rw\n");
	read_one(root, &s);
	mounts_text(&s, &text);
	EXPECT_STR(buf_str(&text), "other /srv/engine /e rw /srv/engine/docker.sock\n");
}

TEST(security_in_the_hosts_mounts)
{
	_cleanup_(closep) int root = fake_security();
	_cleanup_(security_free) struct security s = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };

	fake_namespace(root, 50, "mnt", 5);
	proc_put(root, 50, "mountinfo", FAKE_HOST_MOUNTS);
	read_one(root, &s);
	mounts_text(&s, &text);
	EXPECT_STR(buf_str(&text), "root! / / rw\n");
	EXPECT(s.root_is_hosts == FACT_YES && s.ns_host[NS_MNT] == FACT_YES);
	EXPECT(s.proc_masked == FACT_NO && s.sys_writable == FACT_YES);
}

TEST(security_of_limits)
{
	static const struct {
		const char *cgroup, *file, *text, *parent_file, *parent_text;
		uint64_t memory, pids, quota;
	} cases[] = {
		{ "0::/a/b\n", "a/b/memory.max", "1000\n", "a/memory.max", "max\n", 1000,
		  LIMIT_NONE, LIMIT_NONE },
		{ "0::/a/b\n", "a/b/memory.max", "1000\n", "a/memory.max", "500\n", 500, LIMIT_NONE,
		  LIMIT_NONE },
		{ "0::/a/b\n", "a/b/pids.max", "max\n", "a/pids.max", "7\n", LIMIT_NONE, 7,
		  LIMIT_NONE },
		{ "0::/a/b\n", "a/b/cpu.max", "50000 100000\n", "a/cpu.max", "90000 100000\n",
		  LIMIT_NONE, LIMIT_NONE, 50000 },
		{ "0::/a/b\n", "a/b/cpu.max", "max 100000\n", "a/cpu.max", "10 100\n", LIMIT_NONE,
		  LIMIT_NONE, 10 },
		{ "3:memory:/a/b\n2:pids:/a\n1:cpu,cpuacct:/c\n", "memory/a/b/memory.limit_in_bytes",
		  "9223372036854771712\n", "pids/a/pids.max", "9\n", LIMIT_NONE, 9, LIMIT_UNKNOWN },
		/* From within a cgroup namespace. */
		{ "0::/../x\n", "x/memory.max", "5\n", "x/pids.max", "5\n", LIMIT_UNKNOWN,
		  LIMIT_UNKNOWN, LIMIT_UNKNOWN },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = fake_security();
		_cleanup_(security_free) struct security s = { 0 };
		char path[256];

		test_case = cases[i].text;
		proc_put(root, 50, "cgroup", cases[i].cgroup);
		(void)snprintf(path, sizeof(path), "sys/fs/cgroup/%s", cases[i].file);
		tree_put(root, path, cases[i].text);
		(void)snprintf(path, sizeof(path), "sys/fs/cgroup/%s", cases[i].parent_file);
		tree_put(root, path, cases[i].parent_text);
		read_one(root, &s);
		EXPECT(s.memory_max_bytes == cases[i].memory);
		EXPECT(s.pids_max == cases[i].pids);
		EXPECT(s.cpu_quota_us == cases[i].quota);
	}
	test_case = NULL;
}

TEST(security_of_cpu_quota_v1)
{
	_cleanup_(closep) int root = fake_security();
	_cleanup_(security_free) struct security s = { 0 };

	proc_put(root, 50, "cgroup", "1:cpu:/c\n");
	tree_put(root, "sys/fs/cgroup/cpu/c/cpu.cfs_quota_us", "25000\n");
	tree_put(root, "sys/fs/cgroup/cpu/c/cpu.cfs_period_us", "100000\n");
	read_one(root, &s);
	EXPECT(s.cpu_quota_us == 25000 && s.cpu_period_us == 100000);
}

TEST(security_of_ports)
{
	_cleanup_(closep) int root = fake_security();
	_cleanup_(security_free) struct security s = { 0 };

	proc_put(root, 50, "net/sockstat", "TCP: inuse 1 orphan 0\nUDP: inuse 0 mem 0\n");
	proc_put(root, 50, "net/tcp", "head\n   0: 00000000:1F90 00000000:0000 0A 0\n");
	/* Not looked into, since nothing of UDP is in use. */
	proc_put(root, 50, "net/udp", "head\n   0: 00000000:1F91 00000000:0000 07 0\n");
	read_one(root, &s);
	EXPECT(s.n_ports == 1 && s.ports[0].port == 8080 && s.ports[0].any);
	EXPECT(!(s.unread & SECURITY_PORTS));
	security_free(&s);
	tree_drop(root, "proc/50/net/tcp");
	read_one(root, &s);
	EXPECT(s.unread & SECURITY_PORTS);
}

TEST(security_without_an_lsm)
{
	static const struct {
		const char *list, *file, *text, *lsm;
		enum fact confined;
	} cases[] = {
		{ "capability,yama", "attr/current", "", "", FACT_NO },
		{ "capability,selinux", "attr/current", "u:r:container_t:s0", "selinux", FACT_YES },
		{ NULL, "attr/current", "unconfined\n", "apparmor", FACT_NO },
		{ NULL, "attr/current", "u:r:spc_t:s0\n", "selinux", FACT_NO },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = fake_security();
		_cleanup_(security_free) struct security s = { 0 };

		tree_drop(root, "proc/50/attr");
		tree_drop(root, "sys/kernel/security");
		tree_put(root, "sys/fs/selinux/enforce", "1");
		if (cases[i].list)
			tree_put(root, "sys/kernel/security/lsm", cases[i].list);
		proc_put(root, 50, cases[i].file, cases[i].text);
		read_one(root, &s);
		EXPECT_STR(s.lsm, cases[i].lsm);
		EXPECT(s.confined == cases[i].confined);
	}
}

/* Without privilege hardly anything can be read: unknown, never good. */
TEST(security_that_cannot_be_read)
{
	_cleanup_(closep) int root = fake_security();
	_cleanup_(security_free) struct security s = { 0 };
	static const char *const files[] = { "ns", "mountinfo", "uid_map", "cgroup", "attr", "net" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "proc/50/%s", files[i]);
		tree_drop(root, path);
	}
	read_one(root, &s);
	EXPECT(s.unread == (SECURITY_NAMESPACES | SECURITY_IDS | SECURITY_LABEL | SECURITY_MOUNTS |
			    SECURITY_DEVICES | SECURITY_LIMITS | SECURITY_PORTS));
	EXPECT(s.ns_host[NS_PID] == FACT_UNKNOWN && s.root_read_only == FACT_UNKNOWN);
	EXPECT(s.sys_writable == FACT_UNKNOWN && s.proc_masked == FACT_UNKNOWN);
	EXPECT(s.confined == FACT_UNKNOWN && s.memory_max_bytes == LIMIT_UNKNOWN);
	EXPECT(s.real_root == FACT_YES);
}

/* Process 1 tells nobody its namespaces; the first kernel thread does. */
TEST(security_beside_a_closed_init)
{
	static const struct {
		const char *status;
		enum fact want;
	} cases[] = {
		{ "Name:\tkthreadd\n", FACT_YES },
		{ "Name:\tkthreadd\nVmSize:\t1 kB\n", FACT_UNKNOWN },
		{ "Name:\tsh\n", FACT_UNKNOWN },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = fake_security();
		_cleanup_(security_free) struct security s = { 0 };
		char text[512];

		tree_drop(root, "proc/1/ns");
		(void)snprintf(text, sizeof(text),
			       "%sPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nCapInh:\t0\n"
			       "CapPrm:\t0\nCapEff:\t0\nCapBnd:\t0\nCapAmb:\t0\n",
			       cases[i].status);
		proc_put(root, 2, "status", text);
		fake_namespaces(root, 2, 1);
		read_one(root, &s);
		EXPECT(s.ns_host[NS_USER] == cases[i].want);
		EXPECT(s.ns_host[NS_NET] == (cases[i].want == FACT_YES ? FACT_NO : FACT_UNKNOWN));
	}
}

TEST(security_of_nobody)
{
	_cleanup_(closep) int root = fake_security();
	struct security s = { 0 };
	struct oak_error err;

	EXPECT(security_read(root, 51, &s, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "process 51: there is none");
	tree_drop(root, "proc/50/status");
	EXPECT(security_read(root, 50, &s, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "process 50: ended while it was read");
	proc_put(root, 50, "status", "no status\n");
	EXPECT(security_read(root, 50, &s, &err) == -OAK_E_AGAIN);
	tree_drop(root, "proc");
	EXPECT(security_read(root, 50, &s, &err) == -OAK_E_IO);
}

/* While uid_map is read, which is a pipe, the process becomes another, or ends. */
struct change {
	int root;
	const char *stat; /* NULL: it ends */
};

static void *change_meanwhile(void *arg)
{
	const struct change *c = arg;
	int fd = openat(c->root, "proc/50/uid_map", O_WRONLY | O_CLOEXEC);

	if (c->stat)
		proc_put(c->root, 50, "stat", c->stat);
	else
		tree_drop(c->root, "proc/50/stat");
	(void)!write(fd, "0 0 1\n", 6);
	(void)close(fd);
	return NULL;
}

TEST(security_of_a_pid_that_changes_hands)
{
	static const struct {
		const char *stat, *want;
	} cases[] = {
		{ FAKE_STAT, NULL },
		{ "50 (x) S 1 50 50 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4712 0 0\n",
		  "process 50: ended while it was read, and another has its number" },
		{ NULL, "process 50: ended while it was read" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = fake_security();
		_cleanup_(security_free) struct security s = { 0 };
		struct change change = { root, cases[i].stat };
		struct oak_error err = { .msg = "" };
		pthread_t t;
		int r;

		/* Of the host's own namespace nobody reads it. */
		fake_namespace(root, 50, "user", 206);
		tree_drop(root, "proc/50/uid_map");
		EXPECT(mkfifoat(root, "proc/50/uid_map", 0600) == 0);
		EXPECT(pthread_create(&t, NULL, change_meanwhile, &change) == 0);
		r = security_read(root, 50, &s, &err);
		EXPECT(pthread_join(t, NULL) == 0);
		EXPECT(r == (cases[i].want ? -OAK_E_AGAIN : 0));
		EXPECT_STR(err.msg, cases[i].want ? cases[i].want : "");
		EXPECT(s.pid == (cases[i].want ? 0 : 50));
	}
}

/* Texts of 64 KiB and more, of other bytes than letters. */
TEST(security_of_hostile_texts)
{
	_cleanup_(closep) int root = fake_security();
	_cleanup_(security_free) struct security s = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };

	EXPECT(buf_add_str(&text, FAKE_MOUNTS "1 90 254:1 /") == 0);
	for (int i = 0; i < 65536; i++)
		EXPECT(buf_add_str(&text, "\033") == 0);
	EXPECT(buf_add_str(&text, " /x rw - ext4 \377 rw\n") == 0);
	proc_put(root, 50, "mountinfo", buf_str(&text));
	proc_put(root, 50, "attr/apparmor/current", strchr(buf_str(&text), '\033'));
	proc_put(root, 50, "cgroup", buf_str(&text));
	read_one(root, &s);
	EXPECT(s.n_mounts == 2 && strlen(s.label) == SECURITY_LABEL_MAX - 1);
	for (const char *p = s.mounts[0].host; *p; p++)
		EXPECT(*p == '/' || *p == '?');
	EXPECT(s.unread & SECURITY_LIMITS);
}
