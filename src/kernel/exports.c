/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/exports.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/bytes.h"

#define ENTRY_BYTES 12
#define CRC_BYTES   4

static const struct table {
	const char *symbols, *crcs;
	bool gpl_only;
} tables[] = {
	{ "__ksymtab", "__kcrctab", false },
	{ "__ksymtab_gpl", "__kcrctab_gpl", true },
};

/* The address that the i32 at @p, which lies at @at, stands for. */
static uint64_t relative(const uint8_t *p, uint64_t at)
{
	return at + (uint64_t)(int64_t)(int32_t)get_le32(p);
}

static int read_table(const struct elf_image *elf, const struct table *t, struct exports *e,
		      struct oak_error *err)
{
	const struct elf_section *syms = elf_image_section(elf, t->symbols);
	const struct elf_section *crcs = elf_image_section(elf, t->crcs);
	size_t n;

	if (!syms)
		return 0;
	n = syms->size / ENTRY_BYTES;
	if (!syms->data || syms->size % ENTRY_BYTES)
		return oak_fail(err, OAK_E_FORMAT, "%s: not whole entries of %d bytes", t->symbols,
				ENTRY_BYTES);
	if (crcs && (!crcs->data || crcs->size != n * CRC_BYTES))
		return oak_fail(err, OAK_E_FORMAT, "%s: not one CRC for each of %zu symbols",
				t->crcs, n);
	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = syms->data + i * ENTRY_BYTES;
		uint64_t at = syms->addr + i * ENTRY_BYTES;
		struct kexport *x = &e->v[e->n];
		bool has_ns = get_le32(p + 8) != 0; /* 6.4 and later: 0 for none */

		x->addr = relative(p, at);
		x->name = elf_image_string(elf, relative(p + 4, at + 4));
		x->ns = has_ns ? elf_image_string(elf, relative(p + 8, at + 8)) : "";
		x->has_crc = crcs != NULL;
		x->crc = crcs ? get_le32(crcs->data + i * CRC_BYTES) : 0;
		x->gpl_only = t->gpl_only;
		if (!x->name || !x->ns)
			return oak_fail(err, OAK_E_FORMAT, "%s: entry %zu has no name", t->symbols,
					i);
		e->n++;
	}
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	const struct kexport *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int exports_parse(const struct elf_image *elf, struct exports *ret, struct oak_error *err)
{
	_cleanup_(exports_free) struct exports e = { 0 };
	size_t max = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		const struct elf_section *s = elf_image_section(elf, tables[i].symbols);

		/* A section with bytes is no longer than the file, so the sum is small. */
		if (s && s->data)
			max += s->size / ENTRY_BYTES;
	}
	e.v = calloc(max + 1, sizeof(*e.v));
	if (!e.v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		int r = read_table(elf, &tables[i], &e, err);

		if (r < 0)
			return r;
	}
	qsort(e.v, e.n, sizeof(*e.v), compare_names);
	*ret = e;
	e = (struct exports){ 0 };
	return 0;
}

void exports_free(struct exports *e)
{
	free(e->v);
	*e = (struct exports){ 0 };
}

const struct kexport *exports_find(const struct exports *e, const char *name)
{
	struct kexport key = { .name = name };

	return e->n ? bsearch(&key, e->v, e->n, sizeof(*e->v), compare_names) : NULL;
}
