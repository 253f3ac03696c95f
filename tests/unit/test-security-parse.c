/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pure parts of host/security: what the texts of the kernel say. */
#include "test.h"

#include "host/security/caps.h"
#include "host/security/label.h"
#include "host/security/limits.h"
#include "host/security/mounts.h"
#include "host/security/places.h"
#include "host/security/ports.h"
#include "host/security/proc-status.h"
#include "host/security/sockets.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

TEST(caps_in_words)
{
	static const struct {
		uint64_t set;
		const char *want;
	} cases[] = {
		{ 0, "none" },
		{ 0xa80425fb, "default" },
		{ 0x800405fb, "default" },
		{ 0x20000420, "default" },
		{ 0xa80425fb | CAP_BIT(12), "default +NET_ADMIN" },
		{ 0xa80425fb | CAP_BIT(12) | CAP_BIT(63), "default +NET_ADMIN +63" },
		{ 0x1, "less than default" },
		{ 0x400 | CAP_BIT(25), "less than default +SYS_TIME" },
		{ CAP_BIT(25) | CAP_BIT(21), "SYS_ADMIN SYS_TIME" },
		/* docker 20.10 --privileged; all that a root without SYS_RESOURCE can give. */
		{ 0x3fffffffff, "privileged" },
		{ 0x3ffeffffff, "privileged" },
		{ 0x1ffffffffff, "all" },
		{ UINT64_MAX, "all" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[256];

		caps_text(cases[i].set, text, sizeof(text));
		EXPECT_STR(text, cases[i].want);
	}
}

TEST(caps_are_cut_with_dots)
{
	char text[64];

	caps_text(CAP_BIT(21) | CAP_BIT(25) | CAP_BIT(12) | CAP_BIT(16) | CAP_BIT(17) |
			  CAP_BIT(39) | CAP_BIT(38) | CAP_BIT(34),
		  text, sizeof(text));
	EXPECT_STR(text, "NET_ADMIN SYS_MODULE SYS_RAWIO SYS_ADMIN SYS_TIME SYSLOG ...");
}

TEST(caps_have_names)
{
	EXPECT_STR(cap_name(0), "CHOWN");
	EXPECT_STR(cap_name(21), "SYS_ADMIN");
	EXPECT_STR(cap_name(40), "CHECKPOINT_RESTORE");
	EXPECT(!cap_name(41));
	EXPECT(cap_number("CAP_SYS_ADMIN") == 21);
	EXPECT(cap_number("cap_net_raw") == 13);
	EXPECT(cap_number("NET_RAW") == 13);
	EXPECT(cap_number("") == -1);
	EXPECT(cap_number("CAP_") == -1);
	EXPECT(!caps_are_privileged(0xa80425fb));
	EXPECT(!caps_are_privileged(0x3fffffffff & ~CAP_BIT(21)));
}

/* Each word is another, and all there are; what is none of them is unknown. */
TEST(kinds_have_words)
{
	EXPECT_STR(fact_name(FACT_YES), "yes");
	EXPECT_STR(fact_name((enum fact)9), "unknown");
	EXPECT_STR(namespace_name(NS_TIME), "time");
	EXPECT_STR(namespace_name(NS_KINDS), "unknown");
	EXPECT_STR(seccomp_name(SECCOMP_FILTER), "filter");
	EXPECT_STR(propagation_name(PROPAGATION_SLAVE), "slave");
	EXPECT_STR(privileged_name(PRIVILEGED_LIKE), "like");
	EXPECT_STR(privileged_sign_name(PRIVILEGED_DEVICES), "devices");
	EXPECT_STR(privileged_sign_name((enum privileged_sign)0), "unknown");
	EXPECT_STR(security_part_name(SECURITY_PORTS), "ports");
	for (enum place a = PLACE_NONE; a < PLACE_KINDS; a++)
		for (enum place b = PLACE_NONE; b < a; b++)
			EXPECT(strcmp(place_name(a), place_name(b)) != 0);
}

#define CAP_LINES                                                                           \
	"CapInh:\t0000000000000000\nCapPrm:\t00000000a80425fb\nCapEff:\t0000000000000400\n" \
	"CapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000001\n"
#define STATUS                                                                         \
	"Name:\tngi\033nx\nUmask:\t0022\nState:\tS (sleeping)\nPPid:\t77\n"            \
	"Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nFDSize:\t64\nGroups:\t0 27 4294967294 \n" \
	"NStgid:\t9\t1\nNSpid:\t4711\t17\t1\n" CAP_LINES                               \
	"NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\nSpeculation_Store_Bypass:\tx\n"

TEST(status_of_a_process)
{
	struct proc_status s;

	EXPECT(proc_status_parse(STATUS, &s));
	EXPECT_STR(s.command, "ngi?nx");
	EXPECT(s.parent == 77 && s.inner == 1 && s.is_inner);
	EXPECT(s.uid[0] == 1 && s.uid[3] == 4 && s.gid[0] == 5 && s.gid[3] == 8);
	EXPECT(s.n_groups == 3 && s.groups[1] == 27 && s.groups[2] == 4294967294u);
	EXPECT(s.caps.permitted == 0xa80425fb && s.caps.effective == 0x400);
	EXPECT(s.caps.bounding == 0xa80425fb && s.caps.ambient == 1 && s.caps.inheritable == 0);
	EXPECT(s.no_new_privs == FACT_YES && s.seccomp == SECCOMP_FILTER);
	EXPECT(s.seccomp_filters == 3);
}

/* An old kernel says less; what is missing is unknown. */
TEST(status_of_an_old_kernel)
{
	struct proc_status s;

	EXPECT(proc_status_parse(
		"Name:\tx\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n" CAP_LINES, &s));
	EXPECT(s.seccomp == SECCOMP_UNKNOWN && s.no_new_privs == FACT_UNKNOWN && !s.inner);
}

TEST(status_is_refused)
{
	static const char *const cases[] = {
		"",
		"Name:\tx\nPPid:\t0\n",
		"Name:\tx\nPPid:\t0\nUid:\t0\t0\t0\nGid:\t0\t0\t0\t0\n" CAP_LINES,
		"Name:\tx\nPPid:\t0\nUid:\t0\t0\t0\t4294967296\nGid:\t0\t0\t0\t0\n" CAP_LINES,
		"Name:\tx\nPPid:\t0\nUid:\t0\t0\t0\t-1\nGid:\t0\t0\t0\t0\n" CAP_LINES,
		"Name:\tx\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nCapEff:\tzz\n" CAP_LINES,
	};
	struct proc_status s;

	for (size_t i = 0; i < COUNT(cases); i++)
		EXPECT(!proc_status_parse(cases[i], &s));
}

/* The kernel's own line comes first; a name of 64 KiB is cut. */
TEST(status_of_a_hostile_process)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct proc_status s;

	EXPECT(buf_add_str(&text, "Name:\t") == 0);
	for (int i = 0; i < 65536; i++)
		EXPECT(buf_add(&text, "\007", 1) == 0);
	EXPECT(buf_add_str(&text, "\n" STATUS "Uid:\t0\t0\t0\t0\n") == 0);
	EXPECT(proc_status_parse(buf_str(&text), &s));
	EXPECT_STR(s.command, "????????????????");
	EXPECT(s.uid[0] == 1);
}

