/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-modules.h"
#include "host/modules/needs.h"
#include "host/modules/plan-files.h"
#include "host/modules/textdiff.h"

#define DAY_S   ((int64_t)86400)
#define BEGIN_S ((int64_t)1800000000)

/* A small host, and the plan for it. */
struct world {
	int root;
	struct module_tree tree;
	struct usage usage;
	struct module_policy policy;
	struct observed observed;
	struct reach_map reach;
	bool loaded[64];
	struct plan_options opt;
	struct module_plan plan;
	struct plan_files files;
};

static void world_free(struct world *w)
{
	plan_files_free(&w->files);
	module_plan_free(&w->plan);
	reach_free(&w->reach);
	observed_free(&w->observed);
	policy_free(&w->policy);
	usage_free(&w->usage);
	tree_free(&w->tree);
	closep(&w->root);
}

/* sctp and af_key are asked for by anybody, veth and xfs in a user namespace, e1000 by a device. */
static void world_new(struct world *w, const char *loaded)
{
	*w = (struct world){ .root = modules_new(loaded) };
	tree_put(w->root, FAKE_LIB "modules.dep",
		 "k/sctp.ko: k/crc.ko\nk/crc.ko:\nk/af_key.ko: k/xfrm_algo.ko\nk/xfrm_algo.ko:\n"
		 "k/veth.ko:\nk/xfs.ko: k/crc.ko\nk/e1000.ko:\nk/can.ko:\nk/isofs.ko:\n"
		 "k/overlay.ko:\nk/sch_htb.ko:\nk/vcan.ko: k/can.ko\nk/af_alg.ko:\nk/llc2.ko:\n");
	tree_put(w->root, FAKE_LIB "modules.alias",
		 "alias net-pf-15 af_key\nalias net-pf-2-proto-132 sctp\nalias fs-xfs xfs\n"
		 "alias rtnl-link-veth veth\nalias net-pf-29 can\nalias fs-iso9660 isofs\n"
		 "alias fs-overlay overlay\nalias pci:v1d* e1000\nalias net-pf-38 af_alg\n"
		 "alias acpi:LLC* llc2\nalias net-pf-26 llc2\n");
	tree_put(w->root, FAKE_LIB "modules.softdep", "softdep xfs pre: crc\n");
	tree_put(w->root, FAKE_LIB "modules.builtin", "k/ext4.ko\n");
}

static int world_plan(struct world *w, struct oak_error *err)
{
	const struct usage_options live = { .live = false };
	int r = tree_read(w->root, FAKE_RELEASE, &w->tree, err);

	EXPECT(r == 0);
	EXPECT(usage_read(w->root, &w->tree, &live, &w->usage, err) == 0);
	EXPECT(policy_read(w->root, PLAN_BLOCK_FILE, &w->policy, err) == 0);
	for (size_t i = 0; i < w->tree.n; i++)
		w->loaded[i] = loaded_find(&w->usage.loaded, w->tree.modules[i].name) !=
			       LOADED_NONE;
	EXPECT(reach_read(&w->tree, &w->policy, w->loaded, &w->reach, err) == 0);
	w->opt.root = w->root;
	w->opt.tree = &w->tree;
	w->opt.usage = &w->usage;
	w->opt.observed = &w->observed;
	w->opt.reach = &w->reach;
	r = module_plan_make(&w->opt, &w->plan, err);
	if (r == 0)
		EXPECT(plan_files_make(&w->plan, &w->tree, &w->reach, &w->files, err) == 0);
	return r;
}

/* "block", or "why: detail"; "-" where it was not considered. */
static const char *verdict(const struct world *w, const char *name)
{
	static char text[256];

	for (size_t i = 0; i < w->plan.n; i++) {
		const struct plan_item *item = &w->plan.items[i];

		if (strcmp(w->tree.modules[item->module].name, name) != 0)
			continue;
		(void)snprintf(text, sizeof(text), "%s%s%s", module_plan_why_name(item->why),
			       item->detail[0] ? ": " : "", item->detail);
		return text;
	}
	return "-";
}

