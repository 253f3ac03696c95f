/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parsers below src/host/modules, on what is right and on what is hostile. */
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>

#include "fake-modules.h"
#include "host/modules/loaded.h"
#include "host/modules/mounts.h"
#include "host/modules/netlink.h"

TEST(loaded_reads_a_line)
{
	_cleanup_(loaded_free) struct loaded_list l = { 0 };
	struct oak_error err;

	EXPECT(loaded_parse("nf_conntrack 172032 3 nf_nat,xt_conntrack, Live 0x00 (OE)\n"
			    "nf-nat 49152 0 - Unloading 0xffffffffc0000000\n"
			    "xt_conntrack 4096 1 - Loading 0x0\n",
			    &l, &err) == 0);
	EXPECT(l.n == 3);
	EXPECT_STR(l.modules[0].name, "nf_conntrack");
	EXPECT(l.modules[0].bytes == 172032 && l.modules[0].references == 3);
	EXPECT(l.modules[0].n_holders == 2 && !l.modules[0].livepatch && !l.modules[0].permanent);
	EXPECT(loaded_find(&l, "nf-nat") == 1 && l.modules[1].state == LOADED_UNLOADING);
	EXPECT(loaded_find(&l, "nf") == LOADED_NONE && loaded_find(&l, "") == LOADED_NONE);
}

TEST(loaded_refuses_the_rest)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
		{ "a short line", "a 1 0\n", "line 1 is none of a module" },
		{ "no state", "a 1 0 - Dead 0x0\n", "line 1 is none of a module" },
		{ "size", "a x 0 - Live 0x0\n", "line 1 is none of a module" },
		{ "huge", "a 99999999999999999999 0 - Live 0\n", "line 1 is none of a module" },
		{ "count", "a 1 -1 - Live 0x0\n", "line 1 is none of a module" },
		{ "many", "a 1 99999999999 - Live 0x0\n", "line 1 is none of a module" },
		{ "an empty line", "a 1 0 - Live 0\n\n", "line 2 is none of a module" },
		{ "a name", "\033[1m 1 0 - Live 0\n", "line 1 is none of a module" },
		{ "twice", "a 1 0 - Live 0\na 1 0 - Live 0\n", "a is there twice" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(loaded_free) struct loaded_list l = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		EXPECT(loaded_parse(cases[i].text, &l, &err) == -OAK_E_FORMAT);
		EXPECT_STR(err.msg, cases[i].want);
		EXPECT(!l.modules);
	}
}

TEST(loaded_is_bounded)
{
	_cleanup_(loaded_free) struct loaded_list l = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	for (unsigned i = 0; i <= LOADED_MAX; i++)
		EXPECT(buf_printf(&text, "m%u 1 0 - Live 0\n", i) == 0);
	EXPECT(loaded_parse(buf_str(&text), &l, &err) == -OAK_E_TOOLARGE);
}

TEST(words_are_modules_and_aliases)
{
	char name[MODULE_NAME_MAX];
	const char *path = "kernel/drivers/net/snd-pcm.ko.zst";

	EXPECT(word_module_of_path((struct word){ path, strlen(path) }, name));
	EXPECT_STR(name, "snd_pcm");
	EXPECT(!word_module_of_path((struct word){ "a/b", 3 }, name));
	EXPECT(!word_module_of_path((struct word){ "", 0 }, name));
	EXPECT(!word_module_of_path((struct word){ ".ko", 3 }, name));
	EXPECT(alias_equal("net-pf_2", "net_pf-2") && !alias_equal("a", "ab"));
	EXPECT(alias_starts("net-pf-2", "net_pf_") && !alias_starts("net", "net-"));
	EXPECT(alias_matches("pci:v*d*", "pci:v00001AF4d1") && !alias_matches("pci:v*", "usb:v1"));
	/* Not within a set: "[a-c]" is no "[a_c]". */
	EXPECT(alias_matches("x-[a-c]", "x_b") && alias_matches("*", "anything"));
}

