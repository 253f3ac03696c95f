/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fixes of what an audit finds: for every row of the table a host that is bad, what is changed, that
 * the finding is gone, and that undoing leaves the tree as it was to the byte and the bit.
 */
#include <errno.h>
#include <unistd.h>

#include "audit-fixture.h"
#include "audit/fix/apply.h"
#include "audit/fix/fix.h"
#include "audit/inside.h"
#include "audit/targets.h"
#include "fake-docker.h"

#define PLAN_NOW 1795000000

/* Everything below a folder: kind, mode, owner, path, content; without what oakum keeps. */
static void picture_of(int dir, const char *path, struct buf *ret)
{
	_cleanup_(closep) int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **names = NULL;
	int n = fd < 0 ? 0 : scandirat(fd, ".", &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		_cleanup_(freep) struct dirent *e = names[i];
		_cleanup_(buf_free) struct buf text = { 0 };
		char below[4096];
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		(void)snprintf(below, sizeof(below), "%s/%s", path, e->d_name);
		if (strcmp(below, "./var/lib/oakum") == 0)
			continue;
		EXPECT(fstatat(dir, below, &st, AT_SYMLINK_NOFOLLOW) == 0);
		EXPECT(buf_printf(ret, "%o %u:%u %s\n", st.st_mode, st.st_uid, st.st_gid, below) ==
		       0);
		if (S_ISREG(st.st_mode)) {
			EXPECT(file_read(dir, below, 4u << 20, &text, NULL) == 0);
			for (size_t k = 0; k < text.len; k++)
				text.data[k] = text.data[k] ? text.data[k] : '0';
			EXPECT(buf_add_str(ret, buf_str(&text)) == 0);
		} else if (S_ISDIR(st.st_mode)) {
			picture_of(dir, below, ret);
		}
	}
	free(names);
}

static struct audit audit_ids(int root, const char *const *only)
{
	const struct audit_options opt = { .only = only, .now = AUDIT_NOW };
	struct audit a = { .n = 0 };
	struct oak_error err;

	EXPECT(audit_run(root, &opt, &a, &err) == 0);
	return a;
}

static void audit_into(int root, const char *const *only, struct audit *ret)
{
	*ret = audit_ids(root, only);
}

static struct fix_plan plan_of(const struct audit *a, const char *const *only)
{
	const struct fix_options opt = { .only = only, .least = AUDIT_LOW };
	struct fix_plan p = { .n = 0 };
	struct oak_error err;

	EXPECT(fix_plan_make(a, &opt, &p, &err) == 0);
	return p;
}

static int apply(int root, const struct fix_plan *p, struct oak_error *err)
{
	const struct fix_doing d = { .root = root, .now_s = PLAN_NOW };

	return fix_apply(&d, p, err);
}

static int undo(int root, struct oak_error *err)
{
	const struct fix_doing d = { .root = root };

	return fix_undo(&d, err);
}

/* The one check, asked for by its id: planned, applied, no finding more; undone, all as before. */
static void expect_fixed(int root, const char *id, bool gone)
{
	const char *const only[] = { id, NULL };
	_cleanup_(audit_clear) struct audit before = audit_ids(root, only);
	_cleanup_(fix_plan_clear) struct fix_plan p = plan_of(&before, only);
	_cleanup_(buf_free) struct buf was = { 0 }, now = { 0 };
	struct oak_error err = { .code = OAK_OK };

	test_case = id;
	EXPECT(before.n == 1 && finding_counts(&before.findings[0]));
	EXPECT(p.n > 0 && p.n_findings == 1 && p.n_left == 0);
	picture_of(root, ".", &was);
	EXPECT(apply(root, &p, &err) == 0);
	if (gone)
		expect_verdict(root, id, AUDIT_PASS);
	picture_of(root, ".", &now);
	EXPECT(strcmp(buf_str(&was), buf_str(&now)) != 0);
	now.len = 0;
	EXPECT(undo(root, &err) == 0);
	picture_of(root, ".", &now);
	EXPECT_STR(buf_str(&now), buf_str(&was));
	EXPECT(undo(root, &err) == -OAK_E_NOTHING);
	EXPECT_STR(err.msg, "nothing was applied");
	test_case = NULL;
}

/* What the plan leaves of a check, and why. */
static void expect_left(int root, const char *id, enum fix_left_why why, const char *reason)
{
	const char *const only[] = { id, NULL };
	_cleanup_(audit_clear) struct audit a = audit_ids(root, only);
	_cleanup_(fix_plan_clear) struct fix_plan p = plan_of(&a, only);

	test_case = reason;
	EXPECT(p.n == 0 && p.n_left == 1);
	EXPECT_STR(fix_left_why_name(p.left[0].why), fix_left_why_name(why));
	EXPECT_STR(p.left[0].reason, reason);
	test_case = NULL;
}