TEST(plan_blocks_what_nothing_needs)
{
	_cleanup_(world_free) struct world w;
	struct oak_error err;

	world_new(&w, "");
	EXPECT(world_plan(&w, &err) == 0);
	EXPECT_STR(verdict(&w, "sctp"), "block");
	EXPECT_STR(verdict(&w, "xfs"), "block");
	EXPECT_STR(verdict(&w, "sch_htb"), "block");
	EXPECT_STR(verdict(&w, "af_alg"), "block");
	/* A dependency of these, and what only a device asks for. */
	EXPECT_STR(verdict(&w, "crc"), "-");
	EXPECT_STR(verdict(&w, "e1000"), "-");
	EXPECT_STR(verdict(&w, "ext4"), "-");
	EXPECT_STR(verdict(&w, "veth"), "engine: bridge: networks of containers on one host");
	EXPECT_STR(verdict(&w, "overlay"), "lock-out: the file system of containers");
	EXPECT_CONTAINS(verdict(&w, "isofs"), "lock-out: the drive by which a cloud");
	EXPECT_CONTAINS(buf_str(&w.files.text[0]),
			"\n# any: net-pf-2-proto-132\nblacklist sctp\ninstall sctp /bin/false\n");
	/* modprobe runs no command where there are soft dependencies. */
	EXPECT_CONTAINS(buf_str(&w.files.text[0]),
			"blacklist xfs\nsoftdep xfs pre:\ninstall xfs /bin/false\n");
}

static void arrange_use(struct world *w)
{
	tree_put(w->root, "proc/1/net/protocols", "SCTP 1000 2 0 no 0 yes sctp y\n");
}

static void arrange_device(struct world *w)
{
	tree_put(w->root, "sys/bus/acpi/devices/LLC0:00/modalias", "acpi:LLC0:\n");
}

static void arrange_fstab(struct world *w)
{
	tree_put(w->root, "etc/fstab", "# x\n/dev/vdb /data xfs defaults 0 2\n");
}

static void arrange_boot(struct world *w)
{
	tree_put(w->root, "etc/modules-load.d/x.conf", "af-key\n");
}

static void arrange_own_boot(struct world *w)
{
	tree_put(w->root, "etc/modules-load.d/oakum.conf", "af_key\n");
}

static void arrange_livepatch(struct world *w)
{
	tree_put(w->root, "sys/kernel/livepatch/oakum_1/sctp/f,1/x", "");
}

static void arrange_kubernetes(struct world *w)
{
	tree_put(w->root, "var/lib/kubelet/config.yaml", "");
}

static void arrange_crypttab(struct world *w)
{
	tree_put(w->root, "etc/crypttab", "a /dev/vdb\n");
}

static void arrange_blocked(struct world *w)
{
	tree_put(w->root, "etc/modprobe.d/other.conf", "install sctp /bin/false\n");
	tree_put(w->root, "etc/modprobe.d/50-oakum-block.conf", "install af_key /bin/false\n");
}

static void arrange_nothing(struct world *w)
{
	(void)w;
}

#define SCTP IDLE("sctp") "crc 1 1 sctp, Live 0x0\n"

