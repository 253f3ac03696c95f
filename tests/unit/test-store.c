/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "fake-archive.h"
#include "kernel/store.h"

#define NAME "debian-" FAKE_RELEASE "-" FAKE_VERSION

static char archive_dir[4096], store[4096];

/* An empty store, and the archive as @flags say; its packages are built once. */
static struct fake_archive setup(struct fake_archive flags)
{
	struct oak_error err = { .code = OAK_OK };
	bool first = !archive_dir[0];

	(void)snprintf(archive_dir, sizeof(archive_dir), "%s/archive", test_dir());
	(void)snprintf(store, sizeof(store), "%s/store", test_dir());
	flags.dir = archive_dir;
	if (first)
		fake_archive_make(&flags);
	fake_archive_set(&flags);
	EXPECT(tree_remove(AT_FDCWD, store, &err) == 0);
	EXPECT(setenv("OAKUM_CACHE", store, 1) == 0);
	return flags;
}

static bool in_store(const char *path)
{
	_cleanup_(freep) char *s = path_join(store, path);

	return file_exists(AT_FDCWD, s);
}

static void add(bool want_new)
{
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	struct oak_error err = { .code = OAK_OK };
	bool is_new = !want_new;

	if (kernel_add("debian:" FAKE_RELEASE, NULL, &k, &is_new, &err) < 0)
		print_error("%s\n", err.msg);
	EXPECT(k != NULL && is_new == want_new);
	EXPECT_STR(k->name, NAME);
}

static void expect_add_fails(const char *reference, int want, const char *msg)
{
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	struct oak_error err = { .code = OAK_OK };
	_cleanup_(kernel_list_free) struct kernel_list l = { 0 };

	EXPECT(kernel_add(reference, NULL, &k, NULL, &err) == want);
	EXPECT_STR(err.msg, msg);
	EXPECT(k == NULL && kernel_list(&l, &err) == 0 && l.n == 0);
}

TEST(store_adds_a_kernel)
{
	static const char *const there[] = {
		"kernel.json",
		"vmlinuz",
		"vmlinux",
		"config",
		"Module.symvers",
		"modules/modules.builtin",
		"changelog.gz",
		"source/Makefile",
		"source/kernel/fork.c",
		"source/tools/lib/list.h",
		"source/.config",
		"source/include/generated/asm-offsets.h",
		"source/scripts/basic/fixdep",
		"source/scripts/asn1_compiler",
		"source/tools/objtool/objtool",
	};
	static const char *const not_there[] = {
		"source/Documentation", "source/arch/arm64", "source/arch/um",
		"source/tools/testing", ".unpack",
	};
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	struct oak_error err = { .code = OAK_OK };

	(void)setup((struct fake_archive){ 0 });
	add(true);
	EXPECT(kernel_open(FAKE_REFERENCE, &k, &err) == 0);
	EXPECT_STR(k->build_id, FAKE_BUILD_ID);
	EXPECT_STR(k->release, FAKE_RELEASE);
	EXPECT_STR(k->package_version, FAKE_VERSION);
	EXPECT_STR(k->reference, FAKE_REFERENCE);
	EXPECT_STR(k->distribution, "debian");
	EXPECT_STR(k->arch, "x86_64");
	EXPECT_STR(k->compiler, "cc");
	EXPECT_STR(k->compiler_banner, "cc (Fake 12-1) 12.2.0");
	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++) {
		_cleanup_(freep) char *path = path_join(k->dir, there[i]);

		test_case = there[i];
		EXPECT(file_exists(AT_FDCWD, path));
	}
	for (size_t i = 0; i < sizeof(not_there) / sizeof(not_there[0]); i++) {
		_cleanup_(freep) char *path = path_join(k->dir, not_there[i]);

		test_case = not_there[i];
		EXPECT(!file_exists(AT_FDCWD, path));
	}
}

TEST(store_gets_the_changelog_of_a_kernel_that_was_added_before)
{
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	_cleanup_(freep) char *downloads = NULL, *want = NULL;
	struct oak_error err = { .code = OAK_OK };

	(void)setup((struct fake_archive){ 0 });
	add(true);
	EXPECT(kernel_open(FAKE_REFERENCE, &k, &err) == 0);
	EXPECT(kernel_have_changelog(k, NULL, &err) == 0);
	EXPECT(unlink(k->changelog) == 0);
	EXPECT(kernel_have_changelog(k, NULL, &err) == 0 && file_exists(AT_FDCWD, k->changelog));
	EXPECT(unlink(k->changelog) == 0);
	downloads = path_join(store, "downloads");
	EXPECT(downloads && tree_remove(AT_FDCWD, downloads, &err) == 0);
	EXPECT(kernel_have_changelog(k, NULL, &err) == -OAK_E_NOTFOUND);
	EXPECT(asprintf(&want, "the package of " FAKE_RELEASE " is not in %s any more", downloads) >
	       0);
	EXPECT_STR(err.msg, want);
}