/* Every row names a check or a group; every check has a row, and a reason where it is by hand. */
TEST(the_table_is_whole)
{
	const struct fix *f;

	for (unsigned i = 0; (f = fix_row(i)); i++) {
		bool known = audit_check_by_id(f->id, NULL) != NULL;

		test_case = f->id;
		for (size_t t = 0; audit_tables[t]->n; t++)
			known = known || strcmp(audit_tables[t]->group, f->id) == 0;
		EXPECT(known);
		EXPECT(f->note || (f->kind != FIX_BY_HAND && !f->asked));
		EXPECT((f->set != NULL) ==
		       (f->kind == FIX_SYSCTL || f->kind == FIX_DOCKER || f->kind == FIX_BOOT));
		for (unsigned k = 0; k < i; k++)
			EXPECT(strcmp(fix_row(k)->id, f->id) != 0);
	}
	for (size_t t = 0; audit_tables[t]->n; t++) {
		for (size_t k = 0; k < audit_tables[t]->n; k++) {
			const struct audit_check *c = &audit_tables[t]->rows[k];

			test_case = c->id;
			f = fix_of(audit_tables[t], c);
			EXPECT(*f->id);
			/* What would break live patching or containers is nothing to be done. */
			EXPECT(c->otherwise != AUDIT_CONFLICT || f->kind == FIX_BY_HAND);
			EXPECT((f->kind == FIX_FILE) == (file_check_of(c) != NULL));
		}
	}
	test_case = NULL;
}

/*
 * Each name of a row to a value that the check does not want, as long as the one that it does: files of
 * a tree keep what follows.
 */
static void put_bad_sysctls(int root, const char *set)
{
	while (*set) {
		size_t name = strcspn(set, "="), len = strcspn(set, " ");
		char path[256], value[32] = "";

		(void)snprintf(path, sizeof(path), "proc/sys/%.*s", (int)name, set);
		for (char *p = path; *p; p++)
			*p = (char)(*p == '.' ? '/' : *p);
		memset(value, set[name + 1] == '0' ? '1' : '0', len - name - 1);
		value[len - name - 1] = '\n';
		tree_put(root, path, strncmp(set, "kernel.sysrq", name) == 0 ? "438\n" : value);
		set += len + (set[len] == ' ');
	}
}

TEST(settings_of_the_kernel_are_set_and_stay)
{
	_cleanup_(closep) int root = tree_new_host();
	const struct fix *f;

	EXPECT(dir_make(root, "etc/sysctl.d", NULL) == 0);
	for (unsigned i = 0; (f = fix_row(i)); i++) {
		if (f->kind != FIX_SYSCTL)
			continue;
		put_bad_sysctls(root, f->set);
		expect_fixed(root, f->id, true);
	}
}

/* Two at once, then a third: one file, and each step is undone by itself. */
TEST(steps_are_undone_one_by_one)
{
	static const char *const two[] = { "sysctl.kernel.kptr_restrict",
					   "sysctl.fs.protected_files", NULL };
	static const char *const third[] = { "sysctl.kernel.dmesg_restrict", NULL };
	_cleanup_(buf_free) struct buf was = { 0 }, between = { 0 }, now = { 0 }, text = { 0 };
	_cleanup_(closep) int root = tree_new_host();
	struct oak_error err;

	EXPECT(dir_make(root, "etc/sysctl.d", NULL) == 0);
	put_bad_sysctls(root, "kernel.kptr_restrict=1 kernel.dmesg_restrict=1 "
			      "fs.protected_fifos=2");
	tree_put(root, "proc/sys/fs/protected_regular", "2\n");
	picture_of(root, ".", &was);
	for (int step = 0; step < 2; step++) {
		const char *const *only = step ? third : two;
		_cleanup_(audit_clear) struct audit a = audit_ids(root, only);
		_cleanup_(fix_plan_clear) struct fix_plan p = plan_of(&a, only);

		EXPECT(apply(root, &p, &err) == 0);
		if (step == 0)
			picture_of(root, ".", &between);
	}
	EXPECT(file_read(root, &FIX_SYSCTL_FILE[1], 65536, &text, &err) == 0);
	EXPECT_STR(buf_str(&text),
		   "# Written by \"oakum audit --fix-plan --apply\"; \"--undo\" takes it back.\n"
		   "kernel.kptr_restrict = 1\n"
		   "fs.protected_fifos = 2\n"
		   "fs.protected_regular = 2\n"
		   "kernel.dmesg_restrict = 1\n");
	EXPECT(undo(root, &err) == 0);
	picture_of(root, ".", &now);
	EXPECT_STR(buf_str(&now), buf_str(&between));
	now.len = 0;
	EXPECT(undo(root, &err) == 0);
	picture_of(root, ".", &now);
	EXPECT_STR(buf_str(&now), buf_str(&was));
}

