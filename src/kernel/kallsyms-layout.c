/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/kallsyms-layout.h"

#include <string.h>

#include "kernel/bytes.h"

#define ALIGN         8u
#define PER_MARKER    256u /* every 256th name has its offset in the markers */
#define INDEX_BYTES   ((size_t)KALLSYMS_TOKENS * 2)
#define TOKEN_MAX     1024u       /* bytes of one token; real ones have up to about 40 */
#define SYMS_MAX      (8u << 20)  /* symbols; 6.12 has 0.16 million */
#define NAMES_BACK    (64u << 20) /* names lie at most this many bytes before the token table */
#define KERNEL_LOWEST 0xffff800000000000u /* addresses of the kernel's half */

/* Steps that the whole search may take: damaged bytes must not make it quadratic. */
#define BUDGET ((size_t)4 * SYMS_MAX)

struct search {
	const uint8_t *data;
	size_t len;
	size_t budget;
};

static size_t align_up(size_t n)
{
	return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* 256 rising values, the first 0; rejects nearly all positions at the first comparison. */
static bool is_token_index(const uint8_t *p)
{
	uint16_t last = 0;

	if (get_le16(p) != 0)
		return false;
	for (size_t i = 1; i < KALLSYMS_TOKENS; i++) {
		uint16_t v = get_le16(p + 2 * i);

		/* A token has at least one character and its NUL. */
		if (v < last + 2u || (unsigned)(v - last) > TOKEN_MAX)
			return false;
		last = v;
	}
	return true;
}

/* Do the 256 strings at @table end where the index says they do? */
static bool tokens_match(const uint8_t *table, const uint8_t *index)
{
	for (size_t i = 1; i < KALLSYMS_TOKENS; i++) {
		size_t from = get_le16(index + 2 * (i - 1));
		size_t end = (size_t)get_le16(index + 2 * i) - 1;

		if (table[end] != 0 || memchr(table + from, 0, end - from))
			return false;
	}
	return true;
}

/* The token table ends, with its padding, at @index: its start is a multiple of 8 that fits. */
static const uint8_t *find_token_table(const struct search *s, const uint8_t *index)
{
	size_t last = get_le16(index + INDEX_BYTES - 2);
	size_t at = (size_t)(index - s->data);

	for (size_t back = align_up(last + 2); back <= at && back <= last + TOKEN_MAX;
	     back += ALIGN) {
		const uint8_t *table = index - back;
		const uint8_t *nul = memchr(table + last, 0, back - last);

		if (!nul || align_up((size_t)(nul + 1 - table)) != back)
			continue;
		if (tokens_match(table, index))
			return table;
	}
	return NULL;
}

bool kallsyms_name_len(const uint8_t **p, const uint8_t *end, size_t *ret)
{
	const uint8_t *q = *p;
	size_t n;

	if (q >= end)
		return false;
	n = *q++;
	if (n & 0x80) {
		if (q >= end)
			return false;
		n = (n & 0x7f) | (size_t)*q++ << 7;
	}
	if (n == 0 || n > KALLSYMS_NAME_MAX || n > (size_t)(end - q))
		return false;
	*p = q;
	*ret = n;
	return true;
}

/* Decodes the lengths of all @n names at @names and holds them against the markers. */
static bool names_match(struct search *s, const uint8_t *names, const uint8_t *markers, uint32_t n,
			const uint8_t **ret_end)
{
	const uint8_t *p = names;

	for (uint32_t i = 0; i < n; i++) {
		size_t len;

		if (s->budget == 0)
			return false;
		s->budget--;
		if (i % PER_MARKER == 0 &&
		    get_le32(markers + (size_t)(i / PER_MARKER) * 4) != (uint32_t)(p - names))
			return false;
		if (!kallsyms_name_len(&p, markers, &len))
			return false;
		p += len;
	}
	*ret_end = p;
	return align_up((size_t)(p - names)) == (size_t)(markers - names);
}

/* How many rising u32 start at @p, the first being 0? @limit bounds them. */
static size_t marker_run(const uint8_t *p, const uint8_t *limit)
{
	uint32_t last = 0;
	size_t n = 1;

	if ((size_t)(limit - p) < 8 || get_le32(p) != 0)
		return 0;
	for (p += 4; (size_t)(limit - p) >= 4; p += 4, n++) {
		uint32_t v = get_le32(p);

		if (v < last + 2 * PER_MARKER || v - last > PER_MARKER * (KALLSYMS_NAME_MAX + 2))
			break;
		last = v;
	}
	return n;
}

/* Looks before @markers for num_syms and the names that it counts. */
static bool find_names(struct search *s, const uint8_t *markers, size_t run,
		       struct kallsyms_layout *ret)
{
	size_t at = (size_t)(markers - s->data);
	size_t least = run > 1 ? get_le32(markers + 4) : 2;

	for (size_t back = align_up(least); back + ALIGN <= at && back <= NAMES_BACK;
	     back += ALIGN) {
		const uint8_t *names = markers - back;
		uint32_t n = get_le32(names - ALIGN);
		size_t used = ((size_t)n + PER_MARKER - 1) / PER_MARKER;
		size_t last;

		if (s->budget == 0)
			return false;
		s->budget--;
		if (n == 0 || n > SYMS_MAX || used > run || get_le32(names - 4) != 0)
			continue;
		/* The last marker's block must reach from there to the markers. */
		last = get_le32(markers + (used - 1) * 4);
		if (back <= last || back - last > PER_MARKER * (KALLSYMS_NAME_MAX + 2) + ALIGN)
			continue;
		if (!names_match(s, names, markers, n, &ret->names_end))
			continue;
		ret->names = names;
		ret->n = n;
		return true;
	}
	return false;
}

/*
 * The markers end at the token table, or at seqs_of_names that does. Only a 0 followed by a
 * plausible second marker (or a table of one marker) is worth a search for names.
 */
static bool find_markers(struct search *s, const uint8_t *token_table, struct kallsyms_layout *ret)
{
	size_t at = (size_t)(token_table - s->data);

	for (size_t back = ALIGN; back <= at && back <= NAMES_BACK; back += ALIGN) {
		const uint8_t *markers = token_table - back;
		size_t run = marker_run(markers, token_table);

		if (s->budget == 0)
			return false;
		/* One marker is 0 and nothing else: believe it only right before the tokens. */
		if (run == 0 || (run == 1 && back > PER_MARKER * 3 + 3 * ALIGN))
			continue;
		if (find_names(s, markers, run, ret))
			return true;
	}
	return false;
}

uint64_t kallsyms_addr(const struct kallsyms_layout *l, size_t i)
{
	uint32_t off = get_le32(l->offsets + 4 * i);

	if (!l->absolute_percpu)
		return l->relative_base + off;
	/* kallsyms_sym_address(): absolute values are not negative, others count from -1 down. */
	if ((int32_t)off >= 0)
		return off;
	return l->relative_base - 1 - (uint64_t)(int64_t)(int32_t)off;
}

/* Are there n rising addresses at @offsets, and their base right behind them? */
static bool offsets_match(const struct search *s, size_t offsets, struct kallsyms_layout *l)
{
	size_t table = align_up((size_t)l->n * 4);
	uint64_t last = 0;

	if (!range_within(offsets, table + 8, s->len))
		return false;
	l->offsets = s->data + offsets;
	l->relative_base = get_le64(l->offsets + table);
	if (l->relative_base < KERNEL_LOWEST)
		return false;
	/* Without the option the last offset is the image's size, far below 2 GiB. */
	l->absolute_percpu = (int32_t)get_le32(l->offsets + 4 * ((size_t)l->n - 1)) < 0;
	for (size_t i = 0; i < l->n; i++) {
		uint64_t addr = kallsyms_addr(l, i);

		if (addr < last)
			return false;
		last = addr;
	}
	return true;
}

static bool find_offsets(const struct search *s, struct kallsyms_layout *l)
{
	size_t num_syms = (size_t)(l->names - s->data) - ALIGN;
	size_t before = align_up((size_t)l->n * 4) + 8;
	size_t after = align_up((size_t)(l->token_index - s->data) + INDEX_BYTES);

	return (num_syms >= before && offsets_match(s, num_syms - before, l)) ||
	       offsets_match(s, after, l);
}

bool kallsyms_locate(const uint8_t *data, size_t len, struct kallsyms_layout *ret)
{
	struct search s = { .data = data, .len = len, .budget = BUDGET };

	for (size_t at = ALIGN; range_within(at, INDEX_BYTES, len); at += ALIGN) {
		struct kallsyms_layout l = { .token_index = data + at };

		if (!is_token_index(l.token_index))
			continue;
		l.token_table = find_token_table(&s, l.token_index);
		if (!l.token_table || !find_markers(&s, l.token_table, &l) || !find_offsets(&s, &l))
			continue;
		*ret = l;
		return true;
	}
	return false;
}