TEST(tree_reads_what_depmod_writes)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(tree_free) struct module_tree t = { 0 };
	struct oak_error err;
	bool set[16] = { false };
	size_t at = 0, n;
	uint32_t m;

	tree_put(root, FAKE_LIB "modules.dep",
		 "kernel/a.ko: kernel/b-b.ko kernel/c.ko\nkernel/b-b.ko: kernel/c.ko\n"
		 "kernel/c.ko:\nupdates/d.ko.xz:\nnonsense\n");
	tree_put(root, FAKE_LIB "modules.builtin", "kernel/e.ko\n");
	tree_put(root, FAKE_LIB "modules.alias",
		 "# Aliases\nalias net-pf-40 d\nalias net-pf-40 a\nalias pci:v*d* a\nalias x\n");
	tree_put(root, FAKE_LIB "modules.softdep", "softdep c pre: net-pf-40\n");
	EXPECT(tree_read(root, FAKE_RELEASE, &t, &err) == 0);
	EXPECT(t.n == 5 && t.n_aliases == 3 && t.n_links == 3 && t.n_softdeps == 1);
	EXPECT(tree_find(&t, "b_b") == tree_find(&t, "b-b") && tree_find(&t, "x") == TREE_NONE);
	EXPECT(t.modules[tree_find(&t, "e")].builtin && !t.modules[tree_find(&t, "a")].builtin);
	EXPECT(tree_alias_next(&t, "net_pf_40", &at, &m) && m == tree_find(&t, "d"));
	EXPECT(tree_alias_next(&t, "net_pf_40", &at, &m) && m == tree_find(&t, "a"));
	EXPECT(!tree_alias_next(&t, "net_pf_40", &at, &m));
	EXPECT(tree_resolve(&t, "pci:v1d2") == tree_find(&t, "a"));
	(void)tree_links(&t, tree_find(&t, "a"), &n);
	EXPECT(n == 2);
	set[tree_find(&t, "b_b")] = true;
	tree_close(&t, set, false);
	EXPECT(set[tree_find(&t, "c")] && !set[tree_find(&t, "d")]);
	tree_close(&t, set, true);
	EXPECT(set[tree_find(&t, "d")] && set[tree_find(&t, "a")] && !set[tree_find(&t, "e")]);
}

TEST(tree_tells_what_is_missing)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(tree_free) struct module_tree t = { 0 };
	struct oak_error err;

	EXPECT(tree_read(root, FAKE_RELEASE, &t, &err) == -OAK_E_NOTFOUND);
	tree_put(root, "usr/" FAKE_LIB "modules.dep", "a.ko:\n");
	EXPECT(tree_read(root, FAKE_RELEASE, &t, &err) == 0 && t.n == 1);
}

TEST(tree_is_bounded)
{
	_cleanup_(tree_free) struct module_tree t = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	for (unsigned i = 0; i <= TREE_MODULES_MAX; i++)
		EXPECT(buf_printf(&text, "m%u.ko:\n", i) == 0);
	EXPECT(tree_add_dep(&t, buf_str(&text), &err) == -OAK_E_TOOLARGE);
	EXPECT_STR(err.msg, "more than 65536 modules");
}

TEST(mounts_are_read_as_the_kernel_writes_them)
{
	const char *text =
		"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw\n"
		"1 2 3\n\n"
		"37 35 0:4 net:[4026532] /run/netns/b rw - nsfs nsfs rw\n"
		"38 35 0:5 / /f rw - fuse.sshfs host: rw\n"
		"39 35 0:5 / /f rw -\n";
	struct mount m;

	EXPECT(mount_next(&text, &m) && word_is(m.type, "ext3") && word_is(m.point, "/mnt2"));
	EXPECT(word_is(m.device, "98:0") && word_is(m.root, "/mnt1"));
	EXPECT(word_is(m.source, "/dev/root"));
	EXPECT(mount_next(&text, &m) && word_is(m.type, "nsfs") && word_is(m.root, "net:[4026532]"));
	EXPECT(mount_next(&text, &m) && word_is(m.type, "fuse"));
	EXPECT(!mount_next(&text, &m));
}

struct message {
	uint8_t data[512];
	size_t len;
};

static void put(struct message *m, const void *data, size_t len)
{
	memcpy(m->data + m->len, data, len);
	m->len = (m->len + len + 3) & ~(size_t)3;
}

static void put_head(struct message *m, uint16_t type)
{
	const struct nlmsghdr h = { .nlmsg_len = sizeof(h), .nlmsg_type = type };

	put(m, &h, sizeof(h));
}