TEST(a_setting_that_another_file_takes_back_is_left)
{
	static const char id[] = "sysctl.kernel.kptr_restrict";
	static const struct {
		const char *path, *text;
		bool overrides;
	} cases[] = {
		{ "etc/sysctl.d/99-own.conf", "kernel.kptr_restrict=0\n", true },
		{ "usr/lib/sysctl.d/61-x.conf", "# x\n -kernel/kptr_restrict = 0 \n", true },
		{ "etc/sysctl.conf", "kernel.kptr_restrict = 0", true },
		{ "etc/sysctl.d/99-own.conf", "kernel.kptr_restrict = 1\r\n", false },
		{ "etc/sysctl.d/99-own.conf", "kernel.kptr_restrict=0\nkernel.kptr_restrict=1\n",
		  false },
		{ "etc/sysctl.d/99-own.conf", "#kernel.kptr_restrict=0\n", false },
		{ "etc/sysctl.d/99-own.conf", "kernel.kptr_restrict_x=0\n", false },
		{ "etc/sysctl.d/10-own.conf", "kernel.kptr_restrict=0\n", false },
		{ "etc/sysctl.d/99-own.conf.bak", "kernel.kptr_restrict=0\n", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = tree_new_host();
		char reason[256];

		EXPECT(dir_make(root, "etc/sysctl.d", NULL) == 0);
		put_bad_sysctls(root, "kernel.kptr_restrict=1");
		tree_put(root, cases[i].path, cases[i].text);
		(void)snprintf(reason, sizeof(reason),
			       "/%s sets kernel.kptr_restrict to another value, and is read after "
			       "our file: change it",
			       cases[i].path);
		if (cases[i].overrides)
			expect_left(root, id, FIX_LEFT_BY_HAND, reason);
		else
			expect_fixed(root, id, true);
	}
}

static const char *const paths[] = {
	"lib/systemd/system/docker.service",
	"lib/systemd/system/docker.socket",
	"etc/docker/certs.d/r.example/ca.crt",
	"pki/ca.pem",
	"pki/cert.pem",
	"pki/key.pem",
	"run/docker.sock",
	"etc/default/docker",
	"etc/sysconfig/docker",
	"run/containerd/containerd.sock",
	"etc/containerd/config.toml",
	"var/lib/containerd/",
	"var/lib/docker/",
	"run/crio/crio.sock",
	"etc/crio/crio.conf",
	"run/podman/podman.sock",
	"etc/containers/containers.conf",
	"etc/containers/policy.json",
};

static int host_with_files(void)
{
	int root = docker_new("",
			      "{\"tlscacert\": \"/pki/ca.pem\", \"tlscert\": \"/pki/cert.pem\", "
			      "\"tlskey\": \"/pki/key.pem\"}\n");

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i][strlen(paths[i]) - 1] == '/')
			EXPECT(dir_make(root, paths[i], NULL) == 0);
		else
			tree_put(root, paths[i], "x");
	}
	EXPECT(dir_make(root, "var", NULL) == 0);
	EXPECT(symlinkat("../run", root, "var/run") == 0);
	tree_put(root, "etc/group", "root:x:0:\ndocker:x:990:\n");
	return root;
}

struct target {
	int root;
	bool owner;
};

static bool spoil(void *ctx, const char *path)
{
	const struct target *t = ctx;
	char self[64];
	_cleanup_(closep) int fd = inside_open(t->root, path, O_PATH);

	if (fd < 0)
		return false;
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (t->owner)
		EXPECT(fchownat(fd, "", 12, 34, AT_EMPTY_PATH) == 0);
	else
		EXPECT(chmod(self, 0777) == 0);
	return true;
}

TEST(files_lose_bits_and_get_their_owner)
{
	_cleanup_(closep) int root = host_with_files();

	for (size_t t = 0; audit_tables[t]->n; t++) {
		for (size_t k = 0; k < audit_tables[t]->n; k++) {
			const struct audit_check *c = &audit_tables[t]->rows[k];
			const struct file_check *want = file_check_of(c);
			_cleanup_(audit_clear) struct audit a = { .n = 0 };
			struct target target;
			char usual[TARGET_PATH_MAX];

			/* Only root gives files away. */
			if (!want || (!want->mode && geteuid() != 0))
				continue;
			test_case = c->id;
			a = audit_one(root, c->id);
			target = (struct target){ root, !want->mode };
			EXPECT(targets_each(&a.ctx, want, spoil, &target, usual));
			expect_fixed(root, c->id, true);
		}
	}
}

