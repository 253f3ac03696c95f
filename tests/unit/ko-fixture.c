/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ko-fixture.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "elf/write.h"

static const struct section {
	const char *name;
	uint32_t type;
	uint64_t flags;
} sections[] = {
	{ ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR },
	{ ".init.text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR },
	{ ".rodata", SHT_PROGBITS, SHF_ALLOC },
	{ ".modinfo", SHT_PROGBITS, SHF_ALLOC },
	{ "__mcount_loc", SHT_PROGBITS, SHF_ALLOC },
	{ "__ksymtab", SHT_PROGBITS, SHF_ALLOC },
};

#define N_SECTIONS (sizeof(sections) / sizeof(sections[0]))
#define SYMS_MAX   32

static void must(int r)
{
	if (r < 0)
		abort();
}

static size_t section_of(const char *name)
{
	for (size_t i = 0; i < N_SECTIONS; i++)
		if (strcmp(sections[i].name, name) == 0)
			return i;
	return N_SECTIONS;
}

static void fill(struct elf_writer *w, const struct fixture_ko *k, const out_sec *secs)
{
	static const char rodata[] = "hello\0world";
	struct buf *modinfo;

	must(buf_add(elf_writer_data(w, secs[0]), k->text, k->text_len));
	must(buf_add_zero(elf_writer_data(w, secs[1]), 16));
	must(buf_add(elf_writer_data(w, secs[2]), rodata, sizeof(rodata)));
	modinfo = elf_writer_data(w, secs[3]);
	must(buf_add(modinfo, k->modinfo, strlen(k->modinfo)));
	for (size_t i = 0; i < modinfo->len; i++)
		if (modinfo->data[i] == '\n')
			modinfo->data[i] = 0;
	must(buf_add_zero(elf_writer_data(w, secs[4]), 32));
	must(buf_add_zero(elf_writer_data(w, secs[5]), 32));
}

void fixture_ko(struct buf *b, const struct fixture_ko *k)
{
	_cleanup_(elf_writer_freep) struct elf_writer *w = NULL;
	out_sym syms[SYMS_MAX], sec_syms[N_SECTIONS];
	out_sec secs[N_SECTIONS];
	struct oak_error err;

	must(elf_writer_new(&w, &err));
	for (size_t i = 0; i < N_SECTIONS; i++) {
		struct out_symbol s = { .name = "", .bind = STB_LOCAL, .type = STT_SECTION };

		must(elf_writer_section(w, sections[i].name, sections[i].type, sections[i].flags, 8,
					&secs[i], &err));
		s.sec = secs[i];
		must(elf_writer_symbol(w, &s, &sec_syms[i], &err));
	}
	fill(w, k, secs);
	for (size_t i = 0; i < k->n_syms && i < SYMS_MAX; i++) {
		const struct fixture_ko_sym *from = &k->syms[i];
		const struct out_symbol s = {
			.name = from->name,
			.sec = from->section ? secs[section_of(from->section)] : OUT_NONE,
			.value = from->value,
			.size = from->size,
			.bind = from->bind,
			.type = from->type,
		};

		must(elf_writer_symbol(w, &s, &syms[i], &err));
	}
	for (size_t i = 0; i < k->n_rels; i++) {
		const struct fixture_ko_rel *from = &k->rels[i];
		struct out_rela rela = { .sec = secs[section_of(from->section)],
					 .off = from->off,
					 .type = from->type,
					 .addend = from->addend };
		size_t sec = section_of(from->symbol);

		if (sec < N_SECTIONS)
			rela.sym = sec_syms[sec];
		for (size_t s = 0; s < k->n_syms; s++)
			if (strcmp(k->syms[s].name, from->symbol) == 0)
				rela.sym = syms[s];
		must(elf_writer_rela(w, &rela, &err));
	}
	must(elf_writer_finish(w, b, &err));
	must(buf_add_str(b, "~Module signature appended~\n"));
}
