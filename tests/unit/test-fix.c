/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "build/fix.h"

#define HUNK "@@ -1 +1 @@\n-a\n+b\n"

TEST(fix_parse_finds_files_and_title)
{
	static const struct {
		const char *name, *in, *files, *title;
	} cases[] = {
		{ "plain diff", "--- a/kernel/fork.c\n+++ b/kernel/fork.c\n" HUNK, "kernel/fork.c",
		  "x.patch" },
		{ "dates", "--- a/x.c\t2026-01-01\n+++ b/x.c\t2026-01-02\n" HUNK, "x.c", "x.patch" },
		{ "two files, one twice",
		  "--- a/x.c\n+++ b/x.c\n" HUNK "--- a/y.h\n+++ b/y.h\n" HUNK
		  "--- a/x.c\n+++ b/x.c\n" HUNK,
		  "x.c y.h", "x.patch" },
		{ "new file", "--- /dev/null\n+++ b/new.c\n@@ -0,0 +1 @@\n+b\n", "new.c",
		  "x.patch" },
		{ "mail",
		  "From 0123 Mon Sep 17\nSubject: [PATCH 1/2] mm: mend it\n\nWhy.\n---\n x.c | 1 +\n"
		  "\ndiff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n" HUNK,
		  "x.c", "mm: mend it" },
		{ "titled", "# Title: net: mend it\n--- a/x.c\n+++ b/x.c\n" HUNK, "x.c",
		  "net: mend it" },
		{ "prose first", "Mend it for good\n\nWhy.\n--- a/x.c\n+++ b/x.c\n" HUNK, "x.c",
		  "Mend it for good" },
		{ "carriage returns", "--- a/x.c\r\n+++ b/x.c\r\n" HUNK, "x.c", "x.patch" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf joined = { 0 };
		_cleanup_(fix_freep) struct fix *f = NULL;
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		EXPECT(fix_parse(cases[i].in, strlen(cases[i].in), "dir/x.patch", &f, &err) == 0);
		for (size_t k = 0; k < f->n_files; k++)
			EXPECT(buf_printf(&joined, "%s%s", k ? " " : "", f->files[k]) == 0);
		EXPECT_STR(buf_str(&joined), cases[i].files);
		EXPECT_STR(f->title, cases[i].title);
		EXPECT_STR(f->name, "x.patch");
		EXPECT(strlen(f->sha256) == 64);
	}
}

TEST(fix_parse_refuses)
{
	static const struct {
		const char *name, *in, *want_msg;
	} cases[] = {
		{ "empty", "",
		  "x.patch: changes no file; give a unified diff (git diff, git format-patch, diff "
		  "-u)" },
		{ "prose", "please change the kernel\n",
		  "x.patch: changes no file; give a unified diff (git diff, git format-patch, diff "
		  "-u)" },
		{ "leaves the tree", "--- a/../../etc/passwd\n+++ b/../../etc/passwd\n" HUNK,
		  "x.patch: 'a/../../etc/passwd' is not a path below the source tree (expected "
		  "a/FILE)" },
		{ "absolute", "--- /etc/passwd\n+++ /etc/passwd\n" HUNK,
		  "x.patch: '/etc/passwd' is not a path below the source tree (expected a/FILE)" },
		{ "no folder", "--- fork.c\n+++ fork.c\n" HUNK,
		  "x.patch: 'fork.c' is not a path below the source tree (expected a/FILE)" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fix *f = NULL;
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		EXPECT(fix_parse(cases[i].in, strlen(cases[i].in), "x.patch", &f, &err) ==
		       -OAK_E_FORMAT);
		EXPECT_STR(err.msg, cases[i].want_msg);
		EXPECT(f == NULL);
	}
}

/* The manifest is JSON, and a terminal shows the title. */
TEST(fix_has_a_title_that_can_be_written)
{
	static const struct {
		const char *subject, *want;
	} cases[] = {
		{ "caf\xc3\xa9", "caf\xc3\xa9" },
		{ "caf\xe9 \xff", "caf? ?" },
		{ "a\tb\x1b[2J", "a?b?[2J" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(fix_freep) struct fix *f = NULL;
		struct oak_error err = { .code = OAK_OK };
		char text[200];
		int n = snprintf(text, sizeof(text), "Subject: %s\n--- a/f.c\n+++ b/f.c\n",
				 cases[i].subject);

		EXPECT(n > 0 && fix_parse(text, (size_t)n, "x.patch", &f, &err) == 0);
		EXPECT_STR(f->title, cases[i].want);
	}
}

TEST(fix_has_a_title_that_fits)
{
	_cleanup_(fix_freep) struct fix *f = NULL;
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	EXPECT(buf_add_str(&text, "Subject: x") == 0);
	for (int i = 0; i < 400; i++)
		EXPECT(buf_add_str(&text, "\xc3\xa9") == 0);
	EXPECT(buf_add_str(&text, "\n--- a/f.c\n+++ b/f.c\n") == 0);
	EXPECT(fix_parse(text.data, text.len, "x.patch", &f, &err) == 0);
	EXPECT(strlen(f->title) == 511);
	EXPECT((uint8_t)f->title[510] == 0xa9);
}
