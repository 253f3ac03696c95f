/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/object.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

struct reader {
	uint64_t zeroed; /* memory of sections without content, so far */
	struct obj *o;
	Elf *elf;
	const char *what;
	struct oak_error *err;
	size_t shstrndx;
	sec_id symtab, xindex; /* xindex: SHT_SYMTAB_SHNDX, 0 where absent */
};

static void elf_endp(Elf **e)
{
	if (*e)
		(void)elf_end(*e);
}

static int bad(const struct reader *rd, const char *why)
{
	return oak_fail(rd->err, OAK_E_FORMAT, "%s: not a usable object file: %s", rd->what, why);
}

static int check_header(struct reader *rd)
{
	GElf_Ehdr eh;
	size_t n;

	if (elf_kind(rd->elf) != ELF_K_ELF || !gelf_getehdr(rd->elf, &eh))
		return bad(rd, "no ELF header");
	if (eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_ident[EI_DATA] != ELFDATA2LSB)
		return bad(rd, "not 64-bit little-endian");
	if (eh.e_type != ET_REL)
		return bad(rd, "not relocatable (ET_REL)");
	if (eh.e_machine != EM_X86_64)
		return oak_fail(rd->err, OAK_E_UNSUPPORTED,
				"%s: machine %u is not supported, only x86-64 (62)", rd->what,
				eh.e_machine);
	if (elf_getshdrnum(rd->elf, &n) < 0 || n == 0 || n > UINT32_MAX ||
	    elf_getshdrstrndx(rd->elf, &rd->shstrndx) < 0)
		return bad(rd, "no section headers");
	rd->o->secs = calloc(n, sizeof(*rd->o->secs));
	if (!rd->o->secs)
		return oak_fail(rd->err, OAK_E_NOMEM, "%s: out of memory", rd->what);
	rd->o->n_secs = (uint32_t)n;
	return 0;
}

static int read_section(struct reader *rd, sec_id id)
{
	struct obj_sec *s = &rd->o->secs[id];
	Elf_Scn *scn = elf_getscn(rd->elf, id);
	GElf_Shdr sh;

	if (!scn || !gelf_getshdr(scn, &sh))
		return bad(rd, "unreadable section header");
	s->name = elf_strptr(rd->elf, rd->shstrndx, sh.sh_name);
	if (!s->name)
		return bad(rd, "a section's name lies outside the string table");
	s->type = sh.sh_type;
	s->flags = sh.sh_flags;
	s->size = sh.sh_size;
	s->align = sh.sh_addralign;
	s->entsize = sh.sh_entsize;
	s->link = sh.sh_link;
	s->info = sh.sh_info;
	s->grouped = sh.sh_flags & SHF_GROUP;
	if (s->link >= rd->o->n_secs)
		return bad(rd, "a section links to one that does not exist");
	if (sh.sh_flags & SHF_COMPRESSED)
		return bad(rd, "compressed sections");
	if (sh.sh_type != SHT_NOBITS && sh.sh_type != SHT_NULL) {
		if (sh.sh_offset > rd->o->file_len || sh.sh_size > rd->o->file_len - sh.sh_offset)
			return bad(rd, "a section reaches beyond the end of the file");
		s->data = rd->o->file + sh.sh_offset;
	}
	if (sh.sh_type == SHT_NOBITS) {
		if (sh.sh_size > OBJECT_MAX_ZEROED - rd->zeroed)
			return oak_fail(rd->err, OAK_E_TOOLARGE,
					"%s: claims more than %u bytes of zeroed memory", rd->what,
					OBJECT_MAX_ZEROED);
		rd->zeroed += sh.sh_size;
	}
	if (sh.sh_type == SHT_SYMTAB_SHNDX)
		rd->xindex = id;
	if (sh.sh_type == SHT_SYMTAB) {
		if (rd->symtab)
			return bad(rd, "two symbol tables");
		rd->symtab = id;
	}
	return 0;
}

static int read_symbol(struct reader *rd, Elf_Data *syms, Elf_Data *xindex, uint32_t id)
{
	struct obj_sym *sym = &rd->o->syms[id];
	Elf32_Word wide = 0;
	GElf_Sym s;

	if (!gelf_getsymshndx(syms, xindex, (int)id, &s, &wide))
		return bad(rd, "unreadable symbol");
	sym->name = elf_strptr(rd->elf, rd->o->secs[rd->symtab].link, s.st_name);
	if (!sym->name)
		return bad(rd, "a symbol's name lies outside the string table");
	sym->value = s.st_value;
	sym->size = s.st_size;
	sym->bind = GELF_ST_BIND(s.st_info);
	sym->type = GELF_ST_TYPE(s.st_info);
	sym->shndx = s.st_shndx == SHN_XINDEX ? wide : s.st_shndx;
	if (s.st_shndx == SHN_UNDEF || (s.st_shndx >= SHN_LORESERVE && s.st_shndx != SHN_XINDEX))
		return 0;
	if (sym->shndx >= rd->o->n_secs)
		return bad(rd, "a symbol lies in a section that does not exist");
	sym->sec = sym->shndx;
	if (sym->value > rd->o->secs[sym->sec].size)
		return bad(rd, "a symbol lies beyond the end of its section");
	if (sym->size > rd->o->secs[sym->sec].size - sym->value)
		return bad(rd, "a symbol reaches beyond the end of its section");
	return 0;
}

