/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "build/names.h"

TEST(name_stem_drops_the_compilers_numbers)
{
	static const struct {
		const char *name, *stem;
		bool numbered, fresh;
	} cases[] = {
		{ "tcp_ack", "tcp_ack", false, false },
		{ "count.12", "count.", true, false },
		{ "foo.constprop.0", "foo.constprop.", true, false },
		{ "foo.isra.0.constprop.17", "foo.isra..constprop.", true, false },
		{ "foo.cold", "foo.cold", false, false },
		{ "crc32", "crc32", false, false },
		{ "__func__.3", "__func__.", true, true },
		{ "__already_done.0", "__already_done.", true, true },
		{ "__key.429", "__key.", true, true },
		{ "__key", "__key", false, false },
		{ "__UNIQUE_ID_ddebug17", "__UNIQUE_ID_ddebug17", false, true },
		{ "a.", "a.", false, false },
		{ "7", "7", false, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char stem[NAME_STEM_MAX];

		test_case = cases[i].name;
		name_stem(cases[i].name, stem);
		EXPECT_STR(stem, cases[i].stem);
		EXPECT(name_is_numbered(cases[i].name) == cases[i].numbered);
		EXPECT(name_is_fresh(cases[i].name) == cases[i].fresh);
	}
}

TEST(name_stem_cuts_long_names)
{
	char name[2 * NAME_STEM_MAX], stem[NAME_STEM_MAX];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	name_stem(name, stem);
	EXPECT(strlen(stem) == NAME_STEM_MAX - 1);
}