/* What the tree has already is the distribution's source: the tools package must not replace it. */
TEST(store_keeps_the_source_over_the_tools)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	_cleanup_(freep) char *path = NULL;
	struct oak_error err = { .code = OAK_OK };

	(void)setup((struct fake_archive){ 0 });
	add(true);
	path = path_join(store, "kernels/" NAME "/source/scripts/Makefile.build");
	EXPECT(file_read(AT_FDCWD, path, 100, &b, &err) == 0);
	EXPECT_STR(buf_str(&b), "source\n");
}

TEST(store_adds_once)
{
	struct fake_archive a = setup((struct fake_archive){ 0 });
	size_t before = fake_archive_downloads(&a);

	add(true);
	EXPECT(fake_archive_downloads(&a) == before + 4);
	add(false);
	EXPECT(fake_archive_downloads(&a) == before + 4);
}

TEST(store_adds_again_without_the_network)
{
	struct fake_archive a = setup((struct fake_archive){ 0 });
	struct oak_error err = { .code = OAK_OK };
	_cleanup_(freep) char *kernels = path_join(store, "kernels");

	add(true);
	EXPECT(tree_remove(AT_FDCWD, kernels, &err) == 0);
	a.offline = true;
	fake_archive_set(&a);
	add(true);
	/* Nor does it need the archive to know the version still. */
	EXPECT(tree_remove(AT_FDCWD, kernels, &err) == 0);
	a.nothing_known = true;
	fake_archive_set(&a);
	add(true);
}

TEST(store_fetches_a_damaged_download_again)
{
	struct fake_archive a = setup((struct fake_archive){ 0 });
	struct oak_error err = { .code = OAK_OK };
	_cleanup_(freep) char *kernels = path_join(store, "kernels");
	_cleanup_(freep) char *deb =
		path_join(store, "downloads/linux-kbuild-6.1_" FAKE_VERSION ".deb");
	size_t before;

	add(true);
	EXPECT(tree_remove(AT_FDCWD, kernels, &err) == 0);
	EXPECT(file_write(AT_FDCWD, deb, "damaged", 7, 0644, &err) == 0);
	before = fake_archive_downloads(&a);
	add(true);
	EXPECT(fake_archive_downloads(&a) == before + 1);
}

TEST(store_removes_what_a_killed_add_left)
{
	_cleanup_(freep) char *left = NULL;
	struct oak_error err = { .code = OAK_OK };

	(void)setup((struct fake_archive){ 0 });
	left = path_join(store, "kernels/.new-12345/source/fs");
	EXPECT(dir_make(AT_FDCWD, left, &err) == 0);
	add(true);
	EXPECT(!in_store("kernels/.new-12345"));
	EXPECT(in_store("kernels/" NAME "/kernel.json"));
}

