/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-modules.h"
#include "host/modules/reach.h"

#define CAPS_NET   "0000000000001000"
#define CAPS_ADMIN "0000000000200000"
#define CAPS_ALL   "000001ffffffffff"

static const struct gate_row *row_of(const char *prefix)
{
	size_t n;
	const struct gate_row *rows = gate_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].prefix, prefix) == 0)
			return &rows[i];
	return NULL;
}

TEST(gates_know_requests)
{
	static const struct {
		const char *alias;
		enum gate gate;
		bool none;
	} cases[] = {
		{ "net-pf-5", GATE_ANY },
		{ "net_pf_2_proto_132", GATE_ANY },
		{ "net-pf-16-proto-16-family-gtp", GATE_ANY },
		{ "crypto-wp512", GATE_ANY },
		{ "tty-ldisc-13", GATE_LDISC },
		{ "devname:fuse", GATE_NODE },
		{ "devname:loop-control", GATE_INIT_ADMIN },
		{ "rtnl-link-bond", GATE_USERNS_NET },
		{ "nft-expr-ct", GATE_USERNS_NET },
		{ "fs-xfs", GATE_USERNS_ADMIN },
		{ "netdev-tunl0", GATE_INIT_NET },
		{ "pci:v*d*", GATE_ANY, true },
		{ "", GATE_ANY, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t ways = gates_of_alias(cases[i].alias);

		test_case = cases[i].alias;
		EXPECT((ways == 0) == cases[i].none);
		EXPECT(!ways || reach_gate_of(ways) == cases[i].gate);
	}
	/* Two ways to the same request; a name only where the kernel asks for one. */
	EXPECT(__builtin_popcountll(gates_of_alias("crypto-aes")) == 2);
	EXPECT(gates_of_name("lec") && !gates_of_name("leds_gpio") && gates_of_name("8021q"));
	EXPECT(gates_of_name("sch_htb") && !gates_of_name("crypto_user") && !gates_of_name("ext4"));
}

TEST(policy_reads_modprobe_d)
{
	_cleanup_(policy_free) struct module_policy p = { 0 };
	struct oak_error err;
	size_t at = 0;

	EXPECT(policy_parse(&p,
			    "# blacklist no\n\n  blacklist floppy-x # y\n"
			    "install dccp /bin/false\ninstall usb* \\\n /bin/true\n"
			    "install slow /sbin/modprobe -i slow; true\ninstall half\n"
			    "alias net-pf-5 off\nalias x\noptions a b=1\nblacklist\nnonsense a b\n"
			    "install commented /bin/true # never\n"
			    "softdep s1 pre:\nsoftdep s2 pre: post:\nsoftdep s3 post: a\nlast \\",
			    "a.conf", &err) == 0);
	EXPECT(p.n == 9);
	EXPECT(policy_find(&p, POLICY_SOFTDEP, "s1")->nothing);
	EXPECT(policy_find(&p, POLICY_SOFTDEP, "s2")->nothing);
	EXPECT(!policy_find(&p, POLICY_SOFTDEP, "s3")->nothing);
	EXPECT(policy_find(&p, POLICY_BLACKLIST, "floppy_x"));
	EXPECT(!policy_find(&p, POLICY_BLACKLIST, "no"));
	EXPECT(policy_find(&p, POLICY_INSTALL, "dccp")->nothing);
	EXPECT(policy_find(&p, POLICY_INSTALL, "usb_storage")->nothing);
	EXPECT(!policy_find(&p, POLICY_INSTALL, "slow")->nothing);
	EXPECT(policy_find(&p, POLICY_INSTALL, "commented")->nothing);
	EXPECT_STR(policy_alias_next(&p, "net_pf_5", &at)->value, "off");
	EXPECT(!policy_alias_next(&p, "net_pf_5", &at));
}

TEST(policy_reads_the_command_line)
{
	_cleanup_(policy_free) struct module_policy p = { 0 };
	struct oak_error err;

	EXPECT(policy_parse_cmdline(&p,
				    "root=/dev/vda module_blacklist=a,,b-c modprobe.blacklist=d x\n"
				    "module_blacklist=e",
				    &err) == 0);
	EXPECT(policy_find(&p, POLICY_REFUSED, "a") && policy_find(&p, POLICY_REFUSED, "b_c"));
	EXPECT(policy_find(&p, POLICY_BLACKLIST, "d") && p.n == 3);
}

TEST(policy_reads_the_first_of_each_name)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(policy_free) struct module_policy p = { 0 };
	struct oak_error err;

	tree_put(root, "usr/lib/modprobe.d/b.conf", "blacklist hidden\n");
	tree_put(root, "usr/lib/modprobe.d/a.conf", "blacklist seen\n");
	tree_put(root, "etc/modprobe.d/b.conf", "blacklist own\n");
	tree_put(root, "etc/modprobe.d/README", "blacklist text\n");
	tree_put(root, "proc/sys/kernel/modprobe", "\n");
	tree_put(root, "proc/sys/user/max_user_namespaces", "0\n");
	tree_put(root, "proc/sys/dev/tty/ldisc_autoload", "0\n");
	tree_put(root, "proc/sys/kernel/modules_disabled", "1\n");
	EXPECT(policy_read(root, NULL, &p, &err) == 0);
	EXPECT(p.n == 2 && p.n_files == 2);
	EXPECT_STR(p.rules[0].name, "seen");
	EXPECT_STR(p.rules[1].name, "own");
	EXPECT(!p.autoload && !p.ldisc_autoload && p.modules_disabled);
	EXPECT(p.userns == USERNS_NONE);
	EXPECT_STR(p.userns_why, "user.max_user_namespaces = 0");
}