TEST(plan_keeps_what_is_needed)
{
	static const struct {
		const char *name, *loaded;
		void (*arrange)(struct world *w);
		const char *module, *want;
	} cases[] = {
		{ "in use", SCTP, arrange_use, "sctp", "in use: 2 sockets of SCTP" },
		{ "a live patch", SCTP, arrange_livepatch, "sctp",
		  "live patch: is patched by oakum_1" },
		{ "not in use, but loaded", SCTP, arrange_nothing, "sctp",
		  "loaded: is loaded, and was observed for 0 of 7 days" },
		{ "a device", "", arrange_device, "llc2", "device: device LLC0:00 of bus acpi" },
		{ "no device", "", arrange_nothing, "llc2", "block" },
		{ "a mount at boot", "", arrange_fstab, "xfs", "boot: a mount in etc/fstab" },
		{ "loaded at boot", "", arrange_boot, "af_key",
		  "boot: named in etc/modules-load.d/x.conf" },
		{ "by us", "", arrange_own_boot, "af_key", "block" },
		{ "Kubernetes' volumes", "", arrange_kubernetes, "xfs",
		  "engine: volumes: storage over the network" },
		{ "encrypted disks", "", arrange_crypttab, "af_alg",
		  "lock-out: opening encrypted disks" },
		{ "needed by another", "vcan 1 3 - Live 0x0\n", arrange_nothing, "can",
		  "needed: needed by vcan" },
		{ "blocked by others", "", arrange_blocked, "sctp", "-" },
		{ "blocked by us", "", arrange_blocked, "af_key", "block" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(world_free) struct world w;
		struct oak_error err;

		test_case = cases[i].name;
		world_new(&w, cases[i].loaded);
		w.opt.days = 7;
		cases[i].arrange(&w);
		EXPECT(world_plan(&w, &err) == 0);
		EXPECT_STR(verdict(&w, cases[i].module), cases[i].want);
	}
}

/* Looks at the loaded modules of a world without a plan. */
static void look(struct world *w, int64_t now_s)
{
	_cleanup_(tree_free) struct module_tree t = { 0 };
	_cleanup_(usage_free) struct usage u = { 0 };
	const struct usage_options opt = { .live = false };
	struct oak_error err;

	EXPECT(usage_read(w->root, &t, &opt, &u, &err) == 0);
	EXPECT(observed_add(&w->observed, &u, now_s, &err) == 0);
}

TEST(plan_uses_what_was_observed)
{
	_cleanup_(world_free) struct world w;
	struct oak_error err;

	world_new(&w, SCTP IDLE("af_key"));
	w.opt.days = 7;
	arrange_use(&w);
	look(&w, BEGIN_S);
	tree_drop(w.root, "proc/1/net/protocols");
	look(&w, BEGIN_S + 8 * DAY_S);
	EXPECT(observed_days(&w.observed) == 8 && w.observed.samples == 2);
	EXPECT(world_plan(&w, &err) == 0);
	EXPECT_STR(verdict(&w, "sctp"), "observed: was in use on 2027-01-15");
	EXPECT_STR(verdict(&w, "af_key"), "block");
	EXPECT_CONTAINS(buf_str(&w.files.text[1]), "\nsctp\n");
	EXPECT(!strstr(buf_str(&w.files.text[1]), "af_key"));
}

TEST(plan_refuses_to_lock_out)
{
	static const struct {
		const char *name, *block, *keep, *without;
		int want;
		const char *msg;
	} cases[] = {
		{ "in use", "sctp", NULL, NULL, -OAK_E_REFUSED,
		  "sctp is not blocked, it would lock this host out (in use: 2 sockets of SCTP)" },
		{ "a guard", "overlay", NULL, NULL, -OAK_E_REFUSED,
		  "overlay is not blocked, it would lock this host out (lock-out: the file system "
		  "of containers)" },
		{ "needed", "crc", NULL, NULL, -OAK_E_REFUSED,
		  "crc is not blocked, it would lock this host out (in use: needed by sctp)" },
		{ "an engine's", "veth", NULL, NULL, 0, NULL },
		{ "a driver", "e1000", NULL, NULL, 0, NULL },
		{ "none", "nothing", NULL, NULL, -OAK_E_USAGE,
		  "--block nothing: not a module of this kernel" },
		{ "built in", "ext4", NULL, NULL, -OAK_E_USAGE,
		  "--block ext4: not a module of this kernel" },
		{ "keep none", NULL, "nothing", NULL, -OAK_E_USAGE,
		  "--keep nothing: neither a module of this kernel nor a group" },
		{ "without none", NULL, NULL, "veth", -OAK_E_USAGE, "--without veth: not a group" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(world_free) struct world w;
		struct oak_error err = { .msg = "" };

		test_case = cases[i].name;
		world_new(&w, SCTP);
		arrange_use(&w);
		w.opt.block = &cases[i].block;
		w.opt.n_block = cases[i].block != NULL;
		w.opt.keep = &cases[i].keep;
		w.opt.n_keep = cases[i].keep != NULL;
		w.opt.without = &cases[i].without;
		w.opt.n_without = cases[i].without != NULL;
		EXPECT(world_plan(&w, &err) == cases[i].want);
		if (cases[i].msg)
			EXPECT_STR(err.msg, cases[i].msg);
		else
			EXPECT_STR(verdict(&w, cases[i].block), "block: was asked for with --block");
	}
}

TEST(plan_heeds_wishes)
{
	_cleanup_(world_free) struct world w;
	static const char *const keep[] = { "sctp", "volumes" }, *const without[] = { "bridge" };
	struct oak_error err;

	world_new(&w, "");
	w.opt.keep = keep;
	w.opt.n_keep = 2;
	w.opt.without = without;
	w.opt.n_without = 1;
	EXPECT(world_plan(&w, &err) == 0);
	EXPECT_STR(verdict(&w, "sctp"), "asked: was asked for with --keep");
	EXPECT_STR(verdict(&w, "xfs"), "engine: volumes: storage over the network");
	EXPECT_STR(verdict(&w, "veth"), "block");
}

TEST(plan_wants_to_see)
{
	_cleanup_(world_free) struct world w, blind;
	struct oak_error err;

	world_new(&w, "");
	tree_drop(w.root, "sys/bus");
	EXPECT(world_plan(&w, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, "what the devices of this host need cannot be seen");
	world_new(&blind, "");
	tree_drop(blind.root, "proc/1/ns");
	EXPECT(world_plan(&blind, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, "what the mounts of this host need cannot be seen");
}

static const char *content(int root, unsigned file)
{
	static char text[PLAN_FILE_MAX];
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;

	if (file_read(root, plan_file_path(file), PLAN_FILE_MAX, &b, &err) < 0)
		return NULL;
	(void)snprintf(text, sizeof(text), "%s", buf_str(&b));
	return text;
}

TEST(plan_is_applied_and_undone)
{
	_cleanup_(world_free) struct world w;
	_cleanup_(buf_free) struct buf diff = { 0 };
	struct oak_error err;

	world_new(&w, "");
	EXPECT(world_plan(&w, &err) == 0);
	EXPECT(plan_files_undo(w.root, &err) == -OAK_E_NOTHING);
	EXPECT_STR(err.msg, "nothing was applied");
	tree_put(w.root, plan_file_path(1), "tun\n");
	EXPECT(plan_files_apply(w.root, &w.files, BEGIN_S, &err) == 0);
	EXPECT_STR(content(w.root, 0), buf_str(&w.files.text[0]));
	EXPECT(plan_files_diff(w.root, &w.files, &diff, &err) == 0 && diff.len == 0);
	EXPECT(plan_files_apply(w.root, &w.files, BEGIN_S, &err) == -OAK_E_NOTHING);
	/* A second one, then both back. */
	EXPECT(buf_add_str(&w.files.text[0], "blacklist x\n") == 0);
	EXPECT(plan_files_apply(w.root, &w.files, BEGIN_S, &err) == 0);
	EXPECT_CONTAINS(content(w.root, 0), "blacklist x\n");
	EXPECT(plan_files_undo(w.root, &err) == 0);
	EXPECT(!strstr(content(w.root, 0), "blacklist x\n"));
	EXPECT(plan_files_undo(w.root, &err) == 0);
	EXPECT(!content(w.root, 0));
	EXPECT_STR(content(w.root, 1), "tun\n");
	EXPECT(!file_exists(w.root, PLAN_UNDO_PATH));
}

TEST(plan_undoes_nothing_of_others)
{
	_cleanup_(world_free) struct world w;
	struct oak_error err;

	world_new(&w, "");
	EXPECT(world_plan(&w, &err) == 0);
	EXPECT(plan_files_apply(w.root, &w.files, BEGIN_S, &err) == 0);
	tree_put(w.root, plan_file_path(0), "install x /bin/false\n");
	EXPECT(plan_files_undo(w.root, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, "was changed since by another hand");
	EXPECT_STR(content(w.root, 0), "install x /bin/false\n");
	/* As a crash before the first file leaves it: what was before is there. */
	tree_drop(w.root, plan_file_path(0));
	EXPECT(plan_files_undo(w.root, &err) == 0);
	tree_put(w.root, PLAN_UNDO_PATH,
		 "{\"applied\":[{\"files\":[{\"path\":\"etc/shadow\",\"before\":\"\","
		 "\"after\":\"0\"}]}]}");
	EXPECT(plan_files_undo(w.root, &err) == -OAK_E_FORMAT);
	tree_put(w.root, PLAN_UNDO_PATH, "{}");
	EXPECT(plan_files_undo(w.root, &err) == -OAK_E_FORMAT);
}

TEST(plan_remembers_so_many)
{
	_cleanup_(world_free) struct world w;
	struct oak_error err;

	world_new(&w, "");
	EXPECT(world_plan(&w, &err) == 0);
	for (unsigned i = 0; i < PLAN_UNDO_STEPS + 4; i++) {
		EXPECT(buf_printf(&w.files.text[0], "blacklist x%u\n", i) == 0);
		EXPECT(plan_files_apply(w.root, &w.files, BEGIN_S, &err) == 0);
	}
	for (unsigned i = 0; i < PLAN_UNDO_STEPS; i++)
		EXPECT(plan_files_undo(w.root, &err) == 0);
	EXPECT(plan_files_undo(w.root, &err) == -OAK_E_NOTHING);
}

TEST(observed_is_kept_in_a_file)
{
	_cleanup_(world_free) struct world w;
	_cleanup_(observed_free) struct observed again = { 0 }, none = { 0 };
	struct oak_error err;

	world_new(&w, SCTP);
	EXPECT(observed_read(w.root, &none, &err) == 0 && none.samples == 0);
	look(&w, BEGIN_S);
	tree_put(w.root, "proc/modules", IDLE("can"));
	look(&w, BEGIN_S + 3 * DAY_S);
	EXPECT(observed_write(w.root, &w.observed, &err) == 0);
	EXPECT(observed_read(w.root, &again, &err) == 0);
	EXPECT(again.n == 3 && again.samples == 2 && observed_days(&again) == 3);
	EXPECT(observed_find(&again, "sctp")->last_s == BEGIN_S);
	EXPECT(observed_find(&again, "can")->used_s == 0 && !observed_find(&again, "x"));
	/* What was not seen for long is forgotten. */
	look(&w, BEGIN_S + (OBSERVED_FORGET_DAYS + 2) * DAY_S);
	EXPECT(!observed_find(&w.observed, "sctp") && observed_find(&w.observed, "can"));
}

TEST(observed_refuses_what_is_none)
{
	static const char head[] =
		"{\"first\":\"2026-01-01T00:00:00Z\",\"last\":\"2026-01-02T00:00:00Z\",";
	static const struct {
		const char *rest;
		int want;
	} cases[] = {
		{ "\"samples\":1,\"modules\":{}}", 0 },
		{ "\"samples\":0,\"modules\":{}}", -OAK_E_FORMAT },
		{ "\"samples\":1}", -OAK_E_FORMAT },
		{ "\"samples\":1,\"modules\":[]}", -OAK_E_FORMAT },
		{ "\"samples\":1,\"modules\":{\"a b\":{}}}", -OAK_E_FORMAT },
		{ "\"samples\":1,\"modules\":{\"a\":{\"first\":\"x\"}}}", -OAK_E_FORMAT },
		{ "\"samples\":1,\"modules\":{\"a-b\":{\"first\":\"2026-01-01T00:00:00Z\","
		  "\"last\":\"2026-01-01T00:00:00Z\",\"used\":null}}}",
		  0 },
		{ "\"samples\":1,\"modules\":{\"a\":{\"first\":\"2026-01-01T00:00:00Z\","
		  "\"last\":\"2026-01-01T00:00:00Z\",\"used\":1}}}",
		  -OAK_E_FORMAT },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(observed_free) struct observed o = { 0 };
		char text[512];
		struct oak_error err;

		test_case = cases[i].rest;
		(void)snprintf(text, sizeof(text), "%s%s", head, cases[i].rest);
		EXPECT(observed_parse(text, strlen(text), &o, &err) == cases[i].want);
	}
}

TEST(textdiff_is_as_diff_does_it)
{
	static const struct {
		const char *old, *new, *want;
	} cases[] = {
		{ "a\nb\n", "a\nb\n", "" },
		{ NULL, "a\n", "--- /dev/null\n+++ n\n@@ -0,0 +1,1 @@\n+a\n" },
		{ "a\n", "", "--- o\n+++ n\n@@ -1,1 +0,0 @@\n-a\n" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
		  "--- o\n+++ n\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n",
		  "--- o\n+++ n\n@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -7,3 +8,4 @@\n 7\n 8\n 9\n"
		  "+10\n" },
		{ "1\n2\n3\n", "0\n1\n2\n3\n4\n",
		  "--- o\n+++ n\n@@ -1,3 +1,5 @@\n+0\n 1\n 2\n 3\n+4\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf b = { 0 };
		struct oak_error err;

		test_case = cases[i].want;
		EXPECT(textdiff(&(struct textdiff){ "o", cases[i].old, "n", cases[i].new }, &b,
				&err) == 0);
		EXPECT_STR(buf_str(&b), cases[i].want);
	}
}

TEST(textdiff_of_long_texts)
{
	_cleanup_(buf_free) struct buf a = { 0 }, b = { 0 };
	struct oak_error err;

	for (unsigned i = 0; i <= TEXTDIFF_LINES_MAX; i++)
		EXPECT(buf_printf(&a, "%u\n", i) == 0);
	EXPECT(textdiff(&(struct textdiff){ "o", buf_str(&a), "n", buf_str(&a) }, &b, &err) == 0);
	EXPECT(b.len == 0);
	EXPECT(textdiff(&(struct textdiff){ "o", buf_str(&a), "n", "x\n" }, &b, &err) == 0);
	EXPECT_CONTAINS(buf_str(&b), "@@ -1,4001 +1,1 @@\n");
}

TEST(needs_are_groups)
{
	_cleanup_(closep) int root = tree_new();

	EXPECT(needs_group_find("bridge") && !needs_group_find("x"));
	EXPECT(needs_group_wanted(root, needs_group_find("bridge")));
	EXPECT(!needs_group_wanted(root, needs_group_find("kubernetes")));
	tree_put(root, "etc/kubernetes/x", "");
	EXPECT(needs_group_wanted(root, needs_group_find("kubernetes")));
	EXPECT(needs_group_has(needs_group_find("bridge"), "ip_set_hash_ip"));
	EXPECT(!needs_group_has(needs_group_find("bridge"), "sctp"));
	EXPECT(needs_guarded("virtio_net", false) && !needs_guarded("sctp", false));
	EXPECT(!needs_guarded("af_alg", false) && needs_guarded("af_alg", true));
}
