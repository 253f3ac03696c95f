/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/image.h"

#include <ctype.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "kernel/btf.h"
#include "kernel/bytes.h"
#include "kernel/elf-image.h"
#include "kernel/exports.h"
#include "kernel/kallsyms.h"

#define BUILD_ID_BYTES_MAX 64
#define BANNER_START       "Linux version "
#define BANNER_MAX         512

struct kimage {
	struct elf_image elf;
	struct kallsyms syms;
	struct exports exports;
	struct btf btf;  /* zero where the image has none */
	uint64_t *sites; /* __mcount_loc, rising */
	size_t n_sites;
	char build_id[2 * BUILD_ID_BYTES_MAX + 1];
	char *banner;
	char *release;
};

/* The GNU build-id among the notes of @s. */
static void read_build_id(const struct elf_section *s, char *ret)
{
	uint64_t at = 0;

	while (range_within(at, sizeof(Elf64_Nhdr), s->size)) {
		const uint8_t *p = s->data + at;
		uint64_t name = ((uint64_t)get_le32(p) + 3) & ~(uint64_t)3;
		uint64_t desc = get_le32(p + 4);

		at += sizeof(Elf64_Nhdr);
		if (!range_within(at, name, s->size) || !range_within(at + name, desc, s->size))
			return;
		if (get_le32(p + 8) == NT_GNU_BUILD_ID && name == 4 &&
		    memcmp(s->data + at, "GNU", 4) == 0 && desc <= BUILD_ID_BYTES_MAX) {
			hex_encode(s->data + at + name, desc, ret);
			return;
		}
		at += name + ((desc + 3) & ~(uint64_t)3);
	}
}

/* linux_banner: the one "Linux version " that a digit follows. */
static const char *find_banner(const struct elf_section *s, size_t *ret_len)
{
	const size_t start = strlen(BANNER_START);
	const uint8_t *p = s->data, *end = s->data + s->size;

	while ((p = memmem(p, (size_t)(end - p), BANNER_START, start))) {
		size_t left = (size_t)(end - p);
		const uint8_t *stop;

		if (left > BANNER_MAX)
			left = BANNER_MAX;
		stop = memchr(p, '\n', left);
		if (stop && isdigit(p[start])) {
			*ret_len = (size_t)(stop - p);
			return (const char *)p;
		}
		p += start;
	}
	return NULL;
}

