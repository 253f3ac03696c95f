/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "base/debian-version.h"
#include "kernel/debian-available.h"
#include "kernel/debian-index.h"
#include "kernel/debian-packages.h"

static const char madison[] =
	"linux-image-6.1.0-50-amd64 |  6.1.176-1 | http://deb.example.org a/main amd64 Packages\n"
	"linux-image-6.1.0-50-amd64 |  6.1.176-1 | http://deb.example.org b/main amd64 Packages\n"
	"linux-headers-6.1.0-50-amd64 | 6.1.176-1 | http://deb.example.org a/main amd64 Packages\n"
	"linux-kbuild-6.1 |  6.1.176-1 | http://deb.example.org a/main amd64 Packages\n"
	"linux-source-6.1 |  6.1.176-1 | http://deb.example.org a/main amd64 Packages\n"
	"linux-source-6.1 |  6.1.192-2 | http://deb.example.org a/main amd64 Packages\n"
	"linux-image-6.1.0-56-amd64-unsigned | 6.1.192-2 | http://x a/main amd64 Packages\n"
	"linux-image-6.12.9+deb12-amd64 | 6.12.9-1~deb12u1 | http://x a/main amd64 Packages\n"
	"linux-headers-6.12.9+deb12-amd64 | 6.12.9-1~deb12u1 | http://x a/main amd64 Packages\n"
	"linux-kbuild-6.12.9+deb12 | 6.12.9-1~deb12u1 | http://x a/main amd64 Packages\n"
	"linux-source-6.12 | 6.12.9-1~deb12u1 | http://x a/main amd64 Packages\n"
	"     linux | 6.1.176-1 | http://deb.example.org a/main Sources\n"
	"N: some remark\n";

TEST(debian_version_orders)
{
	static const struct {
		const char *older, *newer;
	} cases[] = {
		{ "6.1.99-1", "6.1.176-1" },
		{ "6.1.176-1", "6.1.176-2" },
		{ "6.1.176-1~deb12u1", "6.1.176-1" },
		{ "6.1.176-1", "6.1.176-1+deb12u1" },
		{ "9.9-9", "1:0.1-1" },
		{ "1.0~rc1", "1.0" },
		{ "1.0", "1.0a" },
		{ "1.0a", "1.0+" },
		{ "1.9", "1.10" },
		{ "1.0-1", "1.0-1.1" },
		{ "", "0a" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].newer;
		EXPECT(debian_version_compare(cases[i].older, cases[i].newer) < 0);
		EXPECT(debian_version_compare(cases[i].newer, cases[i].older) > 0);
		EXPECT(debian_version_compare(cases[i].newer, cases[i].newer) == 0);
	}
	EXPECT(debian_version_compare("1.02-0", "1.2") == 0);
	EXPECT(debian_version_compare("0:1", "1") == 0);
}

TEST(debian_madison_lists_binaries_once)
{
	_cleanup_(debian_index_free) struct debian_index x = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(debian_madison_parse(madison, &x, &err) == 0);
	EXPECT(x.n == 10);
	EXPECT_STR(x.v[0].name, "linux-image-6.1.0-50-amd64");
	EXPECT_STR(x.v[0].version, "6.1.176-1");
	EXPECT_STR(debian_index_find(&x, "linux-source-6.1", NULL)->version, "6.1.192-2");
	EXPECT(debian_index_find(&x, "linux", NULL) == NULL);
	EXPECT(debian_index_find(&x, "linux-source-6.1", "6.1.177-1") == NULL);
}

TEST(debian_show_reads_stanzas)
{
	static const char text[] = "Package: a\nVersion: 1-1\nSize: 123\nSHA256: 00ff\n"
				   "Description: x\n Version: 9\n\n"
				   "Package: b\nVersion: 2\n\nPackage: c\n\n";
	_cleanup_(debian_index_free) struct debian_index x = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(debian_show_parse(text, &x, &err) == 0);
	EXPECT(x.n == 2);
	EXPECT_STR(x.v[0].version, "1-1");
	EXPECT_STR(x.v[0].sha256, "00ff");
	EXPECT(x.v[0].size_bytes == 123);
	EXPECT_STR(x.v[1].name, "b");
	EXPECT(x.v[1].sha256 == NULL);
}

