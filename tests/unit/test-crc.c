/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "build/crc.h"

#define CRC(n)  "#SYMVER f 0x0000000" #n "\n"
#define BUILT   ", and modules were built against the old one"
#define BECOMES ": CRC 0x00000001 becomes 0x00000002" BUILT

/* The function itself, and what it takes. */
#define F "f int f ( s#a * ) \n"

static const struct crc_case {
	const char *name;
	struct crc_text orig, patched;
	const char *want; /* "SYMBOL: why" of each finding, a line each */
} cases[] = {
	{ "nothing changes", { CRC(1), F }, { CRC(1), F }, "" },
	{ "definitions that no CRC has",
	  { CRC(1), F "s#a struct a { int x ; } \n" },
	  { CRC(1), F "s#a struct a { long x ; } \n" },
	  "" },
	{ "a prototype",
	  { CRC(1), F },
	  { CRC(2), "f long f ( s#a * ) \n" },
	  "f: its prototype or type changes" BECOMES },
	{ "a type that it takes",
	  { CRC(1), F "s#a struct a { int x ; } \n" },
	  { CRC(2), F "s#a struct a { long x ; } \n" },
	  "f: it depends on struct a, which changes" BECOMES },
	{ "a typedef behind types that name each other",
	  { CRC(1), F "s#a struct a { s#b * b ; } \ns#b struct b { s#a * a ; t#c c ; } \n"
		      "t#c typedef int c \n" },
	  { CRC(2), F "s#a struct a { s#b * b ; } \ns#b struct b { s#a * a ; t#c c ; } \n"
		      "t#c typedef long c \n" },
	  "f: it depends on c, which changes" BECOMES },
	{ "a type comes to be seen",
	  { CRC(1), F "s#a struct a { UNKNOWN } \n" },
	  { CRC(2), F "s#a struct a { t#c x ; } \nt#c typedef int c \n" },
	  "" },
	{ "a type that another symbol takes",
	  { CRC(1), F "g int g ( s#b * ) \ns#a struct a { UNKNOWN } \ns#b struct b { int x ; } \n" },
	  { CRC(2),
	    F "g int g ( s#b * ) \ns#a struct a { int x ; } \ns#b struct b { long x ; } \n" },
	  "" },
	{ "no word on why",
	  { CRC(1), "" },
	  { CRC(2), F },
	  "f: its prototype or type changes" BECOMES },
	{ "a new export", { "", "" }, { CRC(1), F }, "" },
	{ "one that goes", { CRC(1), F }, { "", "" }, "" },
	{ "as old kernels write it",
	  { "__crc_f = 0x00000001;\n", F },
	  { "__crc_f = 0x00000002;\n", "f void f ( ) \n" },
	  "f: its prototype or type changes" BECOMES },
};

TEST(crc_compare_counts_what_a_module_could_tell)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf got = { 0 };
		struct findings f = { 0 };
		struct oak_error err;

		test_case = cases[i].name;
		EXPECT(crc_compare(&cases[i].orig, &cases[i].patched, &f, &err) == 0);
		for (size_t k = 0; k < f.n; k++) {
			EXPECT_STR(f.v[k].rule->id, "export-crc");
			EXPECT(buf_printf(&got, "%s%s: %s", k ? "\n" : "", f.v[k].symbol,
					  f.v[k].why) == 0);
		}
		EXPECT_STR(buf_str(&got), cases[i].want);
		free(f.v);
	}
}

TEST(crc_check_shipped_names_the_first_that_is_another)
{
	static const char symvers[] = "0x00000001\tf\tvmlinux\tEXPORT_SYMBOL\t\n"
				      "0x00000007\tg\tmod\tEXPORT_SYMBOL_GPL\tNS\n";
	static const struct {
		const char *name, *crcs, *want;
	} shipped[] = {
		{ "the same", CRC(1), "" },
		{ "another", "#SYMVER f 0x00000001\n#SYMVER g 0x00000008\n", "g" },
		{ "not there", "#SYMVER h 0x00000001\n", "" },
		{ "none", "", "" },
	};

	for (size_t i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++) {
		struct oak_error err;
		char got[256];

		test_case = shipped[i].name;
		EXPECT(crc_check_shipped(shipped[i].crcs, symvers, got, &err) == 0);
		EXPECT_STR(got, shipped[i].want);
	}
}
