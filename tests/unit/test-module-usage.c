/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>

#include "base/process.h"
#include "fake-modules.h"

/* The tree's modules.alias: what file systems and links are called. */
static void put_tree(int root)
{
	tree_put(root, FAKE_LIB "modules.dep",
		 "kernel/fs/ext4/ext4.ko: kernel/lib/crc16.ko\nkernel/lib/crc16.ko:\n"
		 "kernel/fs/overlayfs/overlay.ko:\nkernel/net/8021q/8021q.ko:\n"
		 "kernel/drivers/net/veth.ko:\n");
	tree_put(root, FAKE_LIB "modules.alias",
		 "alias fs-ext3 ext4\nalias fs-overlay overlay\nalias rtnl-link-vlan 8021q\n"
		 "alias rtnl-link-veth veth\nalias fs-fuse fuse\n");
}

/* One module, what shows that it is in use, and what nearly does. */
static const struct evidence_case {
	const char *name;
	const char *module;
	const char *path, *text; /* text NULL: a link to @target */
	const char *target;
	const char *want; /* NULL: not in use */
} cases[] = {
	{ "a device", "e1000", "sys/bus/pci/drivers/e1000/module", NULL, "../../../module/e1000",
	  NULL },
	{ "a loop device with a file", "loop", "sys/block/loop0/loop/backing_file", "/x\n", NULL,
	  "block device: loop0 is set up [sys/block/loop0]\n" },
	{ "one without", "loop", "sys/block/loop0/size", "0\n", NULL, NULL },
	{ "device mapper", "dm_mod", "sys/block/dm-0/dm/uuid", "LVM-abc\n", NULL,
	  "block device: dm-0 is set up [sys/block/dm-0]\n" },
	{ "an encrypted disk", "dm_crypt", "sys/block/dm-0/dm/uuid", "CRYPT-LUKS2-0\n", NULL,
	  "block device: dm-0 is CRYPT-LUKS2-0 [sys/block/dm-0]\n" },
	{ "another target", "dm_crypt", "sys/block/dm-0/dm/uuid", "LVM-abc\n", NULL, NULL },
	{ "a personality", "raid1", "sys/block/md0/md/level", "raid1\n", NULL,
	  "block device: md0 is of raid1 [sys/block/md0]\n" },
	{ "zram with a size", "zram", "sys/block/zram0/initstate", "1\n", NULL,
	  "block device: zram0 is set up [sys/block/zram0]\n" },
	{ "zram without", "zram", "sys/block/zram0/initstate", "0\n", NULL, NULL },
	{ "a table", "iptable_nat", "proc/1/net/ip_tables_names", "filter\nnat\n", NULL,
	  "netfilter: table nat [proc/1/net/ip_tables_names]\n" },
	{ "another table", "iptable_raw", "proc/1/net/ip_tables_names", "filter\nnat\n", NULL,
	  NULL },
	{ "the same of IPv6", "ip6table_nat", "proc/1/net/ip6_tables_names", "nat\n", NULL,
	  "netfilter: table nat [proc/1/net/ip6_tables_names]\n" },
	{ "sockets", "sctp", "proc/1/net/protocols",
	  "protocol  size sockets  memory press maxhdr  slab module     cl co\n"
	  "SCTPv6 1000 0 -1 NI 0 yes sctp n n\nSCTP   1000  2  0  no 0  yes  sctp  y y\n",
	  NULL, "socket: 2 sockets of SCTP [proc/1/net/protocols]\n" },
	{ "no socket", "sctp", "proc/1/net/protocols", "SCTP   1000  0  0  no 0  yes  sctp  y y\n",
	  NULL, NULL },
	{ "virtual services", "ip_vs", "proc/1/net/ip_vs", "a\nb\nc\nTCP 0A 1\n", NULL,
	  "netfilter: services [proc/1/net/ip_vs]\n" },
	{ "none", "ip_vs", "proc/1/net/ip_vs", "a\nb\nc\n", NULL, NULL },
	{ "an algorithm", "wp512", "proc/crypto",
	  "name : wp512\ndriver : wp512-generic\nmodule : wp512\nrefcnt : 2\n\n", NULL,
	  "crypto: wp512-generic has 1 user [proc/crypto]\n" },
	{ "that nobody has", "wp512", "proc/crypto",
	  "name : wp512\ndriver : wp512-generic\nmodule : wp512\nrefcnt : 1\n\n", NULL, NULL },
	{ "at boot", "tun", "etc/modules", "# x\n tun\n", NULL,
	  "boot: is loaded at boot [etc/modules]\n" },
	{ "at boot, of systemd", "br_netfilter", "usr/lib/modules-load.d/k.conf", "br-netfilter",
	  NULL, "boot: is loaded at boot [usr/lib/modules-load.d/k.conf]\n" },
	{ "commented out", "tun", "etc/modules", "#tun\n", NULL, NULL },
	{ "our own file", "tun", "etc/modules-load.d/oakum.conf", "tun\n", NULL, NULL },
	{ "a link of the host", "8021q", "sys/class/net/eth0.5/uevent",
	  "DEVTYPE=vlan\nINTERFACE=eth0.5\n", NULL,
	  "link: eth0.5 is of kind vlan [sys/class/net/eth0.5/uevent]\n" },
	{ "a link of no kind", "8021q", "sys/class/net/eth0/uevent", "INTERFACE=eth0\n", NULL,
	  NULL },
	{ "a live patch", "oakum_1", "sys/kernel/livepatch/oakum_1/vmlinux/do_exit,1/x", "", NULL,
	  "live patch: redirects 1 function [sys/kernel/livepatch]\n" },
	{ "what it patches", "nfsd", "sys/kernel/livepatch/oakum_1/nfsd/nfsd_open,1/x", "", NULL,
	  "live patch: is patched by oakum_1 [sys/kernel/livepatch]\n" },
	{ "what it does not", "nfs", "sys/kernel/livepatch/oakum_1/nfsd/nfsd_open,1/x", "", NULL,
	  NULL },
};