TEST(policy_of_a_kernel_without_settings)
{
	_cleanup_(closep) int root = tree_new();
	_cleanup_(policy_free) struct module_policy p = { 0 };
	struct oak_error err;

	EXPECT(policy_read(root, NULL, &p, &err) == 0);
	EXPECT(p.autoload && p.ldisc_autoload && !p.modules_disabled && p.userns == USERNS_FREE);
	EXPECT_STR(p.modprobe, "/sbin/modprobe");
}

/* An actor from a status, and what three kinds of gates make of it. */
TEST(actors_are_held_back)
{
	static const struct {
		const char *name, *caps, *bound, *seccomp, *nnp;
		bool host_userns, own_userns;
		enum policy_userns userns;
		enum reach_sure socket, alg, link, fs, tcp;
	} cases[] = {
		{ "no filter", "0", "0", "0", "0", true, true, USERNS_FREE, REACH_YES, REACH_YES,
		  REACH_YES, REACH_YES, REACH_NO },
		{ "no user namespaces", "0", "0", "0", "0", true, true, USERNS_NONE, REACH_YES,
		  REACH_YES, REACH_NO, REACH_NO, REACH_NO },
		{ "apparmor", "0", "0", "0", "0", true, true, USERNS_RESTRICTED, REACH_YES,
		  REACH_YES, REACH_UNLIKELY, REACH_UNLIKELY, REACH_NO },
		{ "docker", "a80425fb", "a80425fb", "2", "0", true, true, USERNS_FREE, REACH_LIKELY,
		  REACH_UNLIKELY, REACH_UNLIKELY, REACH_UNLIKELY, REACH_NO },
		{ "docker with net_admin", CAPS_NET, CAPS_NET, "2", "0", true, true, USERNS_FREE,
		  REACH_LIKELY, REACH_UNLIKELY, REACH_LIKELY, REACH_UNLIKELY, REACH_LIKELY },
		{ "in a user namespace", CAPS_NET, CAPS_NET, "2", "0", false, true, USERNS_FREE,
		  REACH_LIKELY, REACH_UNLIKELY, REACH_LIKELY, REACH_UNLIKELY, REACH_NO },
		{ "privileged", CAPS_ALL, CAPS_ALL, "0", "0", true, true, USERNS_FREE, REACH_YES,
		  REACH_YES, REACH_YES, REACH_YES, REACH_YES },
		{ "a user of it", "0", CAPS_ADMIN, "2", "0", true, true, USERNS_FREE, REACH_LIKELY,
		  REACH_UNLIKELY, REACH_UNLIKELY, REACH_LIKELY, REACH_NO },
		{ "who gets no more", "0", CAPS_ADMIN, "2", "1", true, true, USERNS_FREE,
		  REACH_LIKELY, REACH_UNLIKELY, REACH_UNLIKELY, REACH_UNLIKELY, REACH_NO },
		{ "strict", CAPS_ALL, CAPS_ALL, "1", "0", true, true, USERNS_FREE, REACH_NO,
		  REACH_NO, REACH_NO, REACH_NO, REACH_NO },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct module_policy p = { .autoload = true, .userns = cases[i].userns };
		struct actor a = { .host_userns = cases[i].host_userns,
				   .own_userns = cases[i].own_userns };
		char status[256];

		test_case = cases[i].name;
		(void)snprintf(status, sizeof(status),
			       "Name:\tx\nCapEff:\t%s\nCapBnd:\t%s\nNoNewPrivs:\t%s\n"
			       "Seccomp:\t%s\nSeccomp_filters:\t1\n",
			       cases[i].caps, cases[i].bound, cases[i].nnp, cases[i].seccomp);
		actor_parse_status(&a, status);
		EXPECT(a.known);
		EXPECT(actor_reaches(&a, &p, row_of("net-pf-")) == cases[i].socket);
		EXPECT(actor_reaches(&a, &p, row_of("net-pf-38")) == cases[i].alg);
		EXPECT(actor_reaches(&a, &p, row_of("rtnl-link-")) == cases[i].link);
		EXPECT(actor_reaches(&a, &p, row_of("fs-")) == cases[i].fs);
		EXPECT(actor_reaches(&a, &p, row_of("tcp_")) == cases[i].tcp);
		p.autoload = false;
		EXPECT(actor_reaches(&a, &p, row_of("net-pf-")) == REACH_NO);
	}
}

