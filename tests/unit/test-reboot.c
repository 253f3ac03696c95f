/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include "host/reboot.h"

#define RUNNING "6.1.0-50-amd64"

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

TEST(reboot_compares_releases)
{
	static const struct {
		const char *a, *b;
		int want;
	} cases[] = {
		{ "6.1.0-9-amd64", "6.1.0-10-amd64", -1 },
		{ "6.1.0-50-amd64", "6.1.0-50-amd64", 0 },
		{ "6.10.0", "6.9.99", 1 },
		{ "6.1", "6.1.0", -1 },
		{ "6.1.007", "6.1.7", 0 },
		{ "6.1.0-99999999999999999999999", "6.1.0-99999999999999999999998", 1 },
		{ "", "", 0 },
		{ "", "6", -1 },
		{ "a", "6", 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].a;
		EXPECT(sign(reboot_compare_releases(cases[i].a, cases[i].b)) == cases[i].want);
		EXPECT(sign(reboot_compare_releases(cases[i].b, cases[i].a)) == -cases[i].want);
	}
	test_case = NULL;
}

TEST(reboot_knows_flavours)
{
	EXPECT_STR(reboot_flavour("6.1.0-50-amd64"), "-amd64");
	EXPECT_STR(reboot_flavour("6.1.0-50-cloud-amd64"), "-cloud-amd64");
	EXPECT_STR(reboot_flavour("6.12-rc4-amd64"), "-amd64");
	EXPECT_STR(reboot_flavour("6.1.5"), "");
	EXPECT_STR(reboot_flavour(""), "");
}

static void expect_text(int root, const char *want)
{
	char text[512];
	struct reboot r;

	reboot_read(root, RUNNING, &r);
	reboot_text(&r, text, sizeof(text));
	EXPECT_STR(text, want);
}

TEST(reboot_tells_who_waits)
{
	_cleanup_(closep) int root = tree_new();
	struct reboot r;

	expect_text(root, "");
	/* The list alone says nothing: the request was withdrawn. */
	tree_put(root, "run/reboot-required.pkgs", "libc6\n");
	expect_text(root, "");
	tree_drop(root, "run/reboot-required.pkgs");
	tree_put(root, "run/reboot-required", "*** System restart required ***\n");
	expect_text(root, "wanted, nobody says why");
	reboot_read(root, RUNNING, &r);
	EXPECT(r.required && r.by_other && !r.by_kernel && !r.newest[0] && !r.newer_installed);
	tree_put(root, "run/reboot-required.pkgs", "libc6\ndbus\nlibc6\n\n");
	expect_text(root, "libc6, dbus");
	tree_put(root, "run/reboot-required.pkgs",
		 "linux-image-6.1.0-51-amd64\nlinux-base\noakum\n");
	reboot_read(root, RUNNING, &r);
	EXPECT(r.by_kernel && !r.by_other);
	EXPECT_STR(r.packages, "linux-image-6.1.0-51-amd64, linux-base");
	tree_put(root, "run/reboot-required.pkgs", "oakum\n");
	reboot_read(root, RUNNING, &r);
	EXPECT(r.required && !r.by_kernel && !r.by_other);
	/* Not for a terminal. */
	tree_put(root, "run/reboot-required.pkgs", "\x1b[31mred\nlibc6");
	expect_text(root, "libc6");
}

TEST(reboot_list_is_cut_between_names)
{
	_cleanup_(closep) int root = tree_new();
	char list[4096] = "";
	struct reboot r;

	for (unsigned i = 0; i < 300; i++) {
		size_t n = strlen(list);

		(void)snprintf(list + n, sizeof(list) - n, "package-%u\n", i);
	}
	tree_put(root, "run/reboot-required", "");
	tree_put(root, "run/reboot-required.pkgs", list);
	reboot_read(root, RUNNING, &r);
	EXPECT(strlen(r.packages) > REBOOT_PACKAGES_MAX - 16);
	EXPECT_CONTAINS(r.packages, "package-0, package-1, ");
	EXPECT(strncmp(strrchr(r.packages, ' ') + 1, "package-", 8) == 0);
}

TEST(reboot_finds_a_newer_kernel)
{
	_cleanup_(closep) int root = tree_new();
	struct reboot r;

	tree_put(root, "boot/vmlinuz-6.1.0-50-amd64", "x");
	tree_put(root, "boot/vmlinuz-6.1.0-9-amd64", "x");
	tree_put(root, "boot/vmlinuz-6.1.0-60-cloud-amd64", "x");
	tree_put(root, "boot/initrd.img-6.1.0-70-amd64", "x");
	tree_put(root, "boot/config-6.1.0-70-amd64", "x");
	tree_put(root, "boot/v", "x");
	reboot_read(root, RUNNING, &r);
	EXPECT_STR(r.newest, RUNNING);
	EXPECT(!r.newer_installed);
	tree_put(root, "boot/vmlinuz-6.1.0-100-amd64", "x");
	expect_text(root, "kernel 6.1.0-100-amd64 is installed");
	tree_put(root, "run/reboot-required", "");
	tree_put(root, "run/reboot-required.pkgs", "dbus\n");
	expect_text(root, "dbus; kernel 6.1.0-100-amd64 is installed");
}