static int read_usage(int root, struct usage *ret, struct oak_error *err)
{
	_cleanup_(tree_free) struct module_tree tree = { 0 };
	const struct usage_options opt = { .live = false };
	int r;

	put_tree(root);
	r = tree_read(root, FAKE_RELEASE, &tree, err);
	EXPECT(r == 0);
	return usage_read(root, &tree, &opt, ret, err);
}

TEST(usage_finds_each_evidence)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct evidence_case *c = &cases[i];
		char loaded[256];
		_cleanup_(closep) int root = -1;
		_cleanup_(usage_free) struct usage u = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = c->name;
		(void)snprintf(loaded, sizeof(loaded), "%s 16384 0 - Live 0x0\n", c->module);
		root = modules_new(loaded);
		if (c->text)
			tree_put(root, c->path, c->text);
		else
			modules_link(root, c->path, c->target);
		EXPECT(read_usage(root, &u, &err) == 0);
		EXPECT_STR(modules_uses(&u, c->module), c->want ? c->want : "");
		EXPECT((modules_used(&u, c->module) == USED_YES) == (c->want != NULL));
	}
}

TEST(usage_wants_a_bound_device)
{
	_cleanup_(closep) int root = modules_new(IDLE("e1000"));
	_cleanup_(usage_free) struct usage u = { 0 };
	struct oak_error err;

	modules_link(root, "sys/bus/pci/drivers/e1000/module", "../../../../module/e1000");
	modules_link(root, "sys/bus/pci/drivers/e1000/0000:00:03.0", "../../../../devices/x");
	EXPECT(read_usage(root, &u, &err) == 0);
	EXPECT_STR(modules_uses(&u, "e1000"),
		   "device: 0000:00:03.0 is bound to driver e1000 [sys/bus/pci/drivers/e1000]\n");
}