TEST(actors_whose_status_is_damaged)
{
	static const char *const texts[] = { "", "CapEff:\txyz\nSeccomp:\t0\n",
					     "CapEff:\t0\nSeccomp:\t9\n", "CapEff:\t0\n",
					     "CapEff:\t00000000000000000\nSeccomp:\t0\n" };
	struct module_policy p = { .autoload = true, .userns = USERNS_FREE };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct actor a = { .host_userns = true };

		test_case = texts[i];
		actor_parse_status(&a, texts[i]);
		EXPECT(!a.known && !actor_loads_all(&a));
		EXPECT(actor_reaches(&a, &p, row_of("net-pf-")) == REACH_LIKELY);
	}
}

TEST(actors_are_users_and_containers)
{
	_cleanup_(closep) int root = modules_new("");
	_cleanup_(actors_free) struct actor_list l = { 0 };
	struct oak_error err;

	proc_put_ns(root, 1, "user", "user:[1]");
	proc_new(root, 7, "0::/docker/" ID_A "\n", "\t1");
	proc_put(root, 7, "status",
		 "CapEff:\t" CAPS_ALL "\nSeccomp:\t0\nNSpid:\t7\t1\nNSpgid:\t1\n");
	proc_put_ns(root, 7, "user", "user:[1]");
	tree_put(root, "proc/7/root/dev/fuse", "");
	proc_new(root, 8, "0::/docker/" ID_B "\n", "\t1");
	proc_put(root, 8, "status",
		 "CapEff:\t" CAPS_ALL "\nSeccomp:\t2\nNSpid:\t8\t1\nNSpgid:\t1\n");
	proc_put_ns(root, 8, "user", "user:[8]");
	tree_put(root, "dev/net/tun", "");
	EXPECT(actors_read(root, &l, &err) == 0 && l.n == 4);
	EXPECT_STR(l.v[0].name, "any user");
	EXPECT(l.v[0].nodes[0] && !l.v[0].nodes[1] && !l.v[0].own_userns && l.v[1].own_userns);
	EXPECT_STR(l.v[2].name, "docker container aaaaaaaaaaaa");
	EXPECT(actor_loads_all(&l.v[2]) && !l.v[2].nodes[0] && l.v[2].nodes[1]);
	EXPECT(!actor_loads_all(&l.v[3]) && l.v[3].seccomp == SECCOMP_FILTER);
}

/* docker exec --privileged into a container that is well kept. */
TEST(actors_are_all_of_their_processes)
{
	_cleanup_(closep) int root = modules_new("");
	_cleanup_(actors_free) struct actor_list l = { 0 };
	struct oak_error err;

	proc_put_ns(root, 1, "user", "user:[1]");
	for (int pid = 7; pid < 10; pid++) {
		char status[128];

		proc_new(root, pid, "0::/docker/" ID_A "\n", "");
		(void)snprintf(status, sizeof(status),
			       "CapEff:\t%s\nNoNewPrivs:\t0\nSeccomp:\t%d\nNSpid:\t%d\t%d\n",
			       pid == 9 ? CAPS_ALL : "0", pid == 9 ? 0 : 2, pid, pid == 8 ? 1 : 5);
		proc_put(root, pid, "status", status);
		proc_put_ns(root, pid, "user", "user:[1]");
	}
	proc_new(root, 6, "0::/docker/" ID_B "\n", "");
	tree_drop(root, "proc/6/status");
	EXPECT(actors_read(root, &l, &err) == 0 && l.n == 4);
	EXPECT(l.v[2].pid == 6 && !l.v[2].known);
	EXPECT(l.v[3].pid == 8 && l.v[3].known && l.v[3].seccomp == SECCOMP_OFF);
	EXPECT(actor_loads_all(&l.v[3]));
}

