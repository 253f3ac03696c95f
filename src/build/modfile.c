/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/modfile.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "elf/arch.h"

struct reader {
	struct modfile *f;
	const uint8_t *data;
	size_t len;
	Elf64_Ehdr head;
	uint32_t symtab;
	struct oak_error *err;
};

static int bad(const struct reader *rd, const char *why)
{
	return oak_fail(rd->err, OAK_E_FORMAT, "not a module that the kernel reads: %s", why);
}

static int no_memory(const struct reader *rd)
{
	return oak_fail(rd->err, OAK_E_NOMEM, "out of memory");
}

static int read_header(struct reader *rd)
{
	Elf64_Ehdr *h = &rd->head;

	if (rd->len < sizeof(*h))
		return bad(rd, "no ELF header");
	memcpy(h, rd->data, sizeof(*h));
	if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 || h->e_ident[EI_CLASS] != ELFCLASS64 ||
	    h->e_ident[EI_DATA] != ELFDATA2LSB)
		return bad(rd, "not a 64-bit little-endian ELF file");
	if (h->e_type != ET_REL || h->e_machine != EM_X86_64)
		return bad(rd, "not a relocatable file for x86-64");
	if (h->e_shentsize != sizeof(Elf64_Shdr) || h->e_shoff > rd->len ||
	    h->e_shnum > (rd->len - h->e_shoff) / sizeof(Elf64_Shdr))
		return bad(rd, "the section headers lie outside the file");
	if (h->e_shnum == 0 || h->e_shstrndx == SHN_UNDEF || h->e_shstrndx >= h->e_shnum)
		return bad(rd, "no section headers, or no names of them");
	rd->f->secs = calloc(h->e_shnum, sizeof(*rd->f->secs));
	rd->f->n_secs = h->e_shnum;
	return rd->f->secs ? 0 : no_memory(rd);
}

static Elf64_Shdr header_of(const struct reader *rd, uint32_t id)
{
	Elf64_Shdr sh;

	memcpy(&sh, rd->data + rd->head.e_shoff + (uint64_t)id * sizeof(sh), sizeof(sh));
	return sh;
}

static int read_section(struct reader *rd, uint32_t id)
{
	const Elf64_Shdr sh = header_of(rd, id);
	struct mod_sec *s = &rd->f->secs[id];

	*s = (struct mod_sec){ .name = "",
			       .size = sh.sh_size,
			       .flags = sh.sh_flags,
			       .align = sh.sh_addralign,
			       .entsize = sh.sh_entsize,
			       .type = sh.sh_type,
			       .link = sh.sh_link,
			       .info = sh.sh_info };
	if (id == 0)
		return sh.sh_type == SHT_NULL && !sh.sh_size && !sh.sh_addr
			       ? 0
			       : bad(rd, "section 0 is not empty");
	if (sh.sh_size > MODFILE_MAX_BYTES)
		return bad(rd, "a section of an absurd size");
	if (s->link >= rd->f->n_secs)
		return bad(rd, "a section links to one that does not exist");
	if (sh.sh_type != SHT_NOBITS && sh.sh_type != SHT_NULL) {
		if (sh.sh_offset > rd->len || sh.sh_size > rd->len - sh.sh_offset)
			return bad(rd, "a section reaches beyond the end of the file");
		s->data = rd->data + sh.sh_offset;
	}
	if (sh.sh_type != SHT_SYMTAB)
		return 0;
	if (rd->symtab)
		return bad(rd, "two symbol tables");
	rd->symtab = id;
	return 0;
}

const char *modfile_text(const struct modfile *f, uint32_t sec, uint64_t off)
{
	const struct mod_sec *s = &f->secs[sec];

	if (!s->data || off >= s->size || !memchr(s->data + off, 0, s->size - off))
		return NULL;
	return (const char *)s->data + off;
}

static int name_sections(struct reader *rd)
{
	for (uint32_t i = 1; i < rd->f->n_secs; i++) {
		rd->f->secs[i].name =
			modfile_text(rd->f, rd->head.e_shstrndx, header_of(rd, i).sh_name);
		if (!rd->f->secs[i].name)
			return bad(rd, "a section's name lies outside the table of names");
	}
	return 0;
}

static int read_symbol(struct reader *rd, uint32_t id)
{
	const struct mod_sec *table = &rd->f->secs[rd->symtab];
	struct mod_sym *sym = &rd->f->syms[id];
	Elf64_Sym s;

	memcpy(&s, table->data + (uint64_t)id * sizeof(s), sizeof(s));
	*sym = (struct mod_sym){ .name = modfile_text(rd->f, table->link, s.st_name),
				 .value = s.st_value,
				 .size = s.st_size,
				 .shndx = s.st_shndx,
				 .bind = ELF64_ST_BIND(s.st_info),
				 .type = ELF64_ST_TYPE(s.st_info) };
	if (!sym->name)
		return bad(rd, "a symbol's name lies outside the table of names");
	if (s.st_shndx == SHN_UNDEF || s.st_shndx >= SHN_LORESERVE)
		return 0;
	if (s.st_shndx >= rd->f->n_secs)
		return bad(rd, "a symbol lies in a section that does not exist");
	sym->sec = s.st_shndx;
	if (sym->value > rd->f->secs[sym->sec].size ||
	    sym->size > rd->f->secs[sym->sec].size - sym->value)
		return bad(rd, "a symbol reaches beyond the end of its section");
	return 0;
}