TEST(id_maps)
{
	static const struct {
		const char *text;
		bool ok, identity;
		uint32_t root;
	} cases[] = {
		{ "         0          0 4294967295\n", true, true, 0 },
		{ "         0     100000      65536\n", true, false, 100000 },
		{ "         1     100000      65536\n         0       1000          1\n", true,
		  false, 1000 },
		{ "         0          0          1\n", true, false, 0 },
		{ "         1     100000      65536\n", true, false, UINT32_MAX },
		{ "", true, false, UINT32_MAX },
		{ "0 1\n", false, false, 0 },
		{ "0 1 4294967296\n", false, false, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct id_map map = { .root = 0 };

		test_case = cases[i].text;
		EXPECT(id_map_parse(cases[i].text, &map) == cases[i].ok);
		EXPECT(map.root == cases[i].root && map.identity == cases[i].identity);
	}
	test_case = NULL;
}

TEST(mount_tables)
{
	char text[] =
		"22 27 0:21 / /proc rw,nosuid - proc proc rw\n"
		"damaged\n"
		"27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
		"28 27 254:1 /a\\040b\\134 /mnt\\011x ro master:7 propagate_from:2 - ext4 /dev/vda1 rw\n"
		"29 27 0:44 / /ro rw shared:3 master:1 - tmpfs  ro,size=1k\n"
		"30 27 0:21 /sys /proc rw - proc proc rw\n"
		"31 27 x:1 / /no rw - proc proc rw\n";
	_cleanup_(mounts_free) struct mount_table t = { 0 };
	const struct mount *m;
	size_t n;

	EXPECT(mounts_parse(text, &t) == 0);
	EXPECT(t.n == 5);
	EXPECT_STR(t.mounts[2].root, "/a b\\");
	EXPECT_STR(t.mounts[2].point, "/mnt\tx");
	EXPECT(t.mounts[2].read_only && t.mounts[2].propagation == PROPAGATION_SLAVE);
	EXPECT(t.mounts[1].propagation == PROPAGATION_SHARED && !t.mounts[1].read_only);
	EXPECT(t.mounts[0].propagation == PROPAGATION_PRIVATE);
	EXPECT_STR(t.mounts[3].type, "tmpfs");
	EXPECT(t.mounts[3].read_only);
	EXPECT(t.mounts[3].propagation == PROPAGATION_SHARED);
	m = mounts_at(&t, "/proc");
	EXPECT(m && strcmp(m->root, "/sys") == 0);
	EXPECT(!mounts_at(&t, "/none"));
	m = mounts_of_path(&t, "/ro/x");
	EXPECT(m == &t.mounts[3]);
	EXPECT(mounts_of_path(&t, "/root") == &t.mounts[1]);
	EXPECT(mounts_of_device(&t, 254ull << 32 | 1, &n) && n == 2);
	(void)mounts_of_device(&t, 9, &n);
	EXPECT(n == 0);
}

TEST(paths_below)
{
	EXPECT_STR(path_below("/a/b", "/a"), "/b");
	EXPECT_STR(path_below("/a", "/a"), "");
	EXPECT_STR(path_below("/a", "/"), "/a");
	EXPECT_STR(path_below("/", "/"), "");
	EXPECT(!path_below("/ab", "/a"));
	EXPECT(!path_below("/", "/a"));
}

#define ID64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

TEST(places_of_the_host)
{
	static const struct {
		const char *path;
		enum place place;
		bool whole;
	} cases[] = {
		{ "/", PLACE_ROOT, true },
		{ "/etc", PLACE_ETC, true },
		{ "/etc/localtime", PLACE_ETC, false },
		{ "/etcetera", PLACE_OTHER, false },
		{ "/run", PLACE_RUN, true },
		{ "/var/run", PLACE_RUN, true },
		{ "/var/run/x", PLACE_RUN, false },
		{ "/var", PLACE_ENGINE, true },
		{ "/var/lib", PLACE_ENGINE, true },
		{ "/var/lib/docker", PLACE_ENGINE, true },
		{ "/var/lib/docker/volumes", PLACE_ENGINE, false },
		{ "/var/lib/docker/volumes/db/_data", PLACE_VOLUME, true },
		{ "/data/docker/volumes/db/_data/x", PLACE_VOLUME, true },
		{ "/var/lib/docker/containers/" ID64 "/hosts", PLACE_OWN, true },
		{ "/data/docker/containers/" ID64 "/hosts", PLACE_OWN, true },
		{ "/var/lib/docker/containers/" ID64, PLACE_ENGINE, false },
		{ "/x/overlay-containers/" ID64 "/userdata/hosts", PLACE_OWN, true },
		{ "/var/lib/kubelet", PLACE_KUBELET, true },
		{ "/var/lib/kubelet/pods/1/volumes/x/y", PLACE_VOLUME, true },
		{ "/var/lib/kubelet/pods/1/etc-hosts", PLACE_OWN, true },
		{ "/etc/kubernetes", PLACE_KUBELET, true },
		{ "/etc/kubernetes/pki", PLACE_KUBELET, false },
		{ "/root", PLACE_HOME, true },
		{ "/home", PLACE_HOME, true },
		{ "/home/ann/src", PLACE_HOME, false },
		{ "/proc", PLACE_PROC, true },
		{ "/sys", PLACE_SYS, true },
		{ "/dev", PLACE_DEV, true },
		{ "/dev/null", PLACE_OWN, true },
		{ "/dev/kmsg", PLACE_DEV, false },
		{ "/usr", PLACE_SYSTEM, true },
		{ "/usr/share/zoneinfo", PLACE_SYSTEM, false },
		{ "/srv/www", PLACE_OTHER, false },
		{ "/opt", PLACE_OTHER, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		bool whole;

		test_case = cases[i].path;
		EXPECT_STR(place_name(place_of(cases[i].path, &whole)), place_name(cases[i].place));
		EXPECT(whole == cases[i].whole);
	}
	test_case = NULL;
}

#define TCP_HEAD \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"

TEST(ports_that_listen)
{
	_cleanup_(ports_free) struct port_list l = { 0 };

	EXPECT(ports_parse(TCP_HEAD
			   "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000\n"
			   "   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000\n"
			   "   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000\n"
			   "   3: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000\n"
			   "   4: 00000000:10050 00000000:0000 0A 0:0\n"
			   "   5: 000000000:0051 00000000:0000 0A 0:0\n"
			   "   6: 0000000:0051 00000000:0000 0A 0:0\n",
			   PORT_TCP, &l) == 0);
	EXPECT(l.n == 2);
	EXPECT_STR(l.ports[0].address, "127.0.0.1");
	EXPECT(l.ports[0].port == 8080 && l.ports[0].loopback && !l.ports[0].any);
	EXPECT_STR(l.ports[1].address, "0.0.0.0");
	EXPECT(l.ports[1].port == 80 && l.ports[1].any && !l.ports[1].loopback);
	EXPECT(ports_parse("  0: 00000000000000000000000001000000:1F90 "
			   "00000000000000000000000000000000:0000 0A 0\n"
			   "  1: 00000000000000000000000000000000:0035 "
			   "00000000000000000000000000000000:0000 0A 0\n",
			   PORT_TCP6, &l) == 0);
	EXPECT(l.n == 4);
	EXPECT_STR(l.ports[2].address, "::1");
	EXPECT(l.ports[2].loopback && l.ports[3].any && l.ports[3].port == 53);
	EXPECT(ports_parse("  0: 00000000:0035 00000000:0000 07 0\n"
			   "  1: 00000000:0036 00000000:0000 01 0\n",
			   PORT_UDP, &l) == 0);
	EXPECT(l.n == 5 && l.ports[4].protocol == PORT_UDP && l.ports[4].port == 53);
}

TEST(ports_are_counted_first)
{
	static const char text[] = "sockets: used 11\nTCP: inuse 0 orphan 0\nUDP: inuse 2 mem 0\n";

	EXPECT(!sockets_are_none(text) && !sockets_are_none(""));
	EXPECT(sockets_are_none("sockets: used 0\nTCP: inuse 0\n"));
	EXPECT(!ports_are_any(text, PORT_TCP));
	EXPECT(ports_are_any(text, PORT_UDP));
	EXPECT(ports_are_any(text, PORT_TCP6));
	EXPECT(!ports_are_any("TCP6: inuse 0\n", PORT_TCP6));
	EXPECT(ports_are_any("TCP6: inuse\n", PORT_TCP6));
}

TEST(cgroup_paths)
{
	static const char text[] = "12:cpu,cpuacct:/a/b\n4:memory:/m\n1:name=systemd:/s\n0::/u:x\n";
	static const struct {
		const char *text, *controller, *want;
	} cases[] = {
		{ text, "cpu", "/a/b" },       { text, "cpuacct", "/a/b" },
		{ text, "memory", "/m" },      { text, "", "/u:x" },
		{ text, "pids", NULL },        { text, "acct", NULL },
		{ "0::/../x\n", "", NULL },    { "0::/a/../b\n", "", NULL },
		{ "0::/a..b\n", "", "/a..b" }, { "0::relative\n", "", NULL },
		{ "0:\n", "", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char path[64];

		EXPECT(cgroup_path(cases[i].text, cases[i].controller, path, sizeof(path)) ==
		       (cases[i].want != NULL));
		if (cases[i].want)
			EXPECT_STR(path, cases[i].want);
	}
}

TEST(limits_in_numbers)
{
	uint64_t quota, period;

	EXPECT(limit_parse("max\n") == LIMIT_NONE);
	EXPECT(limit_parse("-1\n") == LIMIT_NONE);
	EXPECT(limit_parse("9223372036854771712\n") == LIMIT_NONE);
	EXPECT(limit_parse("67108864\n") == 67108864);
	EXPECT(limit_parse("0\n") == 0);
	EXPECT(limit_parse("") == LIMIT_UNKNOWN);
	EXPECT(limit_parse("x") == LIMIT_UNKNOWN);
	EXPECT(limit_parse("99999999999999999999999\n") == LIMIT_UNKNOWN);
	EXPECT(limit_parse_cpu("max 100000\n", &quota, &period));
	EXPECT(quota == LIMIT_NONE && period == 100000);
	EXPECT(limit_parse_cpu("50000 100000\n", &quota, &period));
	EXPECT(quota == 50000 && period == 100000);
	EXPECT(!limit_parse_cpu("50000\n", &quota, &period));
	EXPECT(!limit_parse_cpu("50000 0\n", &quota, &period));
	EXPECT(devices_are_all("a *:* rwm\n"));
	EXPECT(devices_are_all("c 1:3 rwm\na *:* rwm\n"));
	EXPECT(!devices_are_all("c *:* m\nb *:* m\nc 1:3 rwm\n"));
	EXPECT(!devices_are_all("a *:* rw\n"));
	EXPECT(!devices_are_all(""));
}

TEST(labels_that_confine)
{
	static const struct {
		const char *lsm, *text;
		bool enforcing;
		enum fact want;
	} cases[] = {
		{ "apparmor", "docker-default (enforce)", false, FACT_YES },
		{ "apparmor", "docker-default (complain)", false, FACT_NO },
		{ "apparmor", "unconfined", false, FACT_NO },
		{ "apparmor", "snap (unconfined)", false, FACT_NO },
		{ "apparmor", "", false, FACT_UNKNOWN },
		{ "selinux", "system_u:system_r:container_t:s0:c1,c2", true, FACT_YES },
		{ "selinux", "system_u:system_r:container_t:s0:c1,c2", false, FACT_NO },
		{ "selinux", "system_u:system_r:spc_t:s0", true, FACT_NO },
		{ "selinux", "unconfined_u:unconfined_r:unconfined_t:s0", true, FACT_NO },
		{ "selinux", "garbage", true, FACT_NO },
		{ "smack", "_", false, FACT_NO },
		{ "smack", "App", false, FACT_YES },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		test_case = cases[i].text;
		EXPECT(label_confines(cases[i].lsm, cases[i].text, cases[i].enforcing) ==
		       cases[i].want);
	}
	test_case = NULL;
}

static void visit(const char *path, void *arg)
{
	struct buf *b = arg;

	EXPECT(buf_printf(b, "%s;", path) == 0);
}

TEST(sockets_by_their_names)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	sockets_of_net_unix("Num       RefCount Protocol Flags    Type St Inode Path\n"
			    "ffff: 00000002 00000000 00010000 0001 01 12345 /srv/e/docker.sock\n"
			    "ffff: 00000002 00000000 00010000 0001 01 12346 @/containerd-shim/x\n"
			    "ffff: 00000002 00000000 00010000 0001 01 12347\n"
			    "ffff: 00000002 00000000 00010000 0001 01 1 /run/xdocker.sock\n"
			    "ffff: 00000002 00000000 00010000 0001 01 1 /run/podman/podman.sock\n",
			    visit, &b);
	EXPECT_STR(buf_str(&b), "/srv/e/docker.sock;/run/podman/podman.sock;");
	EXPECT(!socket_is_engines("docker.sock"));
}
