/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A handmade module: what it says of its symbols, its relocations, itself. */
#include "test.h"

#include <elf.h>

#include "kernel/ko.h"
#include "kernel/modules.h"
#include "ko-fixture.h"

#define LOCAL  STB_LOCAL
#define GLOBAL STB_GLOBAL
#define FUNC   STT_FUNC

static const uint8_t text[0x40] = { 0xe8, 0, 0, 0, 0 };

/* In the order of a .symtab: locals first. */
static const struct fixture_ko_sym syms[] = {
	{ "twin", ".text", 0x10, 8, LOCAL, FUNC },    /* 1 of 2 */
	{ "twin", ".text", 0x18, 8, LOCAL, FUNC },    /* 2 of 2 */
	{ "mixed", ".text", 0x20, 8, LOCAL, FUNC },   /* 1, whichever way one counts */
	{ "mixed", ".init.text", 0, 8, LOCAL, FUNC }, /* gone after start */
	{ "mixed", ".text", 0x28, 8, LOCAL, FUNC },   /* 3 while loading, 2 later */
	{ "early", ".init.text", 8, 8, LOCAL, FUNC }, /* gone after start */
	{ "__ksymtab_f", "__ksymtab", 0, 0, LOCAL, STT_NOTYPE },
	{ "f", ".text", 0, 0x10, GLOBAL, FUNC },
	{ "kfree", NULL, 0, 0, GLOBAL, STT_NOTYPE },
};

static const struct fixture_ko_rel rels[] = {
	{ ".text", 1, R_X86_64_PLT32, "kfree", -4 },
	{ ".text", 9, R_X86_64_32S, ".rodata", 6 },
	{ "__mcount_loc", 0, R_X86_64_64, ".text", 0x10 },
	{ "__mcount_loc", 8, R_X86_64_64, "f", 0 },
};

static struct ko *make(const char *modinfo, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	struct ko *ko = NULL;

	fixture_ko(&b, &(struct fixture_ko){ .modinfo = modinfo,
					     .text = text,
					     .text_len = sizeof(text),
					     .syms = syms,
					     .n_syms = 9,
					     .rels = rels,
					     .n_rels = 4 });
	return ko_parse(b.data, b.len, "demo.ko", &ko, err) == 0 ? ko : NULL;
}

/* Address of the @n-th symbol of a name. */
static uint64_t addr_of(const struct ko *ko, const char *name, size_t n)
{
	const uint32_t *ids = NULL;

	return ko_find(ko, name, &ids) > n ? ko_sym(ko, ids[n]).addr : 0;
}

TEST(ko_sympos_counts_as_the_kernel_does)
{
	static const struct {
		const char *name;
		size_t nth;
		int want;
	} cases[] = {
		{ "f", 0, 0 }, /* unique: the kernel wants 0 */
		{ "twin", 0, 1 },   { "twin", 1, 2 },
		{ "mixed", 0, 1 },  { "mixed", 1, -1 }, /* the kernel forgets it */
		{ "mixed", 2, -1 }, /* its position depends on when it is looked for */
		{ "early", 0, -1 }, { "kfree", 0, -1 },
	};
	struct oak_error err = { .code = OAK_OK };
	_cleanup_(ko_freep) struct ko *ko = make("name=demo\n", &err);

	EXPECT(ko != NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].name;
		EXPECT(ko_sympos(ko, cases[i].name, addr_of(ko, cases[i].name, cases[i].nth)) ==
		       cases[i].want);
	}
	EXPECT(ko_sympos(ko, "nobody", addr_of(ko, "f", 0)) == -1);
	EXPECT(ko_sympos(ko, "twin", addr_of(ko, "f", 0)) == -1);
}

