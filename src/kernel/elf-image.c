/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/elf-image.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/bytes.h"

#define SECTIONS_MAX 4096 /* vmlinux has 40; a limit keeps the linear searches honest */

/* Copies the header: the bytes may lie at any alignment. */
static int read_header(const uint8_t *data, size_t len, Elf64_Ehdr *eh, struct oak_error *err)
{
	if (len < SELFMAG || memcmp(data, ELFMAG, SELFMAG) != 0)
		return oak_fail(err, OAK_E_FORMAT, "not an ELF file");
	if (len < sizeof(*eh))
		return oak_fail(err, OAK_E_FORMAT, "truncated ELF file: %zu bytes", len);
	memcpy(eh, data, sizeof(*eh));
	if (eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_ident[EI_DATA] != ELFDATA2LSB ||
	    eh->e_machine != EM_X86_64)
		return oak_fail(err, OAK_E_FORMAT, "not an ELF file for x86-64");
	if (eh->e_type != ET_EXEC && eh->e_type != ET_DYN)
		return oak_fail(err, OAK_E_FORMAT, "not a linked ELF file");
	if (eh->e_shnum && eh->e_shentsize != sizeof(Elf64_Shdr))
		return oak_fail(err, OAK_E_FORMAT, "damaged ELF file: section headers of %u bytes",
				eh->e_shentsize);
	if (eh->e_phnum && eh->e_phentsize != sizeof(Elf64_Phdr))
		return oak_fail(err, OAK_E_FORMAT, "damaged ELF file: program headers of %u bytes",
				eh->e_phentsize);
	if (!range_within(eh->e_shoff, (uint64_t)eh->e_shnum * sizeof(Elf64_Shdr), len) ||
	    !range_within(eh->e_phoff, (uint64_t)eh->e_phnum * sizeof(Elf64_Phdr), len))
		return oak_fail(err, OAK_E_FORMAT, "truncated ELF file: headers beyond byte %zu",
				len);
	return 0;
}

static Elf64_Shdr section_header(const uint8_t *data, const Elf64_Ehdr *eh, size_t i)
{
	Elf64_Shdr sh;

	memcpy(&sh, data + eh->e_shoff + i * sizeof(sh), sizeof(sh));
	return sh;
}

static size_t max_size(size_t a, uint64_t b)
{
	return b > a ? (size_t)b : a;
}

int elf_image_end(const void *data, size_t len, size_t *ret, struct oak_error *err)
{
	const uint8_t *d = data;
	Elf64_Ehdr eh;
	size_t end;
	int r = read_header(d, len, &eh, err);

	if (r < 0)
		return r;
	end = max_size(sizeof(eh), eh.e_shoff + (uint64_t)eh.e_shnum * sizeof(Elf64_Shdr));
	end = max_size(end, eh.e_phoff + (uint64_t)eh.e_phnum * sizeof(Elf64_Phdr));
	for (size_t i = 0; i < eh.e_shnum; i++) {
		Elf64_Shdr sh = section_header(d, &eh, i);

		if (sh.sh_type == SHT_NOBITS || sh.sh_type == SHT_NULL)
			continue;
		if (!range_within(sh.sh_offset, sh.sh_size, len))
			return oak_fail(err, OAK_E_FORMAT,
					"truncated ELF file: section %zu ends beyond byte %zu", i,
					len);
		end = max_size(end, sh.sh_offset + sh.sh_size);
	}
	for (size_t i = 0; i < eh.e_phnum; i++) {
		Elf64_Phdr ph;

		memcpy(&ph, d + eh.e_phoff + i * sizeof(ph), sizeof(ph));
		if (!range_within(ph.p_offset, ph.p_filesz, len))
			return oak_fail(err, OAK_E_FORMAT,
					"truncated ELF file: segment %zu ends beyond byte %zu", i,
					len);
		end = max_size(end, ph.p_offset + ph.p_filesz);
	}
	*ret = end;
	return 0;
}

