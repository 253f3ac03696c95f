/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The emitter, read back by the self-check's reader, on a handmade kernel and fix. */
#include "flip.h"

#include "build/modfile.h"
#include "level-fixture.h"

static void emit(struct level_fixture *l, struct buf *module)
{
	struct oak_error err = { .code = OAK_OK };

	if (emit_module(&l->in, module, &err) < 0)
		print_error("%s\n", err.msg);
	EXPECT(module->len > 0);
	EXPECT_STR(selfcheck_module(module, &l->in, &err) < 0 ? err.msg : "", "");
}

static const struct mod_sym *symbol_of(const struct modfile *f, const struct mod_rela *rela)
{
	EXPECT(rela);
	return &f->syms[rela->sym];
}

static const struct mod_rela *rela_in(const struct modfile *f, const char *section, uint64_t off)
{
	return modfile_rela_at(f, modfile_section(f, section), off);
}

TEST(emit_names_what_the_code_uses)
{
	_cleanup_(level_fixture_free) struct level_fixture l = { 0 };
	_cleanup_(modfile_freep) struct modfile *f = NULL;
	_cleanup_(buf_free) struct buf module = { 0 };
	const struct mod_rela *rela;
	struct oak_error err;

	level_fixture_make(&l, true);
	emit(&l, &module);
	EXPECT(modfile_read(module.data, module.len, &f, &err) == 0);
	EXPECT_STR(symbol_of(f, rela_in(f, ".text", 1))->name, "__fentry__");
	rela = rela_in(f, ".text", 13);
	EXPECT_STR(symbol_of(f, rela)->name, ".klp.sym.vmlinux.hidden,2");
	EXPECT_STR(f->secs[rela->holder].name, ".klp.rela.vmlinux..text");
	rela = rela_in(f, ".text", 18);
	EXPECT_STR(symbol_of(f, rela)->name, "shown");
	EXPECT_STR(f->secs[rela->holder].name, ".rela.text");
	rela = rela_in(f, ".text", 8);
	EXPECT(rela && rela->type == R_X86_64_32S && rela->addend == 0);
	EXPECT_STR(f->secs[f->syms[rela->sym].sec].name, ".rodata");
	EXPECT_STR(modfile_text(f, modfile_section(f, ".rodata"), 0), "text");
	EXPECT_STR(symbol_of(f, rela_in(f, "__mcount_loc", 0))->name, "f");
	EXPECT_STR(symbol_of(f, rela_in(f, ".init.text", 12))->name, "klp_enable_patch");
	EXPECT_STR(symbol_of(f, rela_in(f, ".gnu.linkonce.this_module", 80))->name, "init_module");
	EXPECT_STR(symbol_of(f, rela_in(f, ".gnu.linkonce.this_module", 200))->name,
		   "cleanup_module");
}

/* Only a kernel with return thunks rewrites returns. */
TEST(emit_returns_as_the_kernel_does)
{
	for (int thunk = 0; thunk < 2; thunk++) {
		_cleanup_(level_fixture_free) struct level_fixture l = { 0 };
		_cleanup_(modfile_freep) struct modfile *f = NULL;
		_cleanup_(buf_free) struct buf module = { 0 };
		struct oak_error err;
		const uint8_t *exit;

		level_fixture_make(&l, thunk);
		emit(&l, &module);
		EXPECT(modfile_read(module.data, module.len, &f, &err) == 0);
		exit = f->secs[modfile_section(f, ".exit.text")].data;
		EXPECT(exit[4] == (thunk ? 0xe9 : 0xc3));
		EXPECT(!!modfile_section(f, ".return_sites") == thunk);
	}
}