TEST(ko_relocations_lead_to_symbols)
{
	struct oak_error err = { .code = OAK_OK };
	_cleanup_(ko_freep) struct ko *ko = make("name=demo\n", &err);
	uint64_t f = addr_of(ko, "f", 0);
	struct ko_rel rel = { 0 };

	EXPECT(ko_relocation_in(ko, f, 0x10, &rel));
	EXPECT(rel.at == f + 1 && rel.type == R_X86_64_PLT32);
	EXPECT(rel.target == addr_of(ko, "kfree", 0) - 4);
	EXPECT(ko_section_at(ko, addr_of(ko, "kfree", 0)) == NULL);
	EXPECT(ko_bytes(ko, addr_of(ko, "kfree", 0), 1) == NULL);

	EXPECT(ko_relocation_in(ko, f + 2, 0x10, &rel));
	EXPECT(rel.at == f + 9);
	EXPECT_STR(ko_section_at(ko, rel.target), ".rodata");
	EXPECT(ko_offset(rel.target) == 6);
	EXPECT(memcmp(ko_bytes(ko, rel.target, 6), "world", 6) == 0);
	EXPECT(ko_bytes(ko, rel.target, 7) == NULL);

	EXPECT(!ko_relocation_in(ko, f + 2, 7, &rel));
	EXPECT(!ko_relocation_in(ko, f + 10, 0x100, &rel));
}

TEST(ko_says_what_can_be_traced_and_what_is_exported)
{
	struct oak_error err = { .code = OAK_OK };
	_cleanup_(ko_freep) struct ko *ko = make("license=GPL\ndepends=a,b\nname=demo\n", &err);
	uint64_t f = addr_of(ko, "f", 0);

	EXPECT_STR(ko_name(ko), "demo");
	EXPECT_STR(ko_modinfo(ko, "depends"), "a,b");
	EXPECT(ko_modinfo(ko, "depend") == NULL);
	EXPECT(ko_ftrace_site_in(ko, f, 1) == f);
	EXPECT(ko_ftrace_site_in(ko, f + 1, 16) == f + 0x10);
	EXPECT(ko_ftrace_site_in(ko, f + 0x11, 16) == 0);
	EXPECT(ko_exports(ko, "f"));
	EXPECT(!ko_exports(ko, "twin"));
	EXPECT(!ko_exports(ko, "kfree"));
}

TEST(ko_refuses_what_is_no_module)
{
	static const struct {
		const char *name, *modinfo, *want;
	} cases[] = {
		{ "no name", "license=GPL\n",
		  "demo.ko: not a kernel module: it does not say its name" },
		{ "empty name", "name=\n",
		  "demo.ko: not a kernel module: it does not say its name" },
		{ "name without an end", "name=demo",
		  "demo.ko: not a kernel module: it does not say its name" },
	};
	struct oak_error err = { .code = OAK_OK };
	struct ko *ko = NULL;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_case = cases[i].name;
		EXPECT(make(cases[i].modinfo, &err) == NULL);
		EXPECT_STR(err.msg, cases[i].want);
	}
	EXPECT(ko_parse("no", 2, "x.ko", &ko, &err) == -OAK_E_FORMAT);
}

TEST(modules_find_knows_both_spellings)
{
	static const char order[] = "kernel/net/qrtr/qrtr.ko\n"
				    "kernel/net/qrtr/qrtr-mhi.ko\n"
				    "kernel/net/bridge/br_netfilter.ko\n"
				    "last.ko";
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "qrtr", "kernel/net/qrtr/qrtr.ko" },
		{ "qrtr_mhi", "kernel/net/qrtr/qrtr-mhi.ko" },
		{ "qrtr-mhi", "kernel/net/qrtr/qrtr-mhi.ko" },
		{ "br-netfilter", "kernel/net/bridge/br_netfilter.ko" },
		{ "last", "last.ko" },
		{ "mhi", NULL },
		{ "netfilter", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = 0;
		const char *line = modules_find(order, strlen(order), cases[i].name, &len);

		test_case = cases[i].name;
		EXPECT((line != NULL) == (cases[i].want != NULL));
		if (line)
			EXPECT(len == strlen(cases[i].want) &&
			       memcmp(line, cases[i].want, len) == 0);
	}
}
