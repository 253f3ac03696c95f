/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "build/names.h"

TEST(name_stem_drops_the_compilers_numbers)
{
	static const struct {
		const char *name, *stem;
		bool numbered;
		const char *section; /* of the static */
		bool fresh;
	} cases[] = {
		{ "tcp_ack", "tcp_ack", false, ".text", false },
		{ "count.12", "count.", true, ".bss", false },
		{ "foo.constprop.0", "foo.constprop.", true, ".text", false },
		{ "foo.isra.0.constprop.17", "foo.isra..constprop.", true, ".text", false },
		{ "foo.isra.0.cold", "foo.isra..cold", true, ".text.unlikely", false },
		{ "foo.cold", "foo.cold", false, ".text.unlikely", false },
		{ "foo.llvm.4711", "foo", false, ".text", false },
		{ "foo.isra.0.llvm.4711", "foo.isra.", true, ".text", false },
		{ "crc32", "crc32", false, ".text", false },
		{ "__func__.3", "__func__.", true, ".rodata.__func__.3", true },
		{ "__func__.3", "__func__.", true, ".data", false },
		{ "__already_done.0", "__already_done.", true, ".data.once", true },
		{ "__already_done.0", "__already_done.", true, ".bss", false },
		{ "__warned.7", "__warned.", true, ".data.unlikely", true },
		{ "__key.429", "__key.", true, ".bss.__key.429", true },
		{ "__key", "__key", false, ".bss.__key", false },
		{ "_rs.5", "_rs.", true, ".data._rs.5", true },
		/* It guards what may happen once: never anew. */
		{ "___done.5", "___done.", true, ".data.once", false },
		{ "___once_key.5", "___once_key.", true, ".data", false },
		{ "descriptor.9", "descriptor.", true, "__dyndbg", true },
		{ "descriptor.9", "descriptor.", true, ".data.descriptor.9", false },
		{ "_entry.9", "_entry.", true, ".data.rel.ro.local._entry.9", true },
		{ "_entry.9", "_entry.", true, ".bss._entry.9", false },
		{ "_entry_ptr.9", "_entry_ptr.", true, ".printk_index", true },
		{ "f.__warned", "f.__warned", false, ".data.unlikely", true },
		{ "f.__already_done.1", "f.__already_done.", true, ".data.once", true },
		{ "f.__key", "f.__key", false, ".bss.f.__key", true },
		{ "f._rs", "f._rs", false, ".data.f._rs", true },
		{ "f.state", "f.state", false, ".bss.f.state", false },
		{ "f.my_rs", "f.my_rs", false, ".data.f.my_rs", false },
		{ "switch.table.f", "switch.table.f", false, ".rodata.switch.table.f", true },
		{ "__UNIQUE_ID_ddebug17", "__UNIQUE_ID_ddebug", false, "__dyndbg", true },
		{ "__UNIQUE_ID_ddebug17.4", "__UNIQUE_ID_ddebug.", true, "__dyndbg", true },
		{ "f.__UNIQUE_ID_ddebug17", "f.__UNIQUE_ID_ddebug", false, "__dyndbg", true },
		{ "__UNIQUE_ID_state17.4", "__UNIQUE_ID_state.", true, ".bss", false },
		{ "__addressable_f123", "__addressable_f", false, ".init.data", true },
		{ "__BTF_ID__func__f__7", "__BTF_ID__func__f__", false, ".BTF_ids", true },
		{ "a.", "a.", false, ".text", false },
		{ "7", "7", false, ".text", false },
		{ "", "", false, ".text", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char stem[NAME_STEM_MAX];

		test_case = cases[i].name;
		name_stem(cases[i].name, stem);
		EXPECT_STR(stem, cases[i].stem);
		EXPECT(name_is_numbered(cases[i].name) == cases[i].numbered);
		EXPECT(name_is_fresh(cases[i].name, cases[i].section) == cases[i].fresh);
	}
}

TEST(name_lengths_end_where_the_compilers_part_begins)
{
	static const struct {
		const char *name;
		size_t base, plain;
	} cases[] = {
		{ "foo", 3, 3 },
		{ "foo.isra.0.cold", 3, 8 },
		{ "tick.state", 4, 10 },
		{ "tick.state.1", 4, 10 },
		{ "count.12", 5, 5 },
		{ "foo.llvm.12", 3, 3 },
		{ "__UNIQUE_ID_x276.5", 16, 13 },
		{ ".text.foo.12", 5, 9 },
		{ "", 0, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].name;
		EXPECT(name_base_len(cases[i].name) == cases[i].base);
		EXPECT(name_plain_len(cases[i].name) == cases[i].plain);
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