TEST(usage_looks_into_each_mount_namespace)
{
	_cleanup_(closep) int root =
		modules_new(IDLE("overlay") IDLE("ext4") IDLE("crc16") IDLE("fuse") IDLE("xfs"));
	_cleanup_(usage_free) struct usage u = { 0 };
	struct oak_error err;

	proc_new(root, 7, "0::/docker/" ID_A "\n", "\t1");
	proc_new_ns(root, 7, "mnt:[7]", "pid:[7]",
		    "91 90 0:77 / / rw,relatime shared:1 - overlay overlay rw\n"
		    "92 91 0:78 / /a\\040b rw - fuse.sshfs x rw\n");
	proc_put_ns(root, 7, "net", "net:[7]");
	EXPECT(read_usage(root, &u, &err) == 0);
	EXPECT_STR(modules_uses(&u, "overlay"),
		   "mount: overlay on / of docker container aaaaaaaaaaaa [proc/7/mountinfo]\n");
	EXPECT_STR(modules_uses(&u, "fuse"),
		   "mount: fuse on /a\\040b of docker container aaaaaaaaaaaa "
		   "[proc/7/mountinfo]\n");
	EXPECT_STR(modules_uses(&u, "ext4"), "mount: ext4 on / [proc/1/mountinfo]\n");
	EXPECT_STR(modules_uses(&u, "crc16"), "needed: needed by ext4 [proc/modules]\n");
	EXPECT(modules_used(&u, "xfs") == USED_NO);
	EXPECT(u.mount_namespaces == 2 && u.net_namespaces == 2);
}

/* A file system that only an unread namespace could have mounted. */
TEST(usage_says_what_it_cannot_know)
{
	static const char loaded[] = IDLE("overlay") IDLE("veth") IDLE("xt_mark") IDLE("wp512")
		IDLE("br_netfilter") "llc 1 1 br_netfilter, Live 0x0\n";
	_cleanup_(closep) int root = modules_new(loaded);
	_cleanup_(usage_free) struct usage u = { 0 };
	struct oak_error err;

	proc_put_ns(root, 9, "net", "net:[9]");
	proc_put_ns(root, 9, "mnt", "mnt:[9]");
	EXPECT(read_usage(root, &u, &err) == 0);
	EXPECT(modules_used(&u, "overlay") == USED_UNKNOWN);
	EXPECT(modules_used(&u, "veth") == USED_UNKNOWN);
	EXPECT(modules_used(&u, "xt_mark") == USED_UNKNOWN);
	EXPECT(modules_used(&u, "llc") == USED_UNKNOWN);
	EXPECT(modules_used(&u, "wp512") == USED_NO);
	EXPECT(u.n_unknown == 2);
	EXPECT_STR(u.unknown[0], "mount namespace mnt:[9]: proc/9/mountinfo: no such file");
	EXPECT_STR(u.unknown[1], "links: no network namespace is entered below another root");
}

TEST(usage_follows_references_and_holders)
{
	_cleanup_(closep) int root = modules_new("a 1 1 b, Live 0x0\n"
						 "b 1 2 - Live 0x0\n"
						 "c 1 1 d, Live 0x0\n"
						 "d 1 0 - Live 0x0\n"
						 "e 1 1 [permanent], Live 0x0\n"
						 "f 1 - - Loading 0x0\n"
						 "oakum_2 1 0 - Live 0x0 (OEK)\n");
	_cleanup_(usage_free) struct usage u = { 0 };
	struct oak_error err;

	EXPECT(read_usage(root, &u, &err) == 0);
	EXPECT_STR(modules_uses(&u, "b"), "reference: 2 references of no module [proc/modules]\n");
	EXPECT_STR(modules_uses(&u, "a"), "needed: needed by b [proc/modules]\n");
	/* Held only by what nobody uses. */
	EXPECT(modules_used(&u, "c") == USED_NO && modules_used(&u, "d") == USED_NO);
	EXPECT_CONTAINS(modules_uses(&u, "e"), "permanent: cannot be unloaded");
	EXPECT_CONTAINS(modules_uses(&u, "f"), "reference: is loading");
	EXPECT_STR(modules_uses(&u, "oakum_2"), "live patch: is a live patch [proc/modules]\n");
}

