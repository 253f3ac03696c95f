/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "kernel-fixture.h"
#include "kernel/btf.h"

TEST(btf_finds_members)
{
	static const struct {
		const char *type, *member;
		int want;
		uint32_t off;
		const char *msg;
	} cases[] = {
		{ "outer", "a", 0, 0, NULL },
		{ "outer", "b", 0, 4, NULL },
		{ "outer", "c", 0, 8, NULL },
		{ "outer", "d", 0, 16, NULL },
		{ "outer", "e", 0, 17, NULL },
		{ "module", "name", 0, 24, NULL },
		{ "module", "init", 0, 0x138, NULL },
		{ "outer", "f", -OAK_E_NOTFOUND, 0, "struct outer of this kernel has no member f" },
		{ "inner", "a", -OAK_E_NOTFOUND, 0, "this kernel has no struct inner" },
		{ "int", "a", -OAK_E_NOTFOUND, 0, "this kernel has no struct int" },
	};
	_cleanup_(buf_free) struct buf b = { 0 };
	_cleanup_(btf_free) struct btf btf = { 0 };
	struct oak_error err = { .code = OAK_OK };

	fixture_btf(&b);
	EXPECT(btf_parse(b.data, b.len, &btf, &err) == 0);
	EXPECT(btf.n_types == 5);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t off = 0;

		test_case = cases[i].member;
		EXPECT(btf_member_offset(&btf, cases[i].type, cases[i].member, &off, &err) ==
		       cases[i].want);
		EXPECT(off == cases[i].off);
		if (cases[i].want < 0)
			EXPECT_STR(err.msg, cases[i].msg);
	}
}

TEST(btf_knows_sizes)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	_cleanup_(btf_free) struct btf btf = { 0 };
	struct oak_error err = { .code = OAK_OK };
	uint32_t size = 0;

	fixture_btf(&b);
	EXPECT(btf_parse(b.data, b.len, &btf, &err) == 0);
	EXPECT(btf_struct_size(&btf, "module", &size, &err) == 0 && size == 896);
	EXPECT(btf_struct_size(&btf, "outer", &size, &err) == 0 && size == 20);
	EXPECT(btf_struct_size(&btf, "task_struct", &size, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "this kernel has no struct task_struct");
}

TEST(btf_refuses_damage)
{
	static const struct {
		const char *name;
		size_t at;
		uint8_t byte;
		const char *msg;
	} cases[] = {
		{ "magic", 0, 0, "not a BTF section" },
		{ "types too long", 14, 1, "damaged BTF: its sections end beyond byte 250" },
		{ "types cut off", 12, 20, "damaged BTF: type 2 is cut off" },
		{ "kind", 24 + 7, 30, "BTF type 1 is of the unknown kind 30" },
		{ "members cut off", 24 + 16 + 5, 1, "damaged BTF: type 2 is cut off" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(buf_free) struct buf b = { 0 };
		_cleanup_(btf_free) struct btf btf = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		fixture_btf(&b);
		b.data[cases[i].at] = cases[i].byte;
		EXPECT(btf_parse(b.data, b.len, &btf, &err) == -OAK_E_FORMAT);
		EXPECT_STR(err.msg, cases[i].msg);
	}
}

TEST(btf_wants_its_strings_to_end)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	_cleanup_(btf_free) struct btf btf = { 0 };
	struct oak_error err = { .code = OAK_OK };

	fixture_btf(&b);
	b.data[b.len - 1] = 'x';
	EXPECT(btf_parse(b.data, b.len, &btf, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "damaged BTF: its strings do not end");
}