static int read_symbols(struct reader *rd)
{
	Elf_Data *data, *xindex = NULL;
	uint64_t n;

	if (!rd->symtab)
		return bad(rd, "no symbol table");
	data = elf_getdata(elf_getscn(rd->elf, rd->symtab), NULL);
	if (rd->xindex)
		xindex = elf_getdata(elf_getscn(rd->elf, rd->xindex), NULL);
	n = rd->o->secs[rd->symtab].size / sizeof(Elf64_Sym);
	if (!data || n == 0 || n > INT32_MAX)
		return bad(rd, "empty symbol table");
	rd->o->syms = calloc(n, sizeof(*rd->o->syms));
	if (!rd->o->syms)
		return oak_fail(rd->err, OAK_E_NOMEM, "%s: out of memory", rd->what);
	rd->o->n_syms = (uint32_t)n;
	for (uint32_t i = 0; i < n; i++) {
		int r = read_symbol(rd, data, xindex, i);

		if (r < 0)
			return r;
	}
	/* Section symbols carry no name of their own; their section's serves messages. */
	for (uint32_t i = 1; i < n; i++)
		if (rd->o->syms[i].type == STT_SECTION)
			rd->o->syms[i].name = rd->o->secs[rd->o->syms[i].sec].name;
	return 0;
}

static int rel_cmp(const void *pa, const void *pb)
{
	const struct obj_rel *a = pa, *b = pb;

	return a->off < b->off ? -1 : a->off > b->off;
}

static int read_relocations(struct reader *rd, sec_id id)
{
	const struct obj_sec *s = &rd->o->secs[id];
	uint64_t n = s->size / sizeof(Elf64_Rela);
	Elf_Data *data = elf_getdata(elf_getscn(rd->elf, id), NULL);
	struct obj_sec *target;

	if (s->info == 0 || s->info >= rd->o->n_secs || s->link != rd->symtab || (n && !data))
		return bad(rd, "a relocation section names no section");
	target = &rd->o->secs[s->info];
	if (target->n_rels)
		return bad(rd, "a section has two relocation sections");
	target->first_rel = rd->o->n_rels;
	for (uint32_t i = 0; i < n; i++) {
		struct obj_rel *rel = &rd->o->rels[rd->o->n_rels];
		GElf_Rela r;

		if (!gelf_getrela(data, (int)i, &r))
			return bad(rd, "unreadable relocation");
		*rel = (struct obj_rel){ .off = r.r_offset,
					 .type = (uint32_t)GELF_R_TYPE(r.r_info),
					 .sym = (uint32_t)GELF_R_SYM(r.r_info),
					 .addend = r.r_addend };
		if (rel->type == R_X86_64_NONE)
			continue;
		if (rel->sym >= rd->o->n_syms || rel->off >= target->size)
			return bad(rd, "a relocation points outside its section or symbol table");
		rd->o->n_rels++;
		target->n_rels++;
	}
	qsort(rd->o->rels + target->first_rel, target->n_rels, sizeof(struct obj_rel), rel_cmp);
	return 0;
}

static int read_all_relocations(struct reader *rd)
{
	uint64_t total = 0;

	for (sec_id i = 1; i < rd->o->n_secs; i++) {
		if (rd->o->secs[i].type == SHT_REL)
			return bad(rd, "relocations without addends (SHT_REL)");
		if (rd->o->secs[i].type == SHT_RELA)
			total += rd->o->secs[i].size / sizeof(Elf64_Rela);
	}
	/* Two sections can share file bytes, so the sum must be checked against the file too. */
	if (total > rd->o->file_len)
		return bad(rd, "more relocations than the file can hold");
	rd->o->rels = calloc(total + 1, sizeof(*rd->o->rels));
	if (!rd->o->rels)
		return oak_fail(rd->err, OAK_E_NOMEM, "%s: out of memory", rd->what);
	for (sec_id i = 1; i < rd->o->n_secs; i++) {
		int r = rd->o->secs[i].type == SHT_RELA ? read_relocations(rd, i) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_everything(struct reader *rd)
{
	int r = check_header(rd);

	for (sec_id i = 1; r == 0 && i < rd->o->n_secs; i++)
		r = read_section(rd, i);
	if (r == 0) {
		rd->o->secs[0].name = "";
		r = read_symbols(rd);
	}
	return r < 0 ? r : read_all_relocations(rd);
}

int object_read(const void *data, size_t len, const char *what, struct obj **ret,
		struct oak_error *err)
{
	_cleanup_(object_freep) struct obj *o = NULL;
	_cleanup_(elf_endp) Elf *elf = NULL;
	struct reader rd = { .what = what, .err = err };
	int r;

	if (len > OBJECT_MAX_BYTES)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: larger than %u bytes", what,
				OBJECT_MAX_BYTES);
	o = calloc(1, sizeof(*o));
	if (o)
		o->file = malloc(len + 1);
	if (!o || !o->file)
		return oak_fail(err, OAK_E_NOMEM, "%s: out of memory", what);
	memcpy(o->file, data, len);
	o->file[len] = 0;
	o->file_len = len;
	(void)elf_version(EV_CURRENT);
	elf = elf_memory((char *)o->file, len);
	rd.o = o;
	rd.elf = elf;
	if (!elf)
		return bad(&rd, "no ELF header");
	r = read_everything(&rd);
	if (r < 0)
		return r;
	*ret = take_ptr(o);
	return 0;
}

int object_open(const char *path, struct obj **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = file_read(AT_FDCWD, path, OBJECT_MAX_BYTES, &b, err);

	return r < 0 ? r : object_read(b.data, b.len, path, ret, err);
}

void object_free(struct obj *o)
{
	if (!o)
		return;
	free(o->secs);
	free(o->syms);
	free(o->rels);
	free(o->file);
	free(o);
}