/* The section name table; its last byte must be NUL, so that every name within it ends. */
static int name_table(const uint8_t *data, size_t len, const Elf64_Ehdr *eh, Elf64_Shdr *ret,
		      struct oak_error *err)
{
	if (eh->e_shstrndx >= eh->e_shnum)
		return oak_fail(err, OAK_E_FORMAT, "damaged ELF file: no section names");
	*ret = section_header(data, eh, eh->e_shstrndx);
	if (ret->sh_type != SHT_STRTAB || ret->sh_size == 0 ||
	    !range_within(ret->sh_offset, ret->sh_size, len) ||
	    data[ret->sh_offset + ret->sh_size - 1] != 0)
		return oak_fail(err, OAK_E_FORMAT, "damaged ELF file: no section names");
	return 0;
}

static int read_section(const struct elf_image *img, const Elf64_Shdr *names, const Elf64_Shdr *sh,
			struct elf_section *ret, struct oak_error *err)
{
	uint64_t end;

	if (sh->sh_name >= names->sh_size)
		return oak_fail(err, OAK_E_FORMAT, "damaged ELF file: a section without a name");
	*ret = (struct elf_section){
		.name = (const char *)img->data + names->sh_offset + sh->sh_name,
		.addr = sh->sh_addr,
		.size = sh->sh_size,
		.alloc = sh->sh_flags & SHF_ALLOC,
	};
	if (__builtin_add_overflow(ret->addr, ret->size, &end))
		return oak_fail(err, OAK_E_FORMAT, "damaged ELF file: section %s is too large",
				ret->name);
	if (sh->sh_type == SHT_NOBITS)
		return 0;
	if (!range_within(sh->sh_offset, sh->sh_size, img->len))
		return oak_fail(err, OAK_E_FORMAT,
				"truncated ELF file: section %s ends beyond byte %zu", ret->name,
				img->len);
	ret->data = img->data + sh->sh_offset;
	return 0;
}

int elf_image_parse(const void *data, size_t len, struct elf_image *ret, struct oak_error *err)
{
	_cleanup_(elf_image_free) struct elf_image img = { .data = data, .len = len };
	Elf64_Shdr names = { 0 };
	Elf64_Ehdr eh;
	int r = read_header(data, len, &eh, err);

	if (r < 0)
		return r;
	if (eh.e_shnum > SECTIONS_MAX)
		return oak_fail(err, OAK_E_FORMAT, "damaged ELF file: %u sections", eh.e_shnum);
	r = name_table(data, len, &eh, &names, err);
	if (r < 0)
		return r;
	img.sections = calloc(eh.e_shnum, sizeof(*img.sections));
	if (!img.sections)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < eh.e_shnum; i++) {
		Elf64_Shdr sh = section_header(data, &eh, i);

		if (sh.sh_type == SHT_NULL)
			continue;
		r = read_section(&img, &names, &sh, &img.sections[img.n_sections], err);
		if (r < 0)
			return r;
		img.n_sections++;
	}
	*ret = img;
	img = (struct elf_image){ 0 };
	return 0;
}

void elf_image_free(struct elf_image *img)
{
	free(img->sections);
	*img = (struct elf_image){ 0 };
}

const struct elf_section *elf_image_section(const struct elf_image *img, const char *name)
{
	for (size_t i = 0; i < img->n_sections; i++)
		if (strcmp(img->sections[i].name, name) == 0)
			return &img->sections[i];
	return NULL;
}

const struct elf_section *elf_image_section_at(const struct elf_image *img, uint64_t addr)
{
	for (size_t i = 0; i < img->n_sections; i++) {
		const struct elf_section *s = &img->sections[i];

		if (s->alloc && addr >= s->addr && addr - s->addr < s->size)
			return s;
	}
	return NULL;
}

const uint8_t *elf_image_bytes(const struct elf_image *img, uint64_t addr, uint64_t len)
{
	const struct elf_section *s = elf_image_section_at(img, addr);

	if (!s || !s->data || !range_within(addr - s->addr, len, s->size))
		return NULL;
	return s->data + (addr - s->addr);
}

const char *elf_image_string(const struct elf_image *img, uint64_t addr)
{
	const struct elf_section *s = elf_image_section_at(img, addr);
	const uint8_t *p;

	if (!s || !s->data)
		return NULL;
	p = s->data + (addr - s->addr);
	return memchr(p, 0, (size_t)(s->size - (addr - s->addr))) ? (const char *)p : NULL;
}
