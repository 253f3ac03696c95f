/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/kallsyms.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "kernel/bytes.h"
#include "kernel/kallsyms-layout.h"

struct token {
	const char *text;
	size_t len;
};

static void read_tokens(const struct kallsyms_layout *l, struct token *ret)
{
	for (size_t i = 0; i < KALLSYMS_TOKENS; i++) {
		ret[i].text = (const char *)l->token_table + get_le16(l->token_index + 2 * i);
		ret[i].len = strlen(ret[i].text);
	}
}

/* Appends one name to @text: its first character is the type, the rest the name. */
static int expand_name(const uint8_t *p, size_t len, const struct token *tokens, struct buf *text,
		       char *ret_type)
{
	size_t start = text->len, total = 0;

	for (size_t i = 0; i < len; i++)
		total += tokens[p[i]].len;
	if (total < 2 || total > KALLSYMS_NAME_MAX || buf_reserve(text, total + 1) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		memcpy(text->data + text->len, tokens[p[i]].text, tokens[p[i]].len);
		text->len += tokens[p[i]].len;
	}
	/* The type makes room for the NUL. */
	*ret_type = (char)text->data[start];
	memmove(text->data + start, text->data + start + 1, total - 1);
	text->data[text->len - 1] = '\0';
	return 0;
}

static int decode(const struct kallsyms_layout *l, struct kallsyms *k, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct token tokens[KALLSYMS_TOKENS];
	const uint8_t *p = l->names;

	read_tokens(l, tokens);
	/* 24 bytes a name is what real kernels have; more only costs a copy. */
	if (buf_reserve(&text, (size_t)l->n * 24) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; i < l->n; i++) {
		size_t len;

		if (!kallsyms_name_len(&p, l->names_end, &len) || text.len > UINT32_MAX / 2)
			return oak_fail(err, OAK_E_FORMAT, "damaged kallsyms: symbol %zu", i);
		k->name[i] = (uint32_t)text.len;
		if (expand_name(p, len, tokens, &text, &k->type[i]) < 0)
			return oak_fail(err, OAK_E_FORMAT, "damaged kallsyms: symbol %zu", i);
		k->addr[i] = kallsyms_addr(l, i);
		p += len;
	}
	k->text = (char *)buf_take(&text, NULL);
	return 0;
}

/* FNV-1a, folded: good enough for names, and one pass. */
static uint32_t hash(const char *name, unsigned bits)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 0x100000001b3u;
	return (uint32_t)((h ^ h >> 32) & ((1u << bits) - 1));
}

static const char *name_of(const struct kallsyms *k, uint32_t id)
{
	return k->text + k->name[id];
}

static int compare_ids(const void *a, const void *b, void *ctx)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int c = strcmp(name_of(ctx, x), name_of(ctx, y));

	return c ? c : (x > y) - (x < y);
}

/* Counting sort by hash, then each bucket by name: three passes, and most buckets hold one. */
static int build_index(struct kallsyms *k, struct oak_error *err)
{
	_cleanup_(freep) uint32_t *hashes = malloc(k->n * sizeof(*hashes));
	size_t n_buckets;

	for (k->hash_bits = 4; (1u << k->hash_bits) < k->n; k->hash_bits++)
		continue;
	n_buckets = (size_t)1 << k->hash_bits;
	/* bucket[h + 1] collects the count, then the start, and ends as the end of bucket h. */
	k->bucket = calloc(n_buckets + 2, sizeof(*k->bucket));
	k->ids = malloc(k->n * sizeof(*k->ids));
	if (!hashes || !k->bucket || !k->ids)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (uint32_t i = 0; i < k->n; i++) {
		hashes[i] = hash(name_of(k, i), k->hash_bits);
		k->bucket[hashes[i] + 2]++;
	}
	for (size_t h = 2; h < n_buckets + 2; h++)
		k->bucket[h] += k->bucket[h - 1];
	for (uint32_t i = 0; i < k->n; i++)
		k->ids[k->bucket[hashes[i] + 1]++] = i;
	for (size_t h = 0; h < n_buckets; h++) {
		uint32_t from = k->bucket[h], count = k->bucket[h + 1] - from;

		if (count > 1)
			qsort_r(k->ids + from, count, sizeof(*k->ids), compare_ids, k);
	}
	return 0;
}

int kallsyms_parse(const uint8_t *rodata, size_t len, uint64_t addr, struct kallsyms *ret,
		   struct oak_error *err)
{
	_cleanup_(kallsyms_free) struct kallsyms k = { 0 };
	size_t skip = (size_t)(-addr & 7);
	struct kallsyms_layout l;
	int r;

	if (skip >= len || !kallsyms_locate(rodata + skip, len - skip, &l))
		return oak_fail(
			err, OAK_E_UNSUPPORTED,
			"no kallsyms table: CONFIG_KALLSYMS is off, or its layout is unknown");
	k.n = l.n;
	k.addr = calloc(k.n, sizeof(*k.addr));
	k.name = calloc(k.n, sizeof(*k.name));
	k.type = calloc(k.n, sizeof(*k.type));
	if (!k.addr || !k.name || !k.type)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = decode(&l, &k, err);
	if (r < 0)
		return r;
	r = build_index(&k, err);
	if (r < 0)
		return r;
	*ret = k;
	k = (struct kallsyms){ 0 };
	return 0;
}

void kallsyms_free(struct kallsyms *k)
{
	free(k->addr);
	free(k->name);
	free(k->type);
	free(k->text);
	free(k->bucket);
	free(k->ids);
	*k = (struct kallsyms){ 0 };
}

size_t kallsyms_find(const struct kallsyms *k, const char *name, const uint32_t **ret_ids)
{
	uint32_t h = hash(name, k->hash_bits);
	uint32_t from = k->bucket[h], end = k->bucket[h + 1];
	uint32_t n = 0;

	while (from < end && strcmp(name_of(k, k->ids[from]), name) != 0)
		from++;
	while (from + n < end && strcmp(name_of(k, k->ids[from + n]), name) == 0)
		n++;
	if (n)
		*ret_ids = k->ids + from;
	return n;
}

size_t kallsyms_lower_bound(const struct kallsyms *k, uint64_t addr)
{
	size_t lo = 0, hi = k->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (k->addr[mid] < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}