static int read_banner(struct kimage *img, const struct elf_section *s, struct oak_error *err)
{
	const size_t start = strlen(BANNER_START);
	size_t len = 0;
	const char *p = find_banner(s, &len);

	if (!p)
		return oak_fail(err, OAK_E_FORMAT, "not a Linux kernel: no version banner");
	img->banner = strndup(p, len);
	img->release = strndup(p + start, strcspn(img->banner ? img->banner + start : "", " "));
	if (!img->banner || !img->release)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

/* The address of a symbol that must be unique. Return: false where it is not. */
static bool unique_addr(const struct kimage *img, const char *name, uint64_t *ret)
{
	const uint32_t *ids;

	if (kallsyms_find(&img->syms, name, &ids) != 1)
		return false;
	*ret = img->syms.addr[ids[0]];
	return true;
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* A kernel without ftrace has no such table, and then no ftrace sites. */
static int read_sites(struct kimage *img, struct oak_error *err)
{
	uint64_t from, to;
	const uint8_t *p;
	bool sorted = true;

	if (!unique_addr(img, "__start_mcount_loc", &from) ||
	    !unique_addr(img, "__stop_mcount_loc", &to) || to <= from)
		return 0;
	p = elf_image_bytes(&img->elf, from, to - from);
	if (!p || (to - from) % 8)
		return oak_fail(err, OAK_E_FORMAT, "damaged table of ftrace sites");
	img->n_sites = (size_t)(to - from) / 8;
	img->sites = malloc(img->n_sites * sizeof(*img->sites));
	if (!img->sites)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < img->n_sites; i++) {
		img->sites[i] = get_le64(p + 8 * i);
		sorted = sorted && (i == 0 || img->sites[i - 1] <= img->sites[i]);
	}
	/* CONFIG_BUILDTIME_MCOUNT_SORT (5.17 and later) has done it. */
	if (!sorted)
		qsort(img->sites, img->n_sites, sizeof(*img->sites), compare_u64);
	return 0;
}

static int read_all(struct kimage *img, struct oak_error *err)
{
	const struct elf_section *rodata = elf_image_section(&img->elf, ".rodata");
	const struct elf_section *notes = elf_image_section(&img->elf, ".notes");
	const struct elf_section *btf = elf_image_section(&img->elf, ".BTF");
	int r;

	if (!rodata || !rodata->data)
		return oak_fail(err, OAK_E_FORMAT, "not a Linux kernel: no .rodata section");
	r = read_banner(img, rodata, err);
	if (r < 0)
		return r;
	if (notes && notes->data)
		read_build_id(notes, img->build_id);
	r = kallsyms_parse(rodata->data, rodata->size, rodata->addr, &img->syms, err);
	if (r < 0)
		return r;
	r = exports_parse(&img->elf, &img->exports, err);
	if (r < 0)
		return r;
	if (btf && btf->data) {
		r = btf_parse(btf->data, btf->size, &img->btf, err);
		if (r < 0)
			return r;
	}
	return read_sites(img, err);
}

int kimage_parse(const void *elf, size_t len, struct kimage **ret, struct oak_error *err)
{
	_cleanup_(kimage_freep) struct kimage *img = calloc(1, sizeof(*img));
	int r;

	if (!img)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = elf_image_parse(elf, len, &img->elf, err);
	if (r < 0)
		return r;
	r = read_all(img, err);
	if (r < 0)
		return r;
	*ret = take_ptr(img);
	return 0;
}

void kimage_free(struct kimage *img)
{
	if (!img)
		return;
	elf_image_free(&img->elf);
	kallsyms_free(&img->syms);
	exports_free(&img->exports);
	btf_free(&img->btf);
	free(img->sites);
	free(img->banner);
	free(img->release);
	free(img);
}

const char *kimage_build_id(const struct kimage *img)
{
	return img->build_id;
}

const char *kimage_banner(const struct kimage *img)
{
	return img->banner;
}

const char *kimage_release(const struct kimage *img)
{
	return img->release;
}

size_t kimage_n_syms(const struct kimage *img)
{
	return img->syms.n;
}

struct ksym kimage_sym(const struct kimage *img, size_t id)
{
	const struct kallsyms *k = &img->syms;
	struct ksym s = {
		.addr = k->addr[id],
		.name = k->text + k->name[id],
		.type = k->type[id],
	};
	const struct elf_section *sec = elf_image_section_at(&img->elf, s.addr);

	if (sec)
		s.size = sec->size - (s.addr - sec->addr);
	while (++id < k->n && k->addr[id] == s.addr)
		continue;
	if (id < k->n && (!sec || k->addr[id] - s.addr < s.size))
		s.size = k->addr[id] - s.addr;
	return s;
}

size_t kimage_find(const struct kimage *img, const char *name, const uint32_t **ret_ids)
{
	return kallsyms_find(&img->syms, name, ret_ids);
}

size_t kimage_sym_at(const struct kimage *img, uint64_t addr)
{
	const struct kallsyms *k = &img->syms;
	size_t i = kallsyms_lower_bound(k, addr);

	if (i < k->n && k->addr[i] == addr)
		return i;
	return i ? kallsyms_lower_bound(k, k->addr[i - 1]) : SIZE_MAX;
}

const uint8_t *kimage_bytes(const struct kimage *img, uint64_t addr, size_t len)
{
	return elf_image_bytes(&img->elf, addr, len);
}

const char *kimage_section_at(const struct kimage *img, uint64_t addr)
{
	const struct elf_section *s = elf_image_section_at(&img->elf, addr);

	return s ? s->name : NULL;
}

bool kimage_section(const struct kimage *img, const char *name, uint64_t *ret_addr,
		    uint64_t *ret_size)
{
	const struct elf_section *s = elf_image_section(&img->elf, name);

	if (!s)
		return false;
	*ret_addr = s->addr;
	*ret_size = s->size;
	return true;
}

uint64_t kimage_ftrace_site_in(const struct kimage *img, uint64_t addr, uint64_t len)
{
	size_t lo = 0, hi = img->n_sites;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (img->sites[mid] < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < img->n_sites && img->sites[lo] - addr < len ? img->sites[lo] : 0;
}

bool kimage_is_ftrace_site(const struct kimage *img, uint64_t addr)
{
	return kimage_ftrace_site_in(img, addr, 1) != 0;
}

size_t kimage_n_ftrace_sites(const struct kimage *img)
{
	return img->n_sites;
}

const struct kexport *kimage_export(const struct kimage *img, const char *name)
{
	return exports_find(&img->exports, name);
}

const struct kexport *kimage_exports(const struct kimage *img, size_t *ret_n)
{
	*ret_n = img->exports.n;
	return img->exports.v;
}

static int need_btf(const struct kimage *img, struct oak_error *err)
{
	if (img->btf.types)
		return 0;
	return oak_fail(err, OAK_E_UNSUPPORTED,
			"this kernel has no BTF (CONFIG_DEBUG_INFO_BTF): struct layouts are unknown");
}

int kimage_struct_size(const struct kimage *img, const char *name, uint32_t *ret,
		       struct oak_error *err)
{
	int r = need_btf(img, err);

	return r < 0 ? r : btf_struct_size(&img->btf, name, ret, err);
}

int kimage_member_offset(const struct kimage *img, const char *name, const char *member,
			 uint32_t *ret, struct oak_error *err)
{
	int r = need_btf(img, err);

	return r < 0 ? r : btf_member_offset(&img->btf, name, member, ret, err);
}