TEST(emit_is_deterministic)
{
	_cleanup_(buf_free) struct buf first = { 0 }, second = { 0 };

	for (int i = 0; i < 2; i++) {
		_cleanup_(level_fixture_free) struct level_fixture l = { 0 };

		level_fixture_make(&l, true);
		emit(&l, i ? &second : &first);
	}
	EXPECT(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
}

TEST(emit_refuses_a_name_that_does_not_fit)
{
	_cleanup_(level_fixture_free) struct level_fixture l = { 0 };
	_cleanup_(buf_free) struct buf module = { 0 };
	struct oak_error err = { .code = OAK_OK };
	char name[300];

	level_fixture_make(&l, true);
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	l.in.name = name;
	EXPECT(emit_module(&l.in, &module, &err) == -OAK_E_UNSUPPORTED);
	EXPECT_STR(err.msg, "struct module of an unknown shape");
}

TEST(selfcheck_sees_every_changed_byte)
{
	_cleanup_(level_fixture_free) struct level_fixture l = { 0 };
	_cleanup_(buf_free) struct buf module = { 0 };
	struct flip_count count = { 0 };

	level_fixture_make(&l, true);
	emit(&l, &module);
	flip_all(&module, &l.in, selfcheck_module, &count);
	print_message("%zu relocations, %zu flips, %zu survivors\n", count.relocations, count.flips,
		      count.survivors);
	EXPECT(count.relocations == 16);
	EXPECT(count.survivors == 0);
}

/* Replaces the only occurrence of a text by one of the same length. */
static void replace(struct buf *module, const char *from, const char *to)
{
	uint8_t *at = memmem(module->data, module->len, from, strlen(from));

	EXPECT(at && strlen(from) == strlen(to));
	for (size_t i = 0; to[i]; i++)
		at[i] = (uint8_t)to[i];
}

TEST(selfcheck_says_what_is_wrong)
{
	static const struct {
		const char *from, *to, *want;
	} cases[] = {
		{ "vermagic=6.1.0-1", "vermagic=6.1.0-2", "vermagic is not the kernel's" },
		{ "license=GPL", "license=MIT", ".modinfo does not say license=GPL once" },
		{ "livepatch=Y", "livepatch=N", ".modinfo does not say livepatch=Y once" },
		{ "name=oakum_1", "name=oakum_2",
		  "struct module and .modinfo name different modules" },
		{ "vmlinux.hidden,2", "vmlinux.hidden,1",
		  "f+0xd (.text) leads to .klp.sym.vmlinux.hidden,1-4, not to "
		  ".klp.sym.vmlinux.hidden,2" },
		{ "vmlinux.hidden,2", "vmlinux.hidden,3",
		  "livepatch does not find exactly one .klp.sym.vmlinux.hidden,3" },
		{ "vmlinux.hidden,2", "vmlinux.hidden,0",
		  "livepatch does not find exactly one .klp.sym.vmlinux.hidden,0" },
		{ "vmlinux.hidden,2", "vmlinux.hidden.2",
		  "livepatch cannot read the symbol .klp.sym.vmlinux.hidden.2" },
		{ ".klp.rela.vmlinux..text", ".klp.rela.vmlinux..data",
		  ".klp.rela.vmlinux..data does not say which fields of .text are filled in, and "
		  "when" },
		{ ".klp.rela.vmlinux..text", ".klp.rela.vmlinuy..text",
		  ".klp.sym.vmlinux.hidden,2 in .klp.rela.vmlinuy..text: not there at that time" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(level_fixture_free) struct level_fixture l = { 0 };
		_cleanup_(buf_free) struct buf module = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].to;
		level_fixture_make(&l, true);
		emit(&l, &module);
		replace(&module, cases[i].from, cases[i].to);
		EXPECT(selfcheck_module(&module, &l.in, &err) < 0);
		EXPECT_CONTAINS(err.msg, "the module does not pass its self-check: ");
		EXPECT_CONTAINS(err.msg, cases[i].want);
	}
}

/* "check" reads modules from anywhere: whatever the bytes are, it ends with an answer. */
TEST(selfcheck_reads_any_bytes)
{
	_cleanup_(level_fixture_free) struct level_fixture l = { 0 };
	_cleanup_(buf_free) struct buf module = { 0 };
	struct selfcheck_report report = { 0 };
	struct oak_error err = { .code = OAK_OK };
	struct selfcheck_kernel k = { 0 };

	level_fixture_make(&l, true);
	emit(&l, &module);
	k.img = l.img;
	EXPECT(selfcheck_load(&module, &k, &report, &err) == 0);
	EXPECT(report.objects == 1 && report.functions == 1);
	EXPECT(report.relocations == 16 && report.late == 0);
	for (size_t i = 0; i < module.len * 8; i++) {
		err.msg[0] = '\0';
		module.data[i / 8] ^= (uint8_t)(1u << (i % 8));
		EXPECT(selfcheck_load(&module, &k, &report, &err) == 0 || err.msg[0]);
		module.data[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
	while (module.len) {
		module.len--;
		err.msg[0] = '\0';
		EXPECT(selfcheck_load(&module, &k, &report, &err) < 0 && err.msg[0]);
	}
}