/* A bit that is not there is not given; a socket's group is docker's. */
TEST(a_mode_only_loses_bits)
{
	static const char *const only[] = { "engine-files", "3.15", "3.16", NULL };
	_cleanup_(closep) int root = host_with_files();
	struct oak_error err;
	struct stat st;

	EXPECT(fchmodat(root, "etc/default/docker", 0606, 0) == 0);
	EXPECT(fchmodat(root, "run/docker.sock", 0707, 0) == 0);
	if (geteuid() == 0)
		EXPECT(fchownat(root, "run/docker.sock", 12, 34, 0) == 0);
	{
		_cleanup_(audit_clear) struct audit a = audit_ids(root, only);
		_cleanup_(fix_plan_clear) struct fix_plan p = plan_of(&a, only);

		EXPECT(apply(root, &p, &err) == 0);
	}
	EXPECT(fstatat(root, "etc/default/docker", &st, 0) == 0);
	EXPECT((st.st_mode & 07777) == 0604);
	EXPECT(fstatat(root, "run/docker.sock", &st, 0) == 0);
	EXPECT((st.st_mode & 07777) == 0600);
	if (geteuid() == 0)
		EXPECT(st.st_uid == 0 && st.st_gid == 990);
	/* The engine made it anew since: that is none of undo's. */
	EXPECT(fchmodat(root, "run/docker.sock", 0640, 0) == 0);
	EXPECT(undo(root, &err) == 0);
	EXPECT(fstatat(root, "run/docker.sock", &st, 0) == 0);
	EXPECT((st.st_mode & 07777) == 0640);
	EXPECT(fstatat(root, "etc/default/docker", &st, 0) == 0);
	EXPECT((st.st_mode & 07777) == 0606);
}

TEST(files_that_are_not_one_thing_are_left)
{
	_cleanup_(closep) int root = host_with_files();

	EXPECT(fchmodat(root, "etc/default/docker", 0666, 0) == 0);
	EXPECT(linkat(root, "etc/default/docker", root, "etc/default/other", 0) == 0);
	expect_left(root, "3.20", FIX_LEFT_BY_HAND,
		    "/etc/default/docker: it has several names: another file would change with it");
	EXPECT(fchmodat(root, "etc/crio/crio.conf", 0666, 0) == 0);
	EXPECT(renameat(root, "etc/crio/crio.conf", root, "etc/crio/real") == 0);
	EXPECT(symlinkat("real", root, "etc/crio/crio.conf") == 0);
	expect_left(root, "crio.config-mode", FIX_LEFT_BY_HAND,
		    "/etc/crio/crio.conf: it is a link: what it leads to may belong to another");
}

TEST(the_kernels_audit_is_told_what_to_watch)
{
	_cleanup_(closep) int root = host_with_files();
	const struct fix *f;

	tree_put(root, "usr/bin/containerd", "x");
	tree_put(root, "usr/bin/containerd-shim", "x");
	tree_put(root, "usr/bin/containerd-shim-runc-v1", "x");
	tree_put(root, "usr/bin/containerd-shim-runc-v2", "x");
	tree_put(root, "usr/bin/runc", "x");
	expect_left(root, "1.1.6", FIX_LEFT_BY_HAND,
		    "auditd is not installed: install it, then plan again");
	EXPECT(dir_make(root, "etc/audit/rules.d", NULL) == 0);
	for (unsigned i = 0; (f = fix_row(i)); i++) {
		if (f->kind == FIX_WATCH)
			expect_fixed(root, f->id, true);
	}
}

/* What was loaded counts, not what is written: until then it waits. */
TEST(a_rule_that_is_written_waits_for_auditd)
{
	static const char *const only[] = { "1.1.6", NULL };
	_cleanup_(closep) int root = host_with_files();
	struct oak_error err;

	tree_put(root, "etc/audit/audit.rules", "-D\n");
	EXPECT(dir_make(root, "etc/audit/rules.d", NULL) == 0);
	{
		_cleanup_(audit_clear) struct audit a = audit_ids(root, only);
		_cleanup_(fix_plan_clear) struct fix_plan p = plan_of(&a, only);

		EXPECT(p.n == 1);
		EXPECT_STR(p.changes[0].needs, "augenrules --load, or a start of auditd");
		EXPECT(apply(root, &p, &err) == 0);
	}
	expect_left(root, "1.1.6", FIX_LEFT_WAITS,
		    FIX_WATCH_FILE " has it: augenrules --load, or a start of auditd");
}

