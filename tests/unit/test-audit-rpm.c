/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packages of rpm: headers, the database, what is made of both. */
#include "audit-fixture.h"
#include "audit/dpkg.h"
#include "audit/rpm.h"
#include "fake-rpm.h"

TEST(header_tells_what_rpm_knows)
{
	_cleanup_(buf_free) struct buf b = { 0 }, log = { 0 };
	struct fake_rpm f = { .n = 0 };
	struct rpm_header h;
	char text[64];

	fake_u32(&f, RPM_EPOCH, 4);
	fake_text(&f, RPM_NAME, "runc");
	fake_text(&f, RPM_VERSION, "1.1.9");
	fake_text(&f, RPM_RELEASE, "2.el9");
	FAKE_TEXTS(&f, RPM_DIR_NAMES, "/usr/share/\0/usr/bin/");
	FAKE_TEXTS(&f, RPM_BASE_NAMES, "runc");
	fake_u32(&f, RPM_DIR_INDEXES, 1);
	FAKE_TEXTS(&f, RPM_CHANGELOG_NAME, "A <a@b.c> - 4:1.1.9-2\0a@b.c");
	FAKE_TEXTS(&f, RPM_CHANGELOG_TEXT, "- CVE-2024-1\nx (y)\0- CVE-2024-2");
	fake_header(&f, &b);

	EXPECT(rpm_header_parse(b.data, b.len, &h));
	EXPECT_STR(rpm_header_text(&h, RPM_NAME), "runc");
	EXPECT(rpm_header_version(&h, text, sizeof(text)));
	EXPECT_STR(text, "4:1.1.9-2.el9");
	EXPECT(!rpm_header_version(&h, text, 13));
	EXPECT(rpm_header_file(&h, 0, text, sizeof(text)));
	EXPECT_STR(text, "/usr/bin/runc");
	EXPECT(!rpm_header_file(&h, 1, text, sizeof(text)));
	EXPECT(!rpm_header_file(&h, 0, text, 13));

	EXPECT(rpm_header_changelog(&h, 1000, &log) == 0);
	EXPECT_STR(buf_str(&log), "package (4:1.1.9-2)\n  - CVE-2024-1\n  x (y)\n"
				  "package ()\n  - CVE-2024-2\n");
	EXPECT(dpkg_changelog_names(buf_str(&log), "CVE-2024-1", text, sizeof(text)));
	EXPECT_STR(text, "4:1.1.9-2");
	EXPECT(dpkg_changelog_names(buf_str(&log), "CVE-2024-2", text, sizeof(text)));
	EXPECT_STR(text, "");
	/* Cut between entries. */
	buf_free(&log);
	EXPECT(rpm_header_changelog(&h, 1, &log) == 0);
	EXPECT_STR(buf_str(&log), "package (4:1.1.9-2)\n  - CVE-2024-1\n  x (y)\n");
}