TEST(usage_keeps_some_of_many)
{
	_cleanup_(closep) int root = modules_new(IDLE("overlay"));
	_cleanup_(usage_free) struct usage u = { 0 };
	_cleanup_(buf_free) struct buf mounts = { 0 };
	struct oak_error err;
	size_t n;

	for (int i = 0; i < 1000; i++)
		EXPECT(buf_printf(&mounts, "%d 1 0:1 / /%d rw - overlay o rw\n", i, i) == 0);
	proc_put(root, 1, "mountinfo", buf_str(&mounts));
	EXPECT(read_usage(root, &u, &err) == 0);
	EXPECT(u.of[0].counts[USE_MOUNT] == 1000);
	(void)usage_of(&u, 0, &n);
	EXPECT(n == USES_KEPT_MAX);
}

/* A network namespace of a process that has a pair of links in it; it ends with its input. */
static pid_t other_namespace(struct process *p)
{
	static const char script[] = "ip link add v0 type veth peer name v1 2>/dev/null && "
				     "echo yes || echo no; exec sleep 60";
	static const char *const argv[] = { "unshare", "-n", "sh", "-c", script, NULL };
	struct oak_error err;
	char answer[8];
	ssize_t n;

	if (process_start(argv, &(struct process_options){ .timeout_ms = 60000 }, p, &err) < 0)
		return -1;
	n = read(p->out, answer, sizeof(answer));
	return n > 0 && answer[0] == 'y' ? p->pid : -1;
}

static void other_end(struct process *p)
{
	_cleanup_(process_result_free) struct process_result result = { 0 };
	struct oak_error err;

	if (p->pid <= 0)
		return;
	(void)kill(-p->pid, SIGKILL);
	EXPECT(process_wait(p, &result, &err) == 0);
}

/* The real thing: needs root, and a kernel with veth. */
TEST(usage_enters_network_namespaces)
{
	_cleanup_(closep) int root = modules_new(IDLE("veth") IDLE("vxlan"));
	_cleanup_(usage_free) struct usage u = { 0 };
	_cleanup_(tree_free) struct module_tree tree = { 0 };
	const struct usage_options live = { .live = true };
	struct process other = { .pid = 0 };
	pid_t pid = other_namespace(&other);
	struct stat before, after;
	char target[64];
	struct oak_error err;

	if (pid < 0) {
		other_end(&other);
		skip();
	}
	(void)snprintf(target, sizeof(target), "/proc/%d/ns/net", (int)pid);
	proc_put(root, 1, "mountinfo",
		 "27 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
		 "40 27 0:4 net:[77] /run/netns/blue rw - nsfs nsfs rw\n"
		 "41 27 0:4 net:[78] /run/netns/gone rw - nsfs nsfs rw\n");
	modules_link(root, "run/netns/blue", target);
	modules_link(root, "proc/self/ns/net", "/proc/self/ns/net");
	EXPECT(stat("/proc/self/ns/net", &before) == 0);
	EXPECT(usage_read(root, &tree, &live, &u, &err) == 0);
	other_end(&other);
	EXPECT(stat("/proc/self/ns/net", &after) == 0 && before.st_ino == after.st_ino);
	EXPECT_STR(modules_uses(&u, "veth"), "link: v0 is of kind veth [rtnetlink in net:[77]]\n"
					     "link: v1 is of kind veth [rtnetlink in net:[77]]\n");
	EXPECT(modules_used(&u, "vxlan") == USED_NO && !u.links_unknown);
}

TEST(usage_needs_modules)
{
	_cleanup_(closep) int root = modules_new("");
	_cleanup_(usage_free) struct usage u = { 0 };
	struct oak_error err;

	EXPECT(read_usage(root, &u, &err) == 0 && u.loaded.n == 0);
	tree_drop(root, "proc/modules");
	EXPECT(read_usage(root, &u, &err) == -OAK_E_UNSUPPORTED);
	EXPECT_STR(err.msg, "this kernel has no loadable modules (no /proc/modules)");
}