TEST(debian_names_follow_the_release)
{
	static const struct {
		const char *release, *kbuild, *source; /* NULL: refused */
	} cases[] = {
		{ "6.1.0-50-amd64", "linux-kbuild-6.1", "linux-source-6.1" },
		{ "6.1.0-50-cloud-amd64", "linux-kbuild-6.1", "linux-source-6.1" },
		{ "6.12.9+deb12-rt-amd64", "linux-kbuild-6.12", "linux-source-6.12" },
		{ "6.1.0-50-arm64", NULL, NULL },
		{ "-amd64", NULL, NULL },
		{ "six-amd64", NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oak_error err = { .code = OAK_OK };
		struct debian_names names;
		int r = debian_names_of(cases[i].release, &names, &err);

		test_case = cases[i].release;
		EXPECT((r == 0) == (cases[i].kbuild != NULL));
		if (r == 0) {
			EXPECT_STR(names.name[DEBIAN_KBUILD][0], cases[i].kbuild);
			EXPECT_STR(names.name[DEBIAN_SOURCE][0], cases[i].source);
		} else {
			EXPECT_CONTAINS(err.msg, "is not a kernel release of Debian for amd64, "
						 "such as 6.1.0-50-amd64");
		}
	}
}

TEST(debian_offers_complete_kernels_newest_first)
{
	static const char *const releases[] = { "6.1.0-50-amd64", "6.1.0-56-amd64", "nonsense",
						"6.12.9+deb12-amd64", NULL };
	_cleanup_(kernel_offers_free) struct kernel_offers o = { 0 };
	_cleanup_(debian_index_free) struct debian_index x = { 0 };
	struct oak_error err = { .code = OAK_OK };
	struct debian_names names;
	const char *missing = NULL;

	EXPECT(debian_madison_parse(madison, &x, &err) == 0);
	EXPECT(debian_offers(&x, releases, &o, &err) == 0);
	EXPECT(o.n == 2);
	EXPECT_STR(o.v[0].reference, "debian:6.12.9+deb12-amd64=6.12.9-1~deb12u1");
	EXPECT_STR(o.v[1].reference, "debian:6.1.0-50-amd64=6.1.176-1");
	EXPECT(debian_names_of("6.1.0-56-amd64", &names, &err) == 0);
	EXPECT(!debian_complete(&x, &names, "6.1.192-2", NULL, &missing));
	EXPECT_STR(missing, "linux-headers-6.1.0-56-amd64");
}

/* The tools of a version that the archive dropped: the closest later ones, never earlier ones. */
TEST(debian_tools_may_be_newer)
{
	static const char parts_but_tools[] =
		"linux-image-6.1.0-47-amd64 | 6.1.170-3 | http://x a/main amd64 Packages\n"
		"linux-headers-6.1.0-47-amd64 | 6.1.170-3 | http://x a/main amd64 Packages\n"
		"linux-source-6.1 | 6.1.170-3 | http://x a/main amd64 Packages\n";
	static const struct {
		const char *name, *kbuild, *want; /* NULL: missing */
	} cases[] = {
		{ "two later ones",
		  "linux-kbuild-6.1 | 6.1.192-2 | http://x a/main amd64 Packages\n"
		  "linux-kbuild-6.1 | 6.1.176-1 | http://x a/main amd64 Packages\n",
		  "6.1.176-1" },
		{ "its own behind a later one",
		  "linux-kbuild-6.1 | 6.1.176-1 | http://x a/main amd64 Packages\n"
		  "linux-kbuild-6.1 | 6.1.170-3 | http://x a/main amd64 Packages\n",
		  "6.1.170-3" },
		{ "an earlier one",
		  "linux-kbuild-6.1 | 6.1.99-1 | http://x a/main amd64 Packages\n", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(debian_index_free) struct debian_index x = { 0 };
		const struct debian_package *parts[DEBIAN_PARTS];
		struct oak_error err = { .code = OAK_OK };
		struct debian_names names;
		const char *missing = NULL;

		test_case = cases[i].name;
		EXPECT(debian_names_of("6.1.0-47-amd64", &names, &err) == 0);
		EXPECT(debian_madison_parse(parts_but_tools, &x, &err) == 0);
		EXPECT(debian_madison_parse(cases[i].kbuild, &x, &err) == 0);
		EXPECT(debian_complete(&x, &names, "6.1.170-3", parts, &missing) ==
		       (cases[i].want != NULL));
		if (cases[i].want)
			EXPECT_STR(parts[DEBIAN_KBUILD]->version, cases[i].want);
		else
			EXPECT_STR(missing, "linux-kbuild-6.1");
	}
}
