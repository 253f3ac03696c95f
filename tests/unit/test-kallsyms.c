/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "kernel-fixture.h"
#include "kernel/kallsyms.h"

#define MANY 700 /* more than two blocks of 256, so that there are markers */

static const struct fixture_sym few[] = {
	{ FIXTURE_TEXT, 'T', "_text" },         { FIXTURE_TEXT, 'T', "sys_open" },
	{ FIXTURE_TEXT + 0x40, 't', "helper" }, { FIXTURE_TEXT + 0x80, 't', "helper" },
	{ FIXTURE_TEXT + 0x100, 'D', "data" },
};

/* "f0" .. "f699", each third of the same name, one name of 300 characters. */
struct many {
	struct fixture_sym syms[MANY];
	char names[MANY][12];
	char long_name[301];
};

static struct many *make_many(void)
{
	struct many *m = calloc(1, sizeof(*m));

	EXPECT(m != NULL);
	memset(m->long_name, 'x', 300);
	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(m->names[i], sizeof(m->names[i]), "f%u", i % 3 ? i : 0);
		m->syms[i] = (struct fixture_sym){ FIXTURE_TEXT + 0x10ull * i, 't', m->names[i] };
	}
	m->syms[400].name = m->long_name;
	return m;
}

static void check_many(const struct kallsyms *k, const struct many *m)
{
	const uint32_t *ids = NULL;

	EXPECT(k->n == MANY);
	for (size_t i = 0; i < MANY; i++) {
		EXPECT_STR(k->text + k->name[i], m->syms[i].name);
		EXPECT(k->addr[i] == m->syms[i].addr && k->type[i] == 't');
	}
	EXPECT(kallsyms_find(k, "f0", &ids) == (MANY + 2) / 3);
	for (size_t i = 0; i < (MANY + 2) / 3; i++)
		EXPECT(ids[i] == 3 * i);
	EXPECT(kallsyms_find(k, m->long_name, &ids) == 1 && ids[0] == 400);
	EXPECT(kallsyms_lower_bound(k, FIXTURE_TEXT + 0x11) == 2);
}

TEST(kallsyms_reads_every_layout)
{
	static const struct {
		const char *name;
		enum fixture_layout layout;
		bool percpu;
	} cases[] = {
		{ "6.1", FIXTURE_6_1, true },
		{ "6.1 with seqs", FIXTURE_6_1_SEQS, true },
		{ "6.4", FIXTURE_6_4, true },
		{ "6.4, no absolute per-CPU symbols", FIXTURE_6_4, false },
	};
	_cleanup_(freep) struct many *m = make_many();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct fixture_kallsyms in = { cases[i].layout, cases[i].percpu, FIXTURE_TEXT,
						     m->syms, MANY };
		_cleanup_(kallsyms_free) struct kallsyms k = { 0 };
		_cleanup_(buf_free) struct buf b = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		EXPECT(buf_add_str(&b, "something before the tables") == 0);
		fixture_kallsyms(&b, &in);
		EXPECT(buf_add_str(&b, "and behind them") == 0);
		EXPECT(kallsyms_parse(b.data, b.len, FIXTURE_RODATA, &k, &err) == 0);
		check_many(&k, m);
	}
}

TEST(kallsyms_reads_less_than_a_block)
{
	static const enum fixture_layout layouts[] = { FIXTURE_6_1, FIXTURE_6_1_SEQS, FIXTURE_6_4 };

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		const struct fixture_kallsyms in = { layouts[i], true, FIXTURE_TEXT, few, 5 };
		_cleanup_(kallsyms_free) struct kallsyms k = { 0 };
		_cleanup_(buf_free) struct buf b = { 0 };
		struct oak_error err = { .code = OAK_OK };
		const uint32_t *ids = NULL;

		fixture_kallsyms(&b, &in);
		EXPECT(kallsyms_parse(b.data, b.len, FIXTURE_RODATA, &k, &err) == 0);
		EXPECT(k.n == 5);
		EXPECT_STR(k.text + k.name[1], "sys_open");
		EXPECT(kallsyms_find(&k, "helper", &ids) == 2 && ids[0] == 2 && ids[1] == 3);
		EXPECT(kallsyms_find(&k, "help", &ids) == 0);
	}
}

TEST(kallsyms_honours_the_alignment_of_its_section)
{
	const struct fixture_kallsyms in = { FIXTURE_6_1, true, FIXTURE_TEXT, few, 5 };
	_cleanup_(kallsyms_free) struct kallsyms k = { 0 };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err = { .code = OAK_OK };

	fixture_kallsyms(&b, &in);
	EXPECT(buf_reserve(&b, 4) == 0);
	memmove(b.data + 4, b.data, b.len);
	EXPECT(kallsyms_parse(b.data, b.len + 4, FIXTURE_RODATA + 4, &k, &err) == 0);
	EXPECT(k.n == 5);
}

TEST(kallsyms_refuses_what_does_not_agree)
{
	const struct fixture_kallsyms in = { FIXTURE_6_1, true, FIXTURE_TEXT, few, 5 };
	static const char msg[] =
		"no kallsyms table: CONFIG_KALLSYMS is off, or its layout is unknown";
	/* offsets 20 bytes, padded to 24; base; number; names */
	static const struct {
		const char *name;
		size_t at;
		uint8_t byte;
	} cases[] = {
		{ "addresses fall", 4 * 2 + 3, 0x80 },
		{ "base is no kernel address", 24 + 7, 0x00 },
		{ "more symbols than names", 32, 6 },
		{ "a name without an end", 40, 0xff },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(kallsyms_free) struct kallsyms k = { 0 };
		_cleanup_(buf_free) struct buf b = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		fixture_kallsyms(&b, &in);
		b.data[cases[i].at] = cases[i].byte;
		EXPECT(kallsyms_parse(b.data, b.len, FIXTURE_RODATA, &k, &err) ==
		       -OAK_E_UNSUPPORTED);
		EXPECT_STR(err.msg, msg);
	}
}