TEST(store_says_why_it_cannot_add)
{
	static const struct {
		const char *name, *reference;
		struct fake_archive flags;
		int want;
		const char *msg;
	} cases[] = {
		{ "no source",
		  "debian:" FAKE_RELEASE,
		  { .no_source = true },
		  -OAK_E_NOTFOUND,
		  "the archive has linux-image-" FAKE_RELEASE " " FAKE_VERSION
		  ", but no linux-source-6.1 of that version, and the package lists name no "
		  "complete kernel at all: run 'apt-get update' first" },
		{ "no lists",
		  "debian:" FAKE_RELEASE,
		  { .nothing_known = true },
		  -OAK_E_NOTFOUND,
		  "the archive has no package linux-image-" FAKE_RELEASE
		  ", and the package lists name no complete kernel at all: run 'apt-get update' "
		  "first" },
		{ "dropped release",
		  "debian:6.1.0-9-amd64",
		  { 0 },
		  -OAK_E_NOTFOUND,
		  "the archive has no package linux-image-6.1.0-9-amd64. If that is new, run "
		  "'apt-get update' first. Complete now: " FAKE_REFERENCE
		  " ('oakum-build kernel list --available' shows all)" },
		{ "dropped version",
		  "debian:" FAKE_RELEASE "=6.1.4-1",
		  { 0 },
		  -OAK_E_NOTFOUND,
		  "debian:" FAKE_RELEASE "=6.1.4-1: the archive has no linux-image-" FAKE_RELEASE
		  " of version 6.1.4-1 (any more). If that is new, run 'apt-get update' first. "
		  "Complete now: " FAKE_REFERENCE
		  " ('oakum-build kernel list --available' shows all)" },
		{ "offline",
		  "debian:" FAKE_RELEASE,
		  { .offline = true },
		  -OAK_E_AGAIN,
		  FAKE_REFERENCE ": cannot download linux-image-" FAKE_RELEASE "=" FAKE_VERSION
				 ": apt-get failed with status 100: E: Could not connect" },
		{ "not what the index promises",
		  "debian:" FAKE_RELEASE,
		  { .wrong_hash = true },
		  -OAK_E_TRUST,
		  FAKE_REFERENCE ": linux-image-" FAKE_RELEASE " " FAKE_VERSION
				 ": the download is not what the archive's index promises" },
		{ "no provider",
		  "slackware:6.1",
		  { 0 },
		  -OAK_E_USAGE,
		  "'slackware:6.1' is not a reference to a kernel, such as debian:6.1.0-50-amd64 "
		  "or debian:6.1.0-50-amd64=6.1.176-1" },
		{ "a path",
		  "debian:../etc",
		  { 0 },
		  -OAK_E_USAGE,
		  "'debian:../etc': not a kernel release" },
		{ "an option",
		  "debian:" FAKE_RELEASE "=--help",
		  { 0 },
		  -OAK_E_USAGE,
		  "'debian:" FAKE_RELEASE "=--help': not a package version" },
		{ "another architecture",
		  "debian:6.1.0-1-arm64",
		  { 0 },
		  -OAK_E_USAGE,
		  "'6.1.0-1-arm64' is not a kernel release of Debian for amd64, such as "
		  "6.1.0-50-amd64" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].name;
		(void)setup(cases[i].flags);
		expect_add_fails(cases[i].reference, cases[i].want, cases[i].msg);
	}
}

TEST(store_opens_by_any_name)
{
	static const char *const names[] = {
		FAKE_REFERENCE, "debian:" FAKE_RELEASE, NAME, FAKE_BUILD_ID, "00010203",
	};
	static const struct {
		const char *which, *msg;
	} unknown[] = {
		{ "0001020", "no kernel '0001020'; the store has " NAME
			     "; add others with 'oakum-build kernel add'" },
		{ "debian:6.1.0-1", "no kernel 'debian:6.1.0-1'; the store has " NAME
				    "; add others with 'oakum-build kernel add'" },
	};

	(void)setup((struct fake_archive){ 0 });
	add(true);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		_cleanup_(kernel_freep) struct kernel *k = NULL;
		struct oak_error err = { .code = OAK_OK };

		test_case = names[i];
		EXPECT(kernel_open(names[i], &k, &err) == 0);
		EXPECT_STR(k->name, NAME);
	}
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		_cleanup_(kernel_freep) struct kernel *k = NULL;
		struct oak_error err = { .code = OAK_OK };

		test_case = unknown[i].which;
		EXPECT(kernel_open(unknown[i].which, &k, &err) == -OAK_E_NOTFOUND);
		EXPECT_STR(err.msg, unknown[i].msg);
	}
}

TEST(store_that_is_empty_says_how_to_add)
{
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	struct oak_error err = { .code = OAK_OK };

	(void)setup((struct fake_archive){ 0 });
	EXPECT(kernel_open("debian:6.1.0-1-amd64", &k, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "no kernel 'debian:6.1.0-1-amd64': the store is empty; add one with "
			    "'oakum-build kernel add debian:6.1.0-1-amd64'");
}

TEST(store_names_a_damaged_record)
{
	_cleanup_(kernel_list_free) struct kernel_list l = { 0 };
	_cleanup_(freep) char *path = NULL;
	struct oak_error err = { .code = OAK_OK };

	(void)setup((struct fake_archive){ 0 });
	add(true);
	path = path_join(store, "kernels/" NAME "/kernel.json");
	EXPECT(file_write(AT_FDCWD, path, "{\"name\":\"x\"}", 12, 0644, &err) == 0);
	EXPECT(kernel_list(&l, &err) == -OAK_E_FORMAT);
	EXPECT_CONTAINS(err.msg, "/kernel.json: no \"reference\"");
}

TEST(store_lists_what_the_archive_offers)
{
	_cleanup_(kernel_offers_free) struct kernel_offers o = { 0 };
	struct oak_error err = { .code = OAK_OK };

	(void)setup((struct fake_archive){ 0 });
	EXPECT(kernel_available("debian", &o, &err) == 0);
	EXPECT(o.n == 1);
	EXPECT_STR(o.v[0].reference, FAKE_REFERENCE);
}