/* What is reached on a small kernel: "module gate asked" one a line. */
struct world {
	struct module_tree tree;
	struct module_policy policy;
	struct reach_map map;
	bool loaded[64];
};

static void world_free(struct world *w)
{
	tree_free(&w->tree);
	policy_free(&w->policy);
	reach_free(&w->map);
}

static void world_make(struct world *w, const char *config, const char *loaded)
{
	static const char dep[] =
		"k/af_alg.ko:\nk/algif_hash.ko: k/af_alg.ko\nk/wp512.ko:\nk/can.ko:\n"
		"k/can_raw.ko: k/can.ko\nk/xfrm_user.ko:\nk/sctp.ko: k/crc.ko\nk/crc.ko:\n"
		"k/sctp_diag.ko: k/sctp.ko\nk/dccp.ko:\nk/dccp_diag.ko: k/dccp.ko\n"
		"k/sch_htb.ko:\nk/xfs.ko: k/crc.ko\nk/e1000.ko:\nk/soft.ko:\n";
	static const char aliases[] =
		"alias net-pf-38 af_alg\nalias crypto-wp512 wp512\nalias net-pf-29 can\n"
		"alias can-proto-1 can_raw\nalias net-pf-16-proto-6 xfrm_user\n"
		"alias net-pf-2-proto-132 sctp\nalias net-pf-16-proto-4-type-2-132 sctp_diag\n"
		"alias net-pf-16-proto-4-type-2-33 dccp_diag\nalias fs-xfs xfs\n"
		"alias pci:v1 e1000\n";
	_cleanup_(buf_free) struct buf a = { 0 }, s = { 0 };
	struct oak_error err;

	*w = (struct world){ .policy = { .autoload = true } };
	EXPECT(buf_add_str(&a, aliases) == 0);
	EXPECT(buf_add_str(&s, "softdep xfs pre: soft\n") == 0);
	EXPECT(tree_add_dep(&w->tree, dep, &err) == 0);
	EXPECT(tree_add_builtin(&w->tree, "k/unix.ko\n", &err) == 0);
	EXPECT(tree_add_aliases(&w->tree, &a, &err) == 0);
	EXPECT(tree_add_softdeps(&w->tree, &s, &err) == 0);
	EXPECT(policy_parse(&w->policy, config, "x.conf", &err) == 0);
	if (loaded[0])
		w->loaded[tree_find(&w->tree, loaded)] = true;
	EXPECT(reach_read(&w->tree, &w->policy, w->loaded, &w->map, &err) == 0);
}

static const struct reach *reach_find(const struct world *w, const char *name)
{
	return &w->map.of[tree_find(&w->tree, name)];
}

TEST(reach_is_by_alias_by_name_and_by_need)
{
	_cleanup_(world_free) struct world w;
	const struct reach *r;

	world_make(&w, "", "");
	EXPECT(reach_gate_of(reach_find(&w, "wp512")->ways) == GATE_ANY);
	EXPECT(reach_gate_of(reach_find(&w, "algif_hash")->ways) == GATE_ANY);
	EXPECT(reach_gate_of(reach_find(&w, "can_raw")->ways) == GATE_ANY);
	EXPECT(reach_gate_of(reach_find(&w, "sch_htb")->ways) == GATE_USERNS_NET);
	EXPECT(reach_gate_of(reach_find(&w, "xfs")->ways) == GATE_USERNS_ADMIN);
	EXPECT(reach_gate_of(reach_find(&w, "soft")->ways) == GATE_USERNS_ADMIN);
	r = reach_find(&w, "crc");
	EXPECT(reach_gate_of(r->ways) == GATE_ANY && r->because == tree_find(&w.tree, "sctp"));
	EXPECT_STR(r->asked, "net-pf-2-proto-132");
	EXPECT(!reach_find(&w, "e1000")->ways && !reach_find(&w, "unix")->ways);
	/* A protocol's diag module is asked for only once the protocol is there. */
	EXPECT(reach_find(&w, "sctp_diag")->ways);
	EXPECT(!reach_find(&w, "dccp_diag")->ways && !reach_find(&w, "dccp")->ways);
}

TEST(reach_heeds_what_is_loaded)
{
	_cleanup_(world_free) struct world w;

	world_make(&w, "install af_alg /bin/false\n", "dccp");
	EXPECT(reach_find(&w, "dccp_diag")->ways);
	world_free(&w);
	/* Blocked, but it is in the kernel already. */
	world_make(&w, "install af_alg /bin/false\n", "af_alg");
	EXPECT(reach_find(&w, "algif_hash")->ways);
	EXPECT(reach_gate_of(reach_find(&w, "wp512")->ways) == GATE_ANY);
}

