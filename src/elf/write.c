/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/write.h"

#include <errno.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define OUT_MAX_BYTES (256u << 20)

struct section {
	char *name;
	uint32_t type;
	uint64_t flags, align, entsize;
	uint32_t link, info; /* final indexes, set by finish */
	struct buf data;
};

struct elf_writer {
	struct section *secs;
	size_t n_secs;
	struct out_symbol *syms;
	char **names;    /* of syms */
	uint32_t *final; /* final index of each symbol */
	size_t n_syms;
	struct out_rela *relas;
	size_t n_relas;
};

static int no_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int elf_writer_new(struct elf_writer **ret, struct oak_error *err)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : no_memory(err);
}

void elf_writer_free(struct elf_writer *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n_secs; i++) {
		free(w->secs[i].name);
		buf_free(&w->secs[i].data);
	}
	for (size_t i = 0; i < w->n_syms; i++)
		free(w->names[i]);
	free(w->secs);
	free(w->syms);
	free(w->names);
	free(w->final);
	free(w->relas);
	free(w);
}

int elf_writer_section(struct elf_writer *w, const char *name, uint32_t type, uint64_t flags,
		       uint64_t align, out_sec *ret, struct oak_error *err)
{
	struct section *s;

	for (size_t i = 0; i < w->n_secs; i++) {
		if (strcmp(w->secs[i].name, name) != 0)
			continue;
		if (w->secs[i].align < align)
			w->secs[i].align = align;
		*ret = (out_sec)i;
		return 0;
	}
	s = reallocarray(w->secs, w->n_secs + 1, sizeof(*s));
	if (!s)
		return no_memory(err);
	w->secs = s;
	s = &w->secs[w->n_secs];
	*s = (struct section){ .type = type, .flags = flags, .align = align ? align : 1 };
	s->name = strdup(name);
	if (!s->name)
		return no_memory(err);
	*ret = (out_sec)w->n_secs++;
	return 0;
}

struct buf *elf_writer_data(struct elf_writer *w, out_sec sec)
{
	return &w->secs[sec].data;
}

int elf_writer_symbol(struct elf_writer *w, const struct out_symbol *sym, out_sym *ret,
		      struct oak_error *err)
{
	struct out_symbol *syms = reallocarray(w->syms, w->n_syms + 1, sizeof(*syms));
	char **names;

	if (!syms)
		return no_memory(err);
	w->syms = syms;
	names = reallocarray(w->names, w->n_syms + 1, sizeof(*names));
	if (!names)
		return no_memory(err);
	w->names = names;
	names[w->n_syms] = strdup(sym->name);
	if (!names[w->n_syms])
		return no_memory(err);
	syms[w->n_syms] = *sym;
	syms[w->n_syms].name = names[w->n_syms];
	*ret = (out_sym)w->n_syms++;
	return 0;
}

int elf_writer_rela(struct elf_writer *w, const struct out_rela *rela, struct oak_error *err)
{
	struct out_rela *relas = reallocarray(w->relas, w->n_relas + 1, sizeof(*relas));

	if (!relas)
		return no_memory(err);
	w->relas = relas;
	relas[w->n_relas++] = *rela;
	return 0;
}

int elf_writer_hash(const struct elf_writer *w, char ret[SHA256_HEX_MAX], struct oak_error *err)
{
	_cleanup_(buf_free) struct buf all = { 0 };

	for (size_t i = 0; i < w->n_secs; i++) {
		const struct section *s = &w->secs[i];

		if (buf_add(&all, s->name, strlen(s->name) + 1) < 0 ||
		    buf_add(&all, s->data.data, s->data.len) < 0)
			return no_memory(err);
	}
	for (size_t i = 0; i < w->n_relas; i++) {
		const struct out_rela *r = &w->relas[i];

		if (buf_printf(&all, "%u+%lx:%u=%s+%lx;", r->sec, (unsigned long)r->off, r->type,
			       w->names[r->sym], (unsigned long)r->addend) < 0)
			return no_memory(err);
	}
	sha256_hex(all.data, all.len, ret);
	return 0;
}

