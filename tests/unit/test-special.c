/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "elf/object.h"
#include "elf/special.h"

#define RELS_MAX 12

TEST(special_finds_the_shape_of_each_kernels_entries)
{
	static const struct {
		const char *name, *section;
		uint64_t size; /* of the section */
		uint32_t n;
		uint64_t rels[RELS_MAX];
		unsigned want;    /* size of an entry; 0: refused */
		unsigned handler; /* each relocation of this number names one; 0: none */
	} cases[] = {
		{ "verbose bugs", "__bug_table", 24, 4, { 0, 4, 12, 16 }, 12 },
		{ "bugs without file", "__bug_table", 24, 3, { 0, 8, 16 }, 8 },
		{ "one bug lacks its file", "__bug_table", 24, 3, { 0, 4, 12 }, 0 },
		{ "bugs with padding", "__bug_table", 32, 4, { 0, 4, 12, 16 }, 12 },
		{ "3.10, 6.1", ".altinstructions", 24, 4, { 0, 4, 12, 16 }, 12 },
		{ "4.0 to 5.12", ".altinstructions", 26, 4, { 0, 4, 13, 17 }, 13 },
		{ "6.3", ".altinstructions", 28, 4, { 0, 4, 14, 18 }, 14 },
		{ "one of 6.3", ".altinstructions", 14, 2, { 0, 4 }, 14 },
		{ "without replacement", ".altinstructions", 39, 5, { 0, 13, 17, 26, 30 }, 13 },
		{ "only without replacement", ".altinstructions", 12, 1, { 0 }, 12 },
		{ "no shape at all", ".altinstructions", 30, 2, { 0, 15 }, 0 },
		{ "last without padding", ".parainstructions", 28, 2, { 0, 16 }, 16 },
		{ "last without clobbers", ".parainstructions", 26, 2, { 0, 16 }, 16 },
		{ "last cut short", ".parainstructions", 25, 2, { 0, 16 }, 0 },
		{ "relative jumps", "__jump_table", 32, 6, { 0, 4, 8, 16, 20, 24 }, 16 },
		{ "absolute jumps", "__jump_table", 48, 6, { 0, 8, 16, 24, 32, 40 }, 24 },
		{ "a key without a relocation", "__jump_table", 16, 2, { 0, 4 }, 0 },
		{ "3.10", "__ex_table", 24, 6, { 0, 4, 8, 12, 16, 20 }, 8 },
		{ "4.6", "__ex_table", 24, 6, { 0, 4, 8, 12, 16, 20 }, 12, 3 },
		{ "4.6, a handler too few", "__ex_table", 36, 7, { 0, 4, 8, 12, 16, 24, 28 }, 0, 3 },
		{ "5.16", "__ex_table", 24, 4, { 0, 4, 12, 16 }, 12 },
		{ "one of 5.16", "__ex_table", 12, 2, { 0, 4 }, 12 },
		{ "locks", ".smp_locks", 8, 2, { 0, 4 }, 4 },
		{ "a lock too few", ".smp_locks", 8, 1, { 0 }, 0 },
		{ "two in one place", ".smp_locks", 4, 2, { 0, 0 }, 0 },
		{ "no relocation", "__mcount_loc", 8, 0, { 0 }, 0 },
		{ "traps", ".kcfi_traps", 4, 1, { 0 }, 4 },
		{ "type hashes", ".cfi_sites", 4, 1, { 0 }, 4 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct obj_rel rels[RELS_MAX] = { 0 };
		struct obj_sym syms[2] = { { .name = "" }, { .name = "ex_handler_default" } };
		struct obj_sec sec = { .size = cases[i].size, .n_rels = cases[i].n };
		const struct obj o = { .syms = syms, .rels = rels };
		const struct special_shape *shape;

		test_case = cases[i].name;
		for (size_t k = 0; k < RELS_MAX; k++)
			rels[k] = (struct obj_rel){
				.off = cases[i].rels[k],
				.sym = cases[i].handler && k % cases[i].handler == 2,
			};
		shape = special_shape_of(special_find(cases[i].section), &o, &sec);
		EXPECT((shape ? shape->size : 0) == cases[i].want);
	}
}

TEST(special_ignores_only_the_line_of_a_verbose_bug)
{
	const struct special *bugs = special_find("__bug_table");

	EXPECT(!special_ignores(bugs, 12, 7) && special_ignores(bugs, 12, 8));
	EXPECT(special_ignores(bugs, 12, 9) && !special_ignores(bugs, 12, 10));
	EXPECT(!special_ignores(bugs, 8, 0) && !special_ignores(bugs, 8, 4));
	EXPECT(!special_ignores(special_find(".smp_locks"), 4, 0));
}