TEST(reach_heeds_the_policy)
{
	static const struct {
		const char *config, *module;
		bool reached;
		const char *why;
	} cases[] = {
		{ "blacklist sctp\n", "sctp", false, "blacklist in x.conf" },
		/* The kernel asks for it by its name. */
		{ "blacklist sch_htb\n", "sch_htb", true, "" },
		{ "install sch-htb /bin/false\n", "sch_htb", false, "install in x.conf" },
		/* A dependency is loaded though it is on the blacklist, not though it is blocked. */
		{ "blacklist crc\n", "sctp", true, "" },
		{ "install crc /bin/true\n", "sctp", false, "install of crc in x.conf" },
		{ "alias net-pf-2-proto-132 off\n", "sctp", false, "alias in x.conf" },
		{ "alias net-pf-77 e1000\n", "e1000", true, "" },
		{ "install sctp /sbin/modprobe -i sctp\n", "sctp", true, "" },
		{ "install af_alg /bin/false\n", "algif_hash", false,
		  "install of af_alg in x.conf" },
		/* Where there are soft dependencies no command is run. */
		{ "install xfs /bin/false\n", "xfs", true, "" },
		{ "install xfs /bin/false\nblacklist xfs\n", "xfs", false, "blacklist in x.conf" },
		{ "install xfs /bin/false\nsoftdep xfs pre:\n", "xfs", true, "" },
		{ "install sctp /bin/false\nsoftdep sctp pre: soft\n", "sctp", true, "" },
		{ "install sctp /bin/false\nsoftdep sctp pre:\n", "sctp", false,
		  "install in x.conf" },
		{ "install can /bin/false\n", "can_raw", false, "install of can in x.conf" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(world_free) struct world w;
		const struct reach *r;

		test_case = cases[i].config;
		world_make(&w, cases[i].config, "");
		r = reach_find(&w, cases[i].module);
		EXPECT((r->ways != 0) == cases[i].reached);
		EXPECT(cases[i].reached || r->blocked);
		EXPECT_STR(r->why, cases[i].why);
	}
}

/* Without AF_ALG an algorithm is loaded only for IPsec, in a network namespace of one's own. */
/* Files are taken in the order of their names, and modules.softdep is one of them. */
TEST(reach_heeds_the_order_of_soft_dependencies)
{
	static const char config[] = "install xfs /bin/false\nsoftdep xfs pre:\n";
	_cleanup_(world_free) struct world w;
	struct oak_error err;

	world_make(&w, "", "");
	reach_free(&w.map);
	EXPECT(policy_parse(&w.policy, config, "etc/modprobe.d/50-x.conf", &err) == 0);
	EXPECT(reach_read(&w.tree, &w.policy, w.loaded, &w.map, &err) == 0);
	EXPECT(!reach_find(&w, "xfs")->ways && !reach_find(&w, "soft")->ways);
}

TEST(reach_falls_back_to_another_way)
{
	_cleanup_(world_free) struct world w;
	const struct reach *r;

	world_make(&w, "install af_alg /bin/false\n", "");
	r = reach_find(&w, "wp512");
	EXPECT(reach_gate_of(r->ways) == GATE_USERNS_NET && r->blocked);
	world_free(&w);
	world_make(&w, "install af_alg /bin/false\ninstall xfrm_user /bin/false\n", "");
	r = reach_find(&w, "wp512");
	EXPECT(!r->ways && r->blocked);
	EXPECT_STR(r->why, "what asks for it is blocked");
}

TEST(reach_of_an_actor_is_the_surest_way)
{
	_cleanup_(world_free) struct world w;
	struct actor a = { .known = true, .seccomp = SECCOMP_FILTER };
	struct reach_rows rows;

	world_make(&w, "", "");
	w.policy.userns = USERNS_FREE;
	reach_rows_of(&a, &w.policy, &rows);
	EXPECT(reach_sure_of(&rows, reach_find(&w, "sctp")->ways) == REACH_LIKELY);
	EXPECT(reach_sure_of(&rows, reach_find(&w, "wp512")->ways) == REACH_UNLIKELY);
	EXPECT(reach_sure_of(&rows, reach_find(&w, "xfs")->ways) == REACH_NO);
	EXPECT(reach_sure_of(&rows, 0) == REACH_NO);
}
