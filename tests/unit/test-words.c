/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "build/words.h"

TEST(words_split_as_a_shell_would)
{
	static const struct {
		const char *name, *in;
		const char *want; /* words joined by '|' */
	} cases[] = {
		{ "plain", "gcc-12 -c  a.c", "gcc-12|-c|a.c" },
		{ "nothing", " \t\n", "" },
		{ "single quotes", "-DNAME='\"a b\"' x", "-DNAME=\"a b\"|x" },
		{ "double quotes", "\"a \\\"b\\\" c\"d", "a \"b\" cd" },
		{ "backslash", "a\\ b c", "a b|c" },
		{ "empty word", "'' x", "|x" },
		{ "separator", "cc x; objtool y", "cc|x|\n|objtool|y" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(words_free) struct words w = { 0 };
		_cleanup_(buf_free) struct buf joined = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		EXPECT(words_split(cases[i].in, &w, &err) == 0);
		for (size_t k = 0; k < w.n; k++)
			EXPECT(buf_printf(&joined, "%s%s", k ? "|" : "", w.v[k]) == 0);
		EXPECT_STR(buf_str(&joined), cases[i].want);
		EXPECT(w.n == 0 || w.v[w.n] == NULL);
	}
}

TEST(words_split_refuses_what_needs_a_shell)
{
	static const struct {
		const char *name, *in, *want_msg;
	} cases[] = {
		{ "open quote", "cc 'a", "a quote is not closed in a command line" },
		{ "pipe", "cc | sh", "'|' in a command line needs a shell" },
		{ "variable", "cc $HOME", "'$' in a command line needs a shell" },
		{ "variable in quotes", "cc \"$HOME\"", "shell expansion in a command line" },
		{ "redirection", "cc > x", "'>' in a command line needs a shell" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct words w = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		EXPECT(words_split(cases[i].in, &w, &err) == -OAK_E_FORMAT);
		EXPECT_STR(err.msg, cases[i].want_msg);
		EXPECT(w.n == 0);
	}
}