TEST(header_that_lies_tells_nothing)
{
	/* One entry and "runc" of five bytes; what is changed, at which byte. */
	static const struct {
		const char *name;
		size_t at;
		uint8_t to;
		bool parsed;
	} cases[] = {
		{ "more entries than bytes", 3, 2, false },
		{ "entries without end", 0, 0xff, false },
		{ "more values than bytes", 7, 6, false },
		{ "values without end", 4, 0xff, false },
		{ "another tag", 11, 0xe9, true },
		{ "a number", 15, 4, true },
		{ "no type", 15, 99, true },
		{ "an offset behind all", 19, 6, true },
		{ "an offset at the end", 19, 5, true },
		{ "an offset far away", 16, 0xff, true },
		{ "none of them", 23, 0, true },
		{ "no end of the text", 28, 'x', true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf b = { 0 };
		struct fake_rpm f = { .n = 0 };
		struct rpm_header h;

		test_case = cases[i].name;
		fake_text(&f, RPM_NAME, "runc");
		fake_header(&f, &b);
		EXPECT(b.len == 29);
		EXPECT(rpm_header_parse(b.data, b.len, &h));
		EXPECT_STR(rpm_header_text(&h, RPM_NAME), "runc");
		b.data[cases[i].at] = cases[i].to;
		EXPECT(rpm_header_parse(b.data, b.len, &h) == cases[i].parsed);
		EXPECT(!cases[i].parsed || !rpm_header_text(&h, RPM_NAME));
		for (size_t len = 0; len < b.len; len++)
			EXPECT(!rpm_header_parse(b.data, len, &h));
	}
	test_case = NULL;
}

TEST(versions_of_the_project)
{
	static const struct {
		const char *version, *release, *want;
	} cases[] = {
		{ "1.1.9", "2.el9", "1.1.9" },
		{ "1.0.0", "74.rc95.module+el8.6.0", "1.0.0-rc95" },
		{ "1.0.0", "rc10.el7", "1.0.0-rc10" },
		{ "1.0.0", "1.src1.el7", "1.0.0" },
		{ "1.0.0~rc95", "1.fc34", "1.0.0-rc95" },
		{ "1.0.0~rc95", "1.rc94", "1.0.0-rc95" },
		{ "1.1.0^20240101git", "1", "1.1.0" },
		{ "20.10.0", "0.beta1", "20.10.0-beta1" },
		{ "", "", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char ret[64];

		test_case = cases[i].release;
		rpm_upstream(cases[i].version, cases[i].release, ret, sizeof(ret));
		EXPECT_STR(ret, cases[i].want);
	}
	test_case = NULL;
}

#define ROW "INSERT INTO Basenames VALUES ('runc', 1, 1)"
#define ID  "cve.runc.CVE-2024-21626"

/* The database of a host on which runc is @name of that version. */
static int host_with(const char *name, const char *version, const char *changelog)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int root = tree_new_host();

	tree_put(root, "usr/bin/runc", "x");
	fake_package(&b, name, version, "2.el9", changelog);
	fake_rpmdb(root, "", &b);
	fake_rpmdb(root, ROW, NULL);
	return root;
}

static void expect_of(const char *name, const char *version, const char *changelog, const char *want)
{
	_cleanup_(closep) int root = host_with(name, version, changelog);

	test_case = want;
	expect_finding(root, ID, want);
	test_case = NULL;
}

TEST(packages_are_judged)
{
	expect_of("runc", "1.1.9", "- fix CVE-2024-21626",
		  "pass: /usr/lib/sysimage/rpm/rpmdb.sqlite: runc 1.1.9-2.el9: its changelog names "
		  "it, in 1.1.9-2");
	/* A longer number is another flaw. */
	expect_of("runc", "1.1.9", "- fix CVE-2024-216261",
		  "warn: /usr/lib/sysimage/rpm/rpmdb.sqlite: runc 1.1.9-2.el9: upstream 1.1.9; "
		  "/usr/lib/sysimage/rpm/rpmdb.sqlite: its changelog does not name the flaw; the "
		  "distribution may have fixed it all the same");
	expect_of("runc", "1.1.12", NULL,
		  "pass: /usr/lib/sysimage/rpm/rpmdb.sqlite: runc 1.1.12-2.el9: upstream 1.1.12");
	/* What Debian fixed in this version is nothing to another distribution. */
	expect_of("runc", "1.1.5+ds1", NULL,
		  "warn: /usr/lib/sysimage/rpm/rpmdb.sqlite: runc 1.1.5+ds1-2.el9: upstream 1.1.5; "
		  "/usr/lib/sysimage/rpm/rpmdb.sqlite: its changelog does not name the flaw; the "
		  "distribution may have fixed it all the same");
	/* A package of something else brings it: its version is not runc's, its changelog is. */
	expect_of("containerd.io", "1.7.1", NULL,
		  "unknown: /usr/bin/runc: its version is not known: no package of the component "
		  "owns it, and its build tells none");
	expect_of("containerd.io", "1.7.1", "- CVE-2024-21626",
		  "pass: /usr/lib/sysimage/rpm/rpmdb.sqlite: containerd.io 1.7.1-2.el9: its "
		  "changelog names it, in 1.1.9-2");
}

TEST(projects_own_packages_are_what_they_say)
{
	EXPECT(!platform_may_backport("docker-ce"));
	EXPECT(!platform_may_backport("containerd.io"));
	EXPECT(platform_may_backport("moby-engine"));
	EXPECT(platform_may_backport("runc"));
}

TEST(owner_is_found_by_any_name_of_the_file)
{
	_cleanup_(closep) int root = host_with("runc", "1.1.12", NULL);

	/* usr/sbin is usr/bin. */
	EXPECT(symlinkat("bin", root, "usr/sbin") == 0);
	expect_verdict(root, ID, AUDIT_PASS);
	tree_drop(root, "usr/sbin");
	tree_drop(root, "usr/bin/runc");
	/* Another file of that name is nobody's, as are those of /usr/local. */
	tree_put(root, "usr/sbin/runc", "x");
	expect_verdict(root, ID, AUDIT_UNKNOWN);
	/* The package knows it by its old name. */
	EXPECT(dir_make(root, "usr/bin", NULL) == 0);
	EXPECT(symlinkat("../sbin/runc", root, "usr/bin/runc") == 0);
	expect_verdict(root, ID, AUDIT_PASS);
}

#define UNKNOWN "unknown: /usr/bin/runc: its version is not known: "

TEST(what_cannot_be_read_says_why)
{
	static const struct {
		const char *sql, *want;
	} cases[] = {
		{ "DELETE FROM Packages", "rpm's database is damaged: rpmdb --verifydb says more" },
		{ "UPDATE Packages SET blob = x'0000'",
		  "rpm's database is damaged: rpmdb --verifydb says more" },
		{ "UPDATE Packages SET blob = x'0000000000000000'",
		  "rpm's database is damaged: rpmdb --verifydb says more" },
		{ "UPDATE Basenames SET idx = 7",
		  "rpm's database is damaged: rpmdb --verifydb says more" },
		{ "UPDATE Basenames SET idx = -1",
		  "rpm's database is damaged: rpmdb --verifydb says more" },
		{ "DROP TABLE Packages", "rpm's database is damaged: rpmdb --verifydb says more" },
		{ "DELETE FROM Basenames",
		  "no package of the component owns it, and its build tells none" },
		{ "UPDATE Basenames SET idx = 0 WHERE hnum = 1",
		  "no package of the component owns it, and its build tells none" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = host_with("runc", "1.1.12", NULL);
		_cleanup_(freep) char *want = NULL;

		test_case = cases[i].sql;
		fake_rpmdb(root, cases[i].sql, NULL);
		EXPECT(asprintf(&want, UNKNOWN "%s", cases[i].want) > 0);
		expect_finding(root, ID, want);
	}
	test_case = NULL;
}

/* A table that is a question without an end. */
TEST(views_are_not_asked)
{
	_cleanup_(closep) int root = host_with("runc", "1.1.12", NULL);

	fake_rpmdb(root, "DROP TABLE Basenames", NULL);
	fake_rpmdb(root,
		   "CREATE VIEW Basenames AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
		   "i + 1 FROM n) SELECT 'runc' AS key, i AS hnum, i AS idx FROM n WHERE i < 0",
		   NULL);
	expect_finding(root, ID, UNKNOWN "rpm's database is damaged: rpmdb --verifydb says more");
}

TEST(database_that_waits_for_changes_is_not_believed)
{
	_cleanup_(closep) int root = host_with("runc", "1.1.12", NULL);

	tree_put(root, FAKE_RPMDB "-wal", "");
	expect_verdict(root, ID, AUDIT_PASS);
	tree_put(root, FAKE_RPMDB "-wal", "x");
	expect_finding(root, ID,
		       UNKNOWN "rpm changes its database, or was cut off: audit again when it is "
			       "done, or after rpm --initdb");
}

TEST(old_databases_are_named)
{
	_cleanup_(closep) int root = tree_new_host();

	tree_put(root, "usr/bin/runc", "x");
	expect_finding(root, ID,
		       UNKNOWN "no package of the component owns it, and its build tells none");
	tree_put(root, "var/lib/rpm/Packages", "x");
	expect_finding(root, ID,
		       UNKNOWN "rpm keeps its packages in a Berkeley DB database (Packages), "
			       "which is not read");
	tree_put(root, "usr/lib/sysimage/rpm/Packages.db", "x");
	expect_finding(root, ID,
		       UNKNOWN "rpm keeps its packages in an ndb database (Packages.db), which is "
			       "not read");
	tree_put(root, "var/lib/rpm/rpmdb.sqlite", "x");
	expect_finding(root, ID, UNKNOWN "rpm's database is damaged: rpmdb --verifydb says more");
}