TEST(the_command_line_waits_for_a_boot)
{
	const struct fix *f;

	for (unsigned i = 0; (f = fix_row(i)); i++) {
		_cleanup_(closep) int root = -1;
		struct oak_error err;
		char reason[256];

		if (f->kind != FIX_BOOT)
			continue;
		root = tree_new_host();
		tree_put(root, "proc/cmdline", "quiet\n");
		tree_put(root, "proc/sys/kernel/osrelease", "6.12.1\n");
		tree_put(root, "boot/config-6.12.1",
			 "CONFIG_SLAB_MERGE_DEFAULT=y\nCONFIG_DEBUG_FS=y\n"
			 "CONFIG_X86_VSYSCALL_EMULATION=y\n");
		(void)snprintf(reason, sizeof(reason),
			       "how this host boots is not known: put %s on the command line",
			       f->set);
		expect_left(root, f->id, FIX_LEFT_BY_HAND, reason);
		tree_put(root, "usr/sbin/grub-mkconfig",
			 "for x in ${sysconfdir}/default/grub.d/*.cfg ; do\n");
		EXPECT(dir_make(root, "etc/default/grub.d", NULL) == 0);
		expect_fixed(root, f->id, false);
		{
			const char *const only[] = { f->id, NULL };
			_cleanup_(audit_clear) struct audit a = audit_ids(root, only);
			_cleanup_(fix_plan_clear) struct fix_plan p = plan_of(&a, only);

			EXPECT(apply(root, &p, &err) == 0);
		}
		expect_left(root, f->id, FIX_LEFT_WAITS,
			    FIX_BOOT_FILE " has it: update-grub, then a boot");
	}
}

/* Advice that conflicts, and checks that only a person can settle. */
TEST(what_is_not_changed_is_told)
{
	_cleanup_(closep) int root = tree_new_host();
	static const char *const only[] = { "kernel-sysctl", NULL };
	_cleanup_(audit_clear) struct audit a = { .n = 0 };
	_cleanup_(fix_plan_clear) struct fix_plan p = { .n = 0 };
	const struct fix_options opt = { .only = only, .least = AUDIT_LOW };
	size_t never = 0, counted = 0;
	struct oak_error err;

	tree_put(root, "proc/sys/kernel/modules_disabled", "1\n");
	tree_put(root, "proc/sys/kernel/modprobe", "/sbin/modprobe\n");
	tree_put(root, "proc/sys/kernel/panic_on_oops", "0\n");
	tree_put(root, "proc/sys/kernel/io_uring_disabled", "0\n");
	expect_left(root, "sysctl.kernel.modprobe", FIX_LEFT_BY_HAND,
		    "what this host needs must be known first: oakum modules plan");
	audit_into(root, only, &a);
	EXPECT(fix_plan_make(&a, &opt, &p, &err) == 0);
	for (size_t i = 0; i < a.n; i++)
		counted += finding_counts(&a.findings[i]) ||
			   a.findings[i].verdict == AUDIT_CONFLICT ||
			   a.findings[i].verdict == AUDIT_UNKNOWN;
	for (size_t i = 0; i < p.n_left; i++) {
		never += p.left[i].why == FIX_LEFT_NEVER;
		if (strcmp(p.left[i].f->check->id, "sysctl.kernel.io_uring_disabled") == 0)
			EXPECT(p.left[i].why == FIX_LEFT_ASKED);
	}
	EXPECT(p.n == 0 && p.n_left == counted && never == 2);
}

TEST(the_severity_and_a_baseline_are_heeded)
{
	static const char *const only[] = { "sysctl.kernel.kptr_restrict", NULL };
	_cleanup_(closep) int root = tree_new_host();
	_cleanup_(audit_clear) struct audit a = { .n = 0 };
	struct oak_error err;

	EXPECT(dir_make(root, "etc/sysctl.d", NULL) == 0);
	put_bad_sysctls(root, "kernel.kptr_restrict=1");
	audit_into(root, only, &a);
	for (unsigned i = 0; i < 3; i++) {
		const struct fix_options opt = { .least = i == 1 ? AUDIT_HIGH : AUDIT_MEDIUM };
		_cleanup_(fix_plan_clear) struct fix_plan p = { .n = 0 };

		a.findings[0].accepted = i == 2 ? "lab" : NULL;
		EXPECT(fix_plan_make(&a, &opt, &p, &err) == 0);
		EXPECT(p.n == (i == 0 ? 2 : 0) && p.n_left == 0);
	}
}