static void put_text(struct message *m, uint16_t type, const char *text)
{
	const struct nlattr a = { .nla_type = type,
				  .nla_len = (uint16_t)(sizeof(a) + strlen(text) + 1) };

	put(m, &a, sizeof(a));
	put(m, text, strlen(text) + 1);
}

static void finish(struct message *m)
{
	const uint32_t len = (uint32_t)m->len;

	memcpy(m->data, &len, sizeof(len));
}

static void put_link(struct message *m, const char *name, const char *kind)
{
	const struct ifinfomsg info = { .ifi_index = 1 };
	struct message inner = { .len = 0 };
	struct nlattr a = { .nla_type = IFLA_LINKINFO | NLA_F_NESTED };

	put_head(m, RTM_NEWLINK);
	put(m, &info, sizeof(info));
	put_text(m, IFLA_IFNAME, name);
	put_text(&inner, IFLA_INFO_KIND, kind);
	put_text(&inner, IFLA_INFO_SLAVE_KIND, "bridge");
	a.nla_len = (uint16_t)(sizeof(a) + inner.len);
	put(m, &a, sizeof(a));
	put(m, inner.data, inner.len);
	finish(m);
}

TEST(netlink_reads_links)
{
	struct message m = { .len = 0 };
	struct netlink_item item;
	const uint8_t *p = m.data;
	size_t left;

	put_link(&m, "v\0330", "veth");
	left = m.len;
	EXPECT(netlink_next(NETLINK_LINK, &p, &left, &item) == NETLINK_ITEM);
	EXPECT_STR(item.name, "v?0");
	EXPECT_STR(item.kind, "veth");
	EXPECT_STR(item.slave_kind, "bridge");
	EXPECT(left == 0 && netlink_next(NETLINK_LINK, &p, &left, &item) == NETLINK_MORE);
	p = m.data;
	left = m.len;
	EXPECT(netlink_next(NETLINK_TABLE, &p, &left, &item) == NETLINK_OTHER);
	/* Cut anywhere it is damaged, and nothing is read behind. */
	for (size_t cut = 1; cut < m.len; cut++) {
		_cleanup_(freep) uint8_t *copy = malloc(cut);
		const uint8_t *at = copy;

		EXPECT(copy);
		memcpy(copy, m.data, cut);
		left = cut;
		EXPECT(netlink_next(NETLINK_LINK, &at, &left, &item) == NETLINK_FAILED);
	}
}

TEST(netlink_reads_tables_and_ends)
{
	const struct nfgenmsg gen = { .nfgen_family = 2 };
	struct message m = { .len = 0 }, done = { .len = 0 }, no = { .len = 0 };
	struct netlink_item item;
	const uint8_t *p = m.data;
	size_t left;

	put_head(&m, (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWTABLE);
	put(&m, &gen, sizeof(gen));
	put_text(&m, NFTA_TABLE_NAME, "filter");
	finish(&m);
	left = m.len;
	EXPECT(netlink_next(NETLINK_TABLE, &p, &left, &item) == NETLINK_ITEM);
	EXPECT_STR(item.name, "filter");
	put_head(&done, NLMSG_DONE);
	p = done.data;
	left = done.len;
	EXPECT(netlink_next(NETLINK_TABLE, &p, &left, &item) == NETLINK_DONE);
	put_head(&no, NLMSG_ERROR);
	p = no.data;
	left = no.len;
	EXPECT(netlink_next(NETLINK_TABLE, &p, &left, &item) == NETLINK_FAILED);
}

static int count(void *ctx, const struct netlink_item *item, struct oak_error *err)
{
	(void)err;
	*(size_t *)ctx += strcmp(item->name, "lo") == 0;
	return 0;
}

/* The kernel of this machine has a loopback device. */
TEST(netlink_asks_the_kernel)
{
	_cleanup_(closep) int fd = netlink_open(NETLINK_LINK);
	struct oak_error err = { .msg = "" };
	size_t n = 0;

	EXPECT(fd >= 0);
	EXPECT(netlink_each(fd, NETLINK_LINK, count, &n, &err) == 0);
	EXPECT(n == 1);
}