/* An offset into the string table for @s; every string gets its own, which is simple and small. */
static int add_string(struct buf *strings, const char *s, Elf64_Word *ret)
{
	if (strings->len == 0 && buf_add_zero(strings, 1) < 0)
		return -ENOMEM;
	*ret = s[0] ? (Elf64_Word)strings->len : 0;
	return s[0] ? buf_add(strings, s, strlen(s) + 1) : 0;
}

static int add_symbols(struct elf_writer *w, out_sec symtab, out_sec strtab, bool local,
		       uint32_t *n, struct oak_error *err)
{
	for (size_t i = 0; i < w->n_syms; i++) {
		const struct out_symbol *s = &w->syms[i];
		Elf64_Sym sym = { .st_value = s->value, .st_size = s->size };

		if ((s->bind == STB_LOCAL) != local)
			continue;
		sym.st_info = (unsigned char)ELF64_ST_INFO(s->bind, s->type);
		sym.st_shndx = s->sec == OUT_NONE ? s->shndx : (Elf64_Section)(s->sec + 1);
		if (add_string(&w->secs[strtab].data, s->name, &sym.st_name) < 0 ||
		    buf_add(&w->secs[symtab].data, &sym, sizeof(sym)) < 0)
			return no_memory(err);
		w->final[i] = (*n)++;
	}
	return 0;
}

static int make_symtab(struct elf_writer *w, out_sec *ret, struct oak_error *err)
{
	out_sec symtab = 0, strtab = 0;
	uint32_t n = 1;
	int r = elf_writer_section(w, ".symtab", SHT_SYMTAB, 0, 8, &symtab, err);

	if (r == 0)
		r = elf_writer_section(w, ".strtab", SHT_STRTAB, 0, 1, &strtab, err);
	if (r < 0)
		return r;
	w->final = calloc(w->n_syms + 1, sizeof(*w->final));
	if (!w->final || buf_add_zero(&w->secs[symtab].data, sizeof(Elf64_Sym)) < 0 ||
	    buf_add_zero(&w->secs[strtab].data, 1) < 0)
		return no_memory(err);
	w->secs[symtab].entsize = sizeof(Elf64_Sym);
	w->secs[symtab].link = strtab + 1;
	r = add_symbols(w, symtab, strtab, true, &n, err);
	w->secs[symtab].info = n;
	if (r == 0)
		r = add_symbols(w, symtab, strtab, false, &n, err);
	*ret = symtab;
	return r;
}

static int make_rela(struct elf_writer *w, const struct out_rela *rela, out_sec symtab,
		     struct oak_error *err)
{
	const char *prefix = rela->prefix ? rela->prefix : ".rela";
	_cleanup_(freep) char *name = NULL;
	Elf64_Rela out = { .r_offset = rela->off, .r_addend = rela->addend };
	out_sec sec = 0;
	int r;

	if (asprintf(&name, "%s%s", prefix, w->secs[rela->sec].name) < 0) {
		name = NULL;
		return no_memory(err);
	}
	r = elf_writer_section(w, name, SHT_RELA, SHF_INFO_LINK | rela->flags, 8, &sec, err);
	if (r < 0)
		return r;
	w->secs[sec].entsize = sizeof(out);
	w->secs[sec].link = symtab + 1;
	w->secs[sec].info = rela->sec + 1;
	out.r_info = ELF64_R_INFO((uint64_t)w->final[rela->sym], rela->type);
	return buf_add(&w->secs[sec].data, &out, sizeof(out)) < 0 ? no_memory(err) : 0;
}

static int put_section(Elf *elf, const struct section *s, Elf64_Word name, struct oak_error *err)
{
	Elf_Scn *scn = elf_newscn(elf);
	Elf64_Shdr *sh = scn ? elf64_getshdr(scn) : NULL;
	Elf_Data *d = sh ? elf_newdata(scn) : NULL;

	if (!d)
		return oak_fail(err, OAK_E_FAILED, "libelf: %s", elf_errmsg(-1));
	sh->sh_name = name;
	sh->sh_type = s->type;
	sh->sh_flags = s->flags;
	sh->sh_link = s->link;
	sh->sh_info = s->info;
	sh->sh_entsize = s->entsize;
	d->d_buf = s->type == SHT_NOBITS ? NULL : s->data.data;
	d->d_size = s->data.len;
	d->d_align = s->align;
	d->d_type = ELF_T_BYTE; /* written on the machine it is for: nothing to convert */
	d->d_version = EV_CURRENT;
	return 0;
}