static int read_symbols(struct reader *rd)
{
	const struct mod_sec *table = &rd->f->secs[rd->symtab];
	int r = 0;

	if (!rd->symtab || table->entsize != sizeof(Elf64_Sym) || table->size % sizeof(Elf64_Sym) ||
	    !table->size)
		return bad(rd, "no usable symbol table");
	rd->f->n_syms = (uint32_t)(table->size / sizeof(Elf64_Sym));
	rd->f->syms = calloc(rd->f->n_syms, sizeof(*rd->f->syms));
	if (!rd->f->syms)
		return no_memory(rd);
	for (uint32_t i = 0; r == 0 && i < rd->f->n_syms; i++)
		r = read_symbol(rd, i);
	return r;
}

static int read_rela(struct reader *rd, uint32_t holder, uint64_t i)
{
	const struct mod_sec *h = &rd->f->secs[holder], *target = &rd->f->secs[h->info];
	struct mod_rela *rela = &rd->f->relas[rd->f->n_relas];
	uint64_t width;
	Elf64_Rela r;

	memcpy(&r, h->data + i * sizeof(r), sizeof(r));
	*rela = (struct mod_rela){ .off = r.r_offset,
				   .addend = r.r_addend,
				   .type = (uint32_t)ELF64_R_TYPE(r.r_info),
				   .sym = (uint32_t)ELF64_R_SYM(r.r_info),
				   .sec = h->info,
				   .holder = holder };
	width = arch_rel_width(rela->type);
	if (!width)
		return bad(rd, "a relocation of a type that the kernel does not apply");
	if (rela->off > target->size || width > target->size - rela->off)
		return bad(rd, "a relocation points outside its section");
	if (!rela->sym || rela->sym >= rd->f->n_syms)
		return bad(rd, "a relocation names no symbol");
	rd->f->n_relas++;
	return 0;
}

static int check_holder(const struct reader *rd, uint32_t id)
{
	const struct mod_sec *s = &rd->f->secs[id];

	if (s->link != rd->symtab || s->entsize != sizeof(Elf64_Rela) ||
	    s->size % sizeof(Elf64_Rela))
		return bad(rd, "a relocation section of an unknown shape");
	if (!s->info || s->info >= rd->f->n_secs || !(rd->f->secs[s->info].flags & SHF_ALLOC))
		return bad(rd, "a relocation section changes no section that is loaded");
	return 0;
}

static int compare_relas(const void *pa, const void *pb)
{
	const struct mod_rela *a = pa, *b = pb;

	if (a->sec != b->sec)
		return a->sec < b->sec ? -1 : 1;
	return a->off < b->off ? -1 : a->off > b->off;
}

static int check_overlaps(const struct reader *rd)
{
	for (uint32_t i = 1; i < rd->f->n_relas; i++) {
		const struct mod_rela *a = &rd->f->relas[i - 1], *b = a + 1;

		if (a->sec == b->sec && b->off - a->off < arch_rel_width(a->type))
			return bad(rd, "two relocations change the same bytes");
	}
	return 0;
}

static int read_relas(struct reader *rd)
{
	uint64_t total = 0;
	int r = 0;

	for (uint32_t i = 1; i < rd->f->n_secs; i++) {
		if (rd->f->secs[i].type == SHT_REL)
			return bad(rd, "relocations without addends");
		if (rd->f->secs[i].type == SHT_RELA)
			total += rd->f->secs[i].size / sizeof(Elf64_Rela);
	}
	/* Sections can share bytes of the file: the sum is checked against the file too. */
	if (total > rd->len / sizeof(Elf64_Rela))
		return bad(rd, "more relocations than the file can hold");
	rd->f->relas = calloc(total + 1, sizeof(*rd->f->relas));
	if (!rd->f->relas)
		return no_memory(rd);
	for (uint32_t i = 1; r == 0 && i < rd->f->n_secs; i++) {
		const struct mod_sec *s = &rd->f->secs[i];

		if (s->type != SHT_RELA)
			continue;
		r = check_holder(rd, i);
		for (uint64_t k = 0; r == 0 && k < s->size / sizeof(Elf64_Rela); k++)
			r = read_rela(rd, i, k);
	}
	if (r < 0)
		return r;
	qsort(rd->f->relas, rd->f->n_relas, sizeof(*rd->f->relas), compare_relas);
	return check_overlaps(rd);
}

int modfile_read(const void *data, size_t len, struct modfile **ret, struct oak_error *err)
{
	_cleanup_(modfile_freep) struct modfile *f = calloc(1, sizeof(*f));
	struct reader rd = { .f = f, .data = data, .len = len, .err = err };
	int r;

	if (!f)
		return no_memory(&rd);
	if (len > MODFILE_MAX_BYTES)
		return oak_fail(err, OAK_E_TOOLARGE, "a module of more than %u bytes",
				MODFILE_MAX_BYTES);
	r = read_header(&rd);
	for (uint32_t i = 0; r == 0 && i < f->n_secs; i++)
		r = read_section(&rd, i);
	if (r == 0)
		r = name_sections(&rd);
	if (r == 0)
		r = read_symbols(&rd);
	if (r == 0)
		r = read_relas(&rd);
	if (r < 0)
		return r;
	*ret = take_ptr(f);
	return 0;
}

void modfile_free(struct modfile *f)
{
	if (!f)
		return;
	free(f->secs);
	free(f->syms);
	free(f->relas);
	free(f);
}

uint32_t modfile_section(const struct modfile *f, const char *name)
{
	for (uint32_t i = 1; i < f->n_secs; i++)
		if (strcmp(f->secs[i].name, name) == 0)
			return i;
	return 0;
}

const struct mod_rela *modfile_rela_at(const struct modfile *f, uint32_t sec, uint64_t off)
{
	const struct mod_rela key = { .sec = sec, .off = off };

	return bsearch(&key, f->relas, f->n_relas, sizeof(key), compare_relas);
}