static int put_all(struct elf_writer *w, Elf *elf, struct oak_error *err)
{
	out_sec strtab = (out_sec)(w->n_secs - 1);
	Elf64_Ehdr *eh = elf64_newehdr(elf);
	int r = 0;

	if (!eh)
		return oak_fail(err, OAK_E_FAILED, "libelf: %s", elf_errmsg(-1));
	memcpy(eh->e_ident, ELFMAG, SELFMAG);
	eh->e_ident[EI_CLASS] = ELFCLASS64;
	eh->e_ident[EI_DATA] = ELFDATA2LSB;
	eh->e_type = ET_REL;
	eh->e_machine = EM_X86_64;
	eh->e_version = EV_CURRENT;
	eh->e_shstrndx = (Elf64_Half)(strtab + 1);
	/* All names first: adding one may move the table that libelf is given. */
	for (int pass = 0; pass < 2; pass++) {
		Elf64_Word at = 1;

		for (size_t i = 0; r == 0 && i < w->n_secs; i++) {
			const char *name = w->secs[i].name;
			Elf64_Word ignored;

			if (pass == 0 && add_string(&w->secs[strtab].data, name, &ignored) < 0)
				return no_memory(err);
			if (pass == 1)
				r = put_section(elf, &w->secs[i], at, err);
			at += (Elf64_Word)strlen(name) + 1;
		}
	}
	if (r == 0 && elf_update(elf, ELF_C_WRITE) < 0)
		return oak_fail(err, OAK_E_FAILED, "libelf: %s", elf_errmsg(-1));
	return r;
}

static int read_back(int fd, struct buf *ret, struct oak_error *err)
{
	struct stat st;
	uint64_t done = 0;

	if (fstat(fd, &st) < 0)
		return oak_fail_errno(err, errno, "memfd");
	if (st.st_size > OUT_MAX_BYTES)
		return oak_fail(err, OAK_E_TOOLARGE, "the object is larger than %u bytes",
				OUT_MAX_BYTES);
	if (buf_reserve(ret, (size_t)st.st_size) < 0)
		return no_memory(err);
	while (done < (uint64_t)st.st_size) {
		ssize_t n = pread(fd, ret->data + ret->len, (size_t)st.st_size - done, (off_t)done);

		if (n <= 0)
			return oak_fail_errno(err, n < 0 ? errno : EIO, "memfd");
		ret->len += (size_t)n;
		done += (uint64_t)n;
	}
	return 0;
}

static void elf_endp(Elf **e)
{
	if (*e)
		(void)elf_end(*e);
}

/* libelf writes to descriptors only. */
static int write_elf(struct elf_writer *w, int fd, struct oak_error *err)
{
	_cleanup_(elf_endp) Elf *elf = elf_begin(fd, ELF_C_WRITE, NULL);

	return elf ? put_all(w, elf, err)
		   : oak_fail(err, OAK_E_FAILED, "libelf: %s", elf_errmsg(-1));
}

int elf_writer_finish(struct elf_writer *w, struct buf *ret, struct oak_error *err)
{
	_cleanup_(closep) int fd = memfd_create("oakum-elf", MFD_CLOEXEC);
	out_sec symtab = 0, shstrtab = 0;
	int r;

	(void)elf_version(EV_CURRENT);
	if (fd < 0)
		return oak_fail_errno(err, errno, "memfd");
	r = make_symtab(w, &symtab, err);
	for (size_t i = 0; r == 0 && i < w->n_relas; i++)
		r = make_rela(w, &w->relas[i], symtab, err);
	if (r == 0)
		r = elf_writer_section(w, ".shstrtab", SHT_STRTAB, 0, 1, &shstrtab, err);
	if (r == 0)
		r = write_elf(w, fd, err);
	return r < 0 ? r : read_back(fd, ret, err);
}
